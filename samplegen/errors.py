"""The one family of exceptions that samplegen raises on purpose.

Each message is one sentence for a musician: what is wrong, where, and what would work.
The command line prints it and exits 1; a program catches `SamplegenError`.
"""


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
