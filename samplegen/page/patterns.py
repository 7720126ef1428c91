"""Patterns of the page: the styles that the pack's loops are in, as sixteen steps of its own sounds."""

from collections.abc import Sequence

from samplegen.kits.kit import Pad
from samplegen.page.contents import PagePattern
from samplegen.page.steps import STEPS
from samplegen.sequencer import packloops
from samplegen.sequencer.pad_mapping import cast
from samplegen.sequencer.pattern import Lane, Pattern, written_out


def of_pack(pads: Sequence[Pad], seed: int) -> tuple[PagePattern, ...]:
    """The first bar of each style that `packloops.drawn` draws from the seed; flams and ratchets become single hits.

    Args:
        pads: of the kit that plays.
        seed: of the pack.
    """
    return tuple(_shown(style, written_out(pattern), pads) for style, pattern in packloops.drawn(seed).items())


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
