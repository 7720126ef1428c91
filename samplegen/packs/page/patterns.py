"""Patterns for the page: steps as velocities, lanes on the sounds that a kit has."""

from collections.abc import Mapping, Sequence
from typing import Any

from samplegen.errors import OptionError
from samplegen.kits.kit import Pad
from samplegen.packs.page.contents import PagePattern, PageSound
from samplegen.sequencer.pad_mapping import map_lanes
from samplegen.sequencer.pattern import Lane, Pattern, unroll

MAX_VELOCITY = 127
BPM, SWING = (40, 240), (50, 75)  # what the page's dials reach
STEPS = 16
_BLANK_LANES = 6


def velocities(steps: Sequence[int]) -> list[int]:
    """Return the velocity 0..127 of each step of a lane; raise `OptionError` where one is beyond, or there are none."""
    if not steps:
        raise OptionError("a lane of a pattern has no steps; write . for a rest")
    if wrong := [velocity for velocity in steps if not 0 <= velocity <= MAX_VELOCITY]:
        raise OptionError(f"a step has the velocity {wrong[0]}; choose 0 to {MAX_VELOCITY}")
    return list(steps)


def playable(patterns: Sequence[PagePattern], sounds: Sequence[PageSound]) -> list[dict[str, Any]]:
    """Patterns as the page's script reads them; lanes that no sound can play are left out, and one is always there."""
    shown = [_lanes(pattern, sounds) for pattern in patterns]
    return [pattern for pattern in shown if pattern["lanes"]] or [_blank(sounds)]


def _lanes(pattern: PagePattern, sounds: Sequence[PageSound]) -> dict[str, Any]:
    for value, (low, high), what in ((pattern.bpm, BPM, "tempo"), (pattern.swing, SWING, "swing")):
        if not low <= value <= high:
            raise OptionError(f"the {what} {value:g} of a page's pattern cannot be set; choose {low} to {high}")
    lanes_of = {note: velocities(steps) for note, steps in pattern.lanes.items()}
    lanes = [{"sound": _player(note, sounds), "steps": steps} for note, steps in lanes_of.items()]
    found = [lane for lane in lanes if lane["sound"] is not None]
    return {"name": pattern.name, "bpm": round(pattern.bpm), "swing": round(pattern.swing), "lanes": found}


def _player(note: int, sounds: Sequence[PageSound]) -> int | None:
    """Return the index of the sound that plays a lane."""
    return next((index for index, sound in enumerate(sounds) if sound.note == note), None)


def _blank(sounds: Sequence[PageSound]) -> dict[str, Any]:
    lanes = [{"sound": index, "steps": [0] * STEPS} for index in range(min(len(sounds), _BLANK_LANES))]
    return {"name": "empty", "bpm": 120, "swing": 50, "lanes": lanes}


def page_patterns(pads: Sequence[Pad], patterns: Mapping[str, Pattern]) -> tuple[PagePattern, ...]:
    """Return the first bar of each pattern by its name; flams and ratchets become single hits.

    Args:
        pads: of the kit that plays.
        patterns: in 4/4.
    """
    return tuple(_shown(name, unroll(pattern), pads) for name, pattern in patterns.items())


def _shown(style: str, pattern: Pattern, pads: Sequence[Pad]) -> PagePattern:
    lanes: dict[int, list[int]] = {}
    for assignment, lane in zip(map_lanes(pattern, pads), pattern.lanes, strict=True):
        if assignment.pad:
            before = lanes.get(assignment.pad.note, [0] * STEPS)
            lanes[assignment.pad.note] = [max(pair) for pair in zip(before, _bar(pattern, lane), strict=True)]
    return PagePattern(style, pattern.tempo, pattern.swing if pattern.swing_grid == STEPS else 50.0, lanes)


def _bar(pattern: Pattern, lane: Lane) -> list[int]:
    """The velocities of a lane's first bar, each hit on the sixteenth it lies in, the loudest of several."""
    grid, steps = pattern.grid(lane), [0] * STEPS
    for place, step in enumerate(lane.steps[:grid]):
        at = place * STEPS // grid
        steps[at] = max(steps[at], step.velocity)
    return steps
