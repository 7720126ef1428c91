"""The kit's MIDI file, read back by mido and, for its last byte, by hand."""

import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplegen.errors import OptionError
from samplegen.sequencer.midi_writer import BPM_RANGE, PPQ, kit_midi

BAR = 4 * PPQ
NOTES = st.lists(st.integers(0, 127), min_size=1, max_size=128, unique=True)


def read(content: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(content), charset="utf-8")


def absolute(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    """Messages with their time in ticks from the start."""
    now, timed = 0, []
    for message in track:
        now += message.time
        timed.append((now, message))
    return timed


@given(NOTES)
def test_each_note_once_on_its_beat_and_the_end_on_a_bar(notes: list[int]) -> None:
    timed = absolute(read(kit_midi(notes, name="kit")).tracks[1])
    starts = [(now, message.note) for now, message in timed if message.type == "note_on"]
    ends = [(now, message.note) for now, message in timed if message.type == "note_off"]
    assert starts == [(beat * PPQ, note) for beat, note in enumerate(sorted(notes))]
    assert ends == [(now + PPQ // 8, note) for now, note in starts]
    end, last = timed[-1]
    assert last.type == "end_of_track"
    assert end % BAR == 0
    assert 0 < end - ends[-1][0] < BAR


def test_format_resolution_channel_and_no_program_change() -> None:
    file = read(kit_midi([36, 38], name="kit"))
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (1, 480, 2)
    assert {message.channel for message in file.tracks[1] if not message.is_meta} == {9}
    assert {message.type for track in file.tracks for message in track if not message.is_meta} == {
        "note_on",
        "note_off",
    }


@pytest.mark.parametrize("bpm", [4.0, 60.0, 97.5, 120.0, 174.0, 1000.0])
def test_the_first_track_holds_name_tempo_and_meter(bpm: float) -> None:
    track = read(kit_midi([36], name="mossy-öre", bpm=bpm)).tracks[0]
    held = {message.type: message for message in track}
    assert held["track_name"].name == "mossy-öre"
    # a tempo is whole microseconds a beat: at 1000 bpm (60,000 us) that is exact to 1 in 120,000
    assert mido.tempo2bpm(held["set_tempo"].tempo) == pytest.approx(bpm, rel=1e-5)
    assert (held["time_signature"].numerator, held["time_signature"].denominator) == (4, 4)


def test_the_length_in_seconds_is_whole_bars() -> None:
    # five notes at 120 bpm: two bars of two seconds; mido's sum of delta times is exact to rounding
    assert read(kit_midi(range(36, 41), name="kit")).length == pytest.approx(4.0, abs=1e-6)


def test_the_same_notes_give_the_same_bytes_in_any_order() -> None:
    content = kit_midi([42, 36, 38], name="kit")
    assert content == kit_midi([36, 38, 42], name="kit")
    assert content.startswith(b"MThd\0\0\0\6\0\1\0\2\x01\xe0MTrk")
    assert content.endswith(b"\xff\x2f\x00")


@pytest.mark.parametrize("notes", [[], [128], [-1, 36]])
def test_notes_that_midi_lacks_are_refused(notes: list[int]) -> None:
    with pytest.raises(OptionError, match=r"at least one note|a MIDI note is .*; choose from 0 to 127"):
        kit_midi(notes, name="kit")


@pytest.mark.parametrize("bpm", [0.0, -120.0, 3.0, BPM_RANGE[1] + 1, float("nan")])
def test_a_tempo_that_cannot_be_written_is_refused(bpm: float) -> None:
    with pytest.raises(OptionError, match="choose from 4 to 1000 bpm"):
        kit_midi([36], name="kit", bpm=bpm)
