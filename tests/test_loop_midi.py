"""MIDI files of patterns: the same notes for every reader, and patterns from anyone's MIDI files."""

import io
from contextlib import suppress
from dataclasses import replace

import mido
import numpy as np
import pretty_midi
import pytest
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import PATTERNS

from samplegen.errors import DataError, PatternError
from samplegen.sequencer import midi_reader, midi_writer, notation, pad_mapping, styles
from samplegen.sequencer.pattern import Pattern
from samplegen.sequencer.timing import events

Notes = list[tuple[float, int, int]]  # seconds, key, velocity


def written(pattern: Pattern, *, humanize: float = 0.0, repeat: int = 1, single: bool = False, fine: bool = False):
    """A pattern's MIDI file on General MIDI notes, and its hits."""
    hits = events(pattern, humanize=humanize, repeat=repeat)
    notes = [pad_mapping.note_of(lane.name) for lane in pattern.lanes]
    content = midi_writer.pattern_midi(
        pattern, hits, notes, name="test", repeat=repeat, single=single, fine=fine or humanize > 0
    )
    return content, hits


def by_mido(content: bytes) -> Notes:
    now, found = 0.0, []
    for message in mido.MidiFile(file=io.BytesIO(content)):  # iterating gives seconds
        now += message.time
        if message.type == "note_on" and message.velocity:
            found.append((now, message.note, message.velocity))
    return sorted(found)


def by_pretty_midi(content: bytes) -> Notes:
    drums = [one for one in pretty_midi.PrettyMIDI(io.BytesIO(content)).instruments if one.is_drum]
    return sorted((note.start, note.pitch, note.velocity) for one in drums for note in one.notes)


def by_symusic(content: bytes) -> Notes:
    score = symusic.Score.from_midi(content).to("second")
    drums = [track for track in score.tracks if track.is_drum]
    return sorted((note.time, note.pitch, note.velocity) for track in drums for note in track.notes)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("humanize", [0.0, 0.4])
@pytest.mark.parametrize("name", ["house", "trap", "seven", "bembe", "lo-fi", "breakbeat/fill"])
def test_three_readers_read_the_same_notes_at_the_times_of_the_hits(name, humanize, single):
    pattern = styles.style_pattern(name)
    content, hits = written(pattern, humanize=humanize, single=single, fine=True)
    beat = 60 / pattern.tempo
    meant = sorted((hit.beat * beat, pad_mapping.note_of(pattern.lanes[hit.lane].name), hit.velocity) for hit in hits)
    read = [by_mido(content), by_pretty_midi(content), by_symusic(content)]
    assert [len(notes) for notes in read] == [len(meant)] * 3
    for notes in read:
        assert np.abs(_times(notes) - _times(read[0])).max() < 1e-4  # what readers must agree to: 0.1 ms
        assert sorted((note, velocity) for _, note, velocity in notes) == sorted((note, v) for _, note, v in meant)
    # half a tick of 1/960 beat, and a whole one where the last half tick of the loop would round up to its end
    assert np.abs(_times(read[0]) - _times(meant)).max() < 1.01 * beat / 960


def _times(notes: Notes) -> np.ndarray:
    return np.array([time for time, _, _ in notes])


def test_format_tempo_meter_and_the_end():
    pattern = notation.parse_pattern("# tempo 97 meter 7/8 bars 3\nkick x......\nsnare ...x...")
    for single, tracks in ((False, 2), (True, 1)):
        file = mido.MidiFile(file=io.BytesIO(written(pattern, single=single)[0]))
        assert (file.type, len(file.tracks), file.ticks_per_beat) == (1 - single, tracks, 480)
        told = {message.type: message for message in file.tracks[0]}
        assert mido.tempo2bpm(told["set_tempo"].tempo) == pytest.approx(97, rel=1e-5)  # whole microseconds
        assert (told["time_signature"].numerator, told["time_signature"].denominator) == (7, 8)
        assert told["track_name"].name == "test"
        # exactly three bars of 3.5 beats, in every track
        assert [sum(message.time for message in track) for track in file.tracks] == [3 * 3.5 * 480] * tracks
        assert all(track[-1].type == "end_of_track" for track in file.tracks)
        assert {message.channel for track in file.tracks for message in track if not message.is_meta} == {9}


@given(PATTERNS, st.sampled_from([0.0, 0.7]))
@settings(max_examples=60, deadline=None)
def test_notes_are_short_end_in_order_and_stay_inside(pattern, humanize):
    content, _ = written(replace(pattern, bars=min(pattern.bars, 3)), humanize=humanize)
    file = mido.MidiFile(file=io.BytesIO(content))
    longest, now, sounding = file.ticks_per_beat // 8, 0, {}
    for message in file.tracks[1]:
        now += message.time
        if message.type == "note_on":
            assert message.note not in sounding
            sounding[message.note] = now
        elif message.type == "note_off":
            assert 0 < now - sounding.pop(message.note) <= longest
    assert not sounding
    assert now == round(min(pattern.bars, 3) * pattern.bar * file.ticks_per_beat)


def test_a_note_ends_before_the_next_one_on_its_key():
    content, _ = written(notation.parse_pattern("# tempo 120\nch x:9..............."))
    starts = [time for time, _, _ in by_pretty_midi(content)]
    assert len(starts) == 9
    assert starts == pytest.approx([n * 0.125 / 9 for n in range(9)], abs=0.6 / 960)  # half a tick of 480


@pytest.mark.parametrize(
    "name", [f"{name}/{which}" for name in styles.names() for which in styles.style(name).patterns]
)
def test_every_style_comes_back_from_its_midi_file(name):
    pattern = styles.style_pattern(name)
    content, hits = written(pattern, fine=True)
    read, warnings = midi_reader.quantize_score(midi_reader.parse_midi(content, "a.mid"))
    assert warnings == ()
    assert (read.meter, read.bars) == (pattern.meter, pattern.bars)
    assert read.tempo == pytest.approx(pattern.tempo, abs=0.001)
    again = [(hit.beat, pad_mapping.note_of(read.lanes[hit.lane].name), hit.velocity) for hit in events(read)]
    meant = [(hit.beat, pad_mapping.note_of(pattern.lanes[hit.lane].name), hit.velocity) for hit in hits]
    # a tick of 1/960 beat, and offsets of four digits of a step
    np.testing.assert_allclose(sorted(beat for beat, _, _ in again), sorted(beat for beat, _, _ in meant), atol=0.002)
    assert sorted(rest for _, *rest in again) == sorted(rest for _, *rest in meant)


def file_of(*messages: mido.Message | mido.MetaMessage, ppq: int = 480) -> bytes:
    file = mido.MidiFile(type=0, ticks_per_beat=ppq, tracks=[mido.MidiTrack(messages)])
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def on(note: int, time: int = 0, velocity: int = 100, channel: int = 9) -> mido.Message:
    return mido.Message("note_on", channel=channel, note=note, velocity=velocity, time=time)


def read(content: bytes):
    return midi_reader.quantize_score(midi_reader.parse_midi(content, "a.mid"))


def test_hits_beside_the_grid_keep_their_offsets():
    pattern, warnings = read(file_of(on(36), on(38, 485), on(36, 475), on(38, 470), on(42, 10)))
    assert warnings == ()
    assert pattern.steps == 16
    assert notation.show_steps(pattern, pattern.lanes[0]) == "x... .... x... ...."
    offsets = [step.offset for step in pattern.lanes[1].steps if step.velocity]
    assert offsets == pytest.approx([5 / 120, -10 / 120], abs=1e-4)  # ticks of a sixteenth's 120
    assert [lane.name for lane in pattern.lanes] == ["kick", "snare", "closed-hat"]


def test_triplets_find_a_grid_of_their_own():
    pattern, _ = read(file_of(*[on(42, 160 if n else 0) for n in range(12)]))
    assert pattern.steps == 12
    assert notation.show_steps(pattern, pattern.lanes[0]) == "xxx xxx xxx xxx"


def test_siblings_and_strange_keys_become_lanes_that_find_their_note_again():
    pattern, _ = read(file_of(on(40), on(38), on(35), on(36), on(99), on(41), on(45)))
    names = [lane.name for lane in pattern.lanes]
    assert names == ["kick", "kick2", "snare", "snare2", "low-tom", "low-tom2", "99"]
    assert [pad_mapping.note_of(name) for name in names] == [36, 35, 38, 40, 45, 43, 99]


def test_a_hit_just_before_the_end_is_the_early_first_of_the_next_round():
    pattern, _ = read(file_of(on(38), on(36, 1915), mido.MetaMessage("end_of_track", time=5)))
    kick = pattern.lanes[0].steps
    assert (pattern.bars, kick[0].velocity) == (1, 100)
    assert kick[0].offset == pytest.approx(-5 / 120, abs=1e-4)


def test_hits_that_share_a_step_are_counted():
    pattern, warnings = read(file_of(*[on(36, 3 if n else 0, 50 + n) for n in range(10)]))
    assert len(warnings) == 1
    assert "of 10 hits shared a step with a louder one" in warnings[0]
    assert max(step.velocity for step in pattern.lanes[0].steps) == 59


def test_several_tempi_and_meters_are_told():
    tempo, meter = (lambda bpm: mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))), mido.MetaMessage
    pattern, warnings = read(
        file_of(
            tempo(90), meter("time_signature", numerator=3, denominator=4), on(36), tempo(120),
            meter("time_signature", numerator=4, denominator=4), on(38, 480),
        )
    )  # fmt: skip
    assert (pattern.tempo, pattern.meter) == (90, (3, 4))
    assert [warning.split(";")[0] for warning in warnings] == [
        "the MIDI file has 2 tempi", "the MIDI file has several meters",
    ]  # fmt: skip


def test_a_file_that_says_no_tempo_has_120():
    assert read(file_of(on(36)))[0].tempo == 120


GOOD = file_of(on(36), on(38, 480))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[:-3], "breaks off"),
        (GOOD[:20], "breaks off|no MIDI file"),
        (b"", "breaks off"),
        (b"RIFF....WAVE", "no MIDI file|breaks off"),
        (b"just a text, and a long one at that", "no MIDI file"),
        (file_of(on(60, channel=0), on(62, channel=2)), "no drums: .* its notes are on channel 1, 3"),
        (file_of(), "no drums: .* no notes at all"),
        (file_of(on(36, velocity=0)), "no notes at all"),
        (GOOD[:12] + b"\xe7\x28" + GOOD[14:], "timed in frames"),
        (GOOD[:9] + b"\x02" + GOOD[10:], "unrelated tracks"),
    ],
)
def test_files_that_cannot_be_used_are_refused(content, words):
    with pytest.raises(DataError, match=rf"a\.mid .*({words})"):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file_of(on(36), on(36, 480 * 4 * 700)), "up to 10000 steps"),
        (file_of(on(36), on(36, 0x0FFFFFFF), ppq=1), "up to 10000 steps"),
        (file_of(mido.MetaMessage("set_tempo", tempo=1), on(36)), "60000000.0 bpm"),
        (file_of(mido.MetaMessage("time_signature", numerator=4, denominator=256), on(36)), "meter of 4/256"),
        (file_of(mido.MetaMessage("time_signature", numerator=0, denominator=4), on(36)), "meter of 0/4"),
    ],
)
def test_files_beyond_any_pattern_are_refused(content, words):
    with pytest.raises(PatternError, match=words):
        read(content)


@given(st.binary(max_size=60), st.integers(0, len(GOOD)))
@settings(max_examples=200, deadline=None)
def test_damage_is_an_error_in_words_or_still_a_pattern(noise, at):
    with suppress(DataError, PatternError):
        pattern, _ = read(GOOD[:at] + noise + GOOD[at + len(noise) :])
        assert any(step.velocity for lane in pattern.lanes for step in lane.steps)


def test_missing_and_huge_files_are_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        midi_reader.read_midi(tmp_path / "no.mid")
    (tmp_path / "big.mid").write_bytes(b"0" * (midi_reader.MAX_FILE_BYTES + 1))
    with pytest.raises(DataError, match="larger than"):
        midi_reader.read_midi(tmp_path / "big.mid")
