"""The one family of exceptions that samplegen raises on purpose.

Each message is one sentence for a musician: what is wrong, where, and what would work.
The command line prints it and exits 1; a program catches `SamplegenError`.
"""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint to the known word that is nearest, `"; did you mean X?"`, or nothing where none is near."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


class SamplegenError(Exception):
    """Base of every error that samplegen raises on purpose."""

    def __str__(self) -> str:
        """The message as one printable line, whatever the file names in it hold."""
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
    """A result cannot be written where it was asked for."""


class PatternError(SamplegenError):
    """A pattern cannot be used. Where its text is at fault, the message goes on with that line and a caret under it."""

    _WIDTH = 96  # characters of the line that are shown

    def __init__(self, message: str, *, line: int = 0, column: int = 0, text: str = "") -> None:
        """Say what is wrong; `line` and `column` count from 1, `text` is that line, 0 says that there is none."""
        super().__init__(message)
        self.line, self.column, self.text = line, column, text

    def __str__(self) -> str:
        """The message, and the place."""
        message = super().__str__()
        if not self.line:
            return message
        first = max(0, self.column - 1 - self._WIDTH // 2)
        shown = "".join(c if c.isprintable() else " " for c in self.text[first : first + self._WIDTH])
        return f"line {self.line}, column {self.column}: {message}\n  {shown}\n  {' ' * (self.column - 1 - first)}^"
