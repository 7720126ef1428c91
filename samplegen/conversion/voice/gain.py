"""A gain over time and frequency, laid on the spectrum of a take: its phases stay, and so does its stereo image."""

from functools import cache

import librosa
import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.conversion import features
from samplegen.conversion.features import Levels
from samplegen.features.phase import Spectrum
from samplegen.features.stft import StftConfig, analyse, resynthesise

FRAMES_PER_SECOND = 100  # of a gain, a second


def apply(samples: Signal, rate: int, gain: Levels, bands_of: StftConfig) -> Signal:
    """Apply a gain `(frames, bands)` in dB to a take `(n,)`, a frame every 10 ms, in the bands of `bands_of`.

    Between frames and bands the gain is interpolated; above the last band it stays what it is there.
    """
    stft = features.stft_config(rate)
    spectrum = apply_to_spectrum(analyse(samples, stft), gain, rate, bands_of)
    return resynthesise(spectrum, stft, len(samples))


def apply_to_spectrum(spectrum: Spectrum, gain: Levels, rate: int, bands_of: StftConfig) -> Spectrum:
    """The spectrum `(frames, bins)` of a take at `rate` Hz under such a gain; it is changed in place."""
    stft = features.stft_config(rate)
    bands = _bands(stft, bands_of, gain.shape[1])
    _scale(spectrum, np.ascontiguousarray(gain, np.float32), bands, stft.hop / rate * FRAMES_PER_SECOND)
    return spectrum


@cache
def _bands(stft: StftConfig, bands_of: StftConfig, bands: int) -> NDArray[np.float32]:
    """Between which bands each bin `(bins,)` lies, as a fractional number."""
    centres = librosa.mel_frequencies(bands + 2, fmin=0, fmax=bands_of.rate / 2)[1:-1]
    frequencies = np.arange(stft.bins) * stft.rate / stft.n_fft
    return np.interp(frequencies, centres, np.arange(bands)).astype(np.float32)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _scale(spectrum: Spectrum, gain: Levels, bands: NDArray[np.float32], step: float) -> None:
    """Multiply in place; frame t of the spectrum is at frame t * step of the gain."""
    last_frame, last_band = gain.shape[0] - 1, gain.shape[1] - 1
    row = np.empty(gain.shape[1], np.float32)
    for t in range(spectrum.shape[0]):
        place = min(t * step, float(last_frame))
        early = int(place)
        late, part = min(early + 1, last_frame), np.float32(place - early)
        for band in range(len(row)):
            row[band] = gain[early, band] + part * (gain[late, band] - gain[early, band])
        for f in range(spectrum.shape[1]):
            low = int(bands[f])
            level = row[low] + (bands[f] - low) * (row[min(low + 1, last_band)] - row[low])
            spectrum[t, f] *= np.float32(np.exp(level * np.float32(0.11512925)))
