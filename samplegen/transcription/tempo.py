"""Tempo of a loop: every candidate is weighed by its features.

A weighted sum of the numbers of `pulses`, and of a few bent mixtures of them (a perceptron with one small layer, the
same for every candidate), decides. It was fitted by `python -m benchmarks.teach tempo`; `tempo.json` says to what.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samplegen.arrays import Signal
from samplegen.transcription.features import RATE
from samplegen.transcription.tempo_features import (
    CANDIDATES_BPM,
    Numbers,
    describe,
    envelopes,
    is_clip,
    is_short,
    pulse,
    whole_beats_fit,
)

MIN_SECONDS = 0.8  # of a loop whose tempo can be estimated
_CLIP_TOLERANCE = 0.002  # of a tempo, so near to the one of whole beats that of a clip is that one
_LOOP_TOLERANCE = 0.006  # the same of a loop, which more likely lasts whole beats
_BEAT_COUNT_PENALTY = {
    4: 0.0,
    2: 1.0,
    3: 2.0,
    1: 4.0,
    0: 8.0,
}  # what a short loop loses by lasting multiples of so many beats
_WEIGHTS = Path(__file__).with_name("tempo.json")


@dataclass(frozen=True)
class Tempo:
    """A tempo in quarter notes a minute, how sure it is (0..1), and its best rival that is another one."""

    bpm: float
    sureness: float
    rival: float


class Weights(NamedTuple):
    """Weights of the numbers of `describe` in each mixture `(numbers, mixtures)`, offsets, of mixtures, of numbers."""

    mixing: Numbers
    offsets: Numbers
    mixed: Numbers
    direct: Numbers


@cache
def weights() -> Weights:
    """Return those that are shipped."""
    arrays = json.loads(_WEIGHTS.read_text("utf-8"))
    return Weights(*(np.array(arrays[name], dtype=np.float64) for name in Weights._fields))


def scores(numbers: Numbers, by: Weights) -> Numbers:
    """Return how well each candidate does, `(candidates,)`: the logarithm of its odds but for a constant."""
    found: Numbers = np.tanh(numbers @ by.mixing + by.offsets) @ by.mixed + numbers @ by.direct
    return found


def estimate(samples: Signal) -> Tempo:
    """The tempo of a loop at `features.RATE` Hz, which has onsets and lasts at least `MIN_SECONDS`."""
    seconds = len(samples) / RATE
    envelope = envelopes(samples)
    found = scores(describe(envelope, seconds), weights()) - penalty(seconds)
    best = int(found.argmax())
    others = np.abs(np.log(CANDIDATES_BPM / CANDIDATES_BPM[best])) > 0.04
    probabilities = np.exp(found - found.max())
    sureness = float(probabilities[~others].sum() / probabilities.sum())
    rival = float(CANDIDATES_BPM[others][found[others].argmax()])
    return Tempo(_refined(envelope.mean(axis=0), float(CANDIDATES_BPM[best]), seconds), sureness, rival)


def penalty(seconds: float) -> Numbers:
    """Return penalties of candidates at which a short loop would be cut in mid-bar."""
    lost = np.zeros(len(CANDIDATES_BPM))
    if is_short(seconds):
        lost += _BEAT_COUNT_PENALTY[0]
        for count in sorted(filter(None, _BEAT_COUNT_PENALTY), key=_BEAT_COUNT_PENALTY.__getitem__, reverse=True):
            lost[whole_beats_fit(seconds, count) > 0.5] = _BEAT_COUNT_PENALTY[count]
    return lost


def _refined(row: Numbers, bpm: float, seconds: float) -> float:
    """The tempo near `bpm` at which the beats' quarters pulse most strongly; exactly whole beats where they fit."""
    near = bpm * np.linspace(0.99, 1.01, 81)
    strength = np.abs(pulse(row[None], np.multiply.outer(near, np.array((1, 2, 4))))).sum(axis=(0, 2))
    found = float(near[strength.argmax()])
    best = found if is_clip(seconds) else bpm
    beats = max(1, round(seconds * best / 60))
    away = abs(60 * beats / seconds / best - 1)
    return 60 * beats / seconds if away < (_CLIP_TOLERANCE if is_clip(seconds) else _LOOP_TOLERANCE) else found
