"""Patterns: steps on a grid, lane by lane. Beats are quarter notes, velocities MIDI's 1..127, 0 is a rest.

The exact times of a pattern are computed in one place, `timing.events`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from samplegen.errors import PatternError
from samplegen.settings import check_range

ACCENT, NORMAL, GHOST = 120, 100, 45  # velocities of X, x and o
MAX_STEPS = 10_000  # of one lane
MAX_LANES = 64
MAX_BARS = 1_000
VELOCITY_RANGE, OFFSET_RANGE, LEVEL_RANGE_DB, PAN_RANGE = (0, 127), (-1, 1), (-60, 12), (-1, 1)
TEMPO_RANGE_BPM = (20.0, 999.0)
SWING_RANGE_PERCENT = (50.0, 75.0)  # straight, and three to one
SWING_GRIDS = (8, 16)  # eighths or sixteenths swing
RATCHET_RANGE = (1, 9)
METER_UNITS = (1, 2, 4, 8, 16, 32)
METER_BEATS = (1, 64)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MAX_TITLE_CHARACTERS = 120


@dataclass(frozen=True)
class Step:
    """Step: a hit of some velocity, or a rest (velocity 0, and nothing else).

    `offset` is how much later it is played, in steps (-1..1); `ratchet` how many even hits fill the step; `maybe`
    that it is left out half of the time.
    """

    velocity: int = 0
    flam: bool = False
    ratchet: int = 1
    maybe: bool = False
    offset: float = 0.0

    def __post_init__(self) -> None:
        check_range(self.velocity, VELOCITY_RANGE, "a velocity", error=PatternError)
        check_range(self.ratchet, RATCHET_RANGE, "a ratchet", error=PatternError)
        check_range(self.offset, OFFSET_RANGE, "an offset", error=PatternError)
        if not self.velocity and (self.flam, self.ratchet, self.maybe, self.offset) != (False, 1, False, 0):
            raise PatternError("a rest can be neither flam nor ratchet, and has no chance and no offset")


REST = Step()


@dataclass(frozen=True)
class Lane:
    """Steps of one sound, which is a pad's name, a role (`kick`, `kick2`, `ch`) or a General MIDI note.

    Steps repeat for as long as the pattern lasts, whatever its bars (polymeter). `level` in dB, `pan` from -1 (left)
    to 1, `grid` steps a bar where they are not the pattern's.
    """

    name: str
    steps: tuple[Step, ...]
    level: float = 0.0
    pan: float = 0.0
    grid: int | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise PatternError(f"a lane cannot be called {self.name[:80]!r}; letters, digits, _ and - are allowed")
        if not 1 <= len(self.steps) <= MAX_STEPS:
            raise PatternError(f"lane {self.name} has {len(self.steps)} steps; a lane has 1 to {MAX_STEPS}")
        check_range(self.level, LEVEL_RANGE_DB, f"the level of {self.name}", unit=" dB", error=PatternError)
        check_range(self.pan, PAN_RANGE, f"the pan of {self.name}", error=PatternError)
        if self.grid is not None:
            check_range(self.grid, (1, MAX_STEPS), f"the steps a bar of {self.name}", error=PatternError)


@dataclass(frozen=True)
class Pattern:
    """Lanes in a meter at a tempo, for a number of bars; `swing_grid` says which notes swing, eighths or sixteenths.

    Raises:
        PatternError: no lanes, or a value that no pattern can have.
    """

    lanes: tuple[Lane, ...]
    title: str = ""
    tempo: float = 120.0
    meter: tuple[int, int] = (4, 4)
    steps: int = 16  # a bar
    swing: float = 50.0  # per cent of a pair at which its second note falls
    swing_grid: int = 16
    bars: int = 1

    def __post_init__(self) -> None:
        if not 1 <= len(self.lanes) <= MAX_LANES:
            raise PatternError(
                f"the pattern has {len(self.lanes)} lanes; give it 1 to {MAX_LANES}, as in kick x...x..."
            )
        if not self.title.isprintable() or self.title != self.title.strip() or len(self.title) > _MAX_TITLE_CHARACTERS:
            raise PatternError(f"the title {self.title[:40]!r} is no line of up to {_MAX_TITLE_CHARACTERS} characters")
        for value, bounds, name, unit in (
            (self.tempo, TEMPO_RANGE_BPM, "the tempo", " bpm"),
            (self.swing, SWING_RANGE_PERCENT, "the swing", " per cent"),
            (self.bars, (1, MAX_BARS), "the number of bars", ""),
            (self.steps, (1, MAX_STEPS), "the number of steps a bar", ""),
            (self.meter[0], METER_BEATS, "the meter's beats", ""),
        ):
            check_range(value, bounds, name, unit=unit, error=PatternError)
        for value, known, name in (
            (self.swing_grid, SWING_GRIDS, "swing grid"),
            (self.meter[1], METER_UNITS, "meter's unit"),
        ):
            if value not in known:
                raise PatternError(f"the {name} is {value}; it can be {', '.join(map(str, known))}")

    @property
    def bar(self) -> float:
        """Beats (quarter notes) in a bar."""
        return 4 * self.meter[0] / self.meter[1]

    @property
    def pulse(self) -> float:
        """Beats between two felt pulses: one, or three eighths in compound meters such as 6/8 and 12/8."""
        return 1.5 if self.meter[1] == 8 and self.meter[0] % 3 == 0 and self.meter[0] > 3 else 1.0

    @property
    def beats(self) -> float:
        """Beats of the whole pattern."""
        return self.bars * self.bar

    def grid(self, lane: Lane) -> int:
        """Return the steps a bar of a lane."""
        return lane.grid or self.steps

    def pulse_steps(self, lane: Lane) -> int:
        """Return the steps of a lane between two pulses; a whole bar where that is no whole number."""
        steps = self.grid(lane) * self.pulse / self.bar
        return int(steps) if steps >= 1 and steps % 1 == 0 else self.grid(lane)


def sixteenths(meter: tuple[int, int]) -> int:
    """Return steps a bar where none are given: sixteenths, or finer where a bar holds no whole number of them."""
    return meter[0] * max(16, meter[1]) // meter[1]


def count_bars(lanes: Iterable[Lane], steps: int) -> int:
    """Count the bars that hold every lane once."""
    return max((ceil(len(lane.steps) / max(1, lane.grid or steps)) for lane in lanes), default=1)


def unroll(pattern: Pattern) -> Pattern:
    """Return the same pattern with every lane as long as the pattern."""
    return replace(pattern, lanes=tuple(_extended(pattern, lane) for lane in pattern.lanes))


def _extended(pattern: Pattern, lane: Lane) -> Lane:
    length = pattern.bars * pattern.grid(lane)
    return replace(lane, steps=tuple(lane.steps[index % len(lane.steps)] for index in range(length)))
