"""A folder of labelled hits, a few of each kind, as what tells the hits of a take apart."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from samplegen import audio, loops, roles
from samplegen.audio import SUFFIXES, Signal
from samplegen.errors import AudioError, DataError
from samplegen.triggering import telling
from samplegen.triggering.striking import LONGEST, RATE
from samplegen.triggering.telling import Calibrated

ENOUGH = 5  # hits of a class


@dataclass(frozen=True)
class Calibration:
    """What tells hits apart, how many hits of each role it has learned from, and what is to be said of them."""

    tell: Calibrated
    counts: dict[str, int]
    notes: tuple[str, ...]


def learn(folder: Path | str, rate: int = RATE) -> Calibration:
    """Learn from the sound files below a folder, whose names or folders say the role: `kick/1.wav`, `hat2.wav`.

    A file with several hits in it gives all of them. They are heard as a take at `rate` Hz would hold them.

    Raises:
        DataError: no such folder, no names that tell, or fewer than two kinds.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}; record about {ENOUGH} hits of each kind, in kick/, snare/, ...")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    named = {path: roles.from_path(path.relative_to(folder)) for path in files}
    hits, notes = _hits({path: role for path, role in named.items() if role}, min(rate, RATE))
    untold = [path.name for path, role in named.items() if not role]
    if untold:
        notes.append(f"{len(untold)} files whose names tell no role are left out: {', '.join(untold[:3])}")
    counts = Counter(role for role, _ in hits)
    _check(folder, counts, len(files))
    notes += [
        f"{role} has {count} calibration hits; {ENOUGH} are better" for role, count in counts.items() if count < ENOUGH
    ]
    return Calibration(telling.calibrated([sound for _, sound in hits], [role for role, _ in hits]), counts, (*notes,))


def _hits(named: dict[Path, str], rate: int) -> tuple[list[tuple[str, Signal]], list[str]]:
    """Role and sound of every hit, and which files cannot be read."""
    hits: list[tuple[str, Signal]] = []
    notes: list[str] = []
    for path, role in named.items():
        try:
            samples = audio.resample(audio.read(path, rate)[0], rate, RATE)
        except AudioError as error:
            notes.append(f"left out: {error}")
            continue
        hits += [(role, samples[a : min(b, a + round(LONGEST * RATE))]) for a, b in loops.cut(samples, RATE)]
    return hits, notes


def _check(folder: Path, counts: Counter[str], files: int) -> None:
    if not counts:
        raise DataError(
            f"none of the {files} sound files in {folder} tells by its name or folder what it is and can be read; call "
            "them kick-1.wav, snare-1.wav, hat-1.wav, or sort them into folders of these names"
        )
    if len(counts) == 1:
        raise DataError(f"{folder} holds only hits of one kind ({next(iter(counts))}); calibrate with two or more")
