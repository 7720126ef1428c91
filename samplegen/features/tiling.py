"""The cells of a map on the spectrogram: one frame and one bin each at the attack and in the bass, then wider.

Spectra are `(frames, bins)` complex64, cells `(steps, bands)`. What runs over every bin is compiled
and lets go of the interpreter.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.features.phase import Magnitudes, Spectrum

Cells = NDArray[np.float32]
Edges = NDArray[np.intp]

MIN_HALVED_FRAMES = (
    4  # frames from which on a cell is measured from every second one: windows still add up within 0.24 dB
)
MIN_POWER = 1e-12  # power: keeps logarithms finite, far under any floor


class Tiling(NamedTuple):
    """A tiling: cell edges in frames and bins, and where each frame and bin lies between the cells' centres.

    Cells are measured from the frames `seen`, and have their edges `time_seen` among these.
    """

    time: Edges  # (steps + 1,)
    band: Edges  # (bands + 1,)
    seen: Edges  # (some,)
    time_seen: Edges  # (steps + 1,)
    frames: Cells  # (frames,), in cells
    bins: Cells  # (bins,), in cells


@cache
def make_tiling(frames: int, bins: int, steps: int, bands: int, spacing: str = "widening") -> Tiling:
    """The tiling of `(frames, bins)` by `steps x bands` cells; `spacing` is that of time, a key of `SPACINGS`."""
    time, band = SPACINGS[spacing](frames, steps), _edges(bins, bands)
    seen = np.concatenate([np.arange(a, b, 2 if b - a >= MIN_HALVED_FRAMES else 1) for a, b in pairwise(time)])
    return Tiling(time, band, seen, np.searchsorted(seen, time), _places(time), _places(band))


@numba.njit(cache=True, nogil=True, fastmath=True)
def interpolate(cells: Cells, frames: Cells, bins: Cells) -> Magnitudes:
    """Cells `(steps, bands)` read at places between their centres, linearly along both axes -> `(frames, bins)`."""
    last = cells.shape[0] - 1, cells.shape[1] - 1
    values = np.empty((len(frames), len(bins)), np.float32)
    row = np.empty(cells.shape[1], np.float32)
    for t in range(len(frames)):
        low = min(int(frames[t]), last[0])
        part = frames[t] - np.float32(low)
        for j in range(len(row)):
            row[j] = cells[low, j] + part * (cells[min(low + 1, last[0]), j] - cells[low, j])
        for f in range(len(bins)):
            left = min(int(bins[f]), last[1])
            values[t, f] = row[left] + (bins[f] - np.float32(left)) * (row[min(left + 1, last[1])] - row[left])
    return values


def pool(spectrum: Spectrum, borders: Edges, time: Edges, band: Edges) -> tuple[Cells, Cells]:
    """Mean power of each cell, and mean natural logarithm of its powers, `(n, steps, bands)` each.

    The rows of `spectrum` are those of n sounds, sound i's between `borders` i and i + 1; frames that are
    missing are silent. No power is below `TINY`.
    """
    powers = _powers(spectrum)
    mean = _means(powers, borders, time, band, MIN_POWER)
    return mean, _means(np.log(powers, out=powers), borders, time, band, math.log(MIN_POWER))


# All loops go along rows that are taken out first: indices of two axes keep the compiler from vectorising.
@numba.njit(cache=True, nogil=True, fastmath=True)
def _powers(spectrum: Spectrum) -> Magnitudes:
    powers = np.empty(spectrum.shape, np.float32)
    for t in range(len(spectrum)):
        row, power = spectrum[t], powers[t]
        for f in range(len(row)):
            power[f] = row[f].real ** 2 + row[f].imag ** 2 + np.float32(MIN_POWER)
    return powers


@numba.njit(cache=True, nogil=True, fastmath=True)
def _means(values: Magnitudes, borders: Edges, time: Edges, band: Edges, missing: float) -> Cells:
    """Mean of each sound's `(frames, bins)` in each cell; frames beyond its last have the value `missing`."""
    means = np.empty((len(borders) - 1, len(time) - 1, len(band) - 1), np.float32)
    for sound in range(len(means)):
        _fill_means(means[sound], values[borders[sound] : borders[sound + 1]], time, band, missing)
    return means


@numba.njit(cache=True, nogil=True, fastmath=True)
def _fill_means(means: Cells, values: Magnitudes, time: Edges, band: Edges, missing: float) -> None:
    sums = np.empty(values.shape[1], np.float32)
    used = int(np.searchsorted(time, len(values)))
    means[used:] = np.float32(missing)
    for i in range(min(used, len(means))):
        sums[:] = np.float32(max(time[i + 1] - max(time[i], len(values)), 0) * missing)
        for t in range(time[i], min(time[i + 1], len(values))):
            row = values[t]
            for f in range(len(sums)):
                sums[f] += row[f]
        for j in range(len(band) - 1):
            total = np.float32(0)
            for f in range(band[j], band[j + 1]):
                total += sums[f]
            means[i, j] = total / ((time[i + 1] - time[i]) * (band[j + 1] - band[j]))


@numba.njit(cache=True, nogil=True, fastmath=True)
def shape_noise(spectrum: Spectrum, grain: Magnitudes, time: Edges, band: Edges) -> Magnitudes:
    """Magnitudes `(frames, bins)` of a spectrum to the power of `grain`, of mean power 1 in every cell."""
    power = np.ones(grain.shape, np.float32)
    for i in range(len(time) - 1):
        for j in range(len(band) - 1):
            size = (time[i + 1] - time[i]) * (band[j + 1] - band[j])
            total = 0.0
            for t in range(time[i], time[i + 1]):
                for f in range(band[j], band[j + 1]):
                    power[t, f] = spectrum[t, f].real ** 2 + spectrum[t, f].imag ** 2
                    total += power[t, f]
            mean, total = total / size + MIN_POWER, 0.0  # what varies from cell to cell is the level's to say
            for t in range(time[i], time[i + 1]):
                for f in range(band[j], band[j + 1]):
                    power[t, f] = math.exp(grain[t, f] * math.log(power[t, f] / mean + MIN_POWER))
                    total += power[t, f]
            for t in range(time[i], time[i + 1]):
                for f in range(band[j], band[j + 1]):
                    power[t, f] = math.sqrt(power[t, f] * size / total)
    return power


def _edges(fine: int, cells: int) -> Edges:
    """Borders `(cells + 1,)` of cells over 0..fine, each wider than the last by one ratio, the first 1 wide."""
    low, high = 1.0, 2.0
    for _ in range(60):  # bisection for the ratio whose geometric series adds up to `fine`
        ratio = (low + high) / 2
        low, high = (ratio, high) if np.sum(ratio ** np.arange(cells)) < fine else (low, ratio)
    return np.rint(np.concatenate([[0], np.cumsum(low ** np.arange(cells))])).astype(np.intp)


def _even(fine: int, cells: int) -> Edges:
    """Borders `(cells + 1,)` of cells over 0..fine that are all as wide, but for the rounding."""
    return np.rint(np.linspace(0, fine, cells + 1)).astype(np.intp)


SPACINGS: Mapping[str, Callable[[int, int], Edges]] = {"widening": _edges, "even": _even}


def _places(edges: Edges) -> Cells:
    """Where each of `edges[-1]` frames or bins lies: at cell 0's centre and before 0, halfway to the next 0.5."""
    centres = (edges[:-1] + edges[1:] - 1) / 2
    return np.interp(np.arange(edges[-1]), centres, np.arange(len(centres))).astype(np.float32)
