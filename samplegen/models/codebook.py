"""Codebook: frames of spectrograms as tokens, by residual vector quantisation.

A token is a few codes: the second stage is for what the first leaves over.
A frame is one step as a row `(bands * 2,)`: its levels, then its noisiness at a lower weight.
Tokens are `(b, steps, stages)` int32. Codes come from k-means, not from a gradient, so none die.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.features.spectrogram import CHANNELS, LEVEL, NOISINESS

Tensor = Any

NAME = "codebook"  # of the layer in a net
NOISINESS_WEIGHT = 0.2  # beside the level: it varies far more, and is far less audible
KMEANS_ROUNDS = 15  # the error moves by less than a hundredth after that
MAX_FRAMES = 100_000  # frames that a codebook is fitted to
_BLOCK_FRAMES = 8192  # compared at a time
_WEIGHTS = {LEVEL: 1.0, NOISINESS: NOISINESS_WEIGHT}


@keras.saving.register_keras_serializable("samplegen")
class Codebook(layers.Layer):
    """The codes of all stages, as weights that no gradient moves; called on tokens it gives the frames they stand for.

    The result `(b, steps, stages, width)` holds, for each stage, the sum of its code and those before.
    """

    def __init__(self, stages: int, codes: int, width: int, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        first = keras.initializers.RandomUniform(0.0, 1.0 / stages)  # so that an untrained net is no silence
        self.codes = self.add_weight(shape=(stages, codes, width), initializer=first, trainable=False)

    def call(self, tokens: Tensor) -> Tensor:
        """Return the frames of tokens."""
        stages, codes, width = self.codes.shape
        flat = ops.reshape(self.codes, (stages * codes, width))
        return ops.cumsum(ops.take(flat, tokens + codes * ops.arange(stages), axis=0), axis=-2)

    def spell(self, spectrograms: Tensor) -> tuple[Tensor, Tensor]:
        """Return tokens of spectrograms `(b, steps, bands, 2)`, as long as the longest, and lengths `(b,)`."""
        sounding = lengths(spectrograms)
        return self.tokens(frames(spectrograms[:, : ops.max(sounding)])), sounding

    def tokens(self, frames: Tensor) -> Tensor:
        """Return the nearest code of every stage to what those before leave of the frames `(b, steps, width)`."""
        chosen = []
        for stage in range(self.codes.shape[0]):
            codes = self.codes[stage]
            nearest = ops.argmin(ops.sum(codes**2, axis=-1) - 2 * ops.matmul(frames, ops.transpose(codes)), axis=-1)
            frames = frames - ops.take(codes, nearest, axis=0)
            chosen.append(ops.cast(nearest, "int32"))
        return ops.stack(chosen, axis=-1)

    def fit(self, frames: Rows, *, seed: int) -> None:
        """Adopt codes that are fitted to frames `(n, width)`, each stage to what the one before leaves over."""
        rng = np.random.default_rng((seed, 4))
        left = rng.permutation(frames)[:MAX_FRAMES]
        books = []
        for _ in range(self.codes.shape[0]):
            books.append(_k_means(left, self.codes.shape[1], rng))
            left = left - books[-1][_nearest(left, books[-1])]
        self.codes.assign(np.stack(books))


def frames(spectrograms: Tensor) -> Tensor:
    """Return spectrograms `(b, steps, bands, 2)` as frames `(b, steps, bands * 2)`, tensors or arrays."""
    return ops.concatenate([spectrograms[..., channel] * weight for channel, weight in _WEIGHTS.items()], axis=-1)


def pictures(rows: Rows) -> Rows:
    """Return frames, arrays, as spectrograms in 0..1: the inverse of `frames`."""
    parts = [part / weight for part, weight in zip(np.split(rows, CHANNELS, axis=-1), _WEIGHTS.values(), strict=True)]
    return np.clip(np.stack(parts, axis=-1), 0, 1)


def sounding(spectrograms: Rows) -> list[Rows]:
    """Return the frames `(steps, width)` of each spectrogram until it is silent."""
    return [
        rows[:length]
        for rows, length in zip(np.asarray(frames(spectrograms)), np.asarray(lengths(spectrograms)), strict=True)
    ]


def spelled(net: Any, spectrograms: Rows) -> list[NDArray[np.int32]]:
    """Return the tokens `(steps, stages)` of each spectrogram by the codebook of a network."""
    tokens, long = net.get_layer(NAME).spell(spectrograms)
    return [rows[:length] for rows, length in zip(np.asarray(tokens), np.asarray(long), strict=True)]


def lengths(spectrograms: Tensor) -> Tensor:
    """Return the number of steps `(b,)` of each spectrogram until it is silent, at least 1."""
    sounding = ops.any(spectrograms[..., LEVEL] > 0, axis=-1)
    return ops.max(ops.where(sounding, ops.arange(1, ops.shape(spectrograms)[1] + 1), 1), axis=-1)


def _k_means(rows: Rows, count: int, rng: np.random.Generator) -> Rows:
    """Return codes `(count, width)` by Lloyd's algorithm; a code that no row is near to moves to a far row."""
    codes = rows[rng.choice(len(rows), count, replace=len(rows) < count)]
    for _ in range(KMEANS_ROUNDS):
        nearest = _nearest(rows, codes)
        sizes = np.bincount(nearest, minlength=count)
        order = np.argsort(nearest, kind="stable")
        used, starts = np.unique(nearest[order], return_index=True)
        codes[used] = np.add.reduceat(rows[order], starts, axis=0) / sizes[used, None]
        if len(lost := np.flatnonzero(sizes == 0)):
            away = np.square(rows - codes[nearest]).sum(axis=1)
            codes[lost] = rows[rng.choice(len(rows), len(lost), p=(away + 1e-9) / (away + 1e-9).sum())]
    return codes


def _nearest(rows: Rows, codes: Rows) -> NDArray[np.intp]:
    squares = (codes**2).sum(axis=1)
    return np.concatenate([(squares - 2 * block @ codes.T).argmin(axis=1) for block in _blocks(rows)])


def _blocks(rows: Rows) -> Iterator[Rows]:
    for at in range(0, len(rows), _BLOCK_FRAMES):
        yield rows[at : at + _BLOCK_FRAMES]
