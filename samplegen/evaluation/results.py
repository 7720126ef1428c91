"""What an assessment finds: figures beside those of real sounds, closest training sounds, and who ranks before whom.

What is beyond the figure of real sounds counts as equal to it: the best of all figures are those of copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]

NEIGHBOUR_RATIO = "nearest-neighbour ratio"
BETTER = {"higher": 1, "lower": -1}


@dataclass(frozen=True)
class Metric:
    """One figure of the sounds judged and of real ones; None where it cannot be told."""

    name: str
    meaning: str
    better: str  # a key of `BETTER`
    value: float | None
    real: float | None
    noise_margin: float = 0.0  # difference of the two that chance may make
    missing: str = ""  # why there is no value

    @property
    def shortfall(self) -> float | None:
        """How far the value falls short of that of real sounds; 0 beyond it."""
        if self.value is None or self.real is None:
            return None
        return max(0.0, BETTER[self.better] * (self.real - self.value))

    @property
    def verdict(self) -> str:
        """How the value compares with that of real sounds: "better", "worse", "as real", or "" where one is missing."""
        if self.value is None or self.real is None:
            return ""
        if abs(self.value - self.real) <= self.noise_margin:
            return "as real"
        return "worse" if self.shortfall else "better"


@dataclass(frozen=True)
class Closest:
    """A sound and the training sound nearest to it; `share` of the usual distance of real sounds, if known."""

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
    """How good the sounds of a model or pack are."""

    type: str  # "model" or "pack"
    name: str
    path: Path
    against: Path  # folder of the real sounds
    seed: int
    count: int  # sounds judged
    real: int  # real sounds: in turn, half of them judge and half are judged
    rate: int  # Hz, of the examples
    metrics: tuple[Metric, ...]
    closest: tuple[Closest, ...]
    copies: bool  # whether the sounds are mostly copies of training sounds
    notes: tuple[str, ...]
    examples: tuple[Example, ...]

    def metric(self, name: str) -> Metric:
        """The figure of that name."""
        return next(metric for metric in self.metrics if metric.name == name)


def format_number(value: float | None) -> str:
    """A figure in three digits, or a dash."""
    if value is None:
        return "-"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def rank(assessments: Sequence[Assessment]) -> list[tuple[Assessment, float]]:
    """The best first, with its mean rank over the figures that all of them have; 1 is best, and ties share a rank.

    A figure ranks by its shortfall. Those that copy come after all that do not, or they would come first.
    """
    table = [[metric.shortfall for metric in one.metrics] for one in assessments]
    shared = [column for column in zip(*table, strict=True) if None not in column]
    means = np.mean([_ranks(np.array(column)) for column in shared], axis=0) if shared else np.ones(len(assessments))
    order = sorted(zip(assessments, means.tolist(), strict=True), key=lambda pair: (pair[0].copies, pair[1]))
    return [(one, rank) for one, rank in order]


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 1 for the smallest; equal values share the mean of their ranks."""
    below, equal = (values[:, None] > values).sum(axis=1), (values[:, None] == values).sum(axis=1)
    return below + (equal + 1) / 2
