"""Patterns of a folder: texts, MIDI files, and loops that are transcribed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from samplegen.audio import reading as audio_reading
from samplegen.data import folders
from samplegen.errors import DataError, PatternError, SamplegenError
from samplegen.grooves import encoding
from samplegen.grooves.encoding import Piece
from samplegen.grooves.split import MIN_PATTERNS
from samplegen.sequencer import arrange, midi_reader, notation, styles
from samplegen.sequencer.header import read_text
from samplegen.sequencer.pattern import Pattern
from samplegen.transcription import transcribe

Progress = Callable[[int, int], None]  # (done, of)
SUFFIXES = (".txt", ".mid", ".midi")  # of files that hold patterns, beside those of sounds
MAX_BARS = 20_000  # of all pieces
_Found = Iterator[tuple[str, Pattern, int]]  # what follows the file's name, the pattern, its last bars that are a fill


@dataclass(frozen=True)
class Reading:
    """Content of a folder: training patterns by file, and skipped files with reasons."""

    files: dict[str, list[Piece]]
    skipped: list[tuple[str, str]]

    @property
    def pieces(self) -> list[Piece]:
        """Return all of them."""
        return [piece for some in self.files.values() for piece in some]


def read(folder: Path, *, strict: bool = False, progress: Progress | None = None) -> Reading:
    """The patterns of every text, MIDI file and loop below a folder.

    Args:
        folder: of any depth.
        strict: fail at the first file that cannot be used; else it is skipped.
        progress: told (done, of) after each file.

    Raises:
        DataError: no folder, or fewer than `MIN_PATTERNS` patterns.
    """
    reading = Reading({}, [])
    paths = list(
        folders.find_files(folder, {*SUFFIXES, *audio_reading.SUFFIXES}, lambda path, why: _skip(reading, path, why))
    )
    for number, path in enumerate(paths, 1):
        name = str(path.relative_to(folder))
        try:
            reading.files[name] = _of_file(path, name)
        except SamplegenError as error:
            if strict:
                raise DataError(f"{name} cannot be used: {error}") from error
            _skip(reading, Path(name), str(error))
        if progress:
            progress(number, len(paths))
    _check(reading, folder)
    return reading


def _skip(reading: Reading, path: Path, why: str) -> None:
    reading.skipped.append((str(path), why.partition("\n")[0]))


def _of_file(path: Path, name: str) -> list[Piece]:
    ways: dict[str, Callable[[Path], _Found]] = {".txt": _of_text, ".mid": _of_midi, ".midi": _of_midi}
    found = ways.get(path.suffix.lower(), _of_loop)(path)
    return [encoding.of_pattern(f"{name} {which}".strip(), pattern, fill=fill) for which, pattern, fill in found]


def _of_text(path: Path) -> _Found:
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


def _of_midi(path: Path) -> _Found:
    yield "", midi_reader.read_midi(path)[0], 0


def _of_loop(path: Path) -> _Found:
    yield "", transcribe.transcribe(path).pattern, 0


def _check(reading: Reading, folder: Path) -> None:
    count, bars = len(reading.pieces), sum(piece.bars for piece in reading.pieces)
    if count < MIN_PATTERNS:
        first = f"; {reading.skipped[0][0]}: {reading.skipped[0][1]}" if reading.skipped else ""
        kinds = "drum loops, MIDI files or pattern texts"
        raise DataError(f"{folder} holds {count} patterns; a groove takes at least {MIN_PATTERNS} {kinds}{first}")
    if bars > MAX_BARS:
        raise PatternError(f"{folder} holds {bars} bars; up to {MAX_BARS} can be learned, so give a part of it")
