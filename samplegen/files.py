"""Results on disk: written whole or not at all, and never over something by accident.

The writing happens in a hidden scratch folder beside the target, so the last step is a rename on
one disk. A killed program leaves its scratch behind; the next write beside it, a day later or
more, removes it.
"""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from samplegen.errors import OptionError, OutputError

SCRATCH_PREFIX = ".samplegen-part-"  # begins the name of everything half-written, so that it can be told and cleaned
STALE_SECONDS = 24 * 3600.0  # without a change in it, nobody writes to a scratch folder any more
_READ_BYTES = 1 << 17  # of a file at a time
_NEW, _OLD = "new", "old"  # inside of it: what is written, and what `_swap` put aside


def refuse_existing(target: Path, *, force: bool) -> None:
    """Raise `OutputError` if `target` exists and `force` is not set."""
    if os.path.lexists(target) and not force:  # a dangling link is something, too
        raise OutputError(f"{target} exists already; choose another name or pass --force")


@contextmanager
def whole_folder(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to fill; it becomes `target` only if the block ends without an error.

    An existing `target` is refused without `force` and, with it, replaced only after the new one
    is complete. Raises `OutputError` where the disk is full or not writable.
    """
    refuse_existing(target, force=force)
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target} is a file; choose the name of a folder")
    with _disk_errors(target), _scratch(target.parent) as scratch:
        part = scratch / _NEW
        yield part
        refuse_existing(target, force=force)  # another program may have been quicker
        _swap(part, target, scratch / _OLD)


@contextmanager
def whole_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a path to write one file to; it becomes `target` only if the block ends without an error.

    The path has the name of `target`, as libraries choose a format by its end. Raises
    `OutputError` as `whole_folder` does.
    """
    refuse_existing(target, force=force)
    if target.is_dir():
        raise OutputError(f"{target} is a folder; give the name of a file")
    with _disk_errors(target), _scratch(target.parent) as scratch:
        part = scratch / _NEW / target.name
        yield part
        refuse_existing(target, force=force)
        part.replace(target)


class FolderContents(Mapping[str, bytes]):
    """The files below a folder by their posix path in it, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, path: str) -> bytes:
        return (self._folder / path).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return (path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*") if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)


@contextmanager
def whole_set(targets: Sequence[Path], *, force: bool = False) -> Iterator[list[Path]]:
    """Give a path for each of several files or folders of one place; they become `targets` all together or not at all.

    Each path has the name of its target and has to be filled. Raises `OutputError` as `whole_folder` does.
    """
    for target in targets:
        refuse_existing(target, force=force)
    with _disk_errors(targets[0]), _scratch(targets[0].parent) as scratch:
        parts = [scratch / _NEW / target.name for target in targets]
        yield parts
        for target in targets:
            refuse_existing(target, force=force)
        aside = scratch / _OLD
        aside.mkdir()
        with ExitStack() as undo:
            undo.callback(aside.rmdir)  # the last to be undone: it is empty then, or kept
            for part, target in zip(parts, targets, strict=True):
                if os.path.lexists(target):
                    target.rename(aside / target.name)
                    undo.callback((aside / target.name).rename, target)
                part.rename(target)
                undo.callback(target.rename, part)
            undo.pop_all()
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(parent)
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=parent))
    try:
        (folder / _NEW).mkdir()
        yield folder
    finally:
        _remove(folder)


def _remove_stale(parent: Path) -> None:
    for folder in parent.glob(f"{SCRATCH_PREFIX}*"):
        with suppress(FileNotFoundError):  # its own program may be about to remove it
            if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                _remove(folder)


def _remove(scratch: Path) -> None:
    """Remove a scratch folder, except one with an earlier result that could not be put back."""
    if not (scratch / _OLD).exists():
        shutil.rmtree(scratch, ignore_errors=True)


def _swap(part: Path, target: Path, old: Path) -> None:
    """Move `part` to `target`; what stood there is put aside as `old`, and back if that fails."""
    if not target.exists():
        part.rename(target)
        return
    target.rename(old)
    try:
        part.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}; nothing was kept") from error


def write_files(contents: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Write files by their path relative to `folder`; path -> SHA-256 of each."""
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return {path: sha256_bytes(content) for path, content in contents.items()}


def sha256_digest(path: Path) -> bytes:
    """Return the SHA-256 of a file, 32 bytes. Raises `OSError`."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:  # `hashlib.file_digest` takes a third longer for small files
        while part := file.read(_READ_BYTES):
            digest.update(part)
    return digest.digest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits. Raises `OSError`."""
    return sha256_digest(path).hex()


def sha256_bytes(content: bytes) -> str:
    """Return the SHA-256 of a content, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


MAX_NAME_CHARACTERS = 64  # characters; keeps every path of a pack under 200
_ALLOWED_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_-]{{0,{MAX_NAME_CHARACTERS - 1}}}")
_RESERVED_NAMES = {"con", "prn", "aux", "nul"} | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}


def check_name(name: str, what: str) -> str:
    """Return `name` if it can name a file or folder on every system, else raise `OptionError`.

    Args:
        name: the name of one file or folder, never a path.
        what: what it names, for the message: `"pack name"`.
    """
    shown = repr(name if len(name) <= MAX_NAME_CHARACTERS else name[:MAX_NAME_CHARACTERS] + "...")
    if name.lower() in _RESERVED_NAMES:
        raise OptionError(f"the {what} {shown} is reserved by Windows; choose another one")
    if not _ALLOWED_NAME.fullmatch(name):
        raise OptionError(
            f"the {what} {shown} cannot be used: 1 to {MAX_NAME_CHARACTERS} letters (a-z, A-Z), digits, "
            "_ and - are allowed, and no - in front"
        )
    return name
