"""Loops played by a pack: every sample where it belongs, in the WAV and in the MIDI file."""

import itertools

import numpy as np
import pytest
import soundfile
import wavinfo
from conftest import RATE
from patterns import ORIGIN, click, edited, pack, sound_of

from samplegen import roles
from samplegen.audio import wavchunks
from samplegen.audio.sounds import Sound, Take
from samplegen.errors import AudioError, DataError, OptionError, OutputError, PatternError
from samplegen.kits.kit import Layer, Pad
from samplegen.packs.write import write_pack
from samplegen.sequencer import loop, loop_files, notation, pad_mapping, rack, render, scheduling
from samplegen.sequencer.pad_mapping import PadAssignment
from samplegen.sequencer.timing import events

KIT = ("kick", "snare", "closed-hat", "open-hat", "rim")
QUIET = 1e-6  # float32 sums of a few sounds below 1 err by less


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    return pack(tmp_path_factory.mktemp("packs") / "kit", KIT)


def play(kit, text, **options):
    return loop.sequence(kit, notation.parse_pattern(text), **options)


def exact(played, kit) -> np.ndarray:
    """The loop by its definition: sounds at their gains added up at rounded times, without choke, wrapped."""
    length = round(played.repeat * played.pattern.beats * 60 / played.pattern.tempo * RATE)
    mix = np.zeros(length)
    for hit in played.hits:
        sound = sound_of(kit, KIT.index(played.assignments[hit.lane].pad.role)) * (hit.velocity / 127) ** 2
        at = (round(hit.beat * 60 / played.pattern.tempo * RATE) + np.arange(len(sound))) % length
        np.add.at(mix, at, sound)
    return mix


@pytest.mark.parametrize("bpm", [60, 97.3, 120, 174, 240])
def test_every_sound_begins_at_its_sample(kit, bpm):
    played = play(kit, f"# tempo {bpm} swing 57 bars 2\nkick x.xX\nsnare ..o!.\nrim (5,13)", humanize=0.3, seed=3)
    meant = exact(played, kit)
    assert len(played.samples) == len(meant) == round(8 * 60 / bpm * RATE)
    scale = played.samples[np.abs(meant).argmax()] / meant[np.abs(meant).argmax()]
    np.testing.assert_allclose(played.samples, meant * scale, atol=QUIET)


def test_a_lone_click_is_on_its_sample(kit):
    """By eye: the peak of a sound that starts at its peak, at sixteenths that are no whole samples."""
    played = play(kit, "# tempo 133\nkick ...x............", tail="cut")
    assert np.abs(played.samples).argmax() == round(0.75 * 60 / 133 * RATE)
    assert not played.samples[: np.abs(played.samples).argmax()].any()


@pytest.mark.parametrize(("meter", "bars", "bpm"), list(itertools.product(("4/4", "7/8", "3/4"), (1, 3), (77, 133.7))))
def test_loops_last_exactly_their_bars(kit, meter, bars, bpm):
    beats = bars * 4 * int(meter[0]) / int(meter[2])
    for tail in ("wrap", "cut"):
        played = play(kit, f"# tempo {bpm} meter {meter} bars {bars}\nkick x..", tail=tail)
        assert len(played.samples) == round(beats * 60 / bpm * RATE)


def test_tails_wrap_append_and_cut(kit):
    text = "# tempo 120\nkick ...............x"
    start, length, sound = 82_688, 88_200, len(click())  # round(3.75 * 22050), ties to even
    wrapped, appended, cut = (play(kit, text, tail=tail).samples for tail in ("wrap", "append", "cut"))
    assert len(wrapped) == len(cut) == length
    assert len(appended) == max(length, start + sound)
    short = play(kit, "# tempo 960\nkick ...............x", tail="append").samples
    assert len(short) == round(3.75 * 60 / 960 * RATE) + sound > round(4 * 60 / 960 * RATE)
    assert cut[-1] == 0


def test_a_tail_longer_than_its_loop_goes_round_more_than_once(tmp_path):
    long = pack(tmp_path / "long", ("kick",), seconds=1.0)
    played = play(long, "# tempo 960 steps 1\nkick x")
    assert len(played.samples) == 11_025
    sound = sound_of(long, 0)
    folded = np.add.reduce([sound[at : at + 11_025] for at in range(0, 44_100, 11_025)])
    np.testing.assert_allclose(played.samples, folded * played.samples[0] / folded[0], atol=QUIET)


def test_wrapping_and_going_round_sounds_like_repeating(kit):
    """A loop played twice after the other is the loop of two repeats: what "render as loop" promises."""
    text = "# tempo 125\nkick x..x\nopen-hat ..........x....."
    once, twice = play(kit, text), play(kit, text, repeat=2)
    assert len(once.samples) == len(twice.samples) // 2  # 84672 samples: at this tempo a bar is a whole number
    np.testing.assert_allclose(np.tile(once.samples, 2), twice.samples, atol=QUIET)


def test_repeated_bars_have_their_places(kit):
    assert play(kit, "# tempo 120 bars 2\nkick x", repeat=2).bar_frames == [0, 88_200, 176_400, 264_600]


def test_a_closed_hat_chokes_an_open_one(tmp_path):
    hats = pack(tmp_path / "hats", ("open-hat", "closed-hat"), seconds=2.0)
    sound = sound_of(hats, 0)
    alone = play(hats, "# tempo 120\noh x...............", tail="cut").samples
    choked = play(hats, "# tempo 120\noh x...............\nch[level -60] ....x...........", tail="cut").samples
    stop, ramp = 22_050, round(render.CHOKE_SECONDS * RATE)
    scale = choked[0] / sound[0]
    np.testing.assert_allclose(choked[:stop], sound[:stop] * scale, atol=QUIET)
    fading = np.abs(choked[stop : stop + ramp]) / np.abs(sound[stop : stop + ramp] * scale).clip(1e-3)
    assert (fading < 1.1).all()
    # from there on only the hat at -60 dB is left: a thousandth of a peak of 1
    assert np.abs(choked[stop + ramp :]).max() < 1.5e-3
    assert np.abs(alone[stop + ramp : 2 * stop]).max() > 2e-3


def test_the_first_hat_chokes_the_last_one_of_the_round_before(tmp_path):
    hats = pack(tmp_path / "hats", ("open-hat",), seconds=2.0)
    played = play(hats, "# tempo 120\noh ........x.......")
    # one open hat a bar of 2 s lasts 2 s: it is choked by itself a round later, not added to itself
    sound = sound_of(hats, 0)
    np.testing.assert_allclose(
        np.roll(played.samples, -44_100)[:88_200], sound * played.samples[44_100] / sound[0], atol=QUIET
    )


def test_hats_on_one_step_ring_together(kit):
    together = play(kit, "oh x...............\nch x...............", tail="cut").samples
    both = sound_of(kit, 3) + sound_of(kit, 2)
    np.testing.assert_allclose(together[: len(both)], both * together[0] / both[0], atol=QUIET)


def test_soft_hits_are_softer_by_the_curve_of_samplers(kit):
    played = play(kit, "# tempo 60 steps 4\nkick X{60}..", tail="cut").samples
    assert played[RATE] / played[0] == pytest.approx((60 / 120) ** 2, rel=1e-4)  # float32


def test_layers_follow_velocity_and_takes_their_turn():
    layers = (Layer(1, 60, ("soft-1", "soft-2")), Layer(61, 127, ("hard-1", "hard-2", "hard-3")))
    pad = Pad(36, "kick", "kick", None, layers)
    pattern = notation.parse_pattern("kick XXoXoooX........")
    planned = scheduling.schedule(pattern, events(pattern), [PadAssignment(pad, 36)], RATE, 88_200, wrap=True)
    assert [voice.file for voice in planned] == [
        "hard-1", "hard-2", "soft-1", "hard-3", "soft-2", "soft-1", "soft-2", "hard-1",
    ]  # fmt: skip
    # the loudest layer has the curve of SFZ players, a softer one a line up to its loudest hit
    gains = [scheduling.gain_of(scheduling.layer_of(pad, velocity), velocity) for velocity in (127, 64, 60, 30)]
    assert gains == pytest.approx([1, (64 / 127) ** 2, 1, 0.5])


def test_takes_of_a_pack_are_played(tmp_path):
    """A pack with a soft layer and two takes of the hard one, read back from its files."""
    takes = (Take(0.9 * click(seed=1), 0, 1), Take(0.3 * click(seed=2), 1, 0))
    write_pack([Sound(click(seed=0), "kick", {}, takes)], tmp_path / "kit", origin=ORIGIN)
    played = play(tmp_path / "kit", "# tempo 60 steps 4\nkick xx 1x", tail="cut").samples
    hard, other, soft = 0.5 * (100 / 127) ** 2, 0.45 * (100 / 127) ** 2, 0.15 * 10 / 63
    peaks = [np.abs(played[at : at + 4_410]).max() for at in range(0, 4 * RATE, RATE)]
    assert peaks == pytest.approx(np.array([hard, other, soft, hard]) * played.max() / hard, rel=1e-3)  # of 24 bits


def test_panned_lanes_make_stereo_at_constant_power(kit):
    played = play(kit, "# tempo 60 steps 4\nkick[pan -1] x...\nsnare[pan 1] .x..\nrim ..x.", tail="cut").samples
    left, right = played.T
    assert played.shape == (4 * RATE, 2)
    assert left[0] == pytest.approx(np.sqrt(2) * left[2 * RATE], rel=1e-5)
    assert abs(right[0]) < QUIET
    assert abs(left[RATE]) < QUIET
    assert left[2 * RATE] == pytest.approx(right[2 * RATE], rel=1e-5)
    assert play(kit, "kick x").samples.ndim == 1


def test_levels_are_in_db(kit):
    played = play(kit, "# tempo 60 steps 4\nkick x...\nkick[level -6] .x..", tail="cut").samples
    assert 20 * np.log10(played[RATE] / played[0]) == pytest.approx(-6, abs=0.001)


def test_stems_add_up_to_the_mix_which_peaks_at_minus_1_db(kit):
    played = play(kit, "kick x...\nsnare[pan .5] ..x.\nclap x\nsnare[level -6] x", stems=True, humanize=0.5)
    np.testing.assert_allclose(sum(played.stems.values()), played.samples, atol=QUIET)
    assert np.abs(played.samples).max() == pytest.approx(10 ** (-1 / 20), rel=1e-6)
    assert list(loop_files.stem_names(played)) == ["01_kick.wav", "02_snare.wav", "03_clap.wav", "04_snare.wav"]


def test_a_missing_drum_is_played_by_the_nearest_or_not_at_all(kit):
    played = play(kit, "kick x\nkick2 x\nclap x\nbanjo x\ncrash x\n99 x")
    pads = [part.pad and part.pad.role for part in played.assignments]
    assert pads == ["kick", "kick", "snare", None, "open-hat", None]
    assert [warning.split(":")[0].split(" by ")[0] for warning in played.warnings] == [
        "lane kick2 is played", "lane clap is played", "lane banjo is silent", "lane crash is played",
        "lane 99 is silent",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "role", "number"),
    [
        ("bd", "kick", 1), ("sd2", "snare", 2), ("ch", "closed-hat", 1), ("hh", "closed-hat", 1), ("oh", "open-hat", 1),
        ("cp", "clap", 1), ("rs", "rim", 1), ("lt", "low-tom", 1), ("mt", "mid-tom", 1), ("ht", "high-tom", 1),
        ("cb", "cowbell", 1), ("cr", "crash", 1), ("rd", "ride", 1), ("sh", "shaker", 1), ("tb", "tambourine", 1),
        ("open-hat_3", "open-hat", 3), ("808bd", "kick", 1), ("36", "kick", 1), ("42", "closed-hat", 1),
        ("conga", "perc", 1), ("zither", None, 1), ("7", None, 1), ("mid-tom", "mid-tom", 1), ("ph", "pedal-hat", 1),
    ],
)  # fmt: skip
def test_names_of_lanes_say_roles(name, role, number):
    assert pad_mapping.role_of(name) == (role, number)


def test_pads_are_found_by_name_note_and_number(tmp_path):
    folder = pack(tmp_path / "two", ("kick", "kick", "snare"))
    pads = rack.load(folder).pads
    lanes = f"kick x\nkick2 x\n35 x\n{pads[1].name} x\n{pads[2].name.upper()} x"
    parts = pad_mapping.map_lanes(notation.parse_pattern(lanes), pads)
    assert [part.pad for part in parts] == [pads[0], pads[1], pads[1], pads[1], pads[2]]
    assert not any(part.warning for part in parts)


def test_every_role_has_a_way_out_to_every_other_kind_of_drum():
    assert pad_mapping.SUBSTITUTES.keys() == roles.BY_NAME.keys()
    assert all(role in roles.BY_NAME for nearest in pad_mapping.SUBSTITUTES.values() for role in nearest)


@pytest.mark.parametrize(
    ("text", "options", "error", "words"),
    [
        ("kick ....", {}, PatternError, "nothing but rests"),
        ("banjo x", {}, AudioError, "nothing in this pattern sounds"),
        ("kick " + "x" * 10_000, {}, PatternError, r"would last 20\.8 minutes; up to 10"),
        ("kick x", {"repeat": 9_999}, PatternError, "minutes"),
        ("kick x", {"tail": "fade"}, OptionError, "unknown tail 'fade'"),
        ("kick x", {"humanize": float("nan")}, PatternError, "humanize is nan"),
    ],
)
def test_what_cannot_be_played_is_said(kit, text, options, error, words):
    with pytest.raises(error, match=words):
        play(kit, text, **options)


def test_hostile_packs_are_refused(tmp_path):
    folder = pack(tmp_path / "kit", ("kick",))
    with pytest.raises(DataError, match="1000000 Hz"):
        play(edited(folder, rate=1_000_000), "kick x")
    with pytest.raises(DataError, match="no sounds"):
        play(edited(folder, rate=RATE, sounds=[]), "kick x")
    with pytest.raises(DataError, match="not a pack"):
        play(tmp_path, "kick x")
    other = pack(tmp_path / "other", ("kick",))
    next(other.rglob("*.wav")).unlink()
    with pytest.raises(AudioError, match="cannot be read"):
        play(other, "kick x")
    next(iter((other / "One_Shots").iterdir())).joinpath("x").touch()
    outside = edited(pack(tmp_path / "third", ("kick",)), sounds=[{"path": "../kit/pack.json"}])
    with pytest.raises(DataError):
        play(outside, "kick x")


def test_files_are_24_bit_and_all_or_nothing(kit, tmp_path):
    played = play(kit, "kick x...\nsnare[pan .5] ..x.", stems=True)
    written = loop_files.write_loop(played, tmp_path / "a")
    assert [path.name for path in written] == ["a.wav", "a.mid", "a-stems"]
    info = soundfile.info(written[0])
    assert (info.subtype, info.channels, info.frames, info.samplerate) == ("PCM_24", 2, len(played.samples), RATE)
    np.testing.assert_allclose(soundfile.read(written[0])[0], played.samples, atol=2**-23)
    stems = [soundfile.read(path)[0] for path in sorted(written[2].iterdir())]
    np.testing.assert_allclose(sum(stems), played.samples, atol=3 * 2**-23)
    with pytest.raises(OutputError, match="exists already"):
        loop_files.write_loop(played, tmp_path / "a.wav")
    before = written[0].read_bytes()
    loop_files.write_loop(play(kit, "kick x", stems=True), tmp_path / "a.wav", force=True)
    assert written[0].read_bytes() != before
    assert [path.name for path in written[2].iterdir()] == ["01_kick.wav"]


def test_a_wav_says_its_tempo_meter_and_bars(kit, tmp_path):
    for meter, bars, beats in (("4/4", 3, 12), ("7/8", 2, 7)):
        played = play(kit, f"# title T tempo\n# tempo 93.5 meter {meter} bars {bars}\nkick x...")
        path = loop_files.write_loop(played, tmp_path / "a.wav", force=True)[0]
        told = wavchunks.read_chunks(path.read_bytes())
        assert (told.acid.beats, told.acid.meter) == (beats, (int(meter[0]), int(meter[2])))
        assert told.acid.tempo == np.float32(93.5)
        assert told.markers == {frame: f"Bar {number}" for number, frame in enumerate(played.bar_frames, 1)}
        assert told.info["INAM"] == "T tempo"
        cues = wavinfo.WavInfoReader(str(path)).cues
        assert [cue.sample_offset for cue in cues.cues] == played.bar_frames
        np.testing.assert_allclose(soundfile.read(path)[0], played.samples, atol=2**-23)


def test_no_beats_are_claimed_where_a_loop_is_not_its_bars(kit, tmp_path):
    """An appended tail, or bars that end between two beats: a host would take a wrong tempo from them."""
    long = play(kit, "# tempo 960\nkick ...............x", tail="append")
    odd = play(kit, "# meter 7/8\nkick x")
    for played in (long, odd):
        path = loop_files.write_loop(played, tmp_path / "a.wav", force=True)[0]
        assert wavchunks.read_chunks(path.read_bytes()).acid is None


def test_nothing_is_left_where_one_of_the_files_cannot_be_written(kit, tmp_path):
    (tmp_path / "a.mid").write_text("mine")
    with pytest.raises(OutputError, match=r"a\.mid exists already"):
        loop_files.write_loop(play(kit, "kick x"), tmp_path / "a.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mid"]
    assert (tmp_path / "a.mid").read_text() == "mine"


@pytest.mark.parametrize("name", ["a.mid", "a.flac", ".", ""])
def test_a_loop_is_a_wav(name):
    with pytest.raises(OptionError, match=r"\.wav"):
        loop_files.output_paths(name)


def test_lofi_keeps_length_and_peak(kit):
    played = play(kit, "kick x...\nsnare[pan .5] ..x.")
    old = loop.lofi_loop(played, "sampler-12")
    assert old.samples.shape == played.samples.shape
    assert np.abs(old.samples).max() == pytest.approx(np.abs(played.samples).max(), rel=1e-4)
    assert np.abs(old.samples - played.samples).max() > 0.01
    assert loop.lofi_loop(play(kit, "kick x"), "warm").samples.ndim == 1
