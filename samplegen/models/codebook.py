"""Frames of maps as tokens: a few codes each, the second stage for what the first leaves over (residual quantisation).

A frame is one step of a map as a row `(bands * 2,)`: its levels, then its grain at a lower weight.
Tokens are `(b, steps, stages)` int32. Codes come from k-means, not from a gradient, so none die.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from samplegen.features.spectrogram import CHANNELS, LEVEL, NOISINESS

Tensor = Any
Rows = NDArray[np.float32]

NAME = "codebook"  # of the layer in a net
GRAINY = 0.2  # weight of the grain beside the level: it varies far more, and is heard far less
ROUNDS = 15  # of k-means; the error moves by less than a hundredth after that
MOST_ROWS = 100_000  # frames that a codebook is fitted to
_BLOCK = 8192  # frames compared at a time
_WEIGHTS = {LEVEL: 1.0, NOISINESS: GRAINY}


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
        """Frames of tokens."""
        stages, codes, width = self.codes.shape
        flat = ops.reshape(self.codes, (stages * codes, width))
        return ops.cumsum(ops.take(flat, tokens + codes * ops.arange(stages), axis=0), axis=-2)

    def spell(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens of maps `(b, steps, bands, 2)`, as many steps as the longest sounds, and how many each does `(b,)`."""
        sounding = lengths(maps)
        return self.tokens(frames(maps[:, : ops.max(sounding)])), sounding

    def tokens(self, frames: Tensor) -> Tensor:
        """The nearest code of every stage to what those before leave of the frames `(b, steps, width)`."""
        chosen = []
        for stage in range(self.codes.shape[0]):
            codes = self.codes[stage]
            nearest = ops.argmin(ops.sum(codes**2, axis=-1) - 2 * ops.matmul(frames, ops.transpose(codes)), axis=-1)
            frames = frames - ops.take(codes, nearest, axis=0)
            chosen.append(ops.cast(nearest, "int32"))
        return ops.stack(chosen, axis=-1)

    def fit(self, frames: Rows, *, seed: int) -> None:
        """Take over codes that are fitted to frames `(n, width)`, each stage to what the one before leaves over."""
        rng = np.random.default_rng((seed, 4))
        left = rng.permutation(frames)[:MOST_ROWS]
        books = []
        for _ in range(self.codes.shape[0]):
            books.append(_k_means(left, self.codes.shape[1], rng))
            left = left - books[-1][_nearest(left, books[-1])]
        self.codes.assign(np.stack(books))


def frames(maps: Tensor) -> Tensor:
    """Maps `(b, steps, bands, 2)` as frames `(b, steps, bands * 2)`, tensors or arrays."""
    return ops.concatenate([maps[..., channel] * weight for channel, weight in _WEIGHTS.items()], axis=-1)


def pictures(rows: Rows) -> Rows:
    """The way back from `frames`, of arrays, to numbers in 0..1."""
    parts = [part / weight for part, weight in zip(np.split(rows, CHANNELS, axis=-1), _WEIGHTS.values(), strict=True)]
    return np.clip(np.stack(parts, axis=-1), 0, 1)


def sounding(maps: Rows) -> list[Rows]:
    """The frames `(steps, width)` of each map until nothing sounds any more."""
    return [rows[:length] for rows, length in zip(np.asarray(frames(maps)), np.asarray(lengths(maps)), strict=True)]


def spelled(net: Any, maps: Rows) -> list[NDArray[np.int32]]:
    """The tokens `(steps, stages)` of each map by the codebook of a net."""
    tokens, long = net.get_layer(NAME).spell(maps)
    return [rows[:length] for rows, length in zip(np.asarray(tokens), np.asarray(long), strict=True)]


def lengths(maps: Tensor) -> Tensor:
    """How many steps `(b,)` of each map there are until nothing sounds any more, at least 1."""
    sounding = ops.any(maps[..., LEVEL] > 0, axis=-1)
    return ops.max(ops.where(sounding, ops.arange(1, ops.shape(maps)[1] + 1), 1), axis=-1)


def _k_means(rows: Rows, count: int, rng: np.random.Generator) -> Rows:
    """Codes `(count, width)`: Lloyd's algorithm from chosen rows; a code that nothing is near moves to a far row."""
    codes = rows[rng.choice(len(rows), count, replace=len(rows) < count)]
    for _ in range(ROUNDS):
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
    for at in range(0, len(rows), _BLOCK):
        yield rows[at : at + _BLOCK]
