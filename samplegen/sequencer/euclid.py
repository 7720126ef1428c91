"""Euclidean rhythms: onsets spread over steps as evenly as can be.

Bjorklund's algorithm as in G. Toussaint, "The Euclidean algorithm generates traditional musical rhythms", 2005.
"""

from samplegen.errors import PatternError
from samplegen.settings import check_range

MAX_STEPS = 256  # 16 bars of sixteenths


def euclid(onsets: int, steps: int, rotation: int = 0) -> tuple[bool, ...]:
    """Return the steps that are hits: `euclid(3, 8)` is `x..x..x.`; before rotation the first onset is on 0.

    Args:
        onsets: 0 to `steps`.
        steps: 1 to `MAX_STEPS`.
        rotation: steps by which everything comes earlier, as in Tidal: `euclid(3, 8, 2)` is `.x..x.x.`.

    Raises:
        PatternError: a number out of its range.
    """
    check_range(steps, (1, MAX_STEPS), f"the number of steps of ({onsets},{steps})", error=PatternError)
    check_range(onsets, (0, steps), f"the number of onsets of ({onsets},{steps})", error=PatternError)
    start = rotation % steps
    hits = _bjorklund(onsets, steps - onsets)
    return hits[start:] + hits[:start]


def _bjorklund(ones: int, zeros: int) -> tuple[bool, ...]:
    """Pair groups with remainders until at most one remainder is left."""
    groups: list[tuple[bool, ...]] = [(True,)] * ones
    rest: list[tuple[bool, ...]] = [(False,)] * zeros
    while groups and len(rest) > 1:
        pairs = min(len(groups), len(rest))
        joined = [one + other for one, other in zip(groups, rest, strict=False)]
        groups, rest = joined, groups[pairs:] + rest[pairs:]
    return tuple(hit for group in groups + rest for hit in group)
