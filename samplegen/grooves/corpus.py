"""Patterns of a folder: texts, MIDI files, and loops that are transcribed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from samplegen.audio import reading as audio_reading
from samplegen.data import folders
from samplegen.errors import DataError, PatternError, SamplegenError
from samplegen.grooves import encoding
from samplegen.grooves.encoding import TrainingPattern
from samplegen.grooves.split import MIN_PATTERNS
from samplegen.sequencer import arrange, midi_reader, notation, styles
from samplegen.sequencer.header import read_text
from samplegen.sequencer.pattern import Pattern
from samplegen.transcription import transcribe

Progress = Callable[[int, int], None]  # (done, of)
SUFFIXES = (".txt", ".mid", ".midi")  # of files that hold patterns, beside those of sounds
MAX_BARS = 20_000  # of all patterns
_Found = Iterator[tuple[str, Pattern, int]]  # what follows the file's name, the pattern, its last bars that are a fill


@dataclass(frozen=True)
class Corpus:
    """Content of a folder: training patterns by file, and skipped files with reasons."""

    files: dict[str, list[TrainingPattern]]
    skipped: list[tuple[str, str]]

    @property
    def patterns(self) -> list[TrainingPattern]:
        """Return all of them."""
        return [pattern for some in self.files.values() for pattern in some]


def read(folder: Path, *, strict: bool = False, progress: Progress | None = None) -> Corpus:
    """The patterns of every text, MIDI file and loop below a folder.

    Args:
        folder: of any depth.
        strict: fail at the first file that cannot be used; else it is skipped.
        progress: takes (done, of) after each file.

    Raises:
        DataError: no folder, or fewer than `MIN_PATTERNS` patterns.
    """
    reading = Corpus({}, [])
    paths = list(
        folders.find_files(folder, {*SUFFIXES, *audio_reading.SUFFIXES}, lambda path, why: _skip(reading, path, why))
    )
    for number, path in enumerate(paths, 1):
        name = str(path.relative_to(folder))
        try:
            reading.files[name] = _read_file(path, name)
        except SamplegenError as error:
            if strict:
                raise DataError(f"{name} cannot be used: {error}") from error
            _skip(reading, Path(name), str(error))
        if progress:
            progress(number, len(paths))
    _check(reading, folder)
    return reading


def _skip(reading: Corpus, path: Path, why: str) -> None:
    reading.skipped.append((str(path), why.partition("\n")[0]))


def _read_file(path: Path, name: str) -> list[TrainingPattern]:
    ways: dict[str, Callable[[Path], _Found]] = {".txt": _read_text, ".mid": _read_midi, ".midi": _read_midi}
    found = ways.get(path.suffix.lower(), _read_loop)(path)
    return [encoding.encode(f"{name} {which}".strip(), pattern, fill=fill) for which, pattern, fill in found]


def _read_text(path: Path) -> _Found:
    """The pattern of a text or, of a style, each of its patterns, alone and with the fill after it."""
    text = read_text(path)
    found = styles.read(path.stem, text).patterns
    if not found:
        yield "", notation.parse_pattern(text), 0
    fill = found.pop(styles.FILL, None) if len(found) > 1 else None
    for name, pattern in found.items():
        yield name, pattern, 0
        if fill:
            yield f"{name} and fill", arrange.concatenate(pattern, fill), fill.bars


def _read_midi(path: Path) -> _Found:
    yield "", midi_reader.read_midi(path)[0], 0


def _read_loop(path: Path) -> _Found:
    yield "", transcribe.transcribe(path).pattern, 0


def _check(reading: Corpus, folder: Path) -> None:
    count, bars = len(reading.patterns), sum(pattern.bars for pattern in reading.patterns)
    if count < MIN_PATTERNS:
        first = f"; {reading.skipped[0][0]}: {reading.skipped[0][1]}" if reading.skipped else ""
        kinds = "drum loops, MIDI files or pattern texts"
        raise DataError(f"{folder} holds {count} patterns; a groove takes at least {MIN_PATTERNS} {kinds}{first}")
    if bars > MAX_BARS:
        raise PatternError(f"{folder} holds {bars} bars; up to {MAX_BARS} can be learned, so give a part of it")
