"""Patterns for the page: steps as velocities, lanes on the sounds that a kit has."""

from collections.abc import Mapping, Sequence
from typing import Any

from samplegen.errors import OptionError
from samplegen.kits.kit import Pad
from samplegen.packs import loops
from samplegen.packs.page.contents import PagePattern, PageSound
from samplegen.sequencer.pad_mapping import NEAREST, cast
from samplegen.sequencer.pattern import Lane, Pattern, written_out

LOUDEST = 127
_LETTERS = {"o": 45, "x": 100, "X": 120}  # a digit directly after one would be a ratchet
SIGNS = {".": 0} | _LETTERS | {str(tenth): 10 * tenth for tenth in range(1, 10)}
BPM, SWING = (40, 240), (50, 75)  # what the page's dials reach
STEPS = 16
_BLANK_LANES = 6


def velocities(steps: str | Sequence[int]) -> list[int]:
    """The velocity 0..127 of each step of a lane.

    Raises:
        OptionError: what is no step, or no steps; ratchets (`x2`) and flams are none that the page can play.
    """
    found = _read(steps) if isinstance(steps, str) else [int(velocity) for velocity in steps]
    if not found:
        raise OptionError("a lane of a pattern has no steps; write . for a rest")
    if wrong := [velocity for velocity in found if not 0 <= velocity <= LOUDEST]:
        raise OptionError(f"a step has the velocity {wrong[0]}; choose 0 to {LOUDEST}")
    return found


def _read(steps: str) -> list[int]:
    for column, (before, sign) in enumerate(zip(f" {steps}", steps, strict=False), 1):
        if not (sign in SIGNS or sign.isspace()) or (sign.isdigit() and before in _LETTERS):
            raise OptionError(f"{sign!r} in column {column} of {steps!r:.80} is no step; these are: {' '.join(SIGNS)}")
    return [SIGNS[sign] for sign in steps if sign in SIGNS]


def playable(patterns: Sequence[PagePattern], sounds: Sequence[PageSound]) -> list[dict[str, Any]]:
    """Patterns as the page's script reads them; lanes that no sound can play are left out, and one is always there."""
    told = [_told(pattern, sounds) for pattern in patterns]
    return [pattern for pattern in told if pattern["lanes"]] or [_blank(sounds)]


def _told(pattern: PagePattern, sounds: Sequence[PageSound]) -> dict[str, Any]:
    for value, (low, high), what in ((pattern.bpm, BPM, "tempo"), (pattern.swing, SWING, "swing")):
        if not low <= value <= high:
            raise OptionError(f"the {what} {value:g} of a page's pattern cannot be set; choose {low} to {high}")
    heard = {lane: velocities(steps) for lane, steps in pattern.lanes.items()}
    lanes = [{"sound": _player(lane, sounds), "steps": steps} for lane, steps in heard.items()]
    found = [lane for lane in lanes if lane["sound"] is not None]
    return {"name": pattern.name, "bpm": round(pattern.bpm), "swing": round(pattern.swing), "lanes": found}


def _player(lane: str | int, sounds: Sequence[PageSound]) -> int | None:
    """Index of the sound that plays a lane."""
    if isinstance(lane, int):
        return next((index for index, sound in enumerate(sounds) if sound.note == lane), None)
    first: Mapping[str, int] = {sound.role: index for index, sound in reversed(list(enumerate(sounds)))}
    return next((first[role] for role in (lane, *NEAREST.get(lane, ())) if role in first), None)


def _blank(sounds: Sequence[PageSound]) -> dict[str, Any]:
    lanes = [{"sound": index, "steps": [0] * STEPS} for index in range(min(len(sounds), _BLANK_LANES))]
    return {"name": "empty", "bpm": 120, "swing": 50, "lanes": lanes}


pass


def of_pack(pads: Sequence[Pad], seed: int) -> tuple[PagePattern, ...]:
    """The first bar of each style that `packloops.drawn` draws from the seed; flams and ratchets become single hits.

    Args:
        pads: of the kit that plays.
        seed: of the pack.
    """
    return tuple(_shown(style, written_out(pattern), pads) for style, pattern in loops.drawn(seed).items())


def _shown(style: str, pattern: Pattern, pads: Sequence[Pad]) -> PagePattern:
    lanes: dict[str | int, list[int]] = {}
    for part, lane in zip(cast(pattern, pads), pattern.lanes, strict=True):
        if part.pad:
            before = lanes.get(part.pad.note, [0] * STEPS)
            lanes[part.pad.note] = [max(pair) for pair in zip(before, _bar(pattern, lane), strict=True)]
    return PagePattern(style, pattern.tempo, pattern.swing if pattern.swing_grid == STEPS else 50.0, lanes)


def _bar(pattern: Pattern, lane: Lane) -> list[int]:
    """The velocities of a lane's first bar, each hit on the sixteenth it lies in, the loudest of several."""
    grid, steps = pattern.grid(lane), [0] * STEPS
    for place, step in enumerate(lane.steps[:grid]):
        at = place * STEPS // grid
        steps[at] = max(steps[at], step.velocity)
    return steps
