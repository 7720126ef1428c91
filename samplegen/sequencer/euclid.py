"""Euclidean rhythms: onsets spread over steps as evenly as can be.

Bjorklund's algorithm as in G. Toussaint, "The Euclidean algorithm generates traditional musical rhythms", 2005.
"""

from samplegen.errors import PatternError

MAX_STEPS = 256


def euclid(onsets: int, steps: int, rotation: int = 0) -> tuple[bool, ...]:
    """Where the hits are: `euclid(3, 8)` is `x..x..x.`; the first onset is on 0 before it is rotated.

    Args:
        onsets: 0 to `steps`.
        steps: 1 to `MAX_STEPS`.
        rotation: steps by which everything comes earlier, as in Tidal: `euclid(3, 8, 2)` is `.x..x.x.`.

    Raises:
        PatternError: numbers outside of that.
    """
    if not (1 <= steps <= MAX_STEPS and 0 <= onsets <= steps):
        raise PatternError(f"({onsets},{steps}) is no rhythm; give (onsets,steps), 1 to {MAX_STEPS} steps")
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
