"""What a file is known by: its bytes' hash, and what tells, without reading it, that it is still the same."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

_PART = 1 << 17  # bytes read of a file at a time

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
        return Identity(digest(path), seen) if seen else None
    except OSError:
        return None


def digest(path: Path) -> bytes:
    """SHA-256 of a file's bytes, 32 bytes. Raises `OSError`."""
    hashed = hashlib.sha256()
    with path.open("rb", buffering=0) as file:  # `hashlib.file_digest` takes a third longer for small files
        while part := file.read(_PART):
            hashed.update(part)
    return hashed.digest()
