"""How fast a loop is: every tempo is weighed by how well the sound repeats at it.

Each candidate is described by a few numbers: how strongly the onsets pulse at its beats, their halves, quarters and
thirds (Fourier tempogram), how alike the loop is to itself beats and bars later (autocorrelation), whether the loop
lasts whole beats and bars, and how usual it is; after Percival and Tzanetakis, "Streamlined tempo estimation based on
autocorrelation and cross-correlation with pulses", TASLP 2014. A weighted sum of them decides. The weights were
fitted by `python -m benchmarks.teach tempo`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen.audio import Signal
from samplegen.transcription.features import HOP, RATE, VIEWS, levels

Numbers = NDArray[np.float64]

CANDIDATES: Numbers = np.geomspace(58.0, 205.0, 400)  # bpm; neighbours are 0.3 per cent apart
LEAST_SECONDS = 0.8  # of a loop whose tempo can be told
_FPS = RATE / HOP
_PULSES = (0.25, 0.5, 1, 2, 3, 4, 6, 8)  # a beat
_LAGS = (1, 2, 3, 4, 6, 8)  # beats
_COUNTS = (1, 2, 4, 8, 16, 3)  # a loop that lasts so many beats, or a multiple, is more likely one
_NEAR = 0.003  # of its length, so near to whole beats a loop lasts them
_EXACT = 0.002  # of a tempo, so near to the one of whole beats that of a clip is that one
_CLIPPED = 0.0005  # seconds from a whole number: a clip, not a loop
_SHORT = 4.0  # seconds
_UNLIKELY = {
    4: 0.0,
    2: 1.0,
    3: 2.0,
    1: 4.0,
    0: 8.0,
}  # what a short loop loses by lasting multiples of so many beats, or none
_USUAL = 110.0  # bpm
_LAG = 2  # frames over which a rise is measured
_WEIGHTS = Path(__file__).with_name("tempo.json")


@dataclass(frozen=True)
class Tempo:
    """A tempo in quarter notes a minute, how sure it is (0..1), and its best rival that is another one."""

    bpm: float
    sureness: float
    rival: float


def envelopes(samples: Signal) -> Numbers:
    """How strongly something begins, in bass, middle and treble, `(3, frames)`, from a loop at `features.RATE`."""
    short, long = (levels(samples, view) for view in VIEWS)
    rises = [_rise(part) for part in (long[:, :8], short[:, :14], short[:, 14:])]
    return np.stack([rise / max(rise.sum(), 1e-9) for rise in rises])


def _rise(rows: NDArray[np.float32]) -> Numbers:
    padded = np.pad(rows, ((_LAG, 0), (0, 0)))
    rise = np.maximum(padded[_LAG:] - padded[:-_LAG], 0).mean(axis=1).astype(np.float64)
    around = np.convolve(rise, np.full(41, 1 / 41), "same")
    return np.maximum(rise - around, 0)


def describe(envelope: Numbers, seconds: float) -> Numbers:
    """What `weigh` weighs of every candidate, `(candidates, numbers)`."""
    together = envelope.mean(axis=0)
    pulses = np.concatenate([_pulses(row) for row in (*envelope, together)], axis=1)
    lags = np.concatenate([_likeness(row) for row in (envelope[0], together)], axis=1)
    away = np.log2(CANDIDATES / _USUAL)
    usual = np.stack([away, away**2, np.abs(away) ** 3], axis=1)
    return np.concatenate([pulses, lags, _whole(seconds), usual], axis=1)


def _pulses(row: Numbers) -> Numbers:
    """Strength of the pulse at each share of a beat, `(candidates, pulses)`, 0..1."""
    return np.stack([_strength(row, CANDIDATES * pulse) for pulse in _PULSES], axis=1)


def _strength(row: Numbers, rates: Numbers) -> Numbers:
    """How strongly a row pulses at rates a minute, 0..1."""
    times = np.flatnonzero(row > 0)
    turns = np.exp(-2j * np.pi / 60 / _FPS * np.multiply.outer(rates, times))
    strength: Numbers = np.abs(turns @ row[times])
    return strength


def _likeness(row: Numbers) -> Numbers:
    """How alike the row is to itself some beats later, `(candidates, lags)`, 0..1."""
    smooth = np.convolve(row, np.hanning(9) / np.hanning(9).sum(), "same")
    size = 1 << (2 * len(row) - 1).bit_length()
    power = np.abs(np.fft.rfft(smooth, size)) ** 2
    alike = np.fft.irfft(power)[: len(row)]
    alike = alike / max(alike[0], 1e-12) * len(row) / np.maximum(np.arange(len(row), 0, -1), len(row) / 8)
    lags = 60 / CANDIDATES[:, None] * np.array(_LAGS) * _FPS
    found: Numbers = np.interp(lags, np.arange(len(row)), alike, right=0.0)
    return np.minimum(found, 1.5)


def _whole(seconds: float) -> Numbers:
    """Whether the loop lasts whole multiples of so many beats, `(candidates, 3 * counts)`, 0..1.

    A clip cut to whole seconds says little by its length, and a short loop little by anything else, so clips, short
    and long loops have columns of their own.
    """
    kind = 0 if _clipped(seconds) else 1 if seconds < _SHORT else 2
    fits = np.stack([_fits(seconds, count) for count in _COUNTS], axis=1)
    return np.concatenate([fits * (kind == which) for which in range(3)], axis=1)


def _fits(seconds: float, count: int) -> Numbers:
    """Whether the loop lasts a multiple of so many beats, `(candidates,)`, 0..1."""
    beats = seconds * CANDIDATES / 60
    wholes = np.maximum(np.round(beats / count), 1) * count
    fit: Numbers = np.exp(-(((beats / wholes - 1) / _NEAR) ** 2))
    return fit


def _penalty(seconds: float) -> Numbers:
    """What candidates lose at which a short loop would be cut in mid-bar; a loop of a bar has little else to go by."""
    lost = np.zeros(len(CANDIDATES))
    if seconds < _SHORT and not _clipped(seconds):
        lost += _UNLIKELY[0]
        for count in sorted(filter(None, _UNLIKELY), key=_UNLIKELY.__getitem__, reverse=True):
            lost[_fits(seconds, count) > 0.5] = _UNLIKELY[count]
    return lost


@cache
def weights() -> Numbers:
    """One for each number of `describe`."""
    return np.array(json.loads(_WEIGHTS.read_text("utf-8"))["weights"])


def estimate(samples: Signal) -> Tempo:
    """The tempo of a loop at `features.RATE` Hz, which has onsets and lasts at least `LEAST_SECONDS`."""
    seconds = len(samples) / RATE
    envelope = envelopes(samples)
    scores = describe(envelope, seconds) @ weights() - _penalty(seconds)
    best = int(scores.argmax())
    others = np.abs(np.log(CANDIDATES / CANDIDATES[best])) > 0.04
    odds = np.exp(scores - scores.max())
    sureness = float(odds[~others].sum() / odds.sum())
    rival = float(CANDIDATES[others][scores[others].argmax()])
    return Tempo(_refined(envelope.mean(axis=0), float(CANDIDATES[best]), seconds), sureness, rival)


def _refined(row: Numbers, bpm: float, seconds: float) -> float:
    """The tempo near `bpm` at which the beats' quarters pulse most strongly; exactly whole beats where they fit."""
    near = bpm * np.linspace(0.99, 1.01, 81)
    strength = np.sum([_strength(row, near * pulse) for pulse in (1, 2, 4)], axis=0)
    found = float(near[strength.argmax()])
    best = found if _clipped(seconds) else bpm
    beats = max(1, round(seconds * best / 60))
    away = abs(60 * beats / seconds / best - 1)
    if away < (_EXACT if _clipped(seconds) else 2 * _NEAR):
        return 60 * beats / seconds
    return found


def _clipped(seconds: float) -> bool:
    return abs(seconds - round(seconds)) < _CLIPPED
