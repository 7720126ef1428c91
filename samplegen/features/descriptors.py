"""What sounds are like, in numbers: brightness, decay, pitch and noise, measured on maps, as waveforms take too long.

They follow the standard measures of waveforms, on scales of logarithms. Each is weighted by energy, so that little is
said by what is hardly heard. All four are as independent as they honestly can be: the flatness of a whole spectrum
mostly says how it slopes, and so how bright it is; that of its octaves, each by itself, does not.
"""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samplegen.features import tiling as features_tiling
from samplegen.features.spectrogram import LEVEL, NOISINESS, Spectrogram, SpectrogramConfig

Rows = NDArray[np.float32]

DECAY_DB = 30.0  # dB that a sound has decayed by
MIN_OCTAVE_HZ = 500.0  # Hz: below, a map of 23 ms windows has too few bands for octaves
_NOISE = 0.577  # nepers by which the mean logarithm of noise's power lies under the logarithm of its mean
_TINY = 1e-6  # of the loudest cell's power: flatness is not told by what lies 60 dB under it
_SILENT = 1e-12
_AUDIBLE = 20.0  # Hz


class PowerCells(NamedTuple):
    """Maps as spectra: power and grain `(n, steps, bands)`, energy `(n, steps)`; where their cells lie."""

    power: Rows
    grain: Rows
    energy: Rows
    edges: Rows  # (steps + 1,), in seconds
    widths: Rows  # (bands,), in bins
    centres: Rows  # (bands,), in Hz

    @property
    def seconds(self) -> Rows:
        """Length of each step."""
        return np.diff(self.edges)


def brightness(cells: PowerCells) -> Rows:
    """Spectral centroid, `(n,)`, in octaves above 1 Hz."""
    magnitude = np.sqrt(cells.power)
    centroid = magnitude @ (cells.widths * cells.centres) / (magnitude @ cells.widths)
    return np.log2(_mean(centroid, cells.energy))


def decay(cells: PowerCells) -> Rows:
    """Time in which the energy that is still to come falls by 30 dB (Schroeder 1965), `(n,)`, in octaves of a second.

    Inside a step it falls evenly; the first step is added, so that a click is not endlessly short.
    """
    coming = np.cumsum(cells.energy[:, ::-1], axis=1)[:, ::-1]
    fallen = 10 * np.log10(coming[:, :1] / coming)
    fallen = np.concatenate((fallen, np.full((len(fallen), 1), 2 * DECAY_DB, np.float32)), axis=1)
    step, rows = (fallen > DECAY_DB).argmax(axis=1), np.arange(len(fallen))
    before, after = fallen[rows, step - 1], fallen[rows, step]
    seconds = cells.edges[step - 1] + (DECAY_DB - before) / (after - before) * cells.seconds[step - 1]
    return np.log2(seconds + cells.edges[1])


def pitch(cells: PowerCells) -> Rows:
    """Frequency of the loudest bands, `(n,)`, in octaves above 1 Hz: of each step the mean by power squared.

    Steps count by the root of their power, as a pitch is also heard in a tail.
    """
    squares = np.square(cells.power)
    place = np.log2(squares @ cells.centres / squares.sum(axis=2) + _AUDIBLE)
    return _mean(place, np.sqrt(cells.energy * cells.seconds))


def noisiness(cells: PowerCells) -> Rows:
    """Spectral flatness of octaves (after the AudioSpectrumFlatness of MPEG-7, ISO/IEC 15938-4), `(n,)`, in dB."""
    power = cells.power + np.float32(_TINY)
    logarithm = np.log(power) - np.float32(_NOISE) * np.square(cells.grain)
    flatness, weight = [], []
    for octave in _octaves(tuple(cells.centres.tolist())):
        width = cells.widths[octave] / cells.widths[octave].sum()
        mean = power[..., octave] @ width
        flatness.append(logarithm[..., octave] @ width - np.log(mean))
        weight.append(mean * cells.widths[octave].sum() * cells.seconds)
    return 10 / np.log(10) * _mean(np.concatenate(flatness, axis=1), np.concatenate(weight, axis=1))


DESCRIPTORS: Mapping[str, Callable[[PowerCells], Rows]] = {
    "bright": brightness,
    "decay": decay,
    "pitch": pitch,
    "noisy": noisiness,
}


def measure(pictures: Spectrogram, config: SpectrogramConfig) -> Rows:
    """The descriptors of maps `(n, steps, bands, 2)` in that configuration, `(n, len(KNOBS))`; silence has some too."""
    cells = _cells(pictures, config)
    return np.stack([describe(cells) for describe in DESCRIPTORS.values()], axis=1).astype(np.float32)


def _cells(pictures: Spectrogram, config: SpectrogramConfig) -> PowerCells:
    stft = config.stft
    frames = stft.frames(config.samples)
    tiling = features_tiling.make_tiling(frames, stft.bins, config.steps, config.bands, config.spacing)
    floor = np.float32(10 ** (config.floor_db / 20))
    magnitude = np.maximum(floor ** (1 - pictures[..., LEVEL]) - floor, 0)  # as a map is decoded
    power = np.square(magnitude) + np.float32(_SILENT)
    edges, widths = (tiling.time * (stft.hop / stft.rate)).astype(np.float32), np.diff(tiling.band).astype(np.float32)
    centres = (tiling.band[:-1] + tiling.band[1:] - 1) * (stft.rate / stft.n_fft / 2)
    return PowerCells(
        power, pictures[..., NOISINESS], power @ widths * np.diff(edges), edges, widths,
        np.maximum(centres, _AUDIBLE).astype(np.float32),
    )  # fmt: skip


@cache
def _octaves(centres: tuple[float, ...]) -> list[slice]:
    """Bands up to `LOWEST`, and those of each octave above it; what is less than half an octave goes with the last."""
    count = max(1, round(np.log2(centres[-1] / MIN_OCTAVE_HZ)))
    borders = np.searchsorted(centres, MIN_OCTAVE_HZ * 2.0 ** np.arange(count))
    ends = [0, *borders.tolist(), len(centres)]
    return [slice(low, high) for low, high in pairwise(ends) if high > low]


def _mean(values: Rows, weight: Rows) -> Rows:
    return np.einsum("nk,nk->n", values, weight) / weight.sum(axis=1)
