"""Patterns for the page: steps as velocities, lanes on the sounds that a kit has."""

from collections.abc import Mapping, Sequence
from typing import Any

from samplegen.errors import OptionError
from samplegen.kits.kit import Pad
from samplegen.packs.page.contents import PagePattern, PageSound
from samplegen.sequencer.pad_mapping import map_lanes
from samplegen.sequencer.pattern import Lane, Pattern, unroll
from samplegen.settings import check_range

VELOCITIES = (0, 127)
TEMPO_RANGE_BPM, SWING_RANGE_PERCENT = (40, 240), (50, 75)  # of the page's dials
BAR_STEPS = 16  # sixteenths
_BLANK_LANES = 6  # of a page without patterns


def velocities(steps: Sequence[int]) -> list[int]:
    """Return the velocity 0..127 of each step of a lane.

    Raises:
        OptionError: no steps, or a velocity out of range.
    """
    if not steps:
        raise OptionError("a lane of a pattern has no steps; write . for a rest")
    for velocity in steps:
        check_range(velocity, VELOCITIES, "the velocity of a step")
    return list(steps)


def playable(patterns: Sequence[PagePattern], sounds: Sequence[PageSound]) -> list[dict[str, Any]]:
    """Return patterns as the page's script reads them, at least one; lanes without a sound are left out."""
    shown = [_lanes(pattern, sounds) for pattern in patterns]
    return [pattern for pattern in shown if pattern["lanes"]] or [_blank(sounds)]


def _lanes(pattern: PagePattern, sounds: Sequence[PageSound]) -> dict[str, Any]:
    check_range(pattern.bpm, TEMPO_RANGE_BPM, "the tempo of a page's pattern", unit=" bpm")
    check_range(pattern.swing, SWING_RANGE_PERCENT, "the swing of a page's pattern", unit=" %")
    lanes_of = {note: velocities(steps) for note, steps in pattern.lanes.items()}
    lanes = [{"sound": _player(note, sounds), "steps": steps} for note, steps in lanes_of.items()]
    found = [lane for lane in lanes if lane["sound"] is not None]
    return {"name": pattern.name, "bpm": round(pattern.bpm), "swing": round(pattern.swing), "lanes": found}


def _player(note: int, sounds: Sequence[PageSound]) -> int | None:
    """Return the index of the sound that plays a lane."""
    return next((index for index, sound in enumerate(sounds) if sound.note == note), None)


def _blank(sounds: Sequence[PageSound]) -> dict[str, Any]:
    lanes = [{"sound": index, "steps": [0] * BAR_STEPS} for index in range(min(len(sounds), _BLANK_LANES))]
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
            before = lanes.get(assignment.pad.note, [0] * BAR_STEPS)
            lanes[assignment.pad.note] = [max(pair) for pair in zip(before, _bar(pattern, lane), strict=True)]
    return PagePattern(style, pattern.tempo, pattern.swing if pattern.swing_grid == BAR_STEPS else 50.0, lanes)


def _bar(pattern: Pattern, lane: Lane) -> list[int]:
    """Return the velocities of a lane's first bar, each hit on the sixteenth it lies in, the loudest of several."""
    grid, steps = pattern.grid(lane), [0] * BAR_STEPS
    for place, step in enumerate(lane.steps[:grid]):
        at = place * BAR_STEPS // grid
        steps[at] = max(steps[at], step.velocity)
    return steps
