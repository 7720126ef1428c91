"""Calibration: a folder of labelled hits, a few of each kind, that a hit classifier is fitted to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samplegen import roles
from samplegen.arrays import Signal
from samplegen.audio import onsets, reading, signals
from samplegen.audio.reading import SUFFIXES
from samplegen.errors import AudioError, DataError
from samplegen.transcription import hit_classifier
from samplegen.transcription.hit_classifier import CalibratedClassifier
from samplegen.transcription.hits import MAX_SECONDS, RATE

RECOMMENDED_HITS = 5  # hits of a class


@dataclass(frozen=True)
class Calibration:
    """Calibration of the hit classifier, with the number of hits of each role, and notes."""

    classifier: CalibratedClassifier
    counts: dict[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class LabelledHit:
    """A hit `(n,)` at `striking.RATE` from a file, and its role by the names of file and folders, None without."""

    path: Path
    role: str | None
    sound: Signal


def learn(folder: Path | str, rate: int = RATE) -> Calibration:
    """Learn from the sound files below a folder, whose names or folders say the role: `kick/1.wav`, `hat2.wav`.

    A file with several hits in it gives all of them. They are resampled to what a take at `rate` Hz would hold.

    Raises:
        DataError: no such folder, no names that tell, or fewer than two kinds.
    """
    folder = Path(folder)
    hits, notes = read_labelled(folder, rate)
    unlabelled = sorted({hit.path.name for hit in hits if not hit.role})
    if unlabelled:
        notes.append(f"{len(unlabelled)} files whose names tell no role are left out: {', '.join(unlabelled[:3])}")
    known = [(hit.role, hit.sound) for hit in hits if hit.role]
    counts = Counter(role for role, _ in known)
    check(folder, counts)
    notes += [
        f"{role} has {count} calibration hits; {RECOMMENDED_HITS} are better"
        for role, count in counts.items()
        if count < RECOMMENDED_HITS
    ]
    return Calibration(
        hit_classifier.fit([sound for _, sound in known], [role for role, _ in known]), counts, (*notes,)
    )


def read_labelled(folder: Path, rate: int = RATE) -> tuple[list[LabelledHit], list[str]]:
    """Return every hit in the sound files below a folder, as in a take at `rate` Hz, and which files cannot be read.

    Raises `DataError` where there is no such folder.
    """
    if not folder.is_dir():
        raise DataError(
            f"there is no folder {folder}; record about {RECOMMENDED_HITS} hits of each kind, in kick/, snare/, ..."
        )
    hits: list[LabelledHit] = []
    notes: list[str] = []
    rate = min(rate, RATE)
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()):
        role = roles.role_of_path(path.relative_to(folder).parts)
        try:
            samples = signals.resample(reading.read_audio(path, rate)[0], rate, RATE)
        except AudioError as error:
            notes.append(f"left out: {error}")
            continue
        longest = round(MAX_SECONDS * RATE)
        hits += [LabelledHit(path, role, samples[a : min(b, a + longest)]) for a, b in onsets.cut(samples, RATE)]
    return hits, notes


def check(folder: Path, counts: Mapping[str, int]) -> None:
    """Raise `DataError` unless there are hits of two roles or more in a folder."""
    if not counts:
        raise DataError(
            f"no sound file in {folder} tells by its name or folder what it is and can be read; call "
            "them kick-1.wav, snare-1.wav, hat-1.wav, or sort them into folders of these names"
        )
    if len(counts) == 1:
        raise DataError(f"{folder} holds only hits of one kind ({next(iter(counts))}); give two or more")
