"""Results of an assessment: metrics beside those of real sounds, closest training sounds, ranks.

A value beyond that of real sounds counts as equal to it, as copies have the best values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal

NEIGHBOUR_RATIO = "nearest-neighbour ratio"
BETTER = {"higher": 1, "lower": -1}


@dataclass(frozen=True)
class Metric:
    """One metric of the candidate and of real sounds; None where there is no value."""

    name: str
    meaning: str
    better: str  # a key of `BETTER`
    value: float | None
    real: float | None
    noise_margin: float = 0.0  # difference of the two that may be chance
    missing: str = ""  # why there is no value

    @property
    def shortfall(self) -> float | None:
        """Distance by which the value falls short of that of real sounds; 0 beyond it."""
        if self.value is None or self.real is None:
            return None
        return max(0.0, BETTER[self.better] * (self.real - self.value))

    @property
    def verdict(self) -> str:
        """Comparison with the value of real sounds: "better", "worse", "as real", or "" where one is missing."""
        if self.value is None or self.real is None:
            return ""
        if abs(self.value - self.real) <= self.noise_margin:
            return "as real"
        return "worse" if self.shortfall else "better"


@dataclass(frozen=True)
class Closest:
    """Sound and the training sound nearest to it; `share` of the usual distance of real sounds, if known."""

    sound: str
    training_sound: str
    distance: float
    share: float | None = None


@dataclass(frozen=True)
class Example:
    """Some sounds of a role, and real ones: mono `(n,)` at the rate of the assessment."""

    role: str
    sounds: tuple[Signal, ...]
    real: tuple[Signal, ...]


@dataclass(frozen=True)
class Assessment:
    """Quality of the sounds of a model or pack."""

    type: str  # "model" or "pack"
    name: str
    path: Path
    against: Path  # folder of the real sounds
    seed: int
    count: int  # sounds of the candidate
    real: int  # real sounds: in turn, one half is the reference and the other is compared with it
    rate: int  # Hz, of the examples
    metrics: tuple[Metric, ...]
    closest: tuple[Closest, ...]
    copies: bool  # whether the sounds are mostly copies of training sounds
    notes: tuple[str, ...]
    examples: tuple[Example, ...]

    def metric(self, name: str) -> Metric:
        """Return the metric of that name."""
        return next(metric for metric in self.metrics if metric.name == name)


def format_number(value: float | None) -> str:
    """Format a value in three digits, None as a dash."""
    if value is None:
        return "-"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def rank(assessments: Sequence[Assessment]) -> list[tuple[Assessment, float]]:
    """Sort assessments, the best first, each with its mean rank over the metrics that all of them have.

    Rank 1 is best, and ties share a rank. A metric ranks by its shortfall. Candidates that copy come after all that do
    not, or they would come first.
    """
    table = [[metric.shortfall for metric in one.metrics] for one in assessments]
    shared = [column for column in zip(*table, strict=True) if None not in column]
    means = np.mean([_ranks(np.array(column)) for column in shared], axis=0) if shared else np.ones(len(assessments))
    order = sorted(zip(assessments, means.tolist(), strict=True), key=lambda pair: (pair[0].copies, pair[1]))
    return [(one, rank) for one, rank in order]


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank values from 1 for the smallest; equal values share the mean of their ranks."""
    below, equal = (values[:, None] > values).sum(axis=1), (values[:, None] == values).sum(axis=1)
    return below + (equal + 1) / 2
