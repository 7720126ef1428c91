"""MIDI drum tracks as patterns: on a grid, with the distance to it kept as offsets."""

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import NamedTuple

import mido

from samplegen.errors import DataError, PatternError
from samplegen.roles import BY_NAME
from samplegen.sequencer.midi_writer import DRUM_CHANNEL
from samplegen.sequencer.pad_mapping import ROLE_OF_NOTE
from samplegen.sequencer.pattern import MAX_STEPS, METER_UNITS, REST, TEMPO_RANGE_BPM, Lane, Pattern, Step

MAX_FILE_BYTES = 2_000_000  # a drum track has some thousand
STEPS_PER_BEAT = (4, 3, 8, 6, 12, 16, 24, 48)  # grids that are tried, the simplest first
_MAX_MEAN_OFFSET = 0.1  # steps between hits and a grid that is chosen
_MIN_OFFSET = 1e-3  # steps; below, a hit is on the grid: a tick at 480 a beat is 0.008 of a sixteenth
_MAX_TITLE_CHARACTERS = 120  # as in a pattern
_DEFAULTS = (500_000, (4, 4))  # microseconds a beat and meter of the MIDI standard


class Note(NamedTuple):
    """Drum note: beats from the start, key, velocity."""

    beat: float
    note: int
    velocity: int


@dataclass(frozen=True)
class Score:
    """Contents of a file: its drum notes, length in beats, tempo, meter, title, and warnings of what was left out."""

    notes: tuple[Note, ...]
    beats: float
    tempo: float
    meter: tuple[int, int]
    title: str
    warnings: tuple[str, ...]


def read_midi(path: Path | str) -> tuple[Pattern, tuple[str, ...]]:
    """Read the drum pattern of a MIDI file; return it with warnings.

    Raises:
        DataError: no MIDI file, cut short, or without drums.
        PatternError: too long, or a tempo that no pattern can have.

    Example:
        >>> import samplegen
        >>> pattern, warnings = samplegen.read_midi("beat.mid")  # doctest: +SKIP
        >>> print(samplegen.show_pattern(pattern))  # doctest: +SKIP
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB; that is no drum pattern")
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})") from error
    return quantize_score(parse_midi(content, str(path)))


def parse_midi(content: bytes, name: str) -> Score:
    """Parse a MIDI file; `name` is its name in messages. Raises `DataError` as `read_midi` does."""
    try:
        file = mido.MidiFile(file=io.BytesIO(content), clip=True)
    except EOFError as error:
        raise DataError(f"{name} breaks off; export the MIDI file again") from error
    except (OSError, ValueError, KeyError, IndexError, LookupError) as error:
        raise DataError(f"{name} is no MIDI file that can be read ({error})") from error
    if file.type == 2 or not 1 <= file.ticks_per_beat < 0x8000:
        raise DataError(f"{name} is timed in frames or holds unrelated tracks; export it as format 0 or 1 in beats")
    return _score(file, name)


def quantize_score(score: Score) -> tuple[Pattern, tuple[str, ...]]:
    """Quantise a score: each hit to its nearest step, the rest of its time as the step's offset."""
    per_beat = _grid(score)
    bar = 4 * score.meter[0] / score.meter[1]
    steps = next(round(times * per_beat * bar) for times in (1, 2, 4, 8) if times * per_beat * bar % 1 == 0)
    bars = max(1, ceil(round(max(score.beats, score.notes[-1].beat + 1e-6) / bar, 6)))
    if steps * bars > MAX_STEPS:
        raise PatternError(f"the MIDI file has {bars} bars of {steps} steps; up to {MAX_STEPS} steps can be played")
    lanes = tuple(_lane(name, notes, steps / bar, steps * bars) for name, notes in _by_lane(score).items())
    lost = len(score.notes) - sum(bool(step.velocity) for lane in lanes for step in lane.steps)
    skipped = (
        [f"{lost} of {len(score.notes)} hits shared a step with a louder one of their drum: left out"] if lost else []
    )
    pattern = Pattern(lanes, score.title, score.tempo, score.meter, steps, bars=bars)
    return pattern, (*score.warnings, *skipped)


def _score(file: mido.MidiFile, name: str) -> Score:
    timed = [(tick / file.ticks_per_beat, message) for track in file.tracks for tick, message in _absolute(track)]
    timed.sort(key=lambda pair: pair[0])
    notes = [(beat, m) for beat, m in timed if m.type == "note_on" and m.velocity]
    drums = tuple(Note(beat, m.note, m.velocity) for beat, m in notes if m.channel == DRUM_CHANNEL)
    if not drums:
        others = sorted({m.channel + 1 for _, m in notes})
        found = f"its notes are on channel {', '.join(map(str, others))}" if others else "it has no notes at all"
        raise DataError(f"{name} has no drums: they are looked for on channel 10, and {found}")
    tempi = list(dict.fromkeys(m.tempo for _, m in timed if m.type == "set_tempo")) or [_DEFAULTS[0]]
    meters = [(m.numerator, m.denominator) for _, m in timed if m.type == "time_signature"] or [_DEFAULTS[1]]
    tempo = 60e6 / max(1, tempi[0])
    if not TEMPO_RANGE_BPM[0] <= tempo <= TEMPO_RANGE_BPM[1]:
        raise PatternError(
            f"{name} has a tempo of {tempo:.1f} bpm; {TEMPO_RANGE_BPM[0]:g} to {TEMPO_RANGE_BPM[1]:g} bpm can be played"
        )
    if meters[0][0] < 1 or meters[0][1] not in METER_UNITS:
        raise PatternError(f"{name} has a meter of {meters[0][0]}/{meters[0][1]}; such as 4/4 or 7/8 can be played")
    titles = [m.name for m in file.tracks[0] if m.type == "track_name"]
    return Score(drums, timed[-1][0], round(tempo, 3), meters[0], _title(titles), tuple(_changes(tempi, meters)))


def _absolute(track: mido.MidiTrack) -> Iterator[tuple[int, mido.Message]]:
    now = 0
    for message in track:
        now += message.time
        yield now, message


def _changes(tempi: list[int], meters: list[tuple[int, int]]) -> Iterator[str]:
    if len(tempi) > 1:
        yield f"the MIDI file has {len(tempi)} tempi; all of it is played at its first, {60e6 / tempi[0]:.1f} bpm"
    if len(set(meters)) > 1:
        yield f"the MIDI file has several meters; all of it is written in its first, {meters[0][0]}/{meters[0][1]}"


def _title(names: list[str]) -> str:
    return "".join(c for c in (names or [""])[0] if c.isprintable()).strip()[:_MAX_TITLE_CHARACTERS].strip()


def _grid(score: Score) -> int:
    """Choose steps a beat: the first near the hits without two of a drum on one step; else that with fewest such."""
    for per_beat in STEPS_PER_BEAT:
        away = [abs(note.beat * per_beat - round(note.beat * per_beat)) for note in score.notes]
        if not _crowded(score, per_beat) and sum(away) / len(away) <= _MAX_MEAN_OFFSET:
            return per_beat
    return min(STEPS_PER_BEAT, key=lambda per_beat: _crowded(score, per_beat))


def _crowded(score: Score, per_beat: int) -> int:
    """Count the hits that share a step with another of their drum."""
    return len(score.notes) - len({(note.note, round(note.beat * per_beat)) for note in score.notes})


def _by_lane(score: Score) -> dict[str, list[Note]]:
    """Group notes by lane, roles in order; a role's first key has the role's name, the next are numbered."""
    by_key: dict[int, list[Note]] = defaultdict(list)
    for note in score.notes:
        by_key[note.note].append(note)
    order = list(BY_NAME)
    keys = sorted(
        by_key, key=lambda key: (order.index(ROLE_OF_NOTE[key]) if key in ROLE_OF_NOTE else 99, key != _home(key), key)
    )
    lanes: dict[str, list[Note]] = {}
    for key in keys:
        role = ROLE_OF_NOTE.get(key, str(key))
        number = 1 + sum(ROLE_OF_NOTE.get(other, str(other)) == role for other in keys[: keys.index(key)])
        lanes[f"{role}{number}" if number > 1 else role] = by_key[key]
    return lanes


def _home(key: int) -> int | None:
    return BY_NAME[ROLE_OF_NOTE[key]].note if key in ROLE_OF_NOTE else None


def _lane(name: str, notes: list[Note], per_beat: float, length: int) -> Lane:
    """Put each note on its nearest step; one just before the end is the early first of the next round."""
    steps = [REST] * length
    for note in notes:
        place = note.beat * per_beat
        index, offset = round(place) % length, round(place - round(place), 4)
        if note.velocity > steps[index].velocity:
            steps[index] = Step(note.velocity, offset=offset if abs(offset) > _MIN_OFFSET else 0.0)
    return Lane(name, tuple(steps))
