"""Hit classifier: calibrated by a few labelled hits, or a rule without calibration.

Hits are mono `(n,)` at `striking.RATE`, from their attack on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio.filterbank import triangles
from samplegen.transcription.hits import MAX_SECONDS, RATE

Described = NDArray[np.float64]

BANDS, CEPSTRA = 40, 13  # mel bands, and what of their levels is kept
DESCRIBED_SECONDS = 0.1  # seconds of a hit that are described
SHRINKAGE = 0.5  # of the covariance that is replaced by a ball: five hits a class say little of thirteen dimensions
_HIGH_PASS_HZ = 300.0  # Hz; the breath of a plosive is below, in every kind of hit
_LOWEST, _HIGHEST = 40.0, 7_500.0  # Hz; what lies above adds nothing for clean hits, and harms noisy ones
_POWER_FLOOR = 1e-4  # power (-40 dB) below a hit's loudest band; what is softer is the room
_WINDOW, _HOP = 512, 128  # samples
_VARIANCE_FLOOR = 1e-3  # added to variances: one hit a class has none

_LOW, _HIGH = 200.0, 4_000.0  # Hz
_THUD, _DULL = 0.5, 0.02  # a kick has more than this share of its power below _LOW, and less than that above _HIGH
_TICK, _BRIGHT = 0.1, 0.05  # a hat has 90 % of its treble in so many seconds and this share above _HIGH ...
_HAT_CENTROID_HZ = 6_000.0  # ... or its centroid above this


def describe(sound: Signal) -> Described:
    """Mel-frequency cepstra `(CEPSTRA,)` of a hit's first `DESCRIBED_SECONDS`, from mean power, without the level."""
    part = sound[: round(DESCRIBED_SECONDS * RATE)].astype(np.float64)
    part = np.pad(scipy.signal.sosfilt(_high_pass(), part), _WINDOW // 2)
    part = np.pad(part, (0, max(0, _WINDOW - len(part))))
    frames = np.lib.stride_tricks.sliding_window_view(part, _WINDOW)[::_HOP]
    power = np.square(np.abs(scipy.fft.rfft(frames * np.hanning(_WINDOW)))).mean(axis=0) @ _mel()
    levels = 10 * np.log10(power / max(power.max(), 1e-20) + _POWER_FLOOR)
    described: Described = scipy.fft.dct(levels, norm="ortho")[:CEPSTRA]
    return described


@dataclass(frozen=True)
class CalibratedClassifier:
    """A linear discriminant: weights `(CEPSTRA, classes)`, an offset `(classes,)`, and what the classes are."""

    weights: Described
    offset: Described
    names: tuple[str, ...]

    def __call__(self, sounds: Sequence[Signal]) -> list[str]:
        """The role of each hit."""
        scores = np.stack([describe(sound) for sound in sounds]) @ self.weights - self.offset
        return [self.names[index] for index in scores.argmax(axis=1)]


def fit(sounds: Sequence[Signal], labels: Sequence[str]) -> CalibratedClassifier:
    """Learn from labelled hits, at least one of each of two classes: LDA with a shrunk covariance.

    After Friedman, "Regularized discriminant analysis", 1989; every class is as likely as the others.
    """
    points, classes = np.stack([describe(sound) for sound in sounds]), sorted(set(labels))
    own = np.array([classes.index(label) for label in labels])
    means = np.stack([points[own == index].mean(axis=0) for index in range(len(classes))])
    apart = points - means[own]
    spread = apart.T @ apart / max(1, len(points) - len(classes))
    ball = (np.trace(spread) / CEPSTRA + _VARIANCE_FLOOR) * np.eye(CEPSTRA)
    weights = np.linalg.solve((1 - SHRINKAGE) * spread + SHRINKAGE * ball, means.T)
    return CalibratedClassifier(weights, (means.T * weights).sum(axis=0) / 2, tuple(classes))


def classify_by_rule(sounds: Sequence[Signal]) -> list[str]:
    """Kick, snare or closed hat by where the power lies and how long the treble lasts, whoever struck it."""
    return [_classify_one(sound) for sound in sounds]


def _classify_one(sound: Signal) -> str:
    power = np.square(np.abs(scipy.fft.rfft(sound[: round(DESCRIBED_SECONDS * RATE)], 4096)))
    pitch = np.fft.rfftfreq(4096, 1 / RATE)
    whole = max(float(power.sum()), 1e-20)
    low, high = (float(power[region].sum()) / whole for region in (pitch < _LOW, pitch > _HIGH))
    if low > _THUD and high < _DULL:
        return "kick"
    short = high > _BRIGHT and _treble_lasts(sound) < _TICK
    return "closed-hat" if short or float(power @ pitch) / whole > _HAT_CENTROID_HZ else "snare"


def _treble_lasts(sound: Signal) -> float:
    """Seconds in which 90 % of the energy of a hit's differences has come, of those in its first `MAX_SECONDS`."""
    energy = np.cumsum(np.square(np.diff(sound[: round(MAX_SECONDS * RATE)], prepend=0)))
    return float(np.searchsorted(energy, 0.9 * energy[-1])) / RATE


@cache
def _high_pass() -> Described:
    filters: Described = scipy.signal.butter(2, _HIGH_PASS_HZ, "high", fs=RATE, output="sos")
    return filters


@cache
def _mel() -> Described:
    """Triangles over the bins of a frame at equal steps of O'Shaughnessy's mel scale, `(bins, BANDS)`."""
    lowest, highest = (2595 * np.log10(1 + pitch / 700) for pitch in (_LOWEST, _HIGHEST))
    corners = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1)
    return triangles(np.fft.rfftfreq(_WINDOW, 1 / RATE), corners)
