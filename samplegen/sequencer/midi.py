"""Standard MIDI files as bytes: format 1, times in ticks of 1/480 quarter note, 4/4.

The only module that knows mido. Track 0 holds name, tempo and meter, track 1 the drums on channel
10 (9 counted from 0); no program changes, since they would switch the player's kit.
"""

import io
import math
from collections.abc import Sequence

import mido

from samplegen.errors import OptionError

PPQ = 480  # ticks a quarter note
BEATS = 4  # a bar
NOTE = PPQ // 8  # a 1/32, so that no note reaches the next one
VELOCITY = 100
DRUMS = 9  # channel 10, counted from 0
BPM = (4.0, 1000.0)  # below, the tempo does not fit into its three bytes


def kit_midi(notes: Sequence[int], *, name: str, bpm: float = 120.0) -> bytes:
    """A MIDI file that plays each note of a kit once, one a beat, from the lowest up.

    Args:
        notes: MIDI notes 0..127, at least one, in any order.
        name: the track's name.
        bpm: tempo in quarter notes a minute.

    Returns:
        The file; it lasts whole bars, and its end of track lies exactly on a bar line.

    Raises:
        OptionError: no notes, notes outside 0..127, or a tempo outside `BPM`.
    """
    if not notes or not all(0 <= note <= 127 for note in notes):
        raise OptionError("a MIDI file needs at least one note, and notes from 0 to 127")
    if not BPM[0] <= bpm <= BPM[1]:
        raise OptionError(f"a tempo of {bpm} bpm cannot be written; choose {BPM[0]:.0f} to {BPM[1]:.0f}")
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
            mido.MetaMessage("time_signature", numerator=BEATS, denominator=4),
            mido.MetaMessage("end_of_track"),
        ]
    )


def _drums(notes: Sequence[int]) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="drums")])
    for beat, note in enumerate(notes):
        rest = PPQ - NOTE if beat else 0
        track.append(mido.Message("note_on", channel=DRUMS, note=note, velocity=VELOCITY, time=rest))
        track.append(mido.Message("note_off", channel=DRUMS, note=note, velocity=0, time=NOTE))
    beats = math.ceil(len(notes) / BEATS) * BEATS
    track.append(mido.MetaMessage("end_of_track", time=(beats - len(notes) + 1) * PPQ - NOTE))
    return track
