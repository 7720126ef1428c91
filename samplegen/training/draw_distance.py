"""Distance of what a generator draws from real sounds: the measure that checkpoints of generators are chosen by."""

from typing import TYPE_CHECKING, Any

import numpy as np

from samplegen.data.dataset import Indices
from samplegen.features import metrics
from samplegen.models import classify
from samplegen.models.architecture import Network
from samplegen.training import previews
from samplegen.training.learner import Measure

if TYPE_CHECKING:
    from samplegen.training.training_set import TrainingSet

MEASURED_SOUNDS = 400  # drawn to measure a generator
ROLE_ERROR_SCALE = 20.0  # thousandths of kernel distance that no role predicted right counts as ...
COVERAGE_SCALE = 20.0  # ... and that no real sound near to a draw counts as


def distance_of_draws(training_set: "TrainingSet", config: Any, real: Indices, *, covering: bool = False) -> Measure:
    """Return a measure of generators: kernel distance of embeddings, and the share of roles that do not fit.

    Either alone is not enough: a generator resembles the whole of drums long before it knows them apart.

    Args:
        training_set: real sounds, and the folder of previews.
        config: of the generator.
        real: the sounds that draws are compared with, and whose roles are drawn.
        covering: add the share of real sounds that no draw comes near to. A generator that draws only what is typical
            has a small distance, and misses many.
    """
    rng = np.random.default_rng((training_set.seed, 1))
    latents = rng.standard_normal((MEASURED_SOUNDS, config.latent)).astype(np.float32)
    roles = training_set.roles[rng.choice(real, MEASURED_SOUNDS)]
    blocks = training_set.blocks(real)
    embeddings = np.concatenate([classify.classify_roles(block, config.map).embeddings for block in blocks])

    def measure(network: Network, step: int) -> float:
        drawn = network.predict([latents, roles], batch_size=64, verbose=0)
        previews.preview(drawn[: previews.PREVIEW_SOUNDS], config.map, training_set.previews_of(step))
        predicted = classify.classify_roles(drawn, config.map)
        wrong = float(np.mean(predicted.roles.argmax(axis=1) != roles.argmax(axis=1)))
        distance = metrics.kernel_distance(embeddings, predicted.embeddings) + ROLE_ERROR_SCALE * wrong
        missed = 1 - metrics.density_and_coverage(embeddings, predicted.embeddings)[1] if covering else 0.0
        return distance + COVERAGE_SCALE * missed

    return measure
