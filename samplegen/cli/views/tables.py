"""Results in a terminal: tables that fit its width, small charts, a spectrogram in half blocks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.color import Color
from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from samplegen.cli.output import Console, plain

if TYPE_CHECKING:
    from samplegen.data.dataset import Progress, Report

NUMBERS = {"sounds", "minutes", "MB", "seconds", "peak dB", "note", "start", "end", "files"}  # columns set to the right
SHOWN = 24  # rows of a long table
_WIDEST = 28  # characters that a cell may ask for before it is folded
_GAP = 2  # columns between two cells
_BARS, _BARS_ASCII = "▁▂▃▄▅▆▇█", "_.-~=+*#"
_SHADES = " .:-=+*#%@"
_PICTURE = (100, 20)  # largest picture, in characters
_UPPER_HALF = "▀"


@dataclass(frozen=True)
class Rows:
    """A table: what matters comes first, and columns from the right are left out until it fits the terminal."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        """Draw as many columns as fit."""
        cells = [[plain(cell) for cell in row] for row in self.rows]
        widths = [min(_WIDEST, max(map(len, column))) + _GAP for column in zip(self.columns, *cells, strict=True)]
        count = sum(total <= options.max_width for total in np.cumsum(widths)) or 1
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP, 0, 0))
        for name in self.columns[:count]:
            table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
        for row in cells:
            table.add_row(*map(Text, row[:count]))
        yield table


def rows(columns: Sequence[str], content: Sequence[Sequence[object]], *, shown: int = SHOWN) -> Iterator[Rows | Text]:
    """A table of the first `shown` rows, and how many more there are."""
    if content:
        yield Rows(columns, content[:shown])
    if len(content) > shown:
        yield sentence(f"... and {len(content) - shown} more; --json lists all of them")


def facts(pairs: Mapping[str, object]) -> Table:
    """A table of names and values; what is None or empty is left out."""
    table = Table.grid(padding=(0, _GAP, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs.items():
        if value is not None and value != "":
            table.add_row(name, Text(plain(value)))
    return table


def sentence(text: str) -> Text:
    """A line of text of anyone's."""
    return Text(plain(text), overflow="fold")


def verbatim(text: str) -> Iterator[str]:
    """Lines of text of anyone's to be copied or piped: however long, `Console` does not break a plain string."""
    return map(plain, text.splitlines())


def ingested(report: "Report") -> Iterator[Table | Rows | Text]:
    """Yield a summary of the files of a folder."""
    counts = {"files": f"{report.files} ({report.cached} known from before)", "one-shots": report.one_shots}
    counts |= {"loops": f"{report.loops}, cut into {report.slices} hits"} if report.loops else {}
    yield facts(counts | ({"skipped": len(report.skipped)} if report.skipped else {}))
    yield from rows(("skipped", "because it"), report.skipped, shown=SHOWN // 3)


@contextmanager
def progress(console: Console, text: str) -> Iterator["Progress | None"]:
    """A bar on the terminal; what it yields is told (done, total)."""
    if console.silent or not console.aside.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(text), BarColumn(bar_width=None), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console.aside, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@dataclass(frozen=True)
class Chart:
    """A row of bars, one for each value or group of values, as wide as there is room for."""

    values: Sequence[float]

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        """Draw it, from 0 to the largest value."""
        bars = _BARS_ASCII if options.ascii_only else _BARS
        heights = _resized(np.asarray(self.values, np.float32), min(len(self.values), options.max_width, _PICTURE[0]))
        top = max(float(heights.max(initial=0)), 1e-9)
        yield Text("".join(bars[int(np.clip(height / top, 0, 1) * (len(bars) - 1))] for height in heights))


@dataclass(frozen=True)
class Picture:
    """Levels `(bins, frames)` in 0..1, lowest frequency first, drawn with it at the bottom, octaves evenly spaced."""

    levels: NDArray[np.float32]

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        """Two cells a character in colour, or one in shades of ASCII."""
        width, height = min(options.max_width, _PICTURE[0]), _PICTURE[1]
        coloured = console.color_system is not None and not console.no_color and not options.ascii_only
        height *= 2 if coloured else 1
        octaves = np.geomspace(1, len(self.levels), height + 1)[:-1].astype(int)
        grid = np.maximum.reduceat(_resized(self.levels.T, width).T, octaves, axis=0)[::-1]
        yield from (_half_blocks if coloured else _shades)(grid)


def _half_blocks(grid: NDArray[np.float32]) -> Iterator[Segment]:
    from samplegen.features.images import colourise

    for upper, lower in colourise(grid).reshape(-1, 2, grid.shape[1], 3):
        for top, bottom in zip(upper.tolist(), lower.tolist(), strict=True):
            yield Segment(_UPPER_HALF, Style(color=Color.from_rgb(*top), bgcolor=Color.from_rgb(*bottom)))
        yield Segment.line()


def _shades(grid: NDArray[np.float32]) -> Iterator[Segment]:
    for line in (grid * (len(_SHADES) - 1)).astype(int):
        yield Segment("".join(_SHADES[shade] for shade in line).rstrip())
        yield Segment.line()


def _resized(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """`count` rows for those of `values`: the largest of each group, or each repeated; a click is never lost."""
    return np.maximum.reduceat(values, np.arange(count) * len(values) // max(count, 1)) if count else values
