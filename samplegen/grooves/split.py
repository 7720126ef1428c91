"""Training patterns, split by file into those to learn from and those held out, and the configuration they ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from samplegen.errors import DataError
from samplegen.grooves.encoding import TrainingPattern, average_mix
from samplegen.models.groove import Config

MIN_PATTERNS = 4  # to learn from
FEW_PATTERNS = 100  # ... below which what is drawn stays near to them
HELD_OUT_SHARE = 0.12  # of the files, one at least
MAX_CONTEXTS = 64  # that a configuration holds


@dataclass(frozen=True)
class Split:
    """Patterns to learn from, and those that are held out."""

    train: list[TrainingPattern]
    held_out: list[TrainingPattern]

    @property
    def all(self) -> list[TrainingPattern]:
        """Both."""
        return [*self.train, *self.held_out]


def split_by_file(patterns: Mapping[str, list[TrainingPattern]], seed: int) -> Split:
    """Hold out whole files, as the patterns of one are variations of each other.

    Raises:
        DataError: fewer than two files, or than `MIN_PATTERNS` patterns.
    """
    count = sum(map(len, patterns.values()))
    if count < MIN_PATTERNS or len(patterns) < 2:
        found = f"there are {count} patterns in {len(patterns)} files"
        raise DataError(f"{found}; a groove takes at least {MIN_PATTERNS}, in two files or more")
    names = sorted(patterns)
    order = np.random.default_rng((seed, 1)).permutation(names)
    held_out = set(order[: max(1, round(HELD_OUT_SHARE * len(names)))].tolist())
    train, rest = ([one for name in names if (name in held_out) == out for one in patterns[name]] for out in (0, 1))
    return Split(train, rest)


def configure(patterns: Sequence[TrainingPattern], seed: int) -> Config:
    """Return the configuration of a network that learns these patterns."""
    headings = list(dict.fromkeys(pattern.context for pattern in patterns))
    chosen = np.sort(np.random.default_rng((seed, 3)).permutation(len(headings))[:MAX_CONTEXTS])
    levels, pans = average_mix(patterns)
    fills = any(pattern.fills.any() for pattern in patterns)
    return Config(headings=tuple(headings[index] for index in chosen), levels=levels, pans=pans, fills=fills)
