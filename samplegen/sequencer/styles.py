"""Styles that are shipped, one text file each in `patterns/`: a head for all of its patterns, then `[name]`s.

The first line says what the style is. Every style has the patterns `main`, of which it is known, and `fill`, one bar.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from samplegen.errors import OptionError, did_you_mean
from samplegen.sequencer import notation
from samplegen.sequencer.pattern import Pattern

MAIN, FILL = "main", "fill"
_FOLDER = Path(__file__).with_name("patterns")
_NAME = re.compile(r"^\[([a-z0-9-]+)\][ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Style:
    """Style: its name, one sentence about it, and its patterns by name, `main` first and `fill` last."""

    name: str
    about: str
    patterns: dict[str, Pattern]


def names() -> tuple[str, ...]:
    """Return the names of all styles."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))


@cache
def style(name: str) -> Style:
    """Return a style by its name. Raises `OptionError` for an unknown one."""
    if name not in names():
        raise OptionError(f"unknown style {name!r}; the styles are {', '.join(names())}{did_you_mean(name, names())}")
    return read(name, (_FOLDER / f"{name}.txt").read_text("utf-8"))


def style_pattern(name: str) -> Pattern:
    """Return the pattern of a style, `"house"`, or another one of it, `"house/deep"`.

    Raises:
        OptionError: no such style or pattern.

    Example:
        >>> import samplegen
        >>> samplegen.style_pattern("house").title
        'house main'
    """
    of, _, which = name.partition("/")
    found = style(of)
    if (which or MAIN) not in found.patterns:
        near = did_you_mean(which, found.patterns)
        raise OptionError(f"{of} has no pattern {which!r}; its patterns are {', '.join(found.patterns)}{near}")
    return found.patterns[which or MAIN]


def read(name: str, text: str) -> Style:
    """Parse a style: the head goes before every pattern. Raises `PatternError` as `parse_pattern` does."""
    head, *rest = _NAME.split(text)
    about = head.partition("\n")[0].lstrip("# ").strip()
    parsed = {which: notation.parse_pattern(head + body) for which, body in zip(rest[::2], rest[1::2], strict=True)}
    titled = {which: replace(found, title=f"{name} {which}") for which, found in parsed.items()}
    return Style(name, about, titled)
