"""Patterns as functions of time in cycles, as in Tidal: onsets between two times.

A node knows how many onsets it has a cycle and after how many cycles it repeats without listing them, so a short text
that means a million hits is refused. After A. McLean, "Making programming languages to dance to: live coding
with Tidal", 2014.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, gcd, lcm
from typing import NamedTuple

from samplegen.errors import PatternError

MAX_ONSETS_PER_CYCLE = 10_000  # as a lane has at most 10000 steps
MAX_PERIOD_CYCLES = 256  # that are written out as bars


class Onset(NamedTuple):
    """Beginning of a sound, in cycles; with `maybe` it is left out half of the time."""

    time: Fraction
    name: str
    maybe: bool


@dataclass(frozen=True)
class Node:
    """Part of a pattern. `density` is its maximum of onsets a cycle, `period` the cycles after which it repeats."""

    density: Fraction = Fraction(0)
    period: int = 1

    def __post_init__(self) -> None:
        if self.density > MAX_ONSETS_PER_CYCLE:
            raise PatternError(
                f"this plays {float(self.density):.0f} sounds a cycle; up to {MAX_ONSETS_PER_CYCLE} can be"
            )
        if self.period > MAX_PERIOD_CYCLES:
            raise PatternError(
                f"this repeats only after {self.period} cycles; up to {MAX_PERIOD_CYCLES} can be written out"
            )

    def onsets(self, begin: Fraction, end: Fraction) -> Iterator[Onset]:  # noqa: ARG002 - a rest has none
        """Yield every onset in `begin <= time < end`; a rest has none."""
        yield from ()


@dataclass(frozen=True)
class Atom(Node):
    """Sound at the start of every cycle."""

    name: str = ""

    def onsets(self, begin: Fraction, end: Fraction) -> Iterator[Onset]:
        """Yield one onset a cycle."""
        yield from (Onset(Fraction(cycle), self.name, False) for cycle in range(ceil(begin), ceil(end)))


@dataclass(frozen=True)
class Fast(Node):
    """Part played `factor` times as fast."""

    factor: Fraction = Fraction(1)
    part: Node = Node()

    def onsets(self, begin: Fraction, end: Fraction) -> Iterator[Onset]:
        """Yield the onsets of the part, closer together."""
        for onset in self.part.onsets(begin * self.factor, end * self.factor):
            yield onset._replace(time=onset.time / self.factor)


@dataclass(frozen=True)
class Maybe(Node):
    """Part whose sounds are each left out half of the time."""

    part: Node = Node()

    def onsets(self, begin: Fraction, end: Fraction) -> Iterator[Onset]:
        """Yield the onsets of the part, marked."""
        yield from (onset._replace(maybe=True) for onset in self.part.onsets(begin, end))


@dataclass(frozen=True)
class Stack(Node):
    """Parts at the same time."""

    parts: tuple[Node, ...] = ()

    def onsets(self, begin: Fraction, end: Fraction) -> Iterator[Onset]:
        """Yield the onsets of every part."""
        for part in self.parts:
            yield from part.onsets(begin, end)


@dataclass(frozen=True)
class Sequence(Node):
    """Parts one after another in every cycle, each in a share of it by its weight."""

    parts: tuple[tuple[Fraction, Node], ...] = ()

    @cached_property
    def _slots(self) -> list[tuple[Fraction, Fraction, Node]]:
        """Start and length of each part in the cycle."""
        total, start, slots = sum(weight for weight, _ in self.parts), Fraction(0), []
        for weight, part in self.parts:
            slots.append((start, weight / total, part))
            start += weight / total
        return slots

    def onsets(self, begin: Fraction, end: Fraction) -> Iterator[Onset]:
        """Yield onsets with a whole cycle of each part pressed into its slot."""
        for cycle in range(begin.__floor__(), ceil(end)):
            for start, length, part in self._slots:
                low, high = (
                    min(max((time - cycle - start) / length, Fraction(0)), Fraction(1)) for time in (begin, end)
                )
                for onset in part.onsets(cycle + low, cycle + high):
                    yield onset._replace(time=cycle + start + (onset.time - cycle) * length)


def sound(name: str) -> Node:
    """Return a node of one sound a cycle."""
    return Atom(Fraction(1), 1, name)


def fast(factor: Fraction, part: Node) -> Node:
    """Return a part `factor` times as fast; below 1 it is slower."""
    whole = factor.numerator // gcd(factor.numerator, part.period * factor.denominator)
    cycles = part.period * factor.denominator // gcd(factor.numerator, part.period * factor.denominator)
    assert cycles * factor == whole * part.period  # the first time that both are whole
    return Fast(part.density * factor, cycles, factor, part)


def maybe(part: Node) -> Node:
    """Return a part whose sounds are each left out half of the time."""
    return Maybe(part.density, part.period, part)


def stack(parts: list[Node]) -> Node:
    """Return parts at the same time."""
    return parts[0] if len(parts) == 1 else Stack(_total(parts), _common(parts), tuple(parts))


def sequence(parts: list[tuple[Fraction, Node]]) -> Node:
    """Return parts one after another in every cycle, each in proportion to its weight."""
    nodes = [part for _, part in parts]
    return nodes[0] if len(parts) == 1 else Sequence(_total(nodes), _common(nodes), tuple(parts))


def _total(parts: list[Node]) -> Fraction:
    return sum((part.density for part in parts), Fraction(0))


def _common(parts: list[Node]) -> int:
    return lcm(*(part.period for part in parts))
