"""Judge: an embedding of sounds that nothing here was trained on, chosen by, or drawn again by.

The role classifier conditions, teaches and selects, so its own embedding flatters what it has made. This one has no
weights: levels of mel bands of the whole range of hearing, over times that widen from the attack on, and the shape of
their spectra as cepstra; beside them what small spectrograms lose, the depth of the fine structure of a long transform.
Distances in it are of about a decibel. Sounds are mono `(n,)` at `RATE`, and begin at their attack.
"""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import librosa
import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from samplegen.arrays import Rows, Signal
from samplegen.audio.signals import peak

RATE = 44_100  # Hz; a sound of a lower rate lacks what is above its half
HIGH_BAND_HZ = 11_025  # above which sounds at 22.05 kHz hold nothing
_N_FFT, _HOP = 1024, 128
_BANDS, _CEPSTRA = 64, 16
_EDGES_SECONDS = (0, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.4)
_RANGE_DB = 80.0  # under the loudest, below which nothing counts
_UNIT_DB = 8.0  # of a cepstrum, that is 1 in the embedding: the root of the number of bands
_FINE_EDGES_HZ = (300, 1_000, 3_000, 7_000, 12_000, 20_000)
_FINE_WEIGHT = 4.0  # embedding units of a neper of flatness
_FINE_SECONDS, _MIN_FINE_SECONDS = 1.0, 0.1
_SMOOTHING_HZ = 400  # over which the spectrum's colour is taken from the fine structure
_FLOOR_POWER = 1e-10  # of the strongest bin: a band in which nothing sounds is even
_PARTIAL_DB = 12.0  # above the median of its neighbourhood, from which on a peak is a partial
_PARTIAL_RANGE_HZ = (200, 20_000)
_TAIL_SECONDS = 0.02


def embed(sounds: Iterable[Signal]) -> Rows:
    """Return embeddings `(n, 165)` of sounds."""
    return np.stack([np.concatenate([_cepstra(sound), _fine_structure(sound)]) for sound in sounds]).astype(np.float32)


def measure(sounds: Iterable[Signal]) -> Rows:
    """Return partials, share of the energy above `HIGH_BAND_HZ`, and the level of the end under the peak, `(n, 3)`.

    The level is in dB, of the last `_TAIL_SECONDS`.
    """
    return np.array([[count_partials(sound), _high_share(sound), _tail_level(sound)] for sound in sounds], np.float32)


def count_partials(sound: Signal) -> int:
    """Return the number of peaks of the first second's spectrum that stand out from their neighbourhood."""
    levels = 10 * np.log10(_long_power(sound) + 1e-18)
    apart = levels - scipy.ndimage.median_filter(levels, _SMOOTHING_HZ + 1)
    return len(scipy.signal.find_peaks(apart[slice(*_PARTIAL_RANGE_HZ)], height=_PARTIAL_DB)[0])


def _cepstra(sound: Signal) -> NDArray[np.float64]:
    """Return cepstra of the levels of mel bands, `(10 * _CEPSTRA,)`: a spectrum for each stretch of time."""
    length = round(_EDGES_SECONDS[-1] * RATE)
    part = np.pad(sound[:length], (_N_FFT // 2, max(0, length - len(sound)) + _N_FFT // 2)) / max(peak(sound), 1e-9)
    frames = np.lib.stride_tricks.sliding_window_view(part, _N_FFT)[::_HOP] * _window()
    power = np.abs(scipy.fft.rfft(frames, axis=1)) ** 2 @ _filters()
    edges = np.round(np.array(_EDGES_SECONDS) * RATE / _HOP).astype(int)
    levels = 10 * np.log10(np.stack([power[low:high].mean(axis=0) for low, high in pairwise(edges)]) + 1e-12)
    cepstra = scipy.fft.dct(np.maximum(levels - levels.max(), -_RANGE_DB), axis=1, norm="ortho")
    return cepstra[:, :_CEPSTRA].ravel() / _UNIT_DB


def _fine_structure(sound: Signal) -> NDArray[np.float64]:
    """Return how far the logarithm of a long spectrum lies under that of its smoothed self, by band, weighted."""
    if len(sound) < _MIN_FINE_SECONDS * RATE:
        return np.zeros(len(_FINE_EDGES_HZ) - 1)
    power = _long_power(sound)
    power += _FLOOR_POWER * max(float(power.max()), 1e-18)
    depth = np.log(np.maximum(scipy.ndimage.uniform_filter1d(power, _SMOOTHING_HZ), 1e-30) / power)
    return _FINE_WEIGHT * np.array([depth[low:high].mean() for low, high in pairwise(_FINE_EDGES_HZ)])


def _long_power(sound: Signal) -> NDArray[np.float64]:
    """Return the power of the first second, of one bin a Hz."""
    part = sound[: round(_FINE_SECONDS * RATE)]
    return np.abs(scipy.fft.rfft(part * np.hanning(len(part)), RATE)) ** 2


def _high_share(sound: Signal) -> float:
    power = np.abs(scipy.fft.rfft(sound)) ** 2
    return float(power[len(power) * 2 * HIGH_BAND_HZ // RATE :].sum() / max(float(power.sum()), 1e-18))


def _tail_level(sound: Signal) -> float:
    return 20 * np.log10(max(peak(sound[-round(_TAIL_SECONDS * RATE) :]) / max(peak(sound), 1e-9), 1e-6))


@cache
def _window() -> NDArray[np.float32]:
    return scipy.signal.get_window("hann", _N_FFT).astype(np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """Return mel filters `(bins, _BANDS)`, each the mean of its bins."""
    filters = librosa.filters.mel(sr=RATE, n_fft=_N_FFT, n_mels=_BANDS, fmin=30, fmax=20_000)
    means: NDArray[np.float32] = (filters / filters.sum(axis=1, keepdims=True)).T
    return means
