"""Hits of a mouth or a table with their roles: what a beatbox learns to hear from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from samplegen.arrays import Signal
from samplegen.errors import DataError
from samplegen.transcription import calibration, hit_classifier
from samplegen.transcription.calibration import RECOMMENDED_HITS, LabelledHit

MIN_HITS = 2  # hits of a role


@dataclass(frozen=True)
class Source:
    """Hits `(n,)` at `hits.RATE`, the role and file of each, and notes on them."""

    sounds: tuple[Signal, ...]
    roles: tuple[str, ...]
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The roles that there are, sorted."""
        return tuple(sorted(set(self.roles)))


def read(folder: Path) -> Source:
    """The hits in the sound files below a folder, clips or takes.

    Roles come from the names of folders and files. Hits without are told apart by those that have one or, where none
    has, by `telling.by_rule`.

    Raises:
        DataError: no folder, no sound that can be used, one kind only, or a kind with fewer than `MIN_HITS` hits.
    """
    found, notes = calibration.read_labelled(folder)
    if not found:
        raise DataError(f"{folder} holds no sound that can be used{f': {notes[0]}' if notes else ''}")
    named, rest = [hit for hit in found if hit.role], [hit for hit in found if not hit.role]
    if rest:
        named += _predicted(named, rest)
        notes.append(f"{len(rest)} hits whose names tell no role are told apart by their sound, which may err")
    counts = Counter(str(hit.role) for hit in named)
    calibration.check(folder, counts)
    _check_counts(folder, counts)
    notes += [
        f"{role} has {count} hits; {RECOMMENDED_HITS} are better"
        for role, count in counts.items()
        if count < RECOMMENDED_HITS
    ]
    rows = [(hit.sound, str(hit.role), hit.path) for hit in named]
    sounds, labels, files = zip(*rows, strict=True)
    return Source(sounds, labels, files, tuple(notes))


def _predicted(named: Sequence[LabelledHit], rest: Sequence[LabelledHit]) -> list[LabelledHit]:
    """Hits with the roles that they sound like."""
    labels, sounds = [str(hit.role) for hit in named], [hit.sound for hit in named]
    classifier = hit_classifier.fit(sounds, labels) if len(set(labels)) > 1 else hit_classifier.classify_by_rule
    predicted = classifier([hit.sound for hit in rest])
    return [LabelledHit(hit.path, role, hit.sound) for hit, role in zip(rest, predicted, strict=True)]


def _check_counts(folder: Path, counts: Counter[str]) -> None:
    few = [f"{count} of {role}" for role, count in counts.items() if count < MIN_HITS]
    if few:
        raise DataError(f"{folder} holds too few hits, {', '.join(few)}; record about {RECOMMENDED_HITS} of each kind")
