"""Patterns as a model of grooves learns them: rows of drums on sixteenths, and the way back to a pattern.

What has no place there is left out: flams and chances, a second drum of the same role, steps finer than a ratchet.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np
from numpy.typing import NDArray

from samplegen.errors import ModelError, PatternError
from samplegen.models.groove import MAX_BAR_STEPS, Config, GrooveContext
from samplegen.models.groove_events import ON_TIME, RATCHETS, TIMINGS, VELOCITIES, rests
from samplegen.roles import INDEX, ROLES
from samplegen.sequencer import timing
from samplegen.sequencer.pad_mapping import role_of
from samplegen.sequencer.pattern import REST, SWING_RANGE_PERCENT, Lane, Pattern, Step

Events = NDArray[np.int8]  # (steps, 16, 3), as `samplegen.models.groove_events` says

_MAX_EARLY_STEPS = 0.25  # of a sixteenth that the first of several hits may come before it
_MIN_SWING_STEPS = 0.06  # of a sixteenth; off-beats that come later than that on the median are swung
_MIN_OFFBEATS = 4  # off-beat hits that swing is estimated from


@dataclass(frozen=True, eq=False)
class TrainingPattern:
    """Pattern to learn: its name, its context, its events, and which of its bars are fills.

    `mix` is the level in dB and the pan of every drum, `(16, 2)`, NaN where it does not play.
    """

    name: str
    context: GrooveContext
    events: Events
    fills: NDArray[np.bool_]
    mix: NDArray[np.float64]

    @property
    def bars(self) -> int:
        """Return how many it lasts."""
        return len(self.fills)


def encode(name: str, pattern: Pattern, *, fill: int = 0) -> TrainingPattern:
    """Encode a pattern; its last `fill` bars are a fill.

    Raises:
        PatternError: it has no hits of a known drum, or bars that cannot be learned.
    """
    bar = pattern.meter[0] * 16 / pattern.meter[1]
    if bar % 1 or bar > MAX_BAR_STEPS:
        meter = f"{pattern.meter[0]}/{pattern.meter[1]}"
        raise PatternError(f"a bar of {meter} cannot be learned; it takes whole sixteenths, up to {MAX_BAR_STEPS}")
    events = rests(int(bar) * pattern.bars)
    for drum, places in _hits_by_drum(pattern).items():
        for step, event in _encode_hits(places, len(events)):
            if event[0] > events[step, drum, 0]:
                events[step, drum] = event
    playing = (events[..., 0] > 0).any(axis=0)
    if not playing.any():
        raise PatternError("it has no hits of a drum that is known")
    drums = int(playing @ 2 ** np.arange(len(ROLES)))
    context = GrooveContext(*pattern.meter, float(pattern.tempo), float(pattern.swing), pattern.swing_grid, drums)
    fills = np.arange(pattern.bars) >= pattern.bars - fill
    return _straighten(TrainingPattern(name, context, events, fills, _mix(pattern)))


def decode(events: Events, context: GrooveContext, config: Config, *, title: str = "") -> Pattern:
    """Events as a pattern, at the levels and pans that the drums had. Raises `ModelError` where nothing is struck."""
    lanes = [
        Lane(ROLES[drum], tuple(map(_step, events[:, drum])), config.levels[drum], config.pans[drum])
        for drum in np.flatnonzero((events[..., 0] > 0).any(axis=0))
    ]
    if not lanes:
        raise ModelError("the model drew no hits; choose another seed or a higher temperature")
    return Pattern(
        tuple(lanes), title, context.tempo, (context.beats, context.unit), context.bar, context.swing,
        context.swing_grid, len(events) // context.bar,
    )  # fmt: skip


def average_mix(patterns: Sequence[TrainingPattern]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The usual level and pan of every drum; 0 of those that never play."""
    together = np.stack([pattern.mix for pattern in patterns])
    there = ~np.isnan(together)
    usual = np.where(there, together, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return tuple((np.round(2 * usual[:, 0]) / 2).tolist()), tuple(np.round(np.round(20 * usual[:, 1]) / 20, 2).tolist())


def _hits_by_drum(pattern: Pattern) -> dict[int, list[tuple[float, int]]]:
    """Return the places of the events of each drum, in straight sixteenths, and their velocities."""
    plain = replace(pattern, swing=SWING_RANGE_PERCENT[0], lanes=tuple(map(_plain, pattern.lanes)))
    found = defaultdict(list)
    for beat, lane, velocity in timing.events(plain):
        role, _ = role_of(pattern.lanes[lane].name)
        if role:
            found[INDEX[role]].append((beat * 4, velocity))
    return found


def _plain(lane: Lane) -> Lane:
    return replace(lane, steps=tuple(replace(step, flam=False, maybe=False) for step in lane.steps))


def _encode_hits(places: list[tuple[float, int]], steps: int) -> list[tuple[int, tuple[int, int, int]]]:
    """Return the steps at which a drum is struck, and its events; hits that follow within one step are its ratchet."""
    cells: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for place, velocity in places:
        cells[floor(place + _MAX_EARLY_STEPS)].append((place, velocity))
    found = []
    for cell, events in cells.items():
        first, velocity = events[0][0], max(force for _, force in events)
        step = cell if len(events) > 1 else round(first)
        kind = 1 + _nearest(velocity, VELOCITIES), _nearest(first - step, TIMINGS), _nearest(len(events), RATCHETS)
        found.append((step % steps, kind))
    return found


def _nearest(value: float, table: tuple[float, ...]) -> int:
    return min(range(len(table)), key=lambda index: abs(table[index] - value))


def _straighten(pattern: TrainingPattern) -> TrainingPattern:
    """Return a pattern with its swing in its context, where its off-beats are late together."""
    events, late = pattern.events.copy(), np.array(TIMINGS)
    odd = events[1::2]
    if (
        pattern.context.swing > SWING_RANGE_PERCENT[0]
        or pattern.context.bar % 2
        or (odd[..., 0] > 0).sum() < _MIN_OFFBEATS
    ):
        return pattern
    median = float(np.median(late[odd[..., 1][odd[..., 0] > 0]]))
    if median < _MIN_SWING_STEPS:
        return pattern
    rest = late[odd[..., 1]] - median
    odd[..., 1] = np.where(odd[..., 0] > 0, np.abs(rest[..., None] - late).argmin(axis=-1), ON_TIME)
    context = replace(pattern.context, swing=round(SWING_RANGE_PERCENT[0] + 50 * median, 1), swing_grid=16)
    return replace(pattern, context=context, events=events)


def _mix(pattern: Pattern) -> NDArray[np.float64]:
    mix = np.full((len(ROLES), 2), np.nan)
    for lane in pattern.lanes:
        role, _ = role_of(lane.name)
        if role:
            mix[INDEX[role]] = lane.level, lane.pan
    return mix


def _step(event: NDArray[np.int8]) -> Step:
    velocity, late, ratchet = event.tolist()
    return Step(VELOCITIES[velocity - 1], ratchet=RATCHETS[ratchet], offset=TIMINGS[late]) if velocity else REST
