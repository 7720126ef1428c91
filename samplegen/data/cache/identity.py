"""What a file is known by: its bytes' hash, and what tells, without reading it, that it is still the same."""

import os
from pathlib import Path
from typing import NamedTuple

from samplegen import files

Stamp = tuple[int, int]  # bytes, and time of the last change in ns


class Identity(NamedTuple):
    """A file's SHA-256, 32 bytes, and its stamp at that time."""

    digest: bytes
    stamp: Stamp


def stamp(path: Path) -> Stamp | None:
    """None if the file cannot be seen."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - half the time
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def identify(path: Path) -> Identity | None:
    """None if the file cannot be read. The stamp is taken first: what is written meanwhile makes it another."""
    try:
        seen = stamp(path)
        return Identity(files.sha256_digest(path), seen) if seen else None
    except OSError:
        return None
