"""Sources of patterns on the command line: a text, a file, a style, a MIDI file."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from samplegen.errors import DataError, OptionError

if TYPE_CHECKING:
    from samplegen.sequencer.pattern import Pattern

DEFAULT_STYLE = "house"


class Notation(StrEnum):
    """Notations of a pattern."""

    grid = "grid"
    tidal = "tidal"


def source(
    pattern: str | None, style: str | None, midi: Path | None, notation: Notation, *, fill: bool, bars: int | None
) -> tuple[str, "Pattern", tuple[str, ...]]:
    """Return a name for the files, the pattern, and warnings."""
    from samplegen.sequencer import midi_reader

    if fill and (pattern is not None or midi):
        raise OptionError("--fill plays the fill of a style or groove; give one with --style or --groove")
    if midi:
        return word(midi.stem), *midi_reader.read_midi(midi)
    if pattern is not None:
        return _of_text(pattern, notation)
    return _of_style(style or DEFAULT_STYLE, fill=fill, bars=bars)


def _of_style(name: str, *, fill: bool, bars: int | None) -> tuple[str, "Pattern", tuple[str, ...]]:
    from samplegen.sequencer import arrange
    from samplegen.sequencer import styles as library

    found = library.style_pattern(name)
    if fill:
        end = library.style_pattern(f"{name.partition('/')[0]}/{library.FILL}")
        before = (bars or 2 * found.bars) - end.bars
        found = arrange.concatenate(replace(found, bars=before), end) if before > 0 else end
    return name.replace("/", "-"), found, ()


def _of_text(text: str, notation: Notation) -> tuple[str, "Pattern", tuple[str, ...]]:
    """A pattern from a file of that name, or from the text itself."""
    from samplegen.sequencer import notation as grid
    from samplegen.sequencer import tidal

    parse = {Notation.grid: grid.parse_pattern, Notation.tidal: tidal.parse_tidal}[notation]
    path = Path(text) if 0 < len(text) < 1_000 and not set(text) & set("\n\0;") else None
    if path and path.is_file():
        from samplegen.sequencer.header import read_text

        return word(path.stem), parse(read_text(path)), ()
    if path and (path.suffix == ".txt" or path.exists()):
        raise DataError(f"there is no pattern file {path}; give a file, or a pattern as text")
    return "pattern", parse(text.replace(";", "\n")), ()


def word(name: str) -> str:
    """A name of a file or model as a part of another file's."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return kept.strip("-")[:40] or "pattern"


def varied(pattern: "Pattern", mutate: float, density: float, seed: int) -> "Pattern":
    """The pattern thinned or thickened, then mutated."""
    from samplegen.sequencer import arrange

    return arrange.mutate(arrange.change_density(pattern, density, seed), mutate, seed)
