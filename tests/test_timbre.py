"""A timbre model: notes taken apart and made anew, an instrument learned from its recordings, takes played by it.

The instrument is synthetic, so that what it does at each pitch and loudness is known.
"""

import json
from functools import partial
from pathlib import Path

import commands
import numpy as np
import pytest
import soundfile
from little import few_steps
from voices import ALTO, say, sentence

from samplegen import settings
from samplegen.audio import reading
from samplegen.conversion import pitch, polyphony, takes
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.registry import CONVERTERS
from samplegen.conversion.timbre import conditioning, evaluate, fit, harmonics, recordings, synthesis, train
from samplegen.conversion.timbre.convert import TimbreConverter
from samplegen.errors import DataError, ModelError, OptionError
from samplegen.models import library, store
from samplegen.models.registry import KINDS
from samplegen.models.timbre import Config

RATE = 16_000
STRONG = 8  # harmonics
REAL = Path(__file__).parents[2] / "shared" / "data"
NOISE = -45.0  # dB under the loudness


def falling(level: float) -> np.ndarray:
    """Level of each harmonic of the instrument under the first, in dB: the louder, the brighter."""
    return (9 - 0.2 * (level + 30)) * np.arange(20)


def tone(hertz, level, *, seconds=0.6, rate=RATE, fall=None, seed=0) -> np.ndarray:  # noqa: PLR0913
    """The instrument plays a pitch, `hertz` a number or one for each sample, at a loudness in dB."""
    track = np.broadcast_to(hertz, round(seconds * rate)) if np.ndim(hertz) == 0 else hertz
    turns = np.cumsum(track) / rate
    drops = falling(level) if fall is None else fall * np.arange(20)
    parts = [10 ** (-drop / 20) * np.sin(2 * np.pi * k * turns) * (k * track < 0.45 * rate)
             for k, drop in enumerate(drops, 1)]  # fmt: skip
    sound = np.sum(parts, axis=0)
    sound *= 10 ** (level / 20) / np.sqrt(np.mean(sound**2))
    hiss = np.random.default_rng(seed).standard_normal(len(sound)) * 10 ** ((level + NOISE) / 20)
    ramp = np.minimum(1, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / (0.03 * rate))
    return ((sound + hiss) * ramp).astype(np.float32)


NOTES = [(220 * 2 ** (step / 12), level) for step in range(0, 20, 2) for level in (-30.0, -12.0)]


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Little to learn for the convolutions."""
    with few_steps(fit, 6):
        yield


@pytest.fixture(scope="module")
def learned():
    """The instrument, from 20 notes two semitones apart, soft and loud."""
    config = Config(rate=RATE)
    return train.learn([recordings.analyse(str(n), tone(*note, seed=n), config) for n, note in enumerate(NOTES)], RATE)


def played(learned, samples, rate=RATE, *, seconds=20, **manner):
    """The whole result `(n, channels)` for samples `(n,)` or `(n, channels)`, and the player."""
    take = takes.ArrayTake(np.asarray(samples, np.float32).reshape(len(samples), -1), rate)
    player = TimbreConverter(learned.config, learned.network, take, ConvertOptions(**{"pitch": "keep"} | manner))
    return np.concatenate(list(player.parts(seconds=seconds))), player


def kept(source, made, rate=RATE) -> dict[str, float]:
    """Pitch and loudness of a take that are left."""
    return evaluate.compare_tracks([(*evaluate.tracks(source, rate), *evaluate.tracks(made[:, 0], rate))])


def phrase(rate=RATE, *, level=-20.0) -> np.ndarray:
    """A glide with vibrato in a dull timbre of its own, that swells and fades."""
    time = np.arange(round(2.5 * rate)) / rate
    track = 262 * 2 ** (0.3 * time + 0.02 * np.sin(2 * np.pi * 5.5 * time))
    return tone(track, level, seconds=2.5, rate=rate, fall=15) * np.sin(np.pi * time / 2.5).astype(np.float32)


run = partial(commands.run, width=80)


# --- taken apart and made anew ---------------------------------------------------------------------


def test_harmonics_and_noise_are_measured():
    sound = tone(300, -20)
    heights = pitch.track(sound, limits=pitch.INSTRUMENT_RANGE_HZ, refine=True)
    middle = slice(15, 45)
    levels = harmonics.harmonics(sound, RATE, heights, 30)[middle]
    drops = np.median(levels[:, :1] - levels, axis=0)[:5]
    np.testing.assert_allclose(drops, falling(-20)[:5], atol=0.5)  # dB; the noise is 20 dB under the fifth
    assert np.isnan(levels[:, 24:]).all()  # beyond 7.2 kHz
    noise = harmonics.noise(sound, RATE, heights, 16)[middle]
    np.testing.assert_allclose(noise.mean(), -20 + NOISE, atol=3)  # means of dB lie 2.5 under dB of means
    assert np.median(harmonics.loudness(sound, RATE, 60)[middle]) == pytest.approx(-20, abs=0.3)


def test_a_refined_pitch_follows_a_vibrato_to_the_cent():
    time = np.arange(2 * RATE) / RATE
    track = 400 * 2 ** (0.04 * np.sin(2 * np.pi * 5 * time))
    sound = tone(track, -20, seconds=2)
    errors = []
    for refine in (False, True):
        found = pitch.track(sound, limits=pitch.INSTRUMENT_RANGE_HZ, refine=refine)[10:190]
        true = track[np.arange(10, 190) * pitch.HOP]
        errors.append(np.median(np.abs(1200 * np.log2(found[found > 0] / true[found > 0]))))
    assert errors[1] < 1.5 < errors[0]  # cents; the grid's steps are 25


def test_sound_is_made_anew_from_its_parts():
    sound = tone(300, -20)
    heights = pitch.track(sound, limits=pitch.INSTRUMENT_RANGE_HZ, refine=True)
    levels = harmonics.harmonics(sound, RATE, heights, 20)
    hertz = np.full(len(heights), 300.0)
    amplitudes = np.sqrt(2) * 10 ** (np.nan_to_num(levels, nan=-120) / 20)
    made = synthesis.harmonic_tone(0, len(sound), RATE, hertz, synthesis.phase(hertz), amplitudes, 0)
    noise = np.full((len(heights), 16), -20 + NOISE, np.float32)
    made += synthesis.filtered_noise(0, len(sound), RATE, noise, 0, band_rate=RATE)
    apart = [evaluate.distance(made, other, RATE) for other in (sound, tone(300, -20, fall=15))]
    assert apart[0] < 4 < apart[1]  # dB; mostly of two draws of noise


def test_stretches_of_sound_fit_together():
    rng = np.random.default_rng(0)
    hertz = 300 + 50 * np.sin(np.arange(300) / 20)
    amplitudes, noise = rng.random((300, 12)), rng.normal(-30, 3, (300, 8)).astype(np.float32)
    turned, rate = synthesis.phase(hertz), 22_050

    def stretch(start, stop):
        first = max(start * 100 // rate - 10, 0)
        tones = synthesis.harmonic_tone(start, stop, rate, hertz, turned, amplitudes[first:], first)
        return tones + synthesis.filtered_noise(start, stop, rate, noise[first:], first, band_rate=16_000)

    whole = stretch(0, 60_000)
    np.testing.assert_allclose(np.concatenate([stretch(0, 9_999), stretch(9_999, 60_000)]), whole, atol=1e-5)
    hiss = synthesis.filtered_noise(0, 60_000, rate, noise, 0, band_rate=16_000)
    spectrum = np.abs(np.fft.rfft(hiss * np.hanning(60_000)))
    assert spectrum[round(8_500 / rate * 60_000) :].max() < 1e-3 * spectrum.max()  # nothing was heard above 8 kHz


# --- what is learned -------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [-30.0, -12.0])
def test_a_pitch_never_heard_gets_the_instruments_spectrum(learned, level):
    hertz = 220 * 2 ** (7 / 12)  # between two that were heard
    made, _ = played(learned, tone(hertz, level, fall=25))
    heights = pitch.track(made[:, 0], limits=pitch.INSTRUMENT_RANGE_HZ, refine=True)
    levels = harmonics.harmonics(made[:, 0], RATE, heights, STRONG)[15:45]
    drops = np.median(levels[:, :1] - levels, axis=0)
    wanted = falling(level)[:STRONG]
    audible = wanted < 40
    assert np.abs(drops - wanted)[audible].max() < 3  # dB; the dull source is 16 dB off at the second harmonic alone


def test_what_is_told_of_the_learning(learned):
    told = learned.facts
    assert told["held_out_both"] <= told["held_out_regression"] < 0.8 * told["held_out_mean"]
    assert told["sounds"] == len(NOTES)
    low, middle, high = learned.config.pitches
    assert (low, high) == (pytest.approx(220, rel=0.01), pytest.approx(220 * 2 ** (18 / 12), rel=0.01))
    assert low < middle < high


def test_an_untaught_network_says_nothing_and_the_same_seed_the_same():
    config = Config(inputs=7, harmonics=3, bands=4, waves=8, width=8)
    silent = conditioning.predict(KINDS["timbre"].network(config), np.ones((70, 7), np.float32))
    assert silent.shape == (70, 7)
    assert not silent.any()
    rng = np.random.default_rng(0)
    frames = [rng.standard_normal((30, 7)).astype(np.float32) for _ in range(2)]
    notes = [fit.TrainingNote(f, np.tanh(f), np.ones(f.shape, bool)) for f in frames]
    one, _ = fit.train_network(config, notes, np.ones(7, np.float32), seed=3, steps=3)
    other, _ = fit.train_network(config, notes, np.ones(7, np.float32), seed=3, steps=3)
    np.testing.assert_array_equal(conditioning.predict(one, frames[0]), conditioning.predict(other, frames[0]))


def test_what_is_no_instrument_is_refused():
    config = Config(rate=RATE)
    hiss = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    with pytest.raises(DataError, match="less than a second"):
        train.learn([recordings.analyse("hiss", hiss, config)], RATE)
    noisy = train.learn(
        [recordings.analyse("hiss", hiss, config), recordings.analyse("a", tone(300, -20, seconds=2), config)], RATE
    )
    assert any(note.startswith("hiss is left out") for note in noisy.notes)
    assert any("one recording only" in note for note in noisy.notes)


# --- what becomes of a take ------------------------------------------------------------------------


def test_a_phrase_keeps_its_pitch_and_loudness(learned):
    source = phrase()
    made, player = played(learned, source)
    measured = kept(source, made)
    assert measured["pitch_correlation"] > 0.95  # this and the next two are the figures
    assert measured["pitch_cents"] < 20
    assert measured["loudness_correlation"] > 0.9
    assert player.ratio == 1
    assert player.notes == []
    assert np.sqrt(np.mean(made**2)) == pytest.approx(np.sqrt(np.mean(source**2)), rel=0.1)


def test_a_voice_is_played_too(learned):
    source = say(sentence(2), ALTO).samples
    measured = kept(source, played(learned, source)[0])
    assert measured["pitch_correlation"] > 0.95
    assert measured["pitch_cents"] < 20
    assert measured["loudness_correlation"] > 0.9


def test_semitones_and_the_instruments_own_pitch(learned):
    source = tone(440, -20)
    for manner, wanted in (
        ({"transpose": -7.0}, 440 * 2 ** (-7 / 12)),
        ({"pitch": "target"}, learned.config.pitches[1]),
    ):
        made, player = played(learned, source, **manner)
        found = pitch.median(pitch.track(made[:, 0], limits=pitch.INSTRUMENT_RANGE_HZ, refine=True))
        assert 1200 * abs(np.log2(found / wanted)) < 5
        assert player.ratio == pytest.approx(wanted / 440, rel=0.01)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_any_length_and_rate_comes_back_as_long_whatever_the_chunks(learned, rate):
    source = phrase(rate)[: 2 * rate + 123]
    stereo = np.stack([source, 0.25 * source], axis=1)
    made, _ = played(learned, stereo, rate)
    parted, _ = played(learned, stereo, rate, seconds=1)
    assert made.shape == stereo.shape
    assert np.isfinite(made).all()
    np.testing.assert_allclose(parted, made, atol=1e-5)  # rounding only
    np.testing.assert_allclose(made[:, 1], 0.25 * made[:, 0], atol=0.01 * np.abs(made).max())  # sides stay as they are


def test_where_the_take_is_silent_so_is_the_result(learned):
    pause = np.zeros(RATE, np.float32)
    made, _ = played(learned, np.concatenate([tone(300, -20), pause, tone(400, -20)]))
    quiet = slice(round(0.65 * RATE), round(1.55 * RATE))
    assert not made[quiet].any()
    nothing, player = played(learned, pause)
    assert not nothing.any()
    assert any("silent" in note for note in player.notes)


def test_noise_stays_noise_as_loud_as_it_was(learned):
    hiss = np.random.default_rng(0).normal(0, 0.05, 2 * RATE).astype(np.float32)
    made, player = played(learned, hiss)
    assert any("no pitch" in note for note in player.notes)
    assert made.std() == pytest.approx(0.05, rel=0.15)
    spectrum = np.abs(np.fft.rfft(made[:, 0]))
    assert spectrum.max() < 8 * np.sqrt(np.mean(spectrum**2))  # no lines


@pytest.mark.parametrize("count", [2, 160, 320])
def test_a_take_of_an_instant(learned, count):
    made, _ = played(learned, tone(300, -20, seconds=count / RATE))
    assert made.shape == (count, 1)
    assert np.isfinite(made).all()


def test_mix_and_growl(learned):
    source = phrase()
    dry, _ = played(learned, source, mix=0.0)
    np.testing.assert_allclose(dry[:, 0], source, atol=1e-6)
    plain, _ = played(learned, source)
    rough, _ = played(learned, source, growl=1.0)
    assert np.abs(rough - plain).max() > 0.2 * np.abs(plain).max()


def test_the_tracker_is_the_one_asked_for(learned):
    with pytest.raises(OptionError, match="no tracker 'ears'"):
        played(learned, phrase(), tracker="ears")


def test_pitches_that_the_instrument_does_not_have_are_said(learned):
    _, player = played(learned, tone(110, -20))
    (note,) = player.notes
    assert "100% of what is played lies outside of the 220 to" in note
    assert "--transpose 12 would leave 0%" in note


# --- several notes at once -------------------------------------------------------------------------


def several(*steps):
    return np.sum([tone(220 * 2 ** (step / 12), -25, seed=step) for step in steps], axis=0).astype(np.float32)


def unexplained(samples) -> float:
    return float(
        np.median(polyphony.score(samples, pitch.track(samples, limits=pitch.INSTRUMENT_RANGE_HZ, refine=True)))
    )


@pytest.mark.parametrize("steps", [(0, 4, 7), (0, 7), (0, 3), (0, 5, 9)])
def test_chords_are_told(learned, steps):
    assert unexplained(several(*steps)) > polyphony.MIN_SCORE
    _, player = played(learned, several(*steps))
    assert any("several notes at once" in note for note in player.notes)


@pytest.mark.parametrize("single", [tone(220, -25), tone(700, -12), phrase(), say(sentence(2), ALTO).samples])
def test_single_notes_and_voices_are_no_chords(single):
    assert unexplained(single) < polyphony.MIN_SCORE


def test_odd_harmonics_alone_are_one_note():
    time = np.arange(RATE) / RATE
    square = sum(np.sin(2 * np.pi * 250 * k * time) / k for k in (1, 3, 5, 7, 9))
    assert unexplained((0.1 * square).astype(np.float32)) < polyphony.MIN_SCORE


# --- the model's folder and the commands -----------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Recordings of mixed rates and formats, one of them broken, and a model made of them by the command."""
    place = tmp_path_factory.mktemp("instrument")
    (place / "notes").mkdir()
    for number, (hertz, level) in enumerate(NOTES[::3]):
        rate, suffix = ((RATE, "wav"), (22_050, "flac"))[number % 2]
        soundfile.write(place / f"notes/{number}.{suffix}", tone(hertz, level, rate=rate), rate)
    (place / "notes/broken.wav").write_bytes(b"nothing")
    told = json.loads(run("train", "timbre", place / "notes", "--name", "horn", "--out", place, "--json").stdout)
    assert any("broken.wav" in note for note in told["notes"])
    assert told["sounds"] == len(NOTES[::3])
    assert told["figures"]["held_out_pitch_cents"] < 20
    assert told["figures"].keys() >= {"held_out_spectral", "held_out_spectral_griffin_lim"}
    soundfile.write(place / "take.wav", np.stack([phrase(44_100)] * 2, axis=1), 44_100)
    return place


def test_convert_writes_a_take_as_long(folder, tmp_path):
    out = tmp_path / "out.wav"
    told = json.loads(run("convert", folder / "take.wav", folder / "horn", "--out", out, "--chunk", 1, "--json").stdout)
    info = soundfile.info(out)
    assert (info.frames, info.samplerate, info.channels) == (round(2.5 * 44_100), 44_100, 2)
    assert told["ratio"] == 1


def test_evaluate_stands_beside_griffin_lim(folder):
    notes = folder / "notes/0.wav"
    told = json.loads(run("evaluate", folder / "horn", "--pairs", notes, notes, "--json").stdout)
    assert set(told["rows"]) == set(evaluate.ROWS)
    spectral = {name: row["spectral"] for name, row in told["rows"].items()}
    assert spectral["identity"] == 0 < spectral["converted"]
    assert told["rows"]["converted"]["pitch_cents"] < 20


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("train", "timbre", "none", "--name", "x"), "none is no folder"),
        (("train", "timbre", "notes/broken.wav", "--name", "x"), "no recording that can be read"),
        (("convert", "notes/broken.wav", "horn", "--out", "x.wav"), "broken.wav cannot be read"),
        (("convert", "take.wav", "horn", "--out", "x.wav", "--transpose", "-40"), "would have to move"),
        (("evaluate", "horn", "--pairs", "notes", "notes", "--others", "notes"), "leave out --others"),
        (("generate", "horn"), "of kind timbre, which draws no sounds"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(folder, monkeypatch, words, reason):
    monkeypatch.chdir(folder)
    result = run(*words, code=1)
    assert reason in result.stderr
    assert result.stdout == ""


def test_a_model_of_a_stranger_is_checked(folder):
    card = store.load(folder / "horn", kind="timbre").card
    for wrong in ({"rate": 17_000}, {"waves": 10**9}, {"pitches": [300.0, 200.0, 400.0]}, {"levels": [-10.0]}):
        with pytest.raises(ModelError):
            settings.build(Config, card.config | wrong)
    assert CONVERTERS["timbre"].convert_options["pitch"] == "keep"


def test_the_shipped_saxophone_plays_a_real_flute_and_a_voice():
    if not REAL.is_dir():
        pytest.skip("no real recordings beside this checkout")
    model = store.load(library.shipped("starter-sax"), kind="timbre")
    config, heard = model.config, []
    for name in (
        "flute/nor-m-2-1.flac",
        "flute/nor-m-1-4.flac",
        "voice/p225/" + min(p.name for p in REAL.glob("voice/p225/*")),
    ):
        source = reading.read_audio(REAL / name, config.rate)[0][: 3 * config.rate]
        made = np.concatenate(
            list(
                TimbreConverter(
                    config, model.network, takes.from_array(source, config.rate), ConvertOptions("keep")
                ).parts()
            )
        )
        heard.append((*evaluate.tracks(source, config.rate), *evaluate.tracks(made[:, 0], config.rate)))
    measured = evaluate.compare_tracks(heard)
    assert measured["pitch_correlation"] > 0.95
    assert measured["pitch_cents"] < 20
    assert measured["loudness_correlation"] > 0.9
