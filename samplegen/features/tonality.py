"""Tonality: how far the fine structure of a spectrum is from noise, in each band of a spectrogram.

The cells of a spectrogram grow wide toward the treble, where a cymbal has a hundred partials: the level of a cell alone
would come back as hiss. A long transform of the sound separates them. Its flatness, the logarithm of its power under
the logarithm of its smoothed power, tells noise from partials (the coefficient of tonality of Johnston, "Transform
coding of audio signals using perceptual noise criteria", 1988). It is kept as an exponent: white noise whose spectrum
is raised to that exponent is as flat as the sound. So such noise brings partials back, of the same number and depth,
at other frequencies.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.special import gammaln

from samplegen.arrays import Signal

Bands = NDArray[np.float32]  # (bands,), 0 for noise to 1

MAX_EXPONENT = 4.0  # of noise, at a tonality of 1; white noise itself has 1
_DEPTH = 2.2  # of an exponent that is heard after short windows have smeared it: makes partials as many as were there
_GROUP_EDGES_HZ = np.concatenate([[0.0], np.geomspace(300, 22_050, 15)])  # flatness of fewer bins would be chance
_MIN_BINS = 16  # of a group
_MAX_SECONDS, _MIN_SECONDS = 1.0, 0.1  # of the transform; a shorter sound has no partials to tell from noise
_SMOOTHING_HZ = 800.0  # over which the colour of a sound is smoothed
_MIN_POWER = 1e-12


def measure(samples: Signal, rate: int, centres: NDArray[np.float64]) -> Bands:
    """Return the tonality of a sound in bands.

    Args:
        samples: `(n,)`, its attack at the start.
        rate: in Hz.
        centres: of the bands, `(bands,)` in Hz, ascending.
    """
    size = min(len(samples), round(_MAX_SECONDS * rate))
    if size < _MIN_SECONDS * rate:
        return np.zeros(len(centres), np.float32)
    padded = scipy.fft.next_fast_len(size, real=True)
    power = np.abs(scipy.fft.rfft(samples[:size] * np.hanning(size), padded)) ** 2 + _MIN_POWER
    edges = np.searchsorted(scipy.fft.rfftfreq(padded, 1 / rate), _GROUP_EDGES_HZ)
    groups = [_exponent(power[low:high], padded / rate) for low, high in pairwise(edges)]
    exponents = np.interp(centres, (_GROUP_EDGES_HZ[:-1] + _GROUP_EDGES_HZ[1:]) / 2, groups)
    return np.clip((exponents - 1) / (MAX_EXPONENT - 1), 0, 1).astype(np.float32)


def excitation(tonality: Bands, rate: int, centres: NDArray[np.float64], noise: Signal) -> Signal:
    """Return white noise `(n,)` with the fine structure of a tonality: the same power at every frequency, in partials.

    Args:
        tonality: of each band.
        rate: in Hz.
        centres: of the bands, `(bands,)` in Hz, ascending.
        noise: white, of variance 1, `(n,)`.
    """
    padded = scipy.fft.next_fast_len(len(noise), real=True)
    spectrum = scipy.fft.rfft(noise, padded)
    place = np.interp(scipy.fft.rfftfreq(padded, 1 / rate), centres, tonality)
    gain = (np.abs(spectrum) / np.sqrt(padded)) ** (_DEPTH * (MAX_EXPONENT - 1) * place)
    spectrum *= gain
    smooth = uniform_filter1d(np.abs(spectrum) ** 2, _smoothing_bins(padded / rate))
    return scipy.fft.irfft(spectrum * np.sqrt(padded / (smooth + _MIN_POWER)), padded)[: len(noise)].astype(np.float32)


def _exponent(power: NDArray[np.float64], bins_per_hz: float) -> float:
    if len(power) < _MIN_BINS:
        return 1.0
    smooth = uniform_filter1d(power, min(_smoothing_bins(bins_per_hz), len(power)))
    exponents, flatness = _flatness_of_exponents()
    return float(np.interp(np.mean(np.log(smooth / power)), flatness, exponents))


def _smoothing_bins(bins_per_hz: float) -> int:
    return max(31, int(_SMOOTHING_HZ * bins_per_hz))


@cache
def _flatness_of_exponents() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return exponents, and how far the mean logarithm of noise power to each lies under that of its mean.

    The power of white noise is exponentially distributed: the mean of its kth power is gamma(1 + k).
    """
    exponents = np.linspace(0, 2 * MAX_EXPONENT, 161)
    return exponents, gammaln(1 + exponents) + np.euler_gamma * exponents
