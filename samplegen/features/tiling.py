"""Time-frequency tiling: cells of one frame and one bin at the attack and in the bass, wider toward tail and treble.

Spectra are `(frames, bins)` complex64, cells `(steps, bands)`. Functions that run over every bin are compiled and let
go of the interpreter.
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

MIN_HALVED_FRAMES = 4  # a cell as long is measured from every second frame: windows still add up within 0.24 dB
MIN_POWER = 1e-12  # keeps logarithms finite, far under any floor


class Tiling(NamedTuple):
    """Edges of cells in frames and bins, and the place of each frame and bin between the centres of the cells.

    Cells are measured from the frames `measured`, among which their edges are `time_measured`.
    """

    time: Edges  # (steps + 1,)
    band: Edges  # (bands + 1,)
    measured: Edges  # (some,)
    time_measured: Edges  # (steps + 1,)
    frames: Cells  # (frames,), in cells
    bins: Cells  # (bins,), in cells


@cache
def make_tiling(frames: int, bins: int, steps: int, bands: int, spacing: str = "widening") -> Tiling:
    """Tile `(frames, bins)` by `steps x bands` cells; `spacing`, a key of `SPACINGS`, is that of time."""
    time, band = SPACINGS[spacing](frames, steps), _widening_edges(bins, bands)
    measured = np.concatenate(
        [np.arange(start, stop, 2 if stop - start >= MIN_HALVED_FRAMES else 1) for start, stop in pairwise(time)]
    )
    return Tiling(time, band, measured, np.searchsorted(measured, time), _places(time), _places(band))


@numba.njit(cache=True, nogil=True, fastmath=True)
def interpolate(cells: Cells, frames: Cells, bins: Cells) -> Magnitudes:
    """Interpolate cells `(steps, bands)` at places between their centres, bilinearly: `(frames, bins)`."""
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
    """Return the mean power of each cell, and the mean natural logarithm of its powers, `(n, steps, bands)` each.

    Args:
        spectrum: rows of n sounds, one after the other; rows that a sound is short of are silent.
        borders: `(n + 1,)`; sound i has the rows from border i to border i + 1.
        time: edges of the cells among the rows of a sound.
        band: edges of the cells among the bins.

    No power is below `MIN_POWER`.
    """
    powers = _powers(spectrum)
    mean = _means(powers, borders, time, band, MIN_POWER)
    return mean, _means(np.log(powers, out=powers), borders, time, band, math.log(MIN_POWER))


# Loops go along rows that are taken out first, because indices of two axes keep the compiler from vectorising.
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
    """Return the mean in each cell of each sound; frames beyond its last have the value `missing`."""
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
def shape_noise(spectrum: Spectrum, noisiness: Magnitudes, time: Edges, band: Edges) -> Magnitudes:
    """Return magnitudes `(frames, bins)` of noise to the power of `noisiness`, with mean power 1 in every cell."""
    power = np.ones(noisiness.shape, np.float32)
    for i in range(len(time) - 1):
        for j in range(len(band) - 1):
            size = (time[i + 1] - time[i]) * (band[j + 1] - band[j])
            total = 0.0
            for t in range(time[i], time[i + 1]):
                for f in range(band[j], band[j + 1]):
                    power[t, f] = spectrum[t, f].real ** 2 + spectrum[t, f].imag ** 2
                    total += power[t, f]
            mean, total = total / size + MIN_POWER, 0.0  # the level holds what varies from cell to cell
            for t in range(time[i], time[i + 1]):
                for f in range(band[j], band[j + 1]):
                    power[t, f] = math.exp(noisiness[t, f] * math.log(power[t, f] / mean + MIN_POWER))
                    total += power[t, f]
            for t in range(time[i], time[i + 1]):
                for f in range(band[j], band[j + 1]):
                    power[t, f] = math.sqrt(power[t, f] * size / total)
    return power


def _widening_edges(length: int, cells: int) -> Edges:
    """Return borders `(cells + 1,)` over 0..`length`, each cell wider than the last by one ratio, the first 1 wide."""
    low, high = 1.0, 2.0
    for _ in range(60):  # bisection for the ratio whose geometric series adds up to `length`
        ratio = (low + high) / 2
        low, high = (ratio, high) if np.sum(ratio ** np.arange(cells)) < length else (low, ratio)
    return np.rint(np.concatenate([[0], np.cumsum(low ** np.arange(cells))])).astype(np.intp)


def _even_edges(length: int, cells: int) -> Edges:
    """Return borders `(cells + 1,)` over 0..`length` of cells that are equally wide, but for the rounding."""
    return np.rint(np.linspace(0, length, cells + 1)).astype(np.intp)


SPACINGS: Mapping[str, Callable[[int, int], Edges]] = {"widening": _widening_edges, "even": _even_edges}


def _places(edges: Edges) -> Cells:
    """Return the place of each of `edges[-1]` frames or bins: 0 up to the centre of cell 0, 1 at that of cell 1."""
    centres = (edges[:-1] + edges[1:] - 1) / 2
    return np.interp(np.arange(edges[-1]), centres, np.arange(len(centres))).astype(np.float32)
