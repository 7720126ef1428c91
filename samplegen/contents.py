"""Files of a folder as bytes, with their SHA-256."""

import hashlib
from collections.abc import Mapping
from pathlib import Path


def write(contents: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Write files by their path relative to `folder`; path -> SHA-256 of each."""
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
