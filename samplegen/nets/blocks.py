"""The pieces that the convolutional networks share. Pictures are `(b, steps, bands, channels)`."""

from typing import Any

import keras
from keras import layers

Tensor = Any  # a symbolic Keras tensor
FOLD = 2  # cells along each side that the nets treat as channels: few wide layers suit a small processor


def fold(x: Tensor) -> Tensor:
    """`(b, s, b, c)` -> `(b, s / FOLD, b / FOLD, c * FOLD^2)`: neighbouring cells become channels."""
    _, steps, bands, channels = x.shape
    x = layers.Reshape((steps // FOLD, FOLD, bands // FOLD, FOLD * channels))(x)
    return layers.Reshape((steps // FOLD, bands // FOLD, FOLD**2 * channels))(layers.Permute((1, 3, 2, 4))(x))


def unfold(x: Tensor) -> Tensor:
    """The way back from `fold`."""
    _, steps, bands, channels = x.shape
    x = layers.Reshape((steps, bands, FOLD, channels // FOLD))(x)
    return layers.Reshape((steps * FOLD, bands * FOLD, channels // FOLD**2))(layers.Permute((1, 3, 2, 4))(x))


def activate(x: Tensor) -> Tensor:
    """Leaky rectifier of slope 0.2."""
    return layers.LeakyReLU(0.2)(x)


def residual(x: Tensor, width: int, style: Tensor | None = None) -> Tensor:
    """Two 3 x 3 convolutions beside a shortcut, no normalisation layers; `style` (b, n) scales and shifts between.

    The branch begins small, so that at first every block passes its input on (Fixup, Zhang et al. 2019).
    """
    shortcut = x if x.shape[-1] == width else layers.Conv2D(width, 1, use_bias=False)(x)
    x = layers.Conv2D(width, 3, padding="same")(activate(x))
    if style is not None:
        gain, shift = (layers.Dense(width, kernel_initializer="zeros")(style) for _ in range(2))
        x = x * (layers.Reshape((1, 1, width))(gain) + 1.0) + layers.Reshape((1, 1, width))(shift)
    small = keras.initializers.VarianceScaling(0.1)
    x = layers.Conv2D(width, 3, padding="same", kernel_initializer=small)(activate(x))
    return shortcut + x
