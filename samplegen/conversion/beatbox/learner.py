"""Learner of a beatbox network: it learns from hits and drums that were paired, with noise added to all of it.

The noise keeps it from learning by heart which hit was paired with which drum.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops, random

from samplegen.features.spectrogram import LEVEL, NOISINESS
from samplegen.models import beatbox
from samplegen.models.beatbox import Config
from samplegen.training.ema import EmaLearner

Tensor = Any

NOISE = {"frames": 0.03, "ranks": 0.15, "code": 0.2}  # standard deviations
EMA_DECAY = 0.99
NOISINESS_WEIGHT = 0.3  # beside the level
LEARNING_RATE = 2e-3


class BeatboxLearner(EmaLearner):
    """A beatbox network; a batch is frames, roles, ranks, codes and the spectrograms of drums."""

    def __init__(self, config: Config, *, seed: int = 0) -> None:
        optimizer = keras.optimizers.Adam(LEARNING_RATE, clipnorm=1.0)
        super().__init__(lambda: beatbox.network(config), optimizer, seed=seed, decay=EMA_DECAY)

    def train_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        """Make one step; return how far the network's spectrograms are from the drums."""
        frames, role, ranks, code, targets = batch
        audible = ops.cast(ops.any(frames > 0, axis=-1, keepdims=True), frames.dtype)
        given = [
            frames + audible * self._noise(frames, "frames"),
            role,
            ranks + self._noise(ranks, "ranks"),
            code + self._noise(code, "code"),
        ]
        with tf.GradientTape() as tape:
            written = self.net.get_layer(beatbox.DRUMMER)(given, training=True)
            error = _error(targets, written)
        self.descend(tape, error)
        return {"error": error}

    def _noise(self, values: Tensor, name: str) -> Tensor:
        return NOISE[name] * random.normal(ops.shape(values), seed=self.random)


def _error(maps: Tensor, again: Tensor) -> Tensor:
    """Return the mean difference of levels, and of noisiness where there is a level: outliers do not dominate it."""
    apart = ops.abs(maps - again)
    return ops.mean(apart[..., LEVEL]) + NOISINESS_WEIGHT * ops.mean(apart[..., NOISINESS] * maps[..., LEVEL])
