"""The training methods: a row each, named by the row of `samplegen.models.registry.KINDS` that is trained so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from samplegen.models.architecture import Config, Network
from samplegen.models.registry import Kind
from samplegen.training import autoencoding, classification, codec, flow_matching, gan, language_model
from samplegen.training.budget import DEFAULT_SCHEDULE, Schedule
from samplegen.training.learner import Batches, Metrics, Setup
from samplegen.training.training_set import TrainingSet, paired_batches, plain_batches


def no_metrics(_training_set: TrainingSet, _network: Network) -> Metrics:
    """Return nothing for the card, beside the validation distances that stand there anyway."""
    return {}


@dataclass(frozen=True)
class Method:
    """A training method.

    Args:
        set_up: returns a learner and the measure of its network, from a training set, a kind and a configuration.
        batch_size: sounds of a step.
        use_classifier: roles come by name and role classifier; else by name alone, and rare ones are drawn more often.
        schedule: when the network is measured, and whether the learning rate decays.
        metrics: of the trained network, for the card.
        batches: makes what is learned from, of as many sounds a step.
    """

    set_up: Callable[[TrainingSet, Kind, Config], Setup]
    batch_size: int
    use_classifier: bool = True
    schedule: Schedule = DEFAULT_SCHEDULE
    metrics: Callable[[TrainingSet, Network], Metrics] = no_metrics
    batches: Callable[[TrainingSet, int], Batches] = plain_batches


METHODS: Mapping[str, Method] = {
    "gan": Method(gan.set_up, batch_size=16),
    "autoencoding": Method(
        autoencoding.set_up, batch_size=16, schedule=Schedule(decay=True), metrics=autoencoding.card_metrics,
        batches=paired_batches,
    ),
    "codec": Method(codec.set_up, batch_size=8, schedule=Schedule(decay=True), batches=codec.changed_batches),
    "flow-matching": Method(flow_matching.set_up, batch_size=256, batches=flow_matching.numbered_batches),
    "language-model": Method(language_model.set_up, batch_size=16, metrics=language_model.card_metrics),
    "classification": Method(classification.set_up, batch_size=32, use_classifier=False),
}  # fmt: skip
