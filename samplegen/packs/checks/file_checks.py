"""Checks of the files of a pack: their names, what is missing, too many or changed."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from samplegen.errors import OptionError
from samplegen.files import check_name
from samplegen.kits.manifest import FILE_NAME
from samplegen.packs.checks.opened import Finding, Pack, finding

MAX_PATH_CHARACTERS = 200  # characters of a path, the pack's own name with it
_NAMED = {".sfz": re.compile(r"sample=(\S+)"), ".dspreset": re.compile(r'path="([^"]+)"')}  # text kits name files


def check_names(pack: Pack) -> Iterator[Finding]:
    """Check letters and length of names, and that no two differ only in capitals."""
    lowered = Counter(path.lower() for path in pack.there)
    for path in pack.there:
        whole = f"{pack.manifest['name']}/{path}"
        faults = [str(error) for error in map(_name_fault, PurePosixPath(path).parts) if error]
        faults += [f"{len(whole)} characters"] if len(whole) >= MAX_PATH_CHARACTERS else []
        faults += ["another one differs only in capitals"] if lowered[path.lower()] > 1 else []
        yield finding(path, faults)


def _name_fault(part: str) -> OptionError | None:
    stem, dot, suffix = part.rpartition(".")
    try:
        check_name(stem if dot and suffix.isalnum() else part, "name")
    except OptionError as error:
        return error
    return None


def check_missing(pack: Pack) -> Iterator[Finding]:
    """Check that every file that the manifest lists, or a text kit names, is there."""
    for path in [*pack.listed, *_named_by_kits(pack)]:
        yield finding(path, [] if path in pack.there else ["is not there"])


def _named_by_kits(pack: Pack) -> Iterator[str]:
    for path in pack.there:
        kit = PurePosixPath(path)
        if kit.suffix in _NAMED:
            text = (pack.folder / path).read_text("utf-8", "replace")
            for sample in set(_NAMED[kit.suffix].findall(text)):
                yield posixpath.normpath(kit.parent / sample)


def check_extra(pack: Pack) -> Iterator[Finding]:
    """Check that every file is listed in the manifest."""
    for path in pack.there:
        yield finding(path, [] if path in pack.listed or path == FILE_NAME else ["is not in the manifest"])


def check_hashes(pack: Pack) -> Iterator[Finding]:
    """Check every file against its SHA-256."""
    for path, digest in pack.listed.items():
        if path in pack.there:
            yield finding(path, [] if pack.there[path] == digest else ["is not what was written"])
