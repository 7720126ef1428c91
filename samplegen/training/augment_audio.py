"""Paired augmentation: a sound changed both ways, as much faster as slower, shorter as longer.

The sound itself is the middle of both, which is known of any sound without a second one. Changes are
those of a sampler: speed, an envelope of the pitch, decay, drive, and the tilt of an equaliser.
Sounds are mono float32 `(n,)`, changes numbers in -1..1.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from samplegen.arrays import Signal
from samplegen.features import spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig

_BEND_SECONDS = 0.03  # that the bend of the pitch lasts
_WINDOW_SECONDS, _SMOOTHING_SECONDS = 0.02, 0.01  # of the envelope, longer than a period of a bass drum
_SMOOTHINGS = 3
_MIN_ENVELOPE = 1e-5  # what is under it is not made louder
_TILT_CENTRE_HZ, _TILT_FLOOR_HZ = 1_000.0, 50.0  # what is under the floor is treated as the floor
_DRIVE_GAIN = 1.2  # of the hyperbolic tangent, per unit of drive
_MAX_TANH = 0.999  # its inverse has no value at 1


@dataclass(frozen=True)
class Change:
    """Octaves of speed and of bend at the attack, doublings of the decay in dB per second, drive, and dB an octave."""

    speed: float = 0.5
    bend: float = 0.5
    decay: float = 0.7
    drive: float = 0.4
    tilt: float = 0.0

    def scaled(self, places: Iterable[float]) -> "Change":
        """Return a share of each, -1..1."""
        return Change(*(most * float(place) for most, place in zip(astuple(self), places, strict=True)))


DEFAULT_CHANGE = Change()


def changed(samples: Signal, rate: int, change: Change) -> Signal:
    """Return the sound after a change, as long and at peak 1; what it lacks at the end is silence."""
    faster = _sped(samples, rate, change)
    shorter = faster * np.maximum(_envelope(faster, rate), _MIN_ENVELOPE) ** (2.0**change.decay - 1)
    driven = _driven(shorter / max(float(np.abs(shorter).max()), 1e-9), change.drive)
    made: Signal = _tilted(driven, rate, change.tilt).astype(np.float32)
    return made


def pair(
    samples: Signal, config: SpectrogramConfig, rng: np.random.Generator, most: Change = DEFAULT_CHANGE
) -> Spectrogram:
    """Return spectrograms `(2, *config.shape)` of a sound changed by random shares of `most`, and the other way."""
    places = rng.uniform(-1, 1, len(astuple(most)))
    changes = [most.scaled(sign * places) for sign in (1, -1)]
    return np.stack([spectrogram.encode(changed(samples, config.stft.rate, change), config) for change in changes])


def _sped(samples: Signal, rate: int, change: Change) -> NDArray[np.float64]:
    """Return the sound read at another speed, which the bend moves the more the nearer the attack."""
    time = np.arange(len(samples)) / rate
    octaves = change.speed + change.bend * np.exp(-time / _BEND_SECONDS)
    reached = np.concatenate([[0.0], np.cumsum(2.0**-octaves)[:-1]]) / rate
    return np.interp(time, reached, samples, right=0.0)


def _envelope(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Return the peak envelope of a sound, at most 1."""
    high = maximum_filter1d(np.abs(samples), round(_WINDOW_SECONDS * rate))
    for _ in range(_SMOOTHINGS):  # of boxes, which come near to a Gaussian and take a tenth of its time
        high = uniform_filter1d(high, round(_SMOOTHING_SECONDS * rate))
    envelope: NDArray[np.float64] = high / max(float(high.max()), 1e-9)
    return envelope


def _tilted(samples: NDArray[np.float64], rate: int, tilt: float) -> NDArray[np.float64]:
    """Return the sound with more treble and less bass, or the other way, around `_TILT_CENTRE_HZ`; at peak 1."""
    if abs(tilt) < 1e-6:
        return samples
    size = scipy.fft.next_fast_len(len(samples), real=True)
    octaves = np.log2((scipy.fft.rfftfreq(size, 1 / rate) + _TILT_FLOOR_HZ) / _TILT_CENTRE_HZ)
    tilted = scipy.fft.irfft(scipy.fft.rfft(samples, size) * 10 ** (tilt * octaves / 20), size)[: len(samples)]
    made: NDArray[np.float64] = tilted / max(float(np.abs(tilted).max()), 1e-9)
    return made


def _driven(samples: NDArray[np.float64], drive: float) -> NDArray[np.float64]:
    """Return the sound saturated by a hyperbolic tangent, or its inverse where the drive is negative; at peak 1."""
    gain = _DRIVE_GAIN * abs(drive)
    if gain < 1e-6:
        return samples
    if drive > 0:
        return np.tanh(gain * samples) / np.tanh(gain)
    most = _MAX_TANH * np.tanh(gain)
    return np.arctanh(most * samples) / np.arctanh(most)
