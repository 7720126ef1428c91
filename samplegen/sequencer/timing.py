"""Timing: the one way from a pattern to hits in time, for sound, MIDI and pages alike.

Times are beats (quarter notes) from the start, as floats; nothing is rounded here.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from samplegen.errors import PatternError
from samplegen.sequencer.pattern import Lane, Pattern, Step
from samplegen.settings import check_range

MAX_HITS = 200_000  # of a loop: some seconds of work
HUMANIZE_RANGE = (0.0, 1.0)
REPEAT_RANGE = (1, 10_000)
FLAM_SECONDS = 0.03  # from the grace note to its hit
FLAM_LEVEL = 0.5  # of the grace note, in its hit's velocity
# Humanising by 1. Players drift together: the kit has one clock whose lateness follows from one sixteenth to the
# next with this share, after Hennig et al., "The nature and perception of fluctuations in human musical rhythms", 2011
CLOCK_PHI = 0.37
CLOCK_SECONDS = 0.012  # standard deviation of that clock
DRUM_SECONDS = 0.004  # standard deviation of what every hit adds to it
HUMANIZE_VELOCITY = 8.0  # standard deviation of velocities
_MAX_DEVIATIONS = 2.5  # standard deviations, to which draws are clipped
_TICK_BEATS = 0.25  # between two values of the clock


class Hit(NamedTuple):
    """Sound to play: time in beats, lane of the pattern (by index), velocity (1..127)."""

    beat: float
    lane: int
    velocity: int


@dataclass(frozen=True)
class _Feel:
    """Amount of humanising, and the clock that the whole kit follows."""

    amount: float
    tempo: float
    clock: list[float]

    def moved(self, hits: list[Hit], rng: np.random.Generator) -> Iterator[Hit]:
        """Yield the hits of one lane as they are played."""
        noise = np.clip(rng.standard_normal((len(hits), 2)), -_MAX_DEVIATIONS, _MAX_DEVIATIONS) * self.amount
        for hit, (drum, force) in zip(hits, noise.tolist(), strict=True):
            tick = min(max(0, round(hit.beat / _TICK_BEATS)), len(self.clock) - 1)
            late = self.clock[tick] + DRUM_SECONDS * drum
            velocity = min(127, max(1, round(hit.velocity + HUMANIZE_VELOCITY * force)))
            yield Hit(hit.beat + late * self.tempo / 60, hit.lane, velocity)


def events(
    pattern: Pattern, *, repeat: int = 1, humanize: float = 0.0, seed: int = 0, wrap: bool = True
) -> tuple[Hit, ...]:
    """Return every hit of a pattern: swing, polymeter, flams, ratchets, chances, offsets and humanising resolved.

    Args:
        pattern: what to play.
        repeat: how many times the whole pattern is played; lanes start anew each time.
        humanize: 0 (exact) to 1 (very loose); 0.3 is a good player.
        seed: decides chances and humanising; each lane's are its own, whatever other lanes there are.
        wrap: play hits that are moved before the start at the end of the loop, and those after the end at its start;
            without it they are moved to the start or the end, and a grace note before the start is left out.

    Returns:
        Hits in order of time, then lane; all times in `0 <= beat < repeat * pattern.beats`.

    Raises:
        PatternError: more than `MAX_HITS`, or a value out of range.
    """
    check_range(humanize, HUMANIZE_RANGE, "humanize", error=PatternError)
    check_range(repeat, REPEAT_RANGE, "repeat", error=PatternError)
    _check_size(pattern, repeat)
    length = repeat * pattern.beats
    feel = _Feel(humanize, pattern.tempo, _clock(length, humanize, seed))
    played: list[Hit] = []
    for index in range(len(pattern.lanes)):
        chances, moves = _generators(pattern, index, seed)
        hits = list(_lane(pattern, index, repeat, chances, -np.inf if wrap else 0.0))
        played += feel.moved(hits, moves) if humanize else hits
    return tuple(sorted(Hit(_placed(hit.beat, length, wrap), hit.lane, hit.velocity) for hit in played))


def swing_beat(beat: float, pattern: Pattern) -> float:
    """Return a time in a bar after swing: pairs are stretched before and squeezed after their middle.

    The odd note of each pair lands at the swing's share of it. A pair that the bar does not complete stays straight.
    """
    pair = 8 / pattern.swing_grid
    first = beat // pair * pair
    if pattern.swing == 50 or first + pair > pattern.bar:
        return beat
    share, within = pattern.swing / 100, (beat - first) / pair
    return first + pair * (2 * within * share if within < 0.5 else share + (2 * within - 1) * (1 - share))


def is_swung(pattern: Pattern, lane: Lane) -> bool:
    """Tell whether a lane swings: triplets and other steps that do not divide the swinging notes stay in place."""
    ratio = 4 / pattern.swing_grid * pattern.grid(lane) / pattern.bar
    return ratio > 0 and (ratio % 1 == 0 or 1 / ratio % 1 == 0)


def _check_size(pattern: Pattern, repeat: int) -> None:
    hits = 0.0
    for lane in pattern.lanes:
        rounds = repeat * pattern.bars * pattern.grid(lane) / len(lane.steps)
        hits += rounds * sum(step.ratchet + step.flam for step in lane.steps if step.velocity)
    if hits > MAX_HITS:
        raise PatternError(
            f"the pattern has {hits:.0f} hits; up to {MAX_HITS} can be played, with fewer bars or repeats"
        )


def _clock(length: float, amount: float, seed: int) -> list[float]:
    """Return the lateness of the kit in seconds at every sixteenth: AR(1)."""
    noise = np.random.default_rng([seed, 1]).standard_normal(int(length / _TICK_BEATS) + 2)
    late = np.empty_like(noise)
    value = noise[0]
    for index, fresh in enumerate(noise):
        value = CLOCK_PHI * value + np.sqrt(1 - CLOCK_PHI**2) * fresh
        late[index] = value
    return (amount * CLOCK_SECONDS * np.clip(late, -_MAX_DEVIATIONS, _MAX_DEVIATIONS)).tolist()


def _generators(pattern: Pattern, index: int, seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the random generators of a lane: of its chances, and of its small moves."""
    name = pattern.lanes[index].name
    namesakes = [other.name for other in pattern.lanes[:index]].count(name)
    key = [seed, zlib.crc32(name.encode()), namesakes]
    return np.random.default_rng([*key, 2]), np.random.default_rng([*key, 3])


def _lane(pattern: Pattern, index: int, repeat: int, chances: np.random.Generator, earliest: float) -> Iterator[Hit]:
    """Yield the hits of one lane in time, before they are humanised and placed into the loop."""
    lane = pattern.lanes[index]
    for number, step in _struck(pattern, lane, repeat):
        if not (step.maybe and chances.random() < 0.5):
            for beat, velocity in _strokes(pattern, lane, number, step, earliest):
                yield Hit(beat, index, velocity)


def _struck(pattern: Pattern, lane: Lane, repeat: int) -> Iterator[tuple[int, Step]]:
    """Yield the steps that are no rests, with their numbers from the start."""
    struck = [index for index, step in enumerate(lane.steps) if step.velocity]
    length = pattern.bars * pattern.grid(lane)
    for start in range(0, repeat * length, length):
        for lap in range(0, length, len(lane.steps)):
            upto = bisect_left(struck, length - lap)
            yield from ((start + lap + index, lane.steps[index]) for index in struck[:upto])


def _strokes(pattern: Pattern, lane: Lane, number: int, step: Step, earliest: float) -> Iterator[tuple[float, int]]:
    """Yield time and velocity of each hit of one step, a grace note only if it is not before `earliest`."""
    grid = pattern.grid(lane)
    bar, index = divmod(number, grid)
    base = bar * pattern.bar + step.offset * pattern.bar / grid
    times = [(index + part / step.ratchet) * pattern.bar / grid for part in range(step.ratchet)]
    beats = [base + (swing_beat(time, pattern) if is_swung(pattern, lane) else time) for time in times]
    grace = beats[0] - FLAM_SECONDS * pattern.tempo / 60
    if step.flam and grace >= earliest:
        yield grace, max(1, round(FLAM_LEVEL * step.velocity))
    yield from ((beat, step.velocity) for beat in beats)


def _placed(beat: float, length: float, wrap: bool) -> float:
    """Return a time inside the loop."""
    if wrap:
        around = beat % length
        return around if around < length else 0.0  # a hair before the start rounds up to the end
    return min(max(beat, 0.0), float(np.nextafter(length, 0)))
