"""How a beatbox network learns: from hits and drums that were paired, all of it blurred a little.

The noise keeps it from learning by heart which hit was paired with which drum.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops, random

from samplegen.features.spectrogram import GRAIN, LEVEL
from samplegen.models import beatbox
from samplegen.models.beatbox import Config
from samplegen.training import ema

Tensor = Any

BLUR = {"frames": 0.03, "ranks": 0.15, "code": 0.2}  # standard deviations
AVERAGING = 0.99  # of the weights, per step
GRAINY = 0.3  # weight of the grain beside the level
LEARNING_RATE = 2e-3


class Drumming(ema.Averaged):
    """A beatbox network and its average; a batch is frames, roles, ranks, codes and the maps of drums."""

    def __init__(self, config: Config, *, seed: int = 0) -> None:
        optimizer = keras.optimizers.Adam(LEARNING_RATE, clipnorm=1.0)
        super().__init__(lambda: beatbox.network(config), optimizer, seed=seed, share=AVERAGING)

    def train_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        """One step; how far what is written is from the drums."""
        frames, role, ranks, code, targets = batch
        sounding = ops.cast(ops.any(frames > 0, axis=-1, keepdims=True), frames.dtype)
        given = [
            frames + sounding * self._blur(frames, "frames"),
            role,
            ranks + self._blur(ranks, "ranks"),
            code + self._blur(code, "code"),
        ]
        with tf.GradientTape() as tape:
            written = self.net.get_layer(beatbox.DRUMMER)(given, training=True)
            missed = _missed(targets, written)
        self.descend(tape, missed)
        return {"missed": missed}

    def _blur(self, values: Tensor, name: str) -> Tensor:
        return BLUR[name] * random.normal(ops.shape(values), seed=self.random)


def _missed(maps: Tensor, again: Tensor) -> Tensor:
    """Mean difference of levels, and of grain where there is a level: pairs that do not fit are not leaned on."""
    apart = ops.abs(maps - again)
    return ops.mean(apart[..., LEVEL]) + GRAINY * ops.mean(apart[..., GRAIN] * maps[..., LEVEL])
