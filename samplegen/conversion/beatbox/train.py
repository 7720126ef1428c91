"""Train a model from hits of a mouth or a table to drums, on two folders, without anyone having played both.

hits and drums -> `pairs`: roles, ranks, pairs -> `learner` -> `kit`: calibration, kit -> metrics
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from samplegen.conversion.beatbox import hits, kit, labels, metrics, pairs
from samplegen.conversion.beatbox.labels import Source
from samplegen.conversion.beatbox.learner import BeatboxLearner
from samplegen.conversion.beatbox.pairs import TrainingPairs
from samplegen.conversion.results import Progress, TrainedConverter
from samplegen.data import dataset
from samplegen.data.dataset import Dataset
from samplegen.features.spectrogram import LEVEL, SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.models.architecture import Network
from samplegen.models.beatbox import Config
from samplegen.models.model import Fingerprints
from samplegen.roles import ROLES
from samplegen.training import checkpoints, loop
from samplegen.training.budget import Budget
from samplegen.training.checkpoints import Run
from samplegen.training.events import Event, Report, Tick, append_troubles
from samplegen.training.workplace import Workplace, opened
from samplegen.transcription import hit_classifier

DEFAULT_STEPS = 600  # about a minute
DEFAULT_RATE = 22_050  # Hz of the drums
_PROGRESS_PARTS = 1000  # in which progress is reported


def train(  # noqa: PLR0913
    source: Path,
    target: Path,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    rate: int = DEFAULT_RATE,
    strict: bool = False,
    workplace: Workplace | None = None,
) -> TrainedConverter:
    """Train a network that turns the hits of a mouth or a table into drums.

    Args:
        source: folder of beatboxed or tapped clips or takes, as `labels.read` reads it.
        target: folder of one-shots and loops of drums, with enough of each role of the hits.
        seed: of everything random, the kit included.
        progress: takes (done, of), first of the files that are read, then of the training.
        steps, minutes: how long to train, `DEFAULT_STEPS` by default.
        rate: of the drums in Hz.
        strict: make the first drum that cannot be used an error.
        workplace: of the checkpoints; by default a temporary folder.

    Raises:
        DataError, AudioError: too few hits or drums, or none that can be used.
        OptionError: both steps and minutes.
    """
    played = labels.read(source)
    drums = dataset.scan(target, SpectrogramConfig(StftConfig.at(rate)), strict=strict, progress=progress)
    skipped = [f"{path} is left out: it {reason}" for path, reason in drums.report.skipped]
    return learn(
        played, drums, steps=steps, minutes=minutes, seed=seed, progress=progress, notes=skipped, workplace=workplace
    )


def learn(  # noqa: PLR0913
    source: Source,
    data: Dataset,
    *,
    steps: int | None = None,
    minutes: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    notes: Sequence[str] = (),
    workplace: Workplace | None = None,
) -> TrainedConverter:
    """Train a network on hits and drums. Ctrl-C ends it early and keeps what was learned.

    Args:
        source: from `labels.read`.
        data: drums, from `samplegen.scan`.
        steps, minutes: how long, `DEFAULT_STEPS` by default; the checkpoint with the least error on held-out drums
            is kept.
        seed: of the split, the first weights, the batches and the kit.
        progress: takes (done, of).
        notes: further notes on what was read.
        workplace: of the checkpoints; by default a temporary folder.

    Raises:
        DataError: a role of which there are too few drums, or nothing learned.
        OptionError: both steps and minutes.
    """
    budget = Budget(minutes, DEFAULT_STEPS if steps is None and minutes is None else steps)
    keras.utils.set_random_seed(seed)
    training, notes = pairs.training_pairs(source, data, seed=seed), [*source.notes, *notes]
    config = Config(training.names, data.config, hit_classifier.CEPSTRA, hits.FRAME_FEATURES, hits.DESCRIPTOR_COUNT)
    learner = BeatboxLearner(config, seed=seed)
    identity = checkpoints.identity("beatbox", seed, asdict(config), training.prints, training.hits.ranks)
    with opened(workplace) as place:
        run = loop.fit(
            learner, training.batch, lambda network, _: held_out_error(network, training), budget=budget,
            workplace=place, identity=identity, report=_report(notes, progress),
        )  # fmt: skip
    network = learner.result
    network.set_weights(run.best)
    figures = calibrate(network, config, source, training)
    known = training.drums.train
    prints = Fingerprints(tuple(f"drum {index}" for index in known), training.prints[known])
    return TrainedConverter(config, network, _facts(training, run), tuple(notes), figures, prints)


def _report(notes: list[str], progress: Progress | None) -> Report:
    """Return a report that appends troubles to `notes` and passes the share of the budget on to `progress`."""
    troubles = append_troubles(notes)

    def report(event: Event) -> None:
        troubles(event)
        if isinstance(event, Tick) and progress:
            progress(round(_PROGRESS_PARTS * event.share), _PROGRESS_PARTS)

    return report


def calibrate(network: Network, config: Config, source: Source, training: TrainingPairs) -> dict[str, float]:
    """Give a network its kit and calibration; return metrics of what is held out, which the latter also learns then."""
    kit.choose_kit(network, training)
    kit.calibrate(network, source, training, training.hits.train)
    figures = metrics.held_out_metrics(network, config, training)
    kit.calibrate(network, source, training, np.arange(len(source.roles)))
    return figures


def held_out_error(network: Network, training: TrainingPairs) -> float:
    """Return the mean error in dB of held-out drums, written from held-out hits and the drums' own codes."""
    drums, validation = training.drums, training.drums.validation
    role = drums.role[validation]
    paired = training.partners(drums.ranks[validation], role, training.hits.validation)
    given = [training.frames(paired), training.vectors(role), drums.ranks[validation], training.codes[validation]]
    written = kit.predict_spectrograms(network, given)
    return float(np.abs(written - training.maps[validation])[..., LEVEL].mean()) * -training.cells.floor_db


def _facts(training: TrainingPairs, run: Run) -> dict[str, object]:
    """Return the facts of a training for the card."""
    counts = np.bincount(training.drums.role, minlength=len(training.names))
    return {
        "sounds": len(training.drums.role),
        "hits": len(training.hits.role),
        "held_out": len(training.drums.held_out),
        "held_out_hits": len(training.hits.held_out),
        "roles": {name: int(counts[training.names.index(name)]) for name in ROLES if name in training.names},
        "steps": run.step,
        "best_step": run.best_step,
        "minutes": round(run.seconds / 60, 2),
    }
