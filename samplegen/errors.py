"""Exceptions that samplegen raises on purpose.

Each message is one sentence for a musician: what is wrong, where, and what would work. The command line prints it
and exits 1; a program catches `SamplegenError`.
"""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint to the known word that is nearest, `"; did you mean X?"`, or nothing where none is near."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


class SamplegenError(Exception):
    """Base of every error that samplegen raises on purpose.

    Example:
        >>> from samplegen import SamplegenError, load
        >>> try:
        ...     load("no-such-model")
        ... except SamplegenError as error:
        ...     print(str(error).startswith("there is no model"))
        True
    """

    def __str__(self) -> str:
        """Return the message as one printable line, whatever the file names in it hold."""
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in super().__str__())


class AudioError(SamplegenError):
    """A file or signal cannot be used as sound."""


class DataError(SamplegenError):
    """A folder cannot be used as training or comparison material."""


class ModelError(SamplegenError):
    """A model folder is missing, damaged, hostile or of the wrong kind."""


class OptionError(SamplegenError):
    """An argument has a value that cannot be used."""


class OutputError(SamplegenError):
    """A result cannot be written to its place."""


class PatternError(SamplegenError):
    """A pattern cannot be used; where its text is wrong, that line and a caret under the place follow the message."""

    _SHOWN_CHARACTERS = 96  # of the line

    def __init__(self, message: str, *, line: int = 0, column: int = 0, text: str = "") -> None:
        """Store the place: `line` and `column` count from 1, `text` is that line, 0 means that there is none."""
        super().__init__(message)
        self.line, self.column, self.text = line, column, text

    def __str__(self) -> str:
        """Return the message, and the place."""
        message = super().__str__()
        if not self.line:
            return message
        first = max(0, self.column - 1 - self._SHOWN_CHARACTERS // 2)
        shown = "".join(c if c.isprintable() else " " for c in self.text[first : first + self._SHOWN_CHARACTERS])
        return f"line {self.line}, column {self.column}: {message}\n  {shown}\n  {' ' * (self.column - 1 - first)}^"
