"""Features of tempo candidates: a table of numbers, a row for every candidate.

How strongly the onsets pulse at shares and multiples of its beats (Fourier tempogram), whether bass, middle and treble
do so on the same beats or in turn (kick and snare do at half the beat), how alike the loop is to itself beats and bars
later (autocorrelation), whether the loop lasts whole beats and bars, how many hits a beat would have, and how usual the
tempo is; after Percival and Tzanetakis, "Streamlined tempo estimation based on autocorrelation and cross-correlation
with pulses", TASLP 2014.
"""

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.transcription.features import HOP_SAMPLES, RATE, VIEWS, levels

Numbers = NDArray[np.float64]

CANDIDATES_BPM: Numbers = np.geomspace(59.49, 186.0, 361)  # bpm; neighbours are 0.3 per cent apart
_FPS = RATE / HOP_SAMPLES
_PULSES = (1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 3 / 4, 1, 3 / 2, 2, 3, 4, 6, 8)  # a beat
_SHARED_PULSES = (1 / 4, 1 / 3, 1 / 2, 1, 2)  # pulses whose phases are compared
_BAND_PAIRS = ((0, 1), (0, 2), (1, 2))  # of bass, middle and treble
_LAG_BEATS = (1, 2, 3, 4, 6, 8, 12, 16)  # beats
_BEAT_COUNTS = (1, 2, 4, 8, 16, 3)  # a loop that lasts so many beats, or a multiple, is more likely one
_WHOLE_BEATS_TOLERANCE = 0.003  # of its length, so near to whole beats a loop lasts them
_CLIP_TOLERANCE_SECONDS = 0.0005  # seconds from a whole number: a clip, not a loop
_SHORT_SECONDS = 4.0  # seconds
_USUAL_BPM = 110.0  # bpm
_RISE_FRAMES = 2  # frames over which a rise is measured
_MIN_RELATIVE_RISE = 0.05  # of the highest rise, below which none is a hit
_OVERSAMPLING = 64  # times as many frequencies as a Fourier transform needs, so that those between can be interpolated


def envelopes(samples: Signal) -> Numbers:
    """Return onset envelopes of bass, middle and treble, `(3, frames)`, of a loop at `features.RATE`."""
    is_short, long = (levels(samples, view) for view in VIEWS)
    rises = [_rise(part) for part in (long[:, :8], is_short[:, :14], is_short[:, 14:])]
    return np.stack([rise / max(rise.sum(), 1e-9) for rise in rises])


def describe(envelope: Numbers, seconds: float) -> Numbers:
    """Return what speaks for every candidate, `(candidates, numbers)`, of the `envelopes` of a loop of that length."""
    rows = np.concatenate([envelope, envelope.mean(axis=0, keepdims=True)])
    waves = pulse(rows, np.multiply.outer(np.array(_PULSES), CANDIDATES_BPM))
    strengths = np.abs(waves).transpose(1, 0, 2).reshape(-1, len(CANDIDATES_BPM)).T
    alike = np.concatenate([_alike(rows[row]) for row in (0, 1, 3)], axis=1)
    return np.concatenate([strengths, _shared(waves), alike, _whole(seconds), _usual(), _dense(rows, seconds)], axis=1)


def pulse(rows: Numbers, rates: Numbers) -> NDArray[np.complex128]:
    """Strength, 0..1, and phase with which rows `(rows, frames)` pulse at rates a minute, `(rows, *rates)`."""
    size = 1 << (_OVERSAMPLING * rows.shape[1] - 1).bit_length()
    lines = np.fft.rfft(rows, size)
    at = rates / 60 / _FPS * size
    low = np.minimum(at.astype(int), lines.shape[1] - 2)
    found: NDArray[np.complex128] = lines[:, low] * (1 - at + low) + lines[:, low + 1] * (at - low)
    return found


def is_clip(seconds: float) -> bool:
    """Return whether a length was cut off by the clock, and so says nothing about beats."""
    return abs(seconds - round(seconds)) < _CLIP_TOLERANCE_SECONDS


def is_short(seconds: float) -> bool:
    """Return whether a loop is so short that its length says more than its hits."""
    return seconds < _SHORT_SECONDS and not is_clip(seconds)


def whole_beats_fit(seconds: float, count: int) -> Numbers:
    """Return whether the loop lasts a multiple of so many beats, `(candidates,)`, 0..1."""
    beats = seconds * CANDIDATES_BPM / 60
    wholes = np.maximum(np.round(beats / count), 1) * count
    fit: Numbers = np.exp(-(((beats / wholes - 1) / _WHOLE_BEATS_TOLERANCE) ** 2))
    return fit


def _rise(rows: NDArray[np.float32]) -> Numbers:
    padded = np.pad(rows, ((_RISE_FRAMES, 0), (0, 0)))
    rise = np.maximum(padded[_RISE_FRAMES:] - padded[:-_RISE_FRAMES], 0).mean(axis=1).astype(np.float64)
    around = np.convolve(rise, np.full(41, 1 / 41), "same")
    return np.maximum(rise - around, 0)


def _shared(waves: NDArray[np.complex128]) -> Numbers:
    """Return whether two parts of the spectrum pulse together (1) or in turn (-1), `(candidates, pulses * pairs)`."""
    columns = []
    for share in _SHARED_PULSES:
        part = waves[:, _PULSES.index(share)]
        for one, other in _BAND_PAIRS:
            product = part[one] * part[other].conj()
            columns.append(product.real / (np.abs(product) + 0.01))
    return np.stack(columns, axis=1)


def _alike(row: Numbers) -> Numbers:
    """Return how alike the row is to itself some beats later, `(candidates, lags)`, 0..1."""
    smooth = np.convolve(row, np.hanning(9) / np.hanning(9).sum(), "same")
    size = 1 << (2 * len(row) - 1).bit_length()
    power = np.abs(np.fft.rfft(smooth, size)) ** 2
    alike = np.fft.irfft(power)[: len(row)]
    alike = alike / max(alike[0], 1e-12) * len(row) / np.maximum(np.arange(len(row), 0, -1), len(row) / 8)
    lags = 60 / CANDIDATES_BPM[:, None] * np.array(_LAG_BEATS) * _FPS
    found: Numbers = np.interp(lags, np.arange(len(row)), alike, right=0.0)
    return np.minimum(found, 1.5)


def _whole(seconds: float) -> Numbers:
    """Return whether the loop lasts whole multiples of so many beats, `(candidates, 2 * counts)`, 0..1.

    A short loop says little by anything else, so short and long ones have columns of their own; the length of a clip
    cut to whole seconds says nothing.
    """
    fit = np.stack([whole_beats_fit(seconds, count) for count in _BEAT_COUNTS], axis=1)
    kinds = (is_short(seconds), not is_short(seconds) and not is_clip(seconds))
    return np.concatenate([fit * kind for kind in kinds], axis=1)


def _usual() -> Numbers:
    """Return how far each candidate is from the usual tempo, in octaves and their powers, `(candidates, 3)`."""
    away = np.log2(CANDIDATES_BPM / _USUAL_BPM)
    return np.stack([away, away**2, np.abs(away) ** 3], axis=1)


def _dense(rows: Numbers, seconds: float) -> Numbers:
    """Return how many hits a beat would have, in octaves and their squares, `(candidates, 2 * rows)`."""
    counts = np.array([max(_hits(row), 1.0) for row in rows])
    a_beat = np.log2(counts / seconds * 60 / CANDIDATES_BPM[:, None])
    return np.concatenate([a_beat / 2, a_beat**2], axis=1)


def _hits(row: Numbers) -> float:
    """Return how many hits a row has, soft ones counting less."""
    smooth = np.convolve(row, np.hanning(9), "same")
    tops = (
        (smooth > np.roll(smooth, 1)) & (smooth >= np.roll(smooth, -1)) & (smooth > _MIN_RELATIVE_RISE * smooth.max())
    )
    heights = smooth[tops]
    return float(heights.sum() ** 2 / (heights**2).sum()) if len(heights) else 0.0
