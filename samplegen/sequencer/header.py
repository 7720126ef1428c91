"""Header of a pattern's text, in every notation: comments that begin with a key, such as `# tempo 120 swing 56`.

    title      the rest of the line
    tempo      quarter notes a minute
    swing      50 to 75: the per cent of a pair of notes at which the second one falls
    grid       the notes that swing: 8 or 16 (default)
    meter      4/4
    steps      a bar; default: sixteenths
    bars       how long it lasts; default: as many as the longest lane

A line may hold several pairs. Any other comment is free text; one that begins with a key is held to it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from samplegen.errors import DataError, PatternError
from samplegen.sequencer.pattern import METER_UNITS, Lane, Pattern, count_bars, sixteenths

MAX_TEXT_CHARACTERS = 1_000_000  # a thousand times the longest style; more is no pattern
_PAIR = re.compile(r"([^\s,]+)[\s,]*([^\s,]*)[\s,]*")


@dataclass(frozen=True)
class Line:
    """Line of a text, with its number from 1."""

    number: int
    text: str

    def fault(self, message: str, column: int) -> PatternError:
        """Return an error at a column, counted from 0."""
        return PatternError(message, line=self.number, column=column + 1, text=self.text)


def split_lines(text: str) -> list[Line]:
    """Split a text into lines. Raises `PatternError` for one that is too long to be a pattern."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise PatternError(f"the text has {len(text)} characters; a pattern has up to {MAX_TEXT_CHARACTERS}")
    return [Line(number, line) for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1)]


def read_text(path: Path) -> str:
    """Read the text of a pattern's file. Raises `DataError` for one that is too long, unreadable or no text."""
    try:
        if path.stat().st_size > MAX_TEXT_CHARACTERS:
            raise DataError(f"{path} is larger than {MAX_TEXT_CHARACTERS} bytes; that is no pattern")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is no text; a pattern is a text file, and a MIDI file is given with --midi") from error


def split_header(text: str) -> tuple[dict[str, Any], list[Line]]:
    """Return the values of the header, and the lines that are neither header nor comment nor empty.

    Raises:
        PatternError: a key or value that cannot be used, with its place.
    """
    attributes: dict[str, Any] = {}
    body = []
    for line in split_lines(text):
        stripped = line.text.lstrip()
        if stripped.startswith("#"):
            attributes |= _comment(line, len(line.text) - len(stripped) + 1)
        elif stripped:
            body.append(line)
    return attributes, body


def build_pattern(attributes: dict[str, Any], lanes: tuple[Lane, ...]) -> Pattern:
    """Build the pattern of a header and lanes. Raises `PatternError` where `Pattern` does."""
    steps = steps_of(attributes)
    return Pattern(lanes, **{"bars": count_bars(lanes, steps)} | attributes | {"steps": steps})


def steps_of(attributes: dict[str, Any]) -> int:
    """Return the steps of a bar by the header."""
    steps: int = attributes.get("steps", sixteenths(attributes.get("meter", (4, 4))))
    return steps


def print_header(pattern: Pattern) -> list[str]:
    """Return the lines that `split_header` reads."""
    values = {
        "tempo": number(pattern.tempo),
        "swing": number(pattern.swing),
        "grid": str(pattern.swing_grid),
        "meter": f"{pattern.meter[0]}/{pattern.meter[1]}",
        "steps": str(pattern.steps),
        "bars": str(pattern.bars),
    }
    title = [f"# title {pattern.title}"] if pattern.title else []
    return [*title, "# " + "  ".join(f"{key} {value}" for key, value in values.items())]


def number(value: float) -> str:
    """Format a number in decimal digits that read back as the same one: `54`, `0.125`."""
    return f"{Decimal(repr(float(value))):f}".removesuffix(".0")


def read_number(text: str) -> float:
    """Parse a finite number in decimal digits. Raises `ValueError`."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII) or len(text) > 400:
        raise ValueError(text)
    return float(text)


def read_whole(text: str) -> int:
    """Parse a whole number of few digits. Raises `ValueError`."""
    if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _meter(text: str) -> tuple[int, int]:
    beats, _, unit = text.partition("/")
    meter = read_whole(beats), read_whole(unit)
    if meter[0] < 1 or meter[1] not in METER_UNITS:
        raise ValueError(text)
    return meter


_KEYS: dict[str, tuple[str, Callable[[str], Any], str]] = {  # key -> field, reader, what it should be
    "tempo": ("tempo", read_number, "a number, as in tempo 120"),
    "swing": ("swing", read_number, "a number from 50 to 75, as in swing 56"),
    "grid": ("swing_grid", read_whole, "8 or 16: the notes that swing"),
    "meter": ("meter", _meter, "beats and unit, as in meter 7/8"),
    "steps": ("steps", read_whole, "the number of steps in a bar, as in steps 16"),
    "bars": ("bars", read_whole, "a whole number, as in bars 2"),
}


def _comment(line: Line, start: int) -> dict[str, Any]:
    """Return the values of a comment that starts after column `start`, if it begins with a key."""
    rest = line.text[start:]
    first = (rest.split() or [""])[0]
    if first == "title":
        return {"title": rest.split(None, 1)[1].strip() if len(rest.split()) > 1 else ""}
    if first not in _KEYS:
        return {}
    start += len(rest) - len(rest.lstrip())
    return {_KEYS[pair[1]][0]: _value(line, pair) for pair in _pairs(line, start)}


def _pairs(line: Line, start: int) -> list[re.Match[str]]:
    pairs = list(_PAIR.finditer(line.text, start))
    for pair in pairs:
        if pair[1] not in _KEYS:
            raise line.fault(
                f"unknown key {pair[1]!r} in the header; the keys are title, {', '.join(_KEYS)}", pair.start(1)
            )
    return pairs


def _value(line: Line, pair: re.Match[str]) -> Any:
    _, read, meant = _KEYS[pair[1]]
    try:
        return read(pair[2])
    except ValueError:
        raise line.fault(f"{pair[1]} is {pair[2]!r}; it should be {meant}", pair.start(2)) from None
