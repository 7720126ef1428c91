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
from samplegen.models.groove import MAX_BAR_STEPS, Config, Heading
from samplegen.models.groove_events import ON_TIME, RATCHETS, TIMINGS, VELOCITIES, rests
from samplegen.roles import INDEX, ROLES
from samplegen.sequencer import timing
from samplegen.sequencer.pad_mapping import role_of
from samplegen.sequencer.pattern import REST, SWING_RANGE_PERCENT, Lane, Pattern, Step

Strokes = NDArray[np.int8]  # (steps, 16, 3), as `samplegen.models.groove_events` says

_MAX_EARLY_STEPS = 0.25  # of a sixteenth that the first of several strokes may come before it
_MIN_SWING_STEPS = 0.06  # of a sixteenth; off-beats that come later than that on the median are swung
_MIN_OFFBEATS = 4  # off-beat hits that tell swing


@dataclass(frozen=True, eq=False)
class Piece:
    """A pattern to learn: its name, what it is written under, its strokes, and which of its bars are fills.

    `mix` is the level in dB and the pan of every drum, `(16, 2)`, NaN where it does not play.
    """

    name: str
    heading: Heading
    strokes: Strokes
    fills: NDArray[np.bool_]
    mix: NDArray[np.float64]

    @property
    def bars(self) -> int:
        """Return how many it lasts."""
        return len(self.fills)


def of_pattern(name: str, pattern: Pattern, *, fill: int = 0) -> Piece:
    """A pattern as a piece; its last `fill` bars are one.

    Raises:
        PatternError: it has no hits of a known drum, or bars that cannot be learned.
    """
    bar = pattern.meter[0] * 16 / pattern.meter[1]
    if bar % 1 or bar > MAX_BAR_STEPS:
        meter = f"{pattern.meter[0]}/{pattern.meter[1]}"
        raise PatternError(f"a bar of {meter} cannot be learned; it takes whole sixteenths, up to {MAX_BAR_STEPS}")
    strokes = rests(int(bar) * pattern.bars)
    for drum, places in _struck(pattern).items():
        for step, stroke in _strokes(places, len(strokes)):
            if stroke[0] > strokes[step, drum, 0]:
                strokes[step, drum] = stroke
    playing = (strokes[..., 0] > 0).any(axis=0)
    if not playing.any():
        raise PatternError("it has no hits of a drum that is known")
    drums = int(playing @ 2 ** np.arange(len(ROLES)))
    heading = Heading(*pattern.meter, float(pattern.tempo), float(pattern.swing), pattern.swing_grid, drums)
    fills = np.arange(pattern.bars) >= pattern.bars - fill
    return _straightened(Piece(name, heading, strokes, fills, _mix(pattern)))


def to_pattern(strokes: Strokes, heading: Heading, config: Config, *, title: str = "") -> Pattern:
    """Strokes as a pattern, at the levels and pans that the drums had. Raises `ModelError` where nothing is struck."""
    lanes = [
        Lane(ROLES[drum], tuple(map(_step, strokes[:, drum])), config.levels[drum], config.pans[drum])
        for drum in np.flatnonzero((strokes[..., 0] > 0).any(axis=0))
    ]
    if not lanes:
        raise ModelError("the model drew no hits; choose another seed or a higher temperature")
    return Pattern(
        tuple(lanes), title, heading.tempo, (heading.beats, heading.unit), heading.bar, heading.swing,
        heading.swing_grid, len(strokes) // heading.bar,
    )  # fmt: skip


def mixes(pieces: Sequence[Piece]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The usual level and pan of every drum; 0 of those that never play."""
    together = np.stack([piece.mix for piece in pieces])
    there = ~np.isnan(together)
    usual = np.where(there, together, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return tuple((np.round(2 * usual[:, 0]) / 2).tolist()), tuple(np.round(np.round(20 * usual[:, 1]) / 20, 2).tolist())


def _struck(pattern: Pattern) -> dict[int, list[tuple[float, int]]]:
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


def _strokes(places: list[tuple[float, int]], steps: int) -> list[tuple[int, tuple[int, int, int]]]:
    """The steps at which a drum is struck, and how; strokes that follow within one step are its ratchet."""
    cells: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for place, velocity in places:
        cells[floor(place + _MAX_EARLY_STEPS)].append((place, velocity))
    found = []
    for cell, strokes in cells.items():
        first, velocity = strokes[0][0], max(force for _, force in strokes)
        step = cell if len(strokes) > 1 else round(first)
        kind = 1 + _nearest(velocity, VELOCITIES), _nearest(first - step, TIMINGS), _nearest(len(strokes), RATCHETS)
        found.append((step % steps, kind))
    return found


def _nearest(value: float, table: tuple[float, ...]) -> int:
    return min(range(len(table)), key=lambda index: abs(table[index] - value))


def _straightened(piece: Piece) -> Piece:
    """A piece whose swing is told by its heading, where its off-beats are late together."""
    strokes, late = piece.strokes.copy(), np.array(TIMINGS)
    odd = strokes[1::2]
    if piece.heading.swing > SWING_RANGE_PERCENT[0] or piece.heading.bar % 2 or (odd[..., 0] > 0).sum() < _MIN_OFFBEATS:
        return piece
    median = float(np.median(late[odd[..., 1][odd[..., 0] > 0]]))
    if median < _MIN_SWING_STEPS:
        return piece
    rest = late[odd[..., 1]] - median
    odd[..., 1] = np.where(odd[..., 0] > 0, np.abs(rest[..., None] - late).argmin(axis=-1), ON_TIME)
    heading = replace(piece.heading, swing=round(SWING_RANGE_PERCENT[0] + 50 * median, 1), swing_grid=16)
    return replace(piece, heading=heading, strokes=strokes)


def _mix(pattern: Pattern) -> NDArray[np.float64]:
    mix = np.full((len(ROLES), 2), np.nan)
    for lane in pattern.lanes:
        role, _ = role_of(lane.name)
        if role:
            mix[INDEX[role]] = lane.level, lane.pan
    return mix


def _step(stroke: NDArray[np.int8]) -> Step:
    velocity, late, ratchet = stroke.tolist()
    return Step(VELOCITIES[velocity - 1], ratchet=RATCHETS[ratchet], offset=TIMINGS[late]) if velocity else REST
