"""Patterns in a terminal: a row a lane, a bar as high as each hit is loud."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

if TYPE_CHECKING:
    from samplegen.sequencer.pattern import Lane, Pattern

_BARS, _BARS_ASCII = "▁▂▃▄▅▆▇█", "123456789"
_LOUDEST = 127
_WIDEST = 32  # steps that a bar is drawn with; finer ones are drawn as the loudest of a few


@dataclass(frozen=True)
class Grid:
    """A pattern, as many whole bars of it side by side as there is room for, then the next ones below."""

    pattern: "Pattern"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        marks = _BARS_ASCII if options.ascii_only else _BARS
        pattern, names = self.pattern, [lane.name for lane in self.pattern.lanes]
        width = max(map(len, names)) + 2
        rows = [[_bar(pattern, lane, bar, marks) for bar in range(pattern.bars)] for lane in pattern.lanes]
        fit = max(1, (options.max_width - width) // (max(len(row[0]) for row in rows) + 1))
        for first in range(0, pattern.bars, fit):
            for name, row in zip(names, rows, strict=True):
                yield Text(f"{name:<{width}}" + "|".join(row[first : first + fit]), overflow="crop", no_wrap=True)
            if first + fit < pattern.bars:
                yield Text("")


def _bar(pattern: "Pattern", lane: "Lane", bar: int, marks: str) -> str:
    """One bar of a lane, with a space before every beat but the first."""
    grid = pattern.grid(lane)
    fine = next(times for times in range(1, grid + 1) if grid % times == 0 and grid // times <= _WIDEST)
    heights = [lane.steps[(bar * grid + index) % len(lane.steps)].velocity for index in range(grid)]
    loudest = [max(heights[index : index + fine]) for index in range(0, grid, fine)]
    return "".join(_cells(loudest, pattern.pulse_steps(lane) / fine, marks))


def _cells(velocities: list[int], beat: float, marks: str) -> Iterator[str]:
    for index, velocity in enumerate(velocities):
        mark = marks[(velocity * len(marks) - 1) // _LOUDEST] if velocity else "."
        yield f" {mark}" if index and index % beat == 0 else mark
