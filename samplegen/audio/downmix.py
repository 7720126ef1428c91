"""Of a file's channels the one to take, and its constant offset."""

import math
from collections.abc import Iterable
from pathlib import Path

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.errors import AudioError

Signal = NDArray[np.float32]

_SURVEYED = 1 << 16  # samples of all channels whose medians are taken
_OFFSET = 0.01  # share of the effective level (-40 dB) from which on an offset is one
_CANCELLED = 0.01  # a mid with less of the loudest channel's energy than this (-20 dB) was out of phase
_WHOLE = 0.8  # with less of the length in its header a file was cut short; more, and an mp3 estimated it


def choose_channel(path: Path | str, frames: int, channels: int, blocks: Iterable[Signal]) -> tuple[int, np.float32]:
    """The channel to take, -1 being the mean of all, and the constant that it is shifted by.

    Args:
        path: for the errors.
        frames, channels: what the header says.
        blocks: all of the file, `(some, channels + 1)` each, the last column the mean of the others; or `(some, 1)`.

    Raises:
        AudioError: cut short, or not numbers.
    """
    step = 1 + frames * channels // _SURVEYED
    moments, some, count = [(0.0, 0.0)] * (channels + 1), [], 0
    for block in blocks:
        count += len(block)
        moments = [(a + c, b + d) for (a, b), (c, d) in zip(moments, map(_moments, block.T), strict=False)]
        some.append(block if step == 1 else block[::step].copy())  # a view would keep the whole block
    if count < _WHOLE * frames:
        raise AudioError(f"{path} is cut short: {count} of its {frames} samples are there")
    if not all(math.isfinite(square) for _, square in moments):
        raise AudioError(f"{path} holds samples that are not numbers (NaN or infinite)")
    # The energy of what moves: an offset is no sound.
    energies = [max(square - total**2 / count, 0.0) for total, square in moments]
    loudest = max(energies)
    channel = energies.index(loudest) if energies[-1] < _CANCELLED * loudest else -1
    mean, noticed = moments[channel][0] / count, _OFFSET * math.sqrt(energies[channel] / count)
    if abs(mean) <= noticed:
        return channel, np.float32(0.0)
    offset = _agreed(mean, float(np.median(np.concatenate(some)[:, channel])))
    return channel, np.float32(offset if abs(offset) > noticed else 0.0)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})  # any order of the sums will do
def _moments(column: Signal) -> tuple[float, float]:
    """Sum of the samples and of their squares, not finite if one of them is not."""
    total, energy = 0.0, 0.0
    for sample in column:
        value = float(sample)
        total, energy = total + value, energy + value * value
    return total, energy


def _agreed(mean: float, median: float) -> float:
    """What both say: a hit moves the mean, the shape of a bass note the median, an offset moves both."""
    return min(mean, median, key=abs) if mean * median > 0 else 0.0
