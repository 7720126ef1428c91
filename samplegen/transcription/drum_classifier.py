"""Drum classifier: a small network that predicts the drums at the moments of a loop, all moments at once.

A perceptron describes the sound of each moment; two layers of attention then compare the moments of the loop, so that
a drum is classified by all of its hits, by the drums beside it and by its place in the bar (Vaswani et al.,
"Attention is all you need", 2017). One output a role and one for its level; several drums may be struck at once. It
learned from loops mixed of single drums, whose licences `listener.json` names (`python -m benchmarks.teach listener`).
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from samplegen import arrays
from samplegen.arrays import Signal
from samplegen.roles import ROLES
from samplegen.transcription.features import FEATURE_COUNT, around
from samplegen.transcription.quantize import Bars, QuantizedHit

Table = NDArray[np.float32]
Times = NDArray[np.float64]
WIDTH, INNER, HEADS, BLOCKS = 128, 256, 4, 2
PERIODS_BEATS = (0.5, 1.0, 2.0, 3.0, 4.0, 8.0)  # in which a moment's place is encoded
PLACE_FEATURES = 2 * len(PERIODS_BEATS) + 1
MAX_MOMENTS = 128  # moments that are compared with each other
_WEIGHTS = Path(__file__).with_name("listener.npz")


class DrumProbabilities(NamedTuple):
    """Odds of each role at each moment, 0..1, and the square root of its gain beside the loop's loudest hit, 0..1."""

    probabilities: Table
    levels: Table


def shapes() -> list[tuple[int, ...]]:
    """Return the shapes of the arrays: mean and spread of the features, then weights and offsets of each layer."""
    dense = [(FEATURE_COUNT, INNER), (INNER, WIDTH), (PLACE_FEATURES, WIDTH)]
    for _ in range(BLOCKS):
        dense += [(WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, INNER), (INNER, WIDTH)]
    dense.append((WIDTH, 2 * len(ROLES)))
    return [(FEATURE_COUNT,), (FEATURE_COUNT,), *(shape for size in dense for shape in (size, size[1:]))]


def classify(samples: Signal, times: Times, struck: NDArray[np.bool_], bpm: float) -> DrumProbabilities:
    """Hits at moments of a loop: tables `(moments, roles)`.

    Args:
        samples: the loop at `features.RATE`.
        times: the moments, in seconds, ascending.
        struck: whether there is an onset at each moment.
        bpm: quarter notes a minute, from the loop's start.
    """
    rows, where = around(samples, times), places(times, struck, bpm)
    parts = [slice(at, at + MAX_MOMENTS) for at in range(0, len(rows), MAX_MOMENTS)]
    out = np.concatenate([_network(rows[part], where[part]) for part in parts])
    probabilities = 1 / (1 + np.exp(-np.clip(out[:, : len(ROLES)], -30, 30)))
    return DrumProbabilities(probabilities.astype(np.float32), np.clip(out[:, len(ROLES) :], 0, 1))


def places(times: Times, struck: NDArray[np.bool_], bpm: float) -> Table:
    """Return where moments lie in beats and bars, and whether an onset is there, `(moments, PLACES)`."""
    turns = 2 * np.pi * np.divide.outer(times * bpm / 60, np.array(PERIODS_BEATS))
    return np.concatenate([np.sin(turns), np.cos(turns), struck[:, None]], axis=1).astype(np.float32)


@cache
def _layers() -> list[Table]:
    return arrays.read(_WEIGHTS, shapes())


def _network(rows: Table, where: Table) -> Table:
    mean, spread, *weights = _layers()
    dense = iter([(weights[at], weights[at + 1]) for at in range(0, len(weights), 2)])
    inner = _gelu(_dense((rows - mean) / spread, next(dense)))
    values = _dense(inner, next(dense)) + _dense(where, next(dense))
    for _ in range(BLOCKS):
        values = values + _dense(_attention(_dense(_layer_norm(values), next(dense))), next(dense))
        values = values + _dense(_gelu(_dense(_layer_norm(values), next(dense))), next(dense))
    return _dense(_layer_norm(values), next(dense))


def _dense(values: Table, layer: tuple[Table, Table]) -> Table:
    out: Table = values @ layer[0] + layer[1]
    return out


def _attention(projected: Table) -> Table:
    """Attention of queries, keys and values `(moments, 3 * WIDTH)` over all moments, `(moments, WIDTH)`."""
    query, key, value = projected.reshape(len(projected), 3, HEADS, -1).transpose(1, 2, 0, 3)
    alike = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(WIDTH / HEADS))
    shares = np.exp(alike - alike.max(axis=2, keepdims=True))
    mixed: Table = (shares / shares.sum(axis=2, keepdims=True)) @ value
    return mixed.transpose(1, 0, 2).reshape(len(projected), WIDTH)


def _layer_norm(values: Table) -> Table:
    """Normalise to mean 0 and variance 1 at each moment."""
    centred = values - values.mean(axis=1, keepdims=True)
    scaled: Table = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(1e-5))
    return scaled


def _gelu(values: Table) -> Table:
    """Gaussian error linear unit."""
    bent: Table = values * np.float32(0.5) * (1 + erf(values / np.float32(np.sqrt(2))))
    return bent


_MIN_PROBABILITY = 0.55  # odds from which a drum is struck ...
_MIN_PROBABILITY_OFF_ONSET = 0.5  # ... and one at least where no onset says that something is ...
_MIN_PROBABILITY_AT_ONSET = 0.05  # ... or does say so: what is missed would leave a step empty
_ONSET_TOLERANCE_SECONDS = 0.03  # a step without an onset so near is classified on its own


def classify_hits(samples: Signal, onsets: Times, bars: Bars, seconds: float) -> Iterator[QuantizedHit]:
    """Yield what is struck, role by role, in a loop at `features.RATE` of so many seconds with onsets in seconds."""
    moments = _moments(onsets, bars, seconds)
    at_onset = np.isin(moments, onsets)
    struck = classify(samples, np.maximum(moments, 0), at_onset, bars.grid.bpm)
    for role, moment in np.argwhere(_accept(struck.probabilities, at_onset).T > 0).tolist():
        velocity = min(127, max(1, round(127 * float(struck.levels[moment, role]))))
        yield QuantizedHit(float(moments[moment]), ROLES[role], velocity)


def _accept(probabilities: Table, onset: NDArray[np.bool_]) -> Table:
    """The odds of what is struck, 0 elsewhere: at moments at which anything is, all that is sure, and the likeliest."""
    highest = probabilities.max(axis=1, keepdims=True)
    something = highest >= np.where(onset, _MIN_PROBABILITY_AT_ONSET, _MIN_PROBABILITY_OFF_ONSET)[:, None]
    kept: Table = probabilities * (something & ((probabilities >= _MIN_PROBABILITY) | (probabilities == highest)))
    return kept


def _moments(onsets: Times, bars: Bars, seconds: float) -> Times:
    """Onsets, and the steps of the grid that have none beside them."""
    steps = bars.grid.times(bars.count)
    steps = steps[steps < seconds - _ONSET_TOLERANCE_SECONDS]
    alone = np.abs(steps[:, None] - onsets).min(axis=1) > _ONSET_TOLERANCE_SECONDS
    return np.sort(np.concatenate([onsets, steps[alone]]))
