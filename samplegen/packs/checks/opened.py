"""Pack opened for checks: its manifest, its sounds measured, and the hash of every file."""

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
    """Input of every check; paths are posix, relative to the folder."""

    folder: Path
    manifest: Mapping[str, Any]
    wavs: tuple[Wav, ...]
    there: Mapping[str, str]  # every file -> its SHA-256

    @property
    def listed(self) -> dict[str, str]:
        """SHA-256 of each file that the manifest lists, by its path."""
        return {row["path"]: row["sha256"] for row in (*(wav.entry for wav in self.wavs), *self.manifest["files"])}


@dataclass(frozen=True)
class Finding:
    """Result of a check for one file: where, the problem, and how far it is out of bounds; 0 is within."""

    where: str
    problem: str
    off: float = 0.0


def finding(where: str, faults: Sequence[str]) -> Finding:
    """Return the finding of a check that has no degrees: right, or wrong with the faults."""
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
