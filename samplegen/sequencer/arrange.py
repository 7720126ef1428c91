"""Patterns made from patterns: one after another, denser or sparser, or varied as players vary them."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from math import lcm

import numpy as np

from samplegen.errors import PatternError
from samplegen.sequencer.pad_mapping import role_of
from samplegen.sequencer.pattern import GHOST, REST, Lane, Pattern, Step, unroll
from samplegen.settings import check_range

BACKBONE_ROLES = {"kick", "snare", "clap", "rim"}  # roles whose hits on a beat carry the rhythm
GHOST_VELOCITIES = {"snare": GHOST, "closed-hat": 50, "shaker": 50, "perc": 60, "rim": GHOST, "kick": 60}  # velocities
BACKBONE_MUTATION = 0.7  # amount from which on the backbone is mutated too
MUTATE_RANGE, DENSITY_RANGE = (0.0, 1.0), (0.0, 2.0)
_BACKBONE_VELOCITY = 80  # from which on a hit can be backbone
_VELOCITY_MOVE = 15  # standard deviation of moved velocities; in tens, as they are written

Weights = list[int]  # of the steps of a lane: 4 the bar, 3 a beat, 2 an eighth, 1 a sixteenth, 0 finer


def concatenate(first: Pattern, second: Pattern) -> Pattern:
    """Join one pattern after another, in the tempo and swing of the first.

    Raises:
        PatternError: different meters.
    """
    if first.meter != second.meter:
        raise PatternError(f"{first.meter[0]}/{first.meter[1]} cannot go on in {second.meter[0]}/{second.meter[1]}")
    names = dict.fromkeys(lane.name for pattern in (first, second) for lane in pattern.lanes)
    lanes = tuple(_joined(name, first, second) for name in names)
    return replace(first, lanes=lanes, bars=first.bars + second.bars)


def mutate(pattern: Pattern, amount: float, seed: int = 0) -> Pattern:
    """Vary a pattern: ghost notes between the hits, off-beats left out, velocities moved, now and then a ratchet.

    Args:
        pattern: is written out, so that its bars come to differ.
        amount: 0 (nothing) to 1. Kicks, snares, claps and rims on a beat are spared up to `BACKBONE_MUTATION`.
        seed: decides what changes; each lane has random numbers of its own.

    Raises:
        OptionError: an amount out of range.
    """
    check_range(amount, MUTATE_RANGE, "mutate")
    return _by_lane(pattern, seed, lambda whole, lane, rng: _mutated(whole, lane, rng, amount)) if amount else pattern


def change_density(pattern: Pattern, density: float, seed: int = 0) -> Pattern:
    """Add or remove hits: the weakest go first, and new ones are soft and on free weak steps.

    Args:
        pattern: is written out.
        density: 1 leaves it; 0 leaves the backbone alone, 2 has twice the hits where there is room.
        seed: decides between equals.

    Raises:
        OptionError: a density out of range.
    """
    check_range(density, DENSITY_RANGE, "density")
    if density == 1:
        return pattern
    change = _thinner if density < 1 else _denser
    return _by_lane(pattern, seed, lambda whole, lane, rng: change(whole, lane, rng, density))


def metrical_weights(pattern: Pattern, lane: Lane) -> Weights:
    """Return the metrical weight of each step of a lane in its bar."""
    grid = pattern.grid(lane)
    weighing = {pattern.pulse: 3, 0.5: 2, 0.25: 1}  # in beats
    places = [index % grid * pattern.bar / grid for index in range(len(lane.steps))]
    return [4 if not at else next((weight for size, weight in weighing.items() if at % size == 0), 0) for at in places]


def _joined(name: str, first: Pattern, second: Pattern) -> Lane:
    """Join a lane of two patterns, rests where one of them has none."""
    found = [next((lane for lane in unroll(p).lanes if lane.name == name), None) for p in (first, second)]
    grid = lcm(*(p.grid(lane) for p, lane in zip((first, second), found, strict=True) if lane))
    steps: list[Step] = []
    for pattern, lane in zip((first, second), found, strict=True):
        steps += _refined(lane.steps, grid // pattern.grid(lane)) if lane else [REST] * (grid * pattern.bars)
    model = found[0] or found[1]
    assert model  # the name is of one of the two
    return replace(model, steps=tuple(steps), grid=None if grid == first.steps else grid)


def _refined(steps: tuple[Step, ...], times: int) -> list[Step]:
    """Return the same hits on a finer grid: ratchets and offsets fall on the steps between."""
    if times == 1:
        return list(steps)
    fine = [REST] * (len(steps) * times)
    for index, step in enumerate(steps):
        for part in range(step.ratchet if step.velocity else 0):
            place = (index + part / step.ratchet + step.offset) * times
            hit = replace(step, ratchet=1, flam=step.flam and not part, offset=place - round(place))
            fine[round(place) % len(fine)] = hit
    return fine


_Change = Callable[[Pattern, Lane, np.random.Generator], list[Step]]


def _by_lane(pattern: Pattern, seed: int, change: _Change) -> Pattern:
    whole = unroll(pattern)
    lanes = []
    for lane in whole.lanes:
        rng = np.random.default_rng([seed, zlib.crc32(lane.name.encode()), 4])
        lanes.append(replace(lane, steps=tuple(change(whole, lane, rng))))
    return replace(whole, lanes=tuple(lanes))


def _is_backbone(role: str | None, step: Step, weight: int) -> bool:
    return role in BACKBONE_ROLES and step.velocity >= _BACKBONE_VELOCITY and weight >= 3


def _mutated(pattern: Pattern, lane: Lane, rng: np.random.Generator, amount: float) -> list[Step]:
    role, _ = role_of(lane.name)
    luck = rng.random((len(lane.steps), 3))
    moves = 10 * np.round(rng.standard_normal(len(lane.steps)) * _VELOCITY_MOVE / 10).astype(int)
    changed = []
    for step, weight, (first, second, third), move in zip(
        lane.steps, metrical_weights(pattern, lane), luck.tolist(), moves.tolist(), strict=True
    ):
        if not step.velocity:
            ghost = role in GHOST_VELOCITIES and weight <= 1 and first < amount * 0.2
            changed.append(Step(GHOST_VELOCITIES[role or ""]) if ghost else step)
        elif _is_backbone(role, step, weight) and first > amount - BACKBONE_MUTATION:
            changed.append(step)
        elif first < amount * (0.45, 0.4, 0.25, 0.05, 0.0)[weight]:
            changed.append(REST)
        else:
            doubled = step.ratchet == 1 and role == "closed-hat" and second < amount * 0.15 and third < 0.5
            velocity = min(127, max(10, step.velocity + move * (third < amount)))
            changed.append(replace(step, velocity=velocity, ratchet=2 if doubled else step.ratchet))
    return changed


def _thinner(pattern: Pattern, lane: Lane, rng: np.random.Generator, density: float) -> list[Step]:
    role, _ = role_of(lane.name)
    heavy, luck = metrical_weights(pattern, lane), rng.random(len(lane.steps))
    struck = [index for index, step in enumerate(lane.steps) if step.velocity]
    loose = [index for index in struck if not _is_backbone(role, lane.steps[index], heavy[index])]
    loose.sort(key=lambda index: (heavy[index], lane.steps[index].velocity, luck[index]))
    gone = set(loose[: len(loose) - round(density * len(loose))])
    return [REST if index in gone else step for index, step in enumerate(lane.steps)]


def _denser(pattern: Pattern, lane: Lane, rng: np.random.Generator, density: float) -> list[Step]:
    role, _ = role_of(lane.name)
    if role not in GHOST_VELOCITIES:
        return list(lane.steps)
    heavy, luck = metrical_weights(pattern, lane), rng.random(len(lane.steps))
    struck = sum(1 for step in lane.steps if step.velocity)
    free = [index for index, step in enumerate(lane.steps) if not step.velocity and 1 <= heavy[index] <= 2]
    free.sort(key=lambda index: (-heavy[index] if role in ("closed-hat", "shaker") else 0, luck[index]))
    new = set(free[: round((density - 1) * struck)])
    return [Step(GHOST_VELOCITIES[role]) if index in new else step for index, step in enumerate(lane.steps)]
