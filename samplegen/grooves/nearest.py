"""Nearest training pattern of a drawn one, and whether it is a copy.

The distance is the share of hits that only one of both has, of those that either has (Jaccard): 0 for the same hits,
however hard, 1 for none in common. Bars are compared with bars, the training pattern going round from any of its bars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.errors import ModelError
from samplegen.grooves.encoding import Events, TrainingPattern
from samplegen.models.groove import MAX_BAR_STEPS
from samplegen.models.model import Fingerprints
from samplegen.roles import ROLES

MAX_COPY_DISTANCE = 0.05  # a pattern no farther than that is a copy: one hit of twenty differs
_BAR_CELLS = MAX_BAR_STEPS * len(ROLES)
_ROW_WIDTH = 1 + _BAR_CELLS

Bars = NDArray[np.bool_]  # (bars, _CELLS): what is struck


@dataclass(frozen=True)
class Nearest:
    """The training pattern that is nearest, the distance (0 to 1), and how many bars are one of it, hit for hit."""

    name: str
    distance: float
    copied_bars: int
    bars: int

    @property
    def copy(self) -> bool:
        """Return whether nearly every hit is that pattern's."""
        return self.distance <= MAX_COPY_DISTANCE


def fingerprints(patterns: Sequence[TrainingPattern]) -> Fingerprints:
    """Return what copies are found by: a row for each bar, its length in sixteenths and then its hits."""
    names = [pattern.name for pattern in patterns for _ in range(pattern.bars)]
    rows = [_rows(pattern.events, pattern.context.bar) for pattern in patterns]
    lengths = [np.full((len(row), 1), pattern.context.bar) for pattern, row in zip(patterns, rows, strict=True)]
    together = np.concatenate([np.concatenate(pair, axis=1) for pair in zip(lengths, rows, strict=True)])
    return Fingerprints(tuple(names), together.astype(np.float32))


def nearest(events: Events, bar: int, known: Fingerprints) -> Nearest:
    """The nearest of the training patterns whose bars are as long.

    Args:
        events: `(steps, 16, 3)` of whole bars.
        bar: sixteenths in one.
        known: of `fingerprints`.

    Raises:
        ModelError: fingerprints of something else.
    """
    if known.descriptors.shape[1] != _ROW_WIDTH:
        raise ModelError("the model's fingerprints are none of patterns; get the model anew")
    drawn, fitting = _rows(events, bar), known.descriptors[:, 0] == bar
    names, bars = np.array(known.names)[fitting], known.descriptors[fitting, 1:] > 0
    found = Nearest("", 1.0, 0, len(drawn))
    if not len(names):
        return found
    apart = distances(drawn, bars)
    starts = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1]]))
    for start, stop in zip(starts, [*starts[1:], len(names)], strict=True):
        distance = _round(apart[:, start:stop])
        if not found.name or distance < found.distance:
            found = Nearest(str(names[start]), distance, int((apart[:, start:stop] == 0).any(axis=1).sum()), len(drawn))
    return found


def typical_distance(patterns: Mapping[str, Sequence[TrainingPattern]]) -> float:
    """Return how far a training pattern is from the nearest one of another file, the median; `patterns` are by file."""
    far = []
    for name, own in patterns.items():
        others = fingerprints([pattern for other, some in patterns.items() if other != name for pattern in some])
        far += [nearest(pattern.events, pattern.context.bar, others).distance for pattern in own]
    return float(np.median(far))


def _rows(events: Events, bar: int) -> Bars:
    struck = (events[..., 0] > 0).reshape(-1, bar, len(ROLES))
    return np.pad(struck, ((0, 0), (0, MAX_BAR_STEPS - bar), (0, 0))).reshape(len(struck), _BAR_CELLS)


def distances(some: Bars, others: Bars) -> NDArray[np.float64]:
    """The share of hits that differ, `(some, others)`; two empty bars are the same."""
    one, two = some.astype(np.float32), others.astype(np.float32)
    common = one @ two.T
    either = one.sum(axis=1)[:, None] + two.sum(axis=1) - common
    return np.where(either > 0, 1 - common / np.maximum(either, 1), 0.0)


def _round(apart: NDArray[np.float64]) -> float:
    """Mean distance `(bars, bars of the other)` where the other goes round from the bar that serves best."""
    count, length = apart.shape
    at = np.arange(count)
    return min(float(apart[at, (at + start) % length].mean()) for start in range(length))
