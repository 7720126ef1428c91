"""Harmonics of a note, frame by frame: their levels, and the noise between them.

Harmonics plus noise (Serra and Smith 1990). Frames are 10 ms apart; frame t is centred on t / FRAMES seconds. Levels
are in dB of power: a sine of amplitude 1 has -3, white noise of variance 1 has 0 in every band.
"""

import numba
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal.windows import blackmanharris

from samplegen.arrays import Signal
from samplegen.conversion import features
from samplegen.conversion.features import Levels
from samplegen.conversion.pitch import Pitch, component
from samplegen.features.stft import StftConfig

FRAMES_PER_SECOND = 100  # a second
FLOOR_DB = -120.0  # dB, of anything
LOUDNESS_SECONDS = 0.03  # of the window of a loudness: two periods of the lowest pitch
_PERIODS, _SHORTEST = 4.0, 0.02  # of the fundamental under a window, and seconds
_NOISE_WINDOW_SECONDS = 0.08  # so long that even a low note's harmonics leave room between them
_LOBE_BINS = 4.0  # bins that a sine fills to each side, of a Blackman-Harris window
_DRIFT, _MOST = 0.006, 0.42  # of a harmonic's frequency that it wanders; of the fundamental that is left out at most
_LOG_MEAN_BIAS_DB = (
    10 / np.log(10) * np.euler_gamma
)  # dB by which a mean of dB of white noise lies under the dB of its mean
_BLOCK_FRAMES = 500  # frames whose spectra are in memory at a time
MAX_FREQUENCY = 0.45  # of the rate, above which there are no harmonics


def loudness(samples: Signal, rate: int, frames: int) -> NDArray[np.float32]:
    """Level `(frames,)` in dB of a mono take `(n,)`: the mean power under a Hann window of 30 ms."""
    size = round(LOUDNESS_SECONDS * rate) | 1
    window = np.hanning(size + 2)[1:-1]
    padded = np.pad(samples.astype(np.float64) ** 2, (size // 2, size // 2 + rate // FRAMES_PER_SECOND + 1))
    return _decibels(_windowed(padded, window / window.sum(), rate / FRAMES_PER_SECOND, frames))


def harmonics(samples: Signal, rate: int, pitch: Pitch, count: int) -> Levels:
    """Levels `(frames, count)` in dB of the first harmonics of a take `(n,)`; NaN for those that do not exist."""
    around = rate // 5
    padded = np.pad(samples, (around, around + rate // FRAMES_PER_SECOND)).astype(np.float32)
    found = _harmonics(padded, around, float(rate), pitch.astype(np.float64), count)
    return np.where(found >= 0, _decibels(np.maximum(found, 0)), np.nan).astype(np.float32)


def noise(samples: Signal, rate: int, pitch: Pitch, bands: int) -> Levels:
    """Levels `(frames, bands)` in dB of the noise of a take `(n,)` in bands even on the mel scale.

    What lies close to a harmonic is left out; a band of which nothing is left gets what its neighbours have. Logarithms
    are averaged, as a mean of powers would take a harmonic's last traces for noise.
    """
    stft = StftConfig(rate, 16 * round(_NOISE_WINDOW_SECONDS * rate / 16))
    parts = [
        _noise(samples, stft, pitch[start : start + _BLOCK_FRAMES], start, bands)
        for start in range(0, len(pitch), _BLOCK_FRAMES)
    ]
    return np.concatenate(parts)


def _noise(samples: Signal, stft: StftConfig, pitch: Pitch, first: int, bands: int) -> Levels:
    window = blackmanharris(stft.n_fft, sym=False)
    centres = np.round((np.arange(len(pitch)) + first) * stft.rate / FRAMES_PER_SECOND).astype(int)
    places = centres[:, None] + np.arange(stft.n_fft) - stft.n_fft // 2
    inside = (places >= 0) & (places < len(samples))
    cut = np.where(inside, samples[np.clip(places, 0, len(samples) - 1)], 0) * window
    power = np.abs(scipy.fft.rfft(cut, axis=-1)) ** 2 / np.sum(window**2)
    seen = _decibels(power) + np.float32(_LOG_MEAN_BIAS_DB)
    weights = features.filterbank(stft, bands)[0].T
    free = _between_harmonics(pitch, stft).astype(np.float32)
    left = free @ weights
    return _interpolate_unknown((seen * free) @ weights / np.maximum(left, 1e-9), left > 0.02)


def _between_harmonics(pitch: Pitch, stft: StftConfig) -> NDArray[np.bool_]:
    """Return which bins `(frames, bins)` are not close to a harmonic."""
    frequency = np.arange(stft.bins) * stft.rate / stft.n_fft
    voiced = np.where(pitch > 0, pitch, 1)[:, None]
    harmonic = np.maximum(np.round(frequency / voiced), 1)
    close = np.minimum(_LOBE_BINS * stft.rate / stft.n_fft + _DRIFT * harmonic * voiced, _MOST * voiced)
    return (np.abs(frequency - harmonic * voiced) > close) | (pitch[:, None] == 0)


def _interpolate_unknown(levels: Levels, known: NDArray[np.bool_]) -> Levels:
    """Unknown bands between known ones."""
    bands = np.arange(levels.shape[1])
    rows = [np.interp(bands, bands[k], row[k]) if k.any() else row for row, k in zip(levels, known, strict=True)]
    return np.array(rows, np.float32)


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float32]:
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)), dtype=np.float32)


@numba.njit(cache=True, nogil=True)
def _windowed(
    values: NDArray[np.float64], window: NDArray[np.float64], step: float, frames: int
) -> NDArray[np.float64]:
    means = np.zeros(frames)
    for frame in range(frames):
        first = round(frame * step)
        for index in range(min(len(window), len(values) - first)):
            means[frame] += window[index] * values[first + index]
    return means


@numba.njit(cache=True, nogil=True)
def _harmonics(samples: Signal, begin: int, rate: float, pitch: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Powers `(frames, count)`, -1 for none."""
    powers = np.full((len(pitch), count), -1.0)
    for frame in range(len(pitch)):
        if not pitch[frame] > 0:
            continue
        size = int(max(_PERIODS / pitch[frame], _SHORTEST) * rate)
        first = begin + round(frame * rate / FRAMES_PER_SECOND) - size // 2
        if first < 0 or first + size > len(samples):
            continue
        for harmonic in range(1, min(count, int(MAX_FREQUENCY * rate / pitch[frame])) + 1):
            value = component(samples, first, size, 2 * np.pi * harmonic * pitch[frame] / rate)
            powers[frame, harmonic - 1] = 0.5 * abs(value) ** 2
    return powers
