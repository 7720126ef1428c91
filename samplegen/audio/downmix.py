"""Choice of the channel to take from a file, and of its constant offset."""

import math
from collections.abc import Iterable
from pathlib import Path

import numba
import numpy as np

from samplegen.arrays import Signal
from samplegen.errors import AudioError

_MEDIAN_SAMPLES = 1 << 16  # of all channels, that medians are taken of
_MIN_OFFSET = 0.01  # of the effective level (-40 dB)
_MIN_MID_ENERGY = 0.01  # of that of the loudest channel (-20 dB): with less, the channels are out of phase
_MIN_LENGTH = 0.8  # of that in the header: with less, a file was cut short; more may be an mp3's estimate


def choose_channel(path: Path | str, frames: int, channels: int, blocks: Iterable[Signal]) -> tuple[int, np.float32]:
    """Choose the channel to take, -1 for the mean of all, and measure the constant offset to subtract.

    Args:
        path: for the errors.
        frames: length by the header.
        channels: number by the header.
        blocks: the whole file, `(some, channels + 1)` each, the last column the mean of the others; or `(some, 1)`.

    Raises:
        AudioError: cut short, or not numbers.
    """
    step = 1 + frames * channels // _MEDIAN_SAMPLES
    moments, some, count = [(0.0, 0.0)] * (channels + 1), [], 0
    for block in blocks:
        count += len(block)
        moments = [(a + c, b + d) for (a, b), (c, d) in zip(moments, map(_sums, block.T), strict=False)]
        some.append(block if step == 1 else block[::step].copy())  # a view would keep the whole block
    if count < _MIN_LENGTH * frames:
        raise AudioError(f"{path} is cut short: {count} of its {frames} samples are there")
    if not all(math.isfinite(square) for _, square in moments):
        raise AudioError(f"{path} holds samples that are not numbers (NaN or infinite)")
    # without the offset, which is no sound
    energies = [max(square - total**2 / count, 0.0) for total, square in moments]
    loudest = max(energies)
    channel = energies.index(loudest) if energies[-1] < _MIN_MID_ENERGY * loudest else -1
    mean, noticed = moments[channel][0] / count, _MIN_OFFSET * math.sqrt(energies[channel] / count)
    if abs(mean) <= noticed:
        return channel, np.float32(0.0)
    offset = _agree(mean, float(np.median(np.concatenate(some)[:, channel])))
    return channel, np.float32(offset if abs(offset) > noticed else 0.0)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})  # any order of the sums will do
def _sums(column: Signal) -> tuple[float, float]:
    """Return the sum of the samples, and of their squares; not finite if a sample is not."""
    total, energy = 0.0, 0.0
    for sample in column:
        value = float(sample)
        total, energy = total + value, energy + value * value
    return total, energy


def _agree(mean: float, median: float) -> float:
    """Return what both agree on: a hit moves the mean, a bass note the median, an offset moves both."""
    return min(mean, median, key=abs) if mean * median > 0 else 0.0
