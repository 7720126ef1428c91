"""A pack opened to be checked: its manifest, its sounds measured, and every file that is there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samplegen.files import sha256
from samplegen.kits.manifest import read_pack
from samplegen.packs.checks.measure import Wav, measure_sounds

LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave behind


@dataclass(frozen=True)
class Pack:
    """What the checks look at; paths are posix, relative to the folder."""

    folder: Path
    manifest: Mapping[str, Any]
    wavs: tuple[Wav, ...]
    there: Mapping[str, str]  # every file -> its SHA-256

    @property
    def listed(self) -> dict[str, str]:
        """Path -> SHA-256 of all that the manifest lists."""
        return {row["path"]: row["sha256"] for row in (*(wav.entry for wav in self.wavs), *self.manifest["files"])}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: where, what it is like, and how far out of bounds; 0 is within."""

    where: str
    problem: str
    off: float = 0.0


def finding(where: str, faults: Sequence[str]) -> Finding:
    """A finding of what is either right or wrong."""
    return Finding(where, "; ".join(faults), math.inf if faults else 0.0)


def open_pack(folder: Path) -> Pack:
    """Read and measure a pack.

    Raises:
        DataError: no pack, or a manifest that cannot be used.
    """
    manifest = read_pack(folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in LITTER)
    there = {path.relative_to(folder).as_posix(): sha256(path) for path in paths}
    return Pack(folder, manifest, tuple(measure_sounds(folder, manifest)), there)
