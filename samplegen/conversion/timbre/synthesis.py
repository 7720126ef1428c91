"""Sound from harmonics and noise, any stretch of it by itself: what a sample is depends on its place alone.

An oscillator a harmonic, all turning with one fundamental, and white noise under a gain over time and frequency
(Engel et al. 2020). The phase is the integral of the fundamental from the take's first frame on, and the noise is drawn
for blocks of the whole take, so that stretches that are made one by one fit together without a seam.
"""

from functools import cache

import librosa
import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.conversion import features
from samplegen.conversion.features import Levels
from samplegen.conversion.timbre.harmonics import FRAMES_PER_SECOND, MAX_FREQUENCY
from samplegen.features.stft import StftConfig, analyse, resynthesise

_BLOCK_SAMPLES = 1 << 15  # samples of noise that are drawn together
_MUTED_DB = -200.0  # dB
_MAX_NOISE_SHARE = 0.5  # of the power of a frame at a pitch

Track = NDArray[np.float64]  # (frames,)


def phase(frequency: Track) -> Track:
    """Periods `(frames,)` that have gone by at each frame, of a fundamental in Hz that glides from frame to frame."""
    steps = (frequency[1:] + frequency[:-1]) / (2 * FRAMES_PER_SECOND)
    return np.concatenate(([0.0], np.cumsum(steps)))


def harmonic_tone(  # noqa: PLR0913, PLR0917
    start: int, stop: int, rate: int, frequency: Track, turned: Track, amplitudes: Levels, first: int
) -> Signal:
    """The harmonics of samples `start` to `stop`.

    Args:
        start, stop, rate: of samples, in Hz.
        frequency, turned: of the whole take, `(frames,)`.
        amplitudes: `(frames, harmonics)`, linear, of the frames from `first` on; they glide between frames.
        first: a frame before `start`.
    """
    return _tone(start, stop, rate, frequency, turned, np.ascontiguousarray(amplitudes, np.float32), first)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _tone(start, stop, rate, frequency, turned, amplitudes, first):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    sound = np.zeros(stop - start, np.float32)
    last = len(frequency) - 1
    for index in range(stop - start):
        place = (start + index) * FRAMES_PER_SECOND / rate
        frame = min(int(place), last - 1)
        part = place - frame
        low, high = frequency[frame], frequency[frame + 1]
        turn = turned[frame] + (low * part + 0.5 * (high - low) * part * part) / FRAMES_PER_SECOND
        hertz = low + part * (high - low)
        angle = 2 * np.pi * (turn - np.floor(turn))
        twice, before, value = 2 * np.cos(angle), 0.0, np.sin(angle)
        one, other = amplitudes[frame - first], amplitudes[frame - first + 1]
        total = 0.0
        for harmonic in range(min(len(one), int(MAX_FREQUENCY * rate / max(hertz, 1.0)))):
            total += (one[harmonic] + part * (other[harmonic] - one[harmonic])) * value
            before, value = value, twice * value - before  # sin((k + 1) x) = 2 cos x sin(k x) - sin((k - 1) x)
        sound[index] = total
    return sound


def power_factors(tones: Track, noise: Track) -> tuple[Track, Track]:
    """Return the factors of the powers of tones and of noise, both `(frames,)`, that make their sum 1.

    The noise stays what it is and the tones fill the rest: means of dB, which a network says, give strong harmonics too
    little power, and were both raised for it, there would be too much noise.
    """
    pitched = tones > 0
    left = np.where(pitched, np.minimum(noise, _MAX_NOISE_SHARE), 1.0)
    return np.where(pitched, (1 - left) / np.where(pitched, tones, 1), 0.0), left / np.maximum(noise, 1e-12)


def filtered_noise(  # noqa: PLR0913
    start: int, stop: int, rate: int, levels: Levels, first: int, *, band_rate: int
) -> Signal:
    """Samples `start` to `stop` of shaped noise.

    Args:
        start, stop, rate: of samples, in Hz.
        levels: `(frames, bands)` in dB as `partials.noise` has them, of the frames from `first` on.
        first: a frame well before `start`; 50 ms on each side have an influence.
        band_rate: the rate in Hz at which the bands were measured; above half of it is nothing.
    """
    stft = features.stft_config(rate)
    margin = stft.n_fft // stft.hop + 1
    begin = (start // stft.hop - margin) * stft.hop  # all stretches share one grid of frames
    count = -(-(stop - begin) // stft.hop) + margin
    spectrum = analyse(white_noise(begin, begin + count * stft.hop), stft)
    place = (begin + np.arange(len(spectrum)) * stft.hop) * FRAMES_PER_SECOND / rate - first
    low = np.clip(np.floor(place).astype(int), 0, len(levels) - 2)
    part = np.clip(place - low, 0, 1)[:, None].astype(np.float32)
    at = levels[low] * (1 - part) + levels[low + 1] * part
    spectrum *= _amplitudes(at, stft, band_rate)
    return resynthesise(spectrum, stft, count * stft.hop)[start - begin : stop - begin]


def _amplitudes(levels: Levels, stft: StftConfig, band_rate: int) -> Levels:
    """Gains `(frames, bins)` for white noise, from levels `(frames, bands)`."""
    weights, inside = band_interpolation(stft, levels.shape[1], band_rate)
    gain: Levels = np.exp(np.where(inside, levels @ weights, _MUTED_DB) * np.float32(np.log(10) / 20))
    return gain * np.float32(np.sqrt(stft.rate / band_rate))  # a level is a density


@cache
def band_interpolation(stft: StftConfig, bands: int, band_rate: int) -> tuple[Levels, NDArray[np.bool_]]:
    """Return weights `(bands, bins)` that interpolate levels of bands, and which bins lie below `band_rate` / 2."""
    centres = librosa.mel_frequencies(bands + 2, fmin=0, fmax=band_rate / 2)[1:-1]
    frequencies = np.arange(stft.bins) * stft.rate / stft.n_fft
    rows = [np.interp(frequencies, centres, row) for row in np.eye(bands)]
    return np.array(rows, np.float32), frequencies <= band_rate / 2


def white_noise(start: int, stop: int) -> Signal:
    """White noise of variance 1 from one sample to another; the same samples are the same whoever asks."""
    blocks = range(start // _BLOCK_SAMPLES, (stop - 1) // _BLOCK_SAMPLES + 1)
    drawn = [
        np.random.default_rng((0, block % (1 << 32))).standard_normal(_BLOCK_SAMPLES, np.float32) for block in blocks
    ]
    return np.concatenate(drawn)[start - blocks.start * _BLOCK_SAMPLES :][: stop - start]
