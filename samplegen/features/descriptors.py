"""Descriptors of sounds: brightness, decay, pitch and noisiness, measured on spectrograms, which is fast.

They follow the standard measures of waveforms, on logarithmic scales. Each is weighted by energy, so that faint parts
count little. All four are as independent as they can be: the flatness of a whole spectrum mostly measures its slope,
and so its brightness; that of each octave by itself does not.
"""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from samplegen.arrays import Rows
from samplegen.features.spectrogram import LEVEL, NOISINESS, Spectrogram, SpectrogramConfig
from samplegen.features.tiling import make_tiling

DECAY_DB = 30.0  # fall of the energy that decay is the time of
MIN_OCTAVE_HZ = 500.0  # below, a spectrogram of 23 ms windows has too few bands for octaves
_NOISE_NEPERS = 0.577  # by which the mean logarithm of the power of noise lies under the logarithm of its mean
_FLATNESS_FLOOR = 1e-6  # of the power of the loudest cell: 60 dB under it, nothing counts for flatness
_MIN_POWER = 1e-12
_MIN_AUDIBLE_HZ = 20.0


class PowerCells(NamedTuple):
    """Spectrograms as power: power and noisiness `(n, steps, bands)`, energy `(n, steps)`, places of their cells."""

    power: Rows
    noisiness: Rows
    energy: Rows
    edges: Rows  # (steps + 1,), in seconds
    widths: Rows  # (bands,), in bins
    centres: Rows  # (bands,), in Hz

    @property
    def seconds(self) -> Rows:
        """Length of each step."""
        return np.diff(self.edges)


def brightness(cells: PowerCells) -> Rows:
    """Return the spectral centroid, `(n,)`, in octaves above 1 Hz."""
    magnitude = np.sqrt(cells.power)
    centroid = magnitude @ (cells.widths * cells.centres) / (magnitude @ cells.widths)
    return np.log2(_mean(centroid, cells.energy))


def decay(cells: PowerCells) -> Rows:
    """Return the time in which the remaining energy falls by 30 dB (Schroeder 1965), `(n,)`, in octaves of a second.

    Inside a step it falls evenly; the first step is added, so that a click is not endlessly short.
    """
    remaining = np.cumsum(cells.energy[:, ::-1], axis=1)[:, ::-1]
    fall = 10 * np.log10(remaining[:, :1] / remaining)
    fall = np.concatenate((fall, np.full((len(fall), 1), 2 * DECAY_DB, np.float32)), axis=1)
    step, rows = (fall > DECAY_DB).argmax(axis=1), np.arange(len(fall))
    before, after = fall[rows, step - 1], fall[rows, step]
    seconds = cells.edges[step - 1] + (DECAY_DB - before) / (after - before) * cells.seconds[step - 1]
    return np.log2(seconds + cells.edges[1])


def pitch(cells: PowerCells) -> Rows:
    """Return the frequency of the loudest bands, `(n,)`, in octaves above 1 Hz: the mean by squared power of each step.

    Steps count by the root of their power, because a tail has a pitch, too.
    """
    squares = np.square(cells.power)
    place = np.log2(squares @ cells.centres / squares.sum(axis=2) + _MIN_AUDIBLE_HZ)
    return _mean(place, np.sqrt(cells.energy * cells.seconds))


def noisiness(cells: PowerCells) -> Rows:
    """Return the spectral flatness of octaves (AudioSpectrumFlatness of MPEG-7, ISO/IEC 15938-4), `(n,)`, in dB."""
    power = cells.power + np.float32(_FLATNESS_FLOOR)
    logarithm = np.log(power) - np.float32(_NOISE_NEPERS) * np.square(cells.noisiness)
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


def measure(spectrograms: Spectrogram, config: SpectrogramConfig) -> Rows:
    """Return the descriptors of spectrograms `(n, steps, bands, 2)`, `(n, len(DESCRIPTORS))`; silence has some, too."""
    cells = _cells(spectrograms, config)
    return np.stack([describe(cells) for describe in DESCRIPTORS.values()], axis=1).astype(np.float32)


def _cells(spectrograms: Spectrogram, config: SpectrogramConfig) -> PowerCells:
    stft = config.stft
    frames = stft.frames(config.samples)
    tiling = make_tiling(frames, stft.bins, config.steps, config.bands, config.spacing)
    floor = np.float32(10 ** (config.floor_db / 20))
    magnitude = np.maximum(floor ** (1 - spectrograms[..., LEVEL]) - floor, 0)  # as a spectrogram is decoded
    power = np.square(magnitude) + np.float32(_MIN_POWER)
    edges, widths = (tiling.time * (stft.hop / stft.rate)).astype(np.float32), np.diff(tiling.band).astype(np.float32)
    centres = (tiling.band[:-1] + tiling.band[1:] - 1) * (stft.rate / stft.n_fft / 2)
    return PowerCells(
        power, spectrograms[..., NOISINESS], power @ widths * np.diff(edges), edges, widths,
        np.maximum(centres, _MIN_AUDIBLE_HZ).astype(np.float32),
    )  # fmt: skip


@cache
def _octaves(centres: tuple[float, ...]) -> list[slice]:
    """Return the bands up to `MIN_OCTAVE_HZ`, and of each octave above; less than half an octave joins the last."""
    count = max(1, round(np.log2(centres[-1] / MIN_OCTAVE_HZ)))
    borders = np.searchsorted(centres, MIN_OCTAVE_HZ * 2.0 ** np.arange(count))
    ends = [0, *borders.tolist(), len(centres)]
    return [slice(low, high) for low, high in pairwise(ends) if high > low]


def _mean(values: Rows, weight: Rows) -> Rows:
    return np.einsum("nk,nk->n", values, weight) / weight.sum(axis=1)
