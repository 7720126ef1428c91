"""Strokes in seconds become steps on a grid: the lanes of a pattern."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np

from samplegen.sequencer.pattern import REST, Lane, Pattern, Step
from samplegen.transcription import grid as grids
from samplegen.transcription.grid import Grid

_EXACT_STEPS = 0.03  # steps beside the grid below which a hit lies on it


class QuantizedHit(NamedTuple):
    """One drum struck: when, in seconds, the name of its lane, how hard (1..127)."""

    seconds: float
    drum: str
    velocity: int


@dataclass(frozen=True)
class Bars:
    """The bars of a loop on a grid."""

    grid: Grid
    meter: tuple[int, int]
    bars: int

    @property
    def steps(self) -> int:
        """Steps a bar."""
        return self.grid.per_beat * self.meter[0]

    @property
    def count(self) -> int:
        """Steps of the whole loop."""
        return self.bars * self.steps


def bars_of(grid: Grid, seconds: float) -> Bars:
    """The bars that hold a loop of so many seconds."""
    meter = grids.meter(grids.whole_beats(seconds, grid.bpm))
    return Bars(grid, meter, max(1, ceil(seconds * grid.bpm / 60 / meter[0] - 0.02)))


def to_pattern(hits: Sequence[QuantizedHit], bars: Bars) -> Pattern | None:
    """Strokes as a pattern, a lane for each drum as they are first named; of two on a step the louder. None of none."""
    grid, seconds = bars.grid, np.array([hit.seconds for hit in hits])
    if not hits:
        return None
    places = grids.nearest(grid, seconds, bars.count)
    offsets = (seconds - grid.times(bars.count + 1)[places] + grid.origin) / grid.step
    lanes = {hit.drum: [REST] * bars.count for hit in hits}
    for hit, place, offset in zip(hits, places % bars.count, offsets.tolist(), strict=True):
        if hit.velocity > lanes[hit.drum][place].velocity:
            lanes[hit.drum][place] = _step(hit.velocity, offset)
    named = tuple(Lane(drum, tuple(steps)) for drum, steps in lanes.items())
    return Pattern(named, "", round(grid.bpm, 4), bars.meter, bars.steps, grid.swing, grid.swing_grid, bars.bars)


def _step(velocity: int, offset: float) -> Step:
    late = round(min(max(offset, -1.0), 1.0), 2)
    return Step(velocity, offset=late if abs(late) >= _EXACT_STEPS else 0.0)
