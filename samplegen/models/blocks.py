"""Blocks that the networks share. Feature maps are `(b, steps, bands, channels)`."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from samplegen.errors import ModelError
from samplegen.features.spectrogram import CHANNELS

Tensor = Any  # a symbolic Keras tensor
MAX_WEIGHTS = 1 << 24  # in the dense layer before the coarsest feature map, 50 times the DCGAN's
MAX_CELLS = 1 << 20  # numbers in the largest feature map, 20 times the DCGAN's
CLOCK_WAVES = 8  # from which a recurrent layer knows the time
FOLD = 2  # cells along each side that become channels: few wide layers suit a small processor


@keras.saving.register_keras_serializable("samplegen")
class Edge(layers.Dense):
    """Dense layer at the edge of a network, where spectrograms, codes or logits go in or out; Muon skips it."""


@keras.saving.register_keras_serializable("samplegen")
class EdgeConv(layers.Conv2D):
    """Convolution at the edge of a network, as `Edge` is a dense layer; Muon skips it."""


def fold(x: Tensor) -> Tensor:
    """`(b, s, b, c)` -> `(b, s / FOLD, b / FOLD, c * FOLD^2)`: neighbouring cells become channels."""
    _, steps, bands, channels = x.shape
    x = layers.Reshape((steps // FOLD, FOLD, bands // FOLD, FOLD * channels))(x)
    return layers.Reshape((steps // FOLD, bands // FOLD, FOLD**2 * channels))(layers.Permute((1, 3, 2, 4))(x))


def unfold(x: Tensor) -> Tensor:
    """Undo `fold`."""
    _, steps, bands, channels = x.shape
    x = layers.Reshape((steps, bands, FOLD, channels // FOLD))(x)
    return layers.Reshape((steps * FOLD, bands * FOLD, channels // FOLD**2))(layers.Permute((1, 3, 2, 4))(x))


def activate(x: Tensor) -> Tensor:
    """Apply a leaky rectifier of slope 0.2."""
    return layers.LeakyReLU(0.2)(x)


def residual(x: Tensor, width: int, style: Tensor | None = None) -> Tensor:
    """Apply two 3 x 3 convolutions beside a shortcut, without normalisation; `style` (b, n) scales and shifts between.

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


def realness(x: Tensor, role: Tensor) -> Tensor:
    """Return realness `(b, 1)`, unbounded, of features `(b, n)` and how well they fit roles `(b, 16)`.

    A projection discriminator's last layers (Miyato & Koyama 2018), in float32.
    """
    x = layers.Activation("linear", dtype="float32")(x)
    of_role = layers.Dense(x.shape[-1], use_bias=False, dtype="float32")(role)
    fit = layers.Dot(1, dtype="float32")([x, of_role]) / x.shape[-1] ** 0.5
    return layers.Dense(1, dtype="float32")(x) + fit


def check_widths(widths: Sequence[int], shape: Sequence[int], style: int) -> None:
    """Raise `ModelError` unless feature maps of `widths` channels, coarsest first, fit spectrograms of `shape`."""
    steps, bands, _ = shape
    scale = _scale(widths)
    if not widths or steps % scale or bands % scale:
        raise ModelError(f"{len(widths)} widths need maps of a multiple of {scale} cells a side")
    coarsest = steps * bands // scale**2
    largest = max(coarsest * 4**level * width for level, width in enumerate(widths))
    if coarsest * widths[0] * style > MAX_WEIGHTS or largest > MAX_CELLS:
        what = f"widths of {list(widths)} and a style of {style}"
        raise ModelError(f"{what} are too large for {steps} x {bands} cells")


def picture(style: Tensor, widths: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Return logits `(b, *shape)` of a style `(b, n)`, upsampled from coarse to fine with `widths` channels."""
    scale = _scale(widths)
    coarsest = (shape[0] // scale, shape[1] // scale, widths[0])
    x = layers.Reshape(coarsest)(layers.Dense(coarsest[0] * coarsest[1] * coarsest[2])(style))
    x = residual(x, widths[0], style)
    for width in widths[1:]:
        x = residual(layers.UpSampling2D()(x), width, style)
    return unfold(layers.Conv2D(CHANNELS * FOLD**2, 3, padding="same")(activate(x)))


def features(picture: Tensor, widths: Sequence[int]) -> Tensor:
    """Return flat features of spectrograms 0..1, downsampled from fine to coarse through `widths` channels."""
    x = layers.Conv2D(widths[-1], 3, padding="same")(fold(picture * 2.0 - 1.0))
    x = residual(x, widths[-1])
    for width in reversed(widths[:-1]):
        x = residual(layers.AveragePooling2D(2)(x), width)
    return layers.Flatten()(activate(x))


def with_place(x: Tensor) -> Tensor:
    """Return feature maps with the time and frequency of each cell beside it, -1..1: an attack is not like a tail."""
    _, steps, bands, _ = x.shape
    place = np.stack(np.meshgrid(np.linspace(-1, 1, steps), np.linspace(-1, 1, bands), indexing="ij"), axis=-1)
    return layers.Concatenate()([x, ops.zeros_like(x[..., :2]) + ops.cast(place, x.dtype)])


def with_clock(x: Tensor, steps: int) -> Tensor:
    """Return `(b, steps, n)` with the time beside every step, as waves of doubling frequency."""
    phase = np.pi * np.linspace(0, 1, steps)[:, None] * 2.0 ** np.arange(CLOCK_WAVES // 2)
    clock = np.concatenate([np.sin(phase), np.cos(phase)], axis=1).astype(np.float32)
    return layers.Concatenate()([x, ops.zeros_like(x[..., :1]) + clock])


def _scale(widths: Sequence[int]) -> int:
    """Return cells of the spectrogram along one side of a cell of the coarsest feature map."""
    return int(FOLD * 2 ** (len(widths) - 1))
