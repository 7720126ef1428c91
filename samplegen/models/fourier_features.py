"""Random Fourier features (Rahimi and Recht 2007): layers that make a ridge regression one in a space of waves.

Voice and timbre networks solve such a regression in place of training it: a minute of pairs is enough for it.
"""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

RATES = (16_000, 24_000, 32_000, 48_000)  # Hz; of these a frame is exactly 10 ms long
SCALING, WAVES, REGRESSION, DECODER, STRETCHING = "scaling", "waves", "regression", "decoder", "stretching"
_FREQUENCY_SPREAD = 0.15  # of the random waves, for inputs of spread 1


class Affine(layers.Layer):
    """`centre + (x - shift) * scale`, fitted once and then fixed."""

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the weights of an identity."""
        self.shift = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False, name="shift")
        self.scale = self.add_weight(shape=shape[-1:], initializer="ones", trainable=False, name="scale")
        self.centre = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False, name="centre")

    def call(self, x: Any) -> Any:
        """Return the input, moved and stretched."""
        return self.centre + (x - self.shift) * self.scale


class Waves(layers.Layer):
    """The input beside cosines `(b, waves)` of random directions in it: fixed, and drawn from `seed`."""

    def __init__(self, waves: int, *, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.waves, self.seed = waves, seed

    def build(self, shape: tuple[int, ...]) -> None:
        """Draw the directions, and the phase of each wave."""
        spread = keras.initializers.RandomNormal(stddev=_FREQUENCY_SPREAD, seed=self.seed)
        start = keras.initializers.RandomUniform(0.0, 2 * np.pi, seed=self.seed + 1)
        self.directions = self.add_weight(shape=(shape[-1], self.waves), initializer=spread, trainable=False)
        self.starts = self.add_weight(shape=(self.waves,), initializer=start, trainable=False)

    def call(self, x: Any) -> Any:
        """Return the input, and beside it the waves, which together are as large as 8 inputs."""
        heights = ops.cos(ops.matmul(x, self.directions) + self.starts) * (8.0 * (2.0 / self.waves) ** 0.5)
        return ops.concatenate([x, heights], axis=-1)
