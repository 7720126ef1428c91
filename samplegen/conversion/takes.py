"""Takes, whole or part by part, and which take of one voice says what a take of the other says."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio.reading import SUFFIXES
from samplegen.errors import DataError

Channels = Signal  # (frames, channels)


class Take(Protocol):
    """A take that is read part by part, such as an `audio.Recording`."""

    @property
    def rate(self) -> int:
        """In Hz."""

    @property
    def frames(self) -> int:
        """Samples of each channel."""

    @property
    def channels(self) -> int:
        """Return how many there are."""

    def read(self, start: int, stop: int) -> Channels:
        """Samples `(stop - start, channels)`, silence where there are none."""


@dataclass(frozen=True)
class ArrayTake:
    """A take `(n, channels)` that is in memory."""

    samples: Channels
    rate: int

    @property
    def frames(self) -> int:
        """Return its length."""
        return len(self.samples)

    @property
    def channels(self) -> int:
        """Return how many there are."""
        return self.samples.shape[1]

    def read(self, start: int, stop: int) -> Channels:
        """Samples `(stop - start, channels)`, silence where there are none."""
        part = self.samples[max(start, 0) : max(stop, 0)]
        before = min(max(-start, 0), stop - start)
        return np.pad(part, ((before, stop - start - before - len(part)), (0, 0)))


def from_array(samples: Signal, rate: int) -> ArrayTake:
    """A mono take `(n,)`."""
    return ArrayTake(samples[:, None], rate)


@dataclass(frozen=True)
class Pair:
    """Two takes of one sentence."""

    name: str
    source: Path
    target: Path


def find_pairs(source: Path, target: Path, table: Path | None = None) -> list[Pair]:
    """Return which takes belong together: two files, those of two folders that share a name, or what a CSV file says.

    Each line of the table names a take of the source and one of the target, by paths within their folders.

    Raises:
        DataError: nothing belongs together, or the table names what is not there.
    """
    for place in (source, target):
        if not place.exists():
            raise DataError(f"{place} is not there; give a folder of takes, or one take, of each voice")
    if table:
        return _read_table(source, target, table)
    if source.is_file() and target.is_file():
        return [Pair(source.stem, source, target)]
    of_source, of_target = _files_by_stem(source), _files_by_stem(target)
    both = sorted(of_source.keys() & of_target.keys())
    if not both:
        raise DataError(
            f"no take in {source} ({len(of_source)}) has the name of one in {target} ({len(of_target)}); "
            "name takes of one sentence alike, or list them with --pairs"
        )
    return [Pair(name, of_source[name], of_target[name]) for name in both]


def _files_by_stem(folder: Path) -> dict[str, Path]:
    """Takes by their path within a folder, without its ending."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return {str(path.relative_to(folder).with_suffix("")): path for path in found}


def _read_table(source: Path, target: Path, table: Path) -> list[Pair]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file) if any(line)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table} cannot be read as a table of pairs ({error})") from error
    return [_pair(source, target, table, number, line) for number, line in enumerate(lines, 1)]


def _pair(source: Path, target: Path, table: Path, number: int, line: Sequence[str]) -> Pair:
    if len(line) != 2:
        raise DataError(f"line {number} of {table} holds {len(line)} cells; it should name two takes")
    places = source / line[0], target / line[1]
    for place in places:
        if not place.is_file():
            raise DataError(f"line {number} of {table} names {place}, which is not there")
    return Pair(line[0], *places)


_LIMITER_KNEE = 0.9  # of full scale, above which peaks are rounded


def limit_peaks(made: Channels) -> Channels:
    """Within full scale: the level cannot be known before all is made, so what goes beyond the knee bends."""
    over = np.maximum(np.abs(made) - _LIMITER_KNEE, 0)
    room = 1 - _LIMITER_KNEE
    return np.where(over > 0, np.sign(made) * (_LIMITER_KNEE + room * np.tanh(over / room)), made)
