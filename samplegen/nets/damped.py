"""A writer of maps without recurrence: every step by itself, from clocks that run down as fast as the code says.

What decays, whether level or pitch, does so exponentially. A clock stands at `exp(-rate t)`, the logarithm of its
rate is linear in the code: halfway between two codes lies the geometric mean of their rates, a decay between the decays
rather than a sum of both. All steps are written at once, which is faster than one after the other by an LSTM.
"""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from samplegen import maps
from samplegen.maps import CHANNELS, MapConfig
from samplegen.nets import blocks

Tensor = Any

SLOWEST, FASTEST = 1.0, 150.0  # per second: what the clocks begin with, from a cymbal's tail to a click
_FEW, _MANY = np.log(0.05), np.log(1000.0)  # where the logarithm of a rate is held
_LAYERS = 2  # above the clocks


@keras.saving.register_keras_serializable("samplegen")
class Clocks(layers.Layer):
    """Codes `(b, code)` -> where clocks stand in the middle of every step `(b, steps, count)`, 1 falling to 0."""

    def __init__(self, count: int, seconds: Any, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.seconds = np.asarray(seconds, np.float32)
        rates = np.geomspace(SLOWEST, FASTEST, count).astype(np.float32)
        small = keras.initializers.VarianceScaling(0.1)
        self.rate = layers.Dense(
            count, kernel_initializer=small, bias_initializer=lambda *_, **__: np.log(rates), dtype="float32"
        )

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights of the rates."""
        self.rate.build(shape)
        self.built = True

    def call(self, code: Tensor) -> Tensor:
        """The clocks."""
        rate = ops.exp(ops.clip(self.rate(code), _FEW, _MANY))
        return ops.exp(-rate[:, None] * self.seconds[:, None])


def written(code: Tensor, clocks: int, units: int, config: MapConfig) -> Tensor:
    """Codes `(b, code)` -> logits of maps; `units` in each layer."""
    style = _smooth(layers.Dense(units)(code))
    time = blocks.with_clock(Clocks(clocks, maps.middles(config))(code), config.steps)
    x = _smooth(layers.Dense(units)(time) + layers.Reshape((1, units))(layers.Dense(units)(style)))
    for _ in range(_LAYERS - 1):
        gain = layers.Reshape((1, units))(layers.Dense(units, kernel_initializer="zeros")(style))
        x = x + _smooth(layers.Dense(units)(x) * (1.0 + gain))
    return layers.Reshape(config.shape)(layers.Dense(config.bands * CHANNELS)(x))


def read(picture: Tensor, units: int) -> Tensor:
    """Maps seen as a whole -> `(b, units)`."""
    x = _smooth(layers.Dense(units)(layers.Flatten()(picture * 2.0 - 1.0)))
    return _smooth(layers.Dense(units)(x))


def _smooth(x: Tensor) -> Tensor:
    """A rectifier without a kink: what lies between two codes has no kink either (Ramachandran et al. 2017)."""
    return layers.Activation("swish")(x)
