"""Channel between the sounds of a pack and a loop that was made of them: a filter, and noise beside it.

Both are measured where sounds of known waveform were found: the filter by cross-spectra, as unknown systems are
identified (Bendat and Piersol, "Random Data"), the noise by the coherence. Comparing in white noise is what matched
filters are best at, so everything is divided by the noise's spectrum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy import signal
from scipy.ndimage import uniform_filter1d

from samplegen.arrays import Signal

Spectrum = NDArray[np.complex128]

SEGMENT_SAMPLES = 1024  # samples of the FFT by which spectra are measured
LEAD_SAMPLES = 256  # samples that a filter may ring before a sound
_PRE_EMPHASIS = 0.95  # of the first difference: drums fall by about 6 dB an octave
_MIN_RELATIVE_POWER = 1e-3  # of a spectrum's mean, below which it is not divided by
_SMOOTHING_BINS = 5  # bins


@dataclass(frozen=True)
class Channel:
    """A filter `(SEGMENT // 2 + 1,)`, and the weights of frequencies, of the same size."""

    response: Spectrum
    weights: Spectrum

    def passed(self, sound: Signal) -> Signal:
        """A sound `(n,)` as it is in the weighed loop, `(n + 2 * LEAD,)`."""
        return _filtered(np.pad(sound, LEAD_SAMPLES), self.response * self.weights)

    def weighed(self, loop: Signal) -> Signal:
        """The loop `(n,)`, whose end goes on with its start."""
        around = np.pad(loop, SEGMENT_SAMPLES, mode="wrap")
        return _filtered(around, self.weights)[SEGMENT_SAMPLES:-SEGMENT_SAMPLES]


def flat() -> Channel:
    """No filter, and the weights of a first difference."""
    turn = np.exp(-1j * np.pi * np.arange(SEGMENT_SAMPLES // 2 + 1) / (SEGMENT_SAMPLES // 2))
    return Channel(np.ones_like(turn), np.abs(1 - _PRE_EMPHASIS * turn).astype(np.complex128))


def from_spectra(sounds: Sequence[Signal], loop: Signal) -> Channel:
    """A filter without delays, from what pack and loop have of each frequency, where no sound is found without one."""
    spectra = [signal.welch(np.pad(sound, (0, SEGMENT_SAMPLES)), nperseg=SEGMENT_SAMPLES)[1] for sound in sounds]
    before = _smooth(np.mean([spectrum / spectrum.sum() for spectrum in spectra], axis=0))
    after = _smooth(signal.welch(loop, nperseg=SEGMENT_SAMPLES)[1])
    response = np.sqrt(after / (before + _MIN_RELATIVE_POWER * before.mean()))
    return Channel((response / response.max()).astype(np.complex128), _whitening(after))


def measure(played: Signal, loop: Signal) -> Channel:
    """The channel from what was played `(n,)`, unfiltered, to the loop `(n,)`."""
    _, across = signal.csd(played, loop, nperseg=SEGMENT_SAMPLES)
    (_, before), (_, after) = (signal.welch(side, nperseg=SEGMENT_SAMPLES) for side in (played, loop))
    common = np.abs(across) ** 2 / np.maximum(before * after, 1e-30)
    response = across / (before + _MIN_RELATIVE_POWER * before.mean() + 1e-30)
    return Channel(response, _whitening(_smooth(after * np.clip(1 - common, 1e-3, 1))))


def _whitening(noise: NDArray[np.float64]) -> Spectrum:
    weights = 1 / np.sqrt(noise + _MIN_RELATIVE_POWER * noise.mean() + 1e-30)
    return (weights / weights.max()).astype(np.complex128)


def _smooth(spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
    return uniform_filter1d(spectrum.astype(np.float64), _SMOOTHING_BINS)


def _filtered(samples: Signal, response: Spectrum) -> Signal:
    size = scipy.fft.next_fast_len(len(samples) + SEGMENT_SAMPLES, real=True)
    places = np.linspace(0, len(response) - 1, size // 2 + 1)
    bins = np.arange(len(response))
    fine = np.interp(places, bins, response.real) + 1j * np.interp(places, bins, response.imag)
    out: Signal = scipy.fft.irfft(scipy.fft.rfft(samples, size) * fine.astype(np.complex64), size)
    return out[: len(samples)]
