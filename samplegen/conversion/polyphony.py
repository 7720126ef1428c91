"""Detection of several notes at once in a take, by what the harmonics of its one pitch leave unexplained.

Of two notes a tracker follows the louder one, and the partials of the other are left over; or it takes a lower pitch
of which both are overtones, and then most overtones of that are missing; or none, of sound that is full of tones.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal.windows import blackmanharris

from samplegen.arrays import Signal
from samplegen.conversion.pitch import HOP, RATE, Pitch

MIN_SCORE = 0.36  # score: of 69 single notes one has more, of voices none; of chords, from thirds to sevenths, all
_WINDOW, _SIZE = 1536, 4096  # samples at `RATE`, and with zeros
_RANGE_HZ = (55.0, 5000.0)  # Hz
_FALL, _PEAK = 10 ** (-35 / 20), 6.0  # of the highest peak; of what is around
_AROUND, _STEP = 120, 20  # bins whose median is what is around, and that share one
_NEAR, _APART, _MOST = 12.0, 0.012, 0.25  # Hz, of the frequency, of the fundamental: how far a harmonic may be off
_FRAME_STRIDE = 5  # frames
_MIN_TONES = 3  # peaks of a frame without a pitch, from which on it is not noise
_MIN_AMPLITUDE = 1e-4  # amplitude


def score(samples: Signal, pitch: Pitch) -> NDArray[np.float64]:
    """Return what is left unexplained, 0 to 2, of every fifth frame of a take `(n,)` at `pitch.RATE` that has tones.

    The share of the amplitude (its root) that peaks far from any harmonic have, and the share of harmonics, up to the
    last one, that are not there.
    """
    frames = np.arange(0, len(pitch), _FRAME_STRIDE)
    starts = frames * HOP - _WINDOW // 2
    inside = (starts >= 0) & (starts + _WINDOW <= len(samples))
    frames, starts = frames[inside], starts[inside]
    if not len(frames):
        return np.zeros(0)
    window = blackmanharris(_WINDOW, sym=False)
    cut = np.stack([samples[start : start + _WINDOW] for start in starts]) * window
    spectra = np.abs(scipy.fft.rfft(cut, _SIZE, axis=-1))[:, : round(_RANGE_HZ[1] / RATE * _SIZE)] * (2 / window.sum())
    audible = spectra.max(axis=1) > _MIN_AMPLITUDE
    found = [
        (spectrum, _peaks(spectrum, floor), height)
        for spectrum, floor, height in zip(
            spectra[audible], _floors(spectra[audible]), pitch[frames][audible], strict=True
        )
    ]
    return np.array([_unexplained(*each) for each in found if each[2] > 0 or len(each[1]) >= _MIN_TONES])


def _unexplained(spectrum: NDArray[np.float64], peaks: NDArray[np.intp], height: float) -> float:
    if height == 0:
        return 1.0
    frequency, weight = peaks * RATE / _SIZE, np.sqrt(spectrum[peaks])
    harmonic = np.maximum(np.round(frequency / height), 1)
    allowed = np.maximum(_NEAR, np.minimum(_APART * frequency, _MOST * height))
    near = np.abs(frequency - harmonic * height) < allowed
    if not near.any():
        return float(len(peaks) > 0)
    there = np.unique(harmonic[near])
    step = 2 if (there % 2 == 1).all() else 1  # a closed pipe has odd ones only
    missing = 1 - len(there) / ((there[-1] - 1) // step + 1)
    return float(weight[~near].sum() / weight.sum() + missing)


def _peaks(spectrum: NDArray[np.float64], floor: NDArray[np.float64]) -> NDArray[np.intp]:
    """Bins that stand out of what is around them."""
    middle = spectrum[1:-1]
    top = (middle > spectrum[:-2]) & (middle >= spectrum[2:]) & (middle > _FALL * spectrum.max())
    peaks = np.flatnonzero(top & (middle > _PEAK * floor[1:-1])) + 1
    return peaks[peaks * RATE / _SIZE > _RANGE_HZ[0]]


def _floors(spectra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Medians `(frames, bins)` of what is around each bin."""
    padded = np.pad(spectra, ((0, 0), (_AROUND // 2 - _STEP // 2, _AROUND)), mode="reflect")
    stretches = np.lib.stride_tricks.sliding_window_view(padded, _AROUND, axis=1)[:, ::_STEP]
    return np.repeat(np.median(stretches, axis=2), _STEP, axis=1)[:, : spectra.shape[1]]
