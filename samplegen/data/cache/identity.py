"""Identity of a file: the hash of its bytes; and its stamp, which tells without reading it that it is unchanged."""

import os
from pathlib import Path
from typing import NamedTuple

from samplegen import files

Stamp = tuple[int, int]  # bytes, and time of the last change in ns


class Identity(NamedTuple):
    """SHA-256 of a file, 32 bytes, and its stamp at that time."""

    digest: bytes
    stamp: Stamp


def stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file: size and time of change; None if it cannot be seen."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - half the time
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def identify(path: Path) -> Identity | None:
    """Return the identity of a file; None if it cannot be read.

    The stamp is taken first, so that a write meanwhile makes it another one.
    """
    try:
        seen = stamp(path)
        return Identity(files.sha256_digest(path), seen) if seen else None
    except OSError:
        return None
