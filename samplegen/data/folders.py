"""Which files below a folder are sounds, or other things: a walk that survives links, locked folders and odd names."""

import os
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from samplegen.audio import reading
from samplegen.errors import DataError

Skip = Callable[[Path, str], None]

_PACK_FILE, _SOUNDS_FOLDER = "pack.json", "One_Shots"  # of a pack's other folders, each sound would count again


def find_audio_files(folder: Path, skip: Skip) -> Iterator[Path]:
    """Every file with a suffix of audio, as `files` finds them."""
    return find_files(folder, reading.SUFFIXES, skip)


def find_files(folder: Path, suffixes: Container[str], skip: Skip) -> Iterator[Path]:
    """Every file with one of some suffixes, sorted, so that the order never depends on the disk.

    Links are followed, each folder once; of a sample pack its one-shots count. `skip` is told of folders that cannot
    be opened. Raises `DataError` if `folder` is none.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - unlike Path.is_dir it raises nothing, whatever the name
        raise DataError(f"{folder} is no folder; give the path of a folder of drum sounds")

    def unreadable(error: OSError) -> None:
        skip(Path(error.filename), f"is a folder that cannot be opened ({error.strerror})")

    seen = {_identity(folder)}
    for place, folders, names in os.walk(folder, followlinks=True, onerror=unreadable):
        visited = [_SOUNDS_FOLDER] if {_PACK_FILE, _SOUNDS_FOLDER} <= {*names, *folders} else sorted(folders)
        folders[:] = [name for name in visited if _first_visit(Path(place, name), seen)]
        for path in (Path(place, name) for name in sorted(names)):
            if path.suffix.lower() in suffixes and not path.name.startswith("._"):  # macOS' shadow files
                yield path


def _first_visit(folder: Path, seen: set[tuple[int, int] | None]) -> bool:
    place = _identity(folder)
    new = place not in seen
    seen.add(place)
    return new or place is None


def _identity(folder: Path) -> tuple[int, int] | None:
    """What a folder is known by, however many links lead there; None if it cannot be seen."""
    try:
        stat = folder.stat()
    except OSError:
        return None  # `os.walk` will say why
    return stat.st_dev, stat.st_ino
