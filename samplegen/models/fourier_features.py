"""Voice: what a frame of one speaker would be in the mouth of another, by regression with a small VAE on top.

The regression sees its input also through random waves, which makes it one in a space of bends (random Fourier
features; Rahimi and Recht 2007), and is solved, not trained: a minute of pairs is enough for it. The variational
autoencoder adds what it leaves over, as far as takes that were held out gain from that. What both say is then
stretched about its mean, since means of many frames vary less than frames do.
"""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

RATES = (16_000, 24_000, 32_000, 48_000)  # Hz; of these a frame is exactly 10 ms long
SCALING, WAVES, REGRESSION, DECODER, STRETCHING = "scaling", "waves", "regression", "decoder", "stretching"
_SPREAD = 0.15  # of the random waves' frequencies, for inputs of spread 1


class Affine(layers.Layer):
    """`centre + (x - shift) * scale`, fitted once and then fixed."""

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the weights, which change nothing as yet."""
        self.shift = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False, name="shift")
        self.scale = self.add_weight(shape=shape[-1:], initializer="ones", trainable=False, name="scale")
        self.centre = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False, name="centre")

    def call(self, x: Any) -> Any:
        """Move and stretch."""
        return self.centre + (x - self.shift) * self.scale


class Waves(layers.Layer):
    """The input beside cosines `(b, waves)` of random directions in it: fixed, and drawn from `seed`."""

    def __init__(self, waves: int, *, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.waves, self.seed = waves, seed

    def build(self, shape: tuple[int, ...]) -> None:
        """Draw the directions and where each wave begins."""
        spread = keras.initializers.RandomNormal(stddev=_SPREAD, seed=self.seed)
        start = keras.initializers.RandomUniform(0.0, 2 * np.pi, seed=self.seed + 1)
        self.directions = self.add_weight(shape=(shape[-1], self.waves), initializer=spread, trainable=False)
        self.starts = self.add_weight(shape=(self.waves,), initializer=start, trainable=False)

    def call(self, x: Any) -> Any:
        """Height of the waves, beside the input; together as large as 8 inputs."""
        heights = ops.cos(ops.matmul(x, self.directions) + self.starts) * (8.0 * (2.0 / self.waves) ** 0.5)
        return ops.concatenate([x, heights], axis=-1)
