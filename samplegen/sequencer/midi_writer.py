"""Standard MIDI files of patterns and kits: drums on channel 10, the end exactly at the loop's end."""

import io
import math
from collections.abc import Iterator, Sequence

import mido

from samplegen.errors import OptionError
from samplegen.sequencer.pattern import Pattern
from samplegen.sequencer.timing import Hit
from samplegen.settings import check_range

DRUM_CHANNEL = 9  # channel 10, counted from 0
PPQ, FINE_PPQ = 480, 960  # ticks a quarter note; the fine ones where hits lie beside the grid
NOTES_PER_QUARTER = 8  # a note lasts a 1/32, so that no note reaches the next one
BEATS_PER_BAR = 4  # of a kit's file
KIT_VELOCITY = 100  # of a hit without accent
BPM_RANGE = (4.0, 1000.0)  # below, the tempo does not fit into its three bytes
MIDI_NOTES = (0, 127)


def pattern_midi(  # noqa: PLR0913
    pattern: Pattern,
    hits: Sequence[Hit],
    notes: Sequence[int | None],
    *,
    name: str = "",
    repeat: int = 1,
    fine: bool = False,
    single: bool = False,
) -> bytes:
    """Return the hits of a pattern as a MIDI file.

    Args:
        pattern: gives tempo, meter and length.
        hits: those of `timing.events`; of two on one note and tick, the louder is written.
        notes: the MIDI note of each lane, 0..127; None leaves a lane out.
        name: of the first track.
        repeat: how many times the pattern is played in `hits`.
        fine: 960 ticks a quarter note instead of 480.
        single: format 0, everything in one track, instead of format 1.

    Returns:
        Bytes of the file. Times are rounded to ticks; no program is chosen.
    """
    ppq = FINE_PPQ if fine else PPQ
    end = round(repeat * pattern.beats * ppq)
    head = [
        mido.MetaMessage("track_name", name=name or "pattern"),
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(pattern.tempo)),
        mido.MetaMessage("time_signature", numerator=pattern.meter[0], denominator=pattern.meter[1]),
    ]
    played = _track(_messages(_sorted_notes(hits, notes, ppq, end), ppq // NOTES_PER_QUARTER, end), end)
    file = mido.MidiFile(type=0 if single else 1, ticks_per_beat=ppq, charset="utf-8")
    if single:
        file.tracks = [mido.MidiTrack(head + played)]
    else:
        drums = [mido.MetaMessage("track_name", name="drums"), *played]
        file.tracks = [mido.MidiTrack([*head, mido.MetaMessage("end_of_track", time=end)]), mido.MidiTrack(drums)]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _sorted_notes(
    hits: Sequence[Hit], notes: Sequence[int | None], ppq: int, end: int
) -> dict[int, list[tuple[int, int]]]:
    """Return ticks and velocities of every note, in order of time, each tick once."""
    loudest: dict[tuple[int, int], int] = {}
    for hit in hits:
        note = notes[hit.lane]
        if note is not None:
            key = (note, min(round(hit.beat * ppq), end - 1))
            loudest[key] = max(hit.velocity, loudest.get(key, 0))
    found: dict[int, list[tuple[int, int]]] = {}
    for (note, tick), velocity in sorted(loudest.items()):
        found.setdefault(note, []).append((tick, velocity))
    return found


def _messages(
    played: dict[int, list[tuple[int, int]]], length: int, end: int
) -> Iterator[tuple[int, int, mido.Message]]:
    """Yield ticks, order within the tick, and messages; a note ends before the next one on its key and the end."""
    for note, ticks in played.items():
        for (tick, velocity), following in zip(ticks, [*(tick for tick, _ in ticks[1:]), end], strict=True):
            yield tick, 1, mido.Message("note_on", channel=DRUM_CHANNEL, note=note, velocity=velocity)
            yield (
                min(tick + length, following),
                0,
                mido.Message("note_off", channel=DRUM_CHANNEL, note=note, velocity=0),
            )


def _track(messages: Iterator[tuple[int, int, mido.Message]], end: int) -> list[mido.Message]:
    """Return messages with the ticks between them, and the end of the track."""
    now, timed = 0, []
    for tick, _, message in sorted(messages, key=lambda item: (item[0], item[1], item[2].note)):
        timed.append(message.copy(time=tick - now))
        now = tick
    return [*timed, mido.MetaMessage("end_of_track", time=end - now)]


def kit_midi(notes: Sequence[int], *, name: str, bpm: float = 120.0) -> bytes:
    """Return a MIDI file that plays each note of a kit once, one a beat, from the lowest up.

    Args:
        notes: MIDI notes 0..127, at least one, in any order.
        name: the track's name.
        bpm: tempo in quarter notes a minute.

    Returns:
        Bytes of the file; it lasts whole bars, and its end of track lies exactly on a bar line.

    Raises:
        OptionError: no notes, notes outside 0..127, or a tempo outside `BPM_RANGE`.
    """
    if not notes:
        raise OptionError("a MIDI file needs at least one note")
    for note in notes:
        check_range(note, MIDI_NOTES, "a MIDI note")
    check_range(bpm, BPM_RANGE, "the tempo", unit=" bpm")
    file = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset="utf-8")
    file.tracks += [_conductor(name, bpm), _drums(sorted(notes))]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _conductor(name: str, bpm: float) -> mido.MidiTrack:
    return mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name=name),
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)),
            mido.MetaMessage("time_signature", numerator=BEATS_PER_BAR, denominator=4),
            mido.MetaMessage("end_of_track"),
        ]
    )


def _drums(notes: Sequence[int]) -> mido.MidiTrack:
    track, length = mido.MidiTrack([mido.MetaMessage("track_name", name="drums")]), PPQ // NOTES_PER_QUARTER
    for beat, note in enumerate(notes):
        rest = PPQ - length if beat else 0
        track.append(mido.Message("note_on", channel=DRUM_CHANNEL, note=note, velocity=KIT_VELOCITY, time=rest))
        track.append(mido.Message("note_off", channel=DRUM_CHANNEL, note=note, velocity=0, time=length))
    beats = math.ceil(len(notes) / BEATS_PER_BAR) * BEATS_PER_BAR
    track.append(mido.MetaMessage("end_of_track", time=(beats - len(notes) + 1) * PPQ - length))
    return track
