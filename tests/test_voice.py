"""A voice model: learned from pairs of takes of the two synthetic voices, written, read, applied, measured."""

import json
from dataclasses import fields, replace
from functools import partial

import commands
import keras
import numpy as np
import pytest
import soundfile
from little import few_steps
from voices import ALTO, BASS, RATE, say, sentence

from samplegen import settings
from samplegen.audio import signals
from samplegen.conversion import features, metrics, pitch, regression, takes
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.registry import CONVERTERS
from samplegen.conversion.voice import aligned_pairs, evaluate, fit, train
from samplegen.conversion.voice.convert import VoiceConverter
from samplegen.errors import AudioError, DataError, ModelError, OptionError
from samplegen.models import store
from samplegen.models.registry import KINDS
from samplegen.models.voice import Config

TEXTS = [sentence(seed, 18) for seed in range(6)]  # four to learn from, two to test with


def spoken(number: int, who=ALTO, **options) -> np.ndarray:
    return say(TEXTS[number], who, seed=number + (50 if who is BASS else 0), **options).samples


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Little to learn for the autoencoder."""
    with few_steps(fit, 10):
        yield


@pytest.fixture(scope="module")
def learned():
    """A model of four sentences, about 10 seconds."""
    pairs = [aligned_pairs.align_takes(str(n), spoken(n), spoken(n, BASS), RATE) for n in range(4)]
    return train.learn(pairs, RATE)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Takes of both voices as files, of mixed rates, and a model made of them by the command."""
    place = tmp_path_factory.mktemp("takes")
    for who, name in ((ALTO, "alto"), (BASS, "bass")):
        (place / name).mkdir()
        for number in range(3):
            rate = (RATE, 22_050)[number % 2]
            soundfile.write(place / name / f"{number}.wav", spoken(number, who, rate=rate), rate)
    run("train", "voice", place / "alto", place / "bass", "--name", "deep", "--out", place)
    return place


def converted(learned, samples, rate=RATE, *, seconds=20, **manner):
    """The whole result `(n, channels)` for samples `(n,)` or `(n, channels)`, and the converter."""
    take = takes.ArrayTake(samples.reshape(len(samples), -1), rate)
    converter = VoiceConverter(learned.config, learned.network, take, ConvertOptions(**manner))
    return np.concatenate(list(converter.parts(seconds=seconds))), converter


run = partial(commands.run, width=80)


# --- what is learned -------------------------------------------------------------------------------


def test_takes_never_heard_come_nearer_to_the_target(learned):
    gains = []
    for number in (4, 5):
        source, target = spoken(number), metrics.take_features(spoken(number, BASS))
        result, _ = converted(learned, source)
        before, after = (
            metrics.measure(metrics.take_features(source), target),
            metrics.measure(metrics.take_features(result[:, 0]), target),
        )
        assert after["correlation"] >= before["correlation"]
        assert after["variance"] > 0.5
        gains.append(before["distortion"] - after["distortion"])
    assert min(gains) > 1.3  # dB, the figure for real voices


def test_regression_on_top_of_nothing_helps_and_what_is_told_says_so(learned):
    told = learned.facts
    assert told["held_out_both"] <= told["held_out_regression"] < 0.8 * told["held_out_mean"]
    assert told["pairs"] == 4
    assert set(told["scores"]) == {"0", "1", "2", "3"}
    np.testing.assert_allclose(learned.config.pitches, (ALTO.pitch, BASS.pitch), rtol=0.1)


def test_an_untaught_network_says_nothing_and_the_same_seed_the_same():
    config = Config(inputs=4, outputs=3, waves=8, width=8, latent=2)
    assert not np.any(regression.predict(KINDS["voice"].network(config), np.ones((5, 4), np.float32)))
    rng = np.random.default_rng(0)
    frames = rng.standard_normal((300, 4)).astype(np.float32)
    wanted = np.column_stack([frames[:, 0], np.sin(frames[:, 1]), frames[:, 2] * 2]).astype(np.float32)
    lesson = regression.TrainingFrames(frames, wanted, np.arange(300) // 100, np.ones(4, np.float32))
    one, told = fit.train_network(config, lesson, seed=3)
    other, _ = fit.train_network(config, lesson, seed=3)
    np.testing.assert_array_equal(regression.predict(one, frames), regression.predict(other, frames))
    assert told["held_out_both"] < 0.6 * told["held_out_mean"]


def test_what_is_said_varies_as_wanted():
    config = Config(inputs=2, outputs=1, waves=8, width=8, latent=2)
    rng = np.random.default_rng(0)
    frames = rng.standard_normal((1000, 2)).astype(np.float32)
    wanted = (0.5 * frames[:, :1] + rng.standard_normal((1000, 1))).astype(np.float32)  # a fifth of it can be known
    lesson = regression.TrainingFrames(frames, wanted, np.zeros(1000, int), np.ones(2, np.float32))
    network, told = fit.train_network(config, lesson)
    assert told == {"steps": 0}
    ratio = regression.predict(network, frames).std() / wanted.std()
    assert 0.7 < ratio < 0.9  # 0.45 is known; 0.45 ** (1 - STRETCH_EXPONENT) is 0.79


def test_a_wrong_sentence_is_left_out_and_told(monkeypatch):
    monkeypatch.setattr(fit, "train_network", lambda config, lesson, **_: (None, {"steps": 0}))
    pairs = [aligned_pairs.align_takes(str(n), spoken(n), spoken(n, BASS), RATE) for n in range(2)]
    other = np.random.default_rng(0).normal(0, 0.1, 3 * RATE).astype(np.float32)
    wrong = aligned_pairs.align_takes("wrong", spoken(2), np.concatenate((other, np.zeros(RATE, np.float32))), RATE)
    result = train.learn([*pairs, wrong], RATE)
    assert result.facts["pairs"] == 2
    assert any(note.startswith("wrong is left out") for note in result.notes)


def test_one_pair_is_enough_and_silence_is_not():
    one = train.learn([aligned_pairs.align_takes("a", spoken(0), spoken(0, BASS), RATE)], RATE)
    assert any("one pair" in note for note in one.notes)
    assert one.facts["steps"] == 0
    silent = np.zeros(2 * RATE, np.float32)
    with pytest.raises(DataError, match="less than a second"):
        train.learn([aligned_pairs.align_takes("a", silent, spoken(0, BASS), RATE)], RATE)


# --- what becomes of a take ------------------------------------------------------------------------


@pytest.mark.parametrize(("manner", "wanted"), [({}, None), ({"pitch": "keep"}, 1.0), ({"pitch": "150"}, None)])
def test_pitch_goes_where_it_is_asked_to(learned, manner, wanted):
    source = spoken(4)
    result, converter = converted(learned, source, **manner)
    before, after = pitch.track(source), pitch.track(result[:, 0])
    ratio = wanted or {"150": 150.0}.get(manner.get("pitch"), learned.config.pitches[1]) / pitch.median(before)
    assert converter.ratio == pytest.approx(ratio, rel=1e-3)
    both = (before > 0) & (after > 0)
    assert np.median(np.abs(1200 * np.log2(after[both] / before[both] / ratio))) < 20  # cents, the figure


def test_semitones_are_added(learned):
    _, converter = converted(learned, spoken(4), pitch="keep", transpose=-5.0)
    assert converter.ratio == pytest.approx(2 ** (-5 / 12))


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100])
def test_any_rate_and_length_comes_back_as_long(learned, rate):
    source = signals.resample(spoken(4), RATE, rate)[: 2 * rate + 123]
    result, _ = converted(learned, source, rate)
    assert result.shape == (2 * rate + 123, 1)
    assert np.isfinite(result).all()


def test_parts_are_the_whole_and_do_not_click(learned):
    source = np.concatenate([spoken(4), spoken(5)])
    whole, _ = converted(learned, source)
    parted, _ = converted(learned, source, seconds=1)
    assert whole.shape == parted.shape
    apart = (parted - whole)[:, 0]
    assert np.sqrt(np.mean(apart**2)) < 0.01 * whole.std()  # -40 dB: the ends of the resampling filters
    borders = np.concatenate([apart[at - 200 : at + 200] for at in range(RATE, len(apart) - RATE, RATE)])
    steps = np.abs(np.diff(parted[:, 0], 2))
    at_borders = np.concatenate([steps[at - 2 : at + 322] for at in range(RATE, len(apart) - RATE, RATE)])
    assert np.abs(borders).max() < 0.05 * np.abs(whole).max()
    assert at_borders.max() <= steps.max()


def test_stereo_stays_and_both_channels_get_one_gain(learned):
    mono = spoken(4)
    left_only = np.stack([mono, np.zeros_like(mono)], axis=1)
    result, _ = converted(learned, left_only, pitch="keep")
    assert not result[:, 1].any()
    panned, _ = converted(learned, np.stack([mono, 0.25 * mono], axis=1), pitch="keep")
    np.testing.assert_allclose(panned[:, 1], 0.25 * panned[:, 0], atol=1e-5)


def test_mix_and_growl(learned):
    source = spoken(4)
    dry, _ = converted(learned, source, mix=0.0)
    np.testing.assert_allclose(dry[:, 0], source, atol=1e-6)
    plain, _ = converted(learned, source, pitch="keep")
    rough, _ = converted(learned, source, pitch="keep", growl=1.0)
    assert np.abs(rough - plain).max() > 0.2 * np.abs(plain).max()
    assert rough.std() == pytest.approx(plain.std(), rel=0.3)


def test_the_tracker_is_the_one_asked_for(learned):
    with pytest.raises(OptionError, match="no tracker 'ears'"):
        converted(learned, spoken(4), tracker="ears")


def test_a_loud_take_is_not_clipped(learned):
    source = spoken(4)
    result, _ = converted(learned, source / np.abs(source).max())
    flat = np.mean(np.abs(result) > 0.999)
    assert 0.5 < np.abs(result).max() <= 1
    assert flat < 1e-3


def test_silence_stays_silent_and_noise_has_no_pitch(learned):
    result, converter = converted(learned, np.zeros(RATE, np.float32))
    assert not result.any()
    assert any("silent" in note for note in converter.notes)
    hiss = np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32)
    steady, converter = converted(learned, hiss, pitch="200")
    assert np.isfinite(steady).all()


def test_pauses_get_no_louder(learned):
    source = say("sa_sa", ALTO, pause=0.8)
    result, _ = converted(learned, source.samples, pitch="keep")
    loud = [
        features.loudness(features.log_mel(take, features.stft_config(RATE))) for take in (source.samples, result[:, 0])
    ]
    pause = slice(int((source.starts[2] + 0.1) * 100), int((source.starts[3] - 0.1) * 100))
    assert (loud[1] - loud[0])[pause].max() < 3  # dB; windows reach a little into what is beside


@pytest.mark.parametrize(
    "manner", [{"pitch": "up"}, {"pitch": "3"}, {"pitch": "nan"}, {"mix": 1.1}, {"growl": -1.0}, {"transpose": 99.0}]
)
def test_manners_that_cannot_be_used(manner):
    with pytest.raises(OptionError, match="choose"):
        ConvertOptions(**manner)


def test_a_pitch_too_far_away_is_refused(learned):
    with pytest.raises(AudioError, match="would have to move"):
        converted(learned, spoken(4), pitch="2000")


# --- the model's folder and the commands -----------------------------------------------------------


def test_a_model_of_a_stranger_is_checked(folders):
    model = store.load(folders / "deep", kind="voice")
    assert model.card.training["pairs"] == 3
    rows = regression.predict(model.network, np.zeros((3, model.config.inputs), np.float32))
    assert rows.shape == (3, model.config.outputs)
    for wrong in ({"rate": 17_000}, {"waves": 10**9}, {"pitches": [100.0]}):
        with pytest.raises(ModelError):
            settings.build(Config, model.card.config | wrong)


def test_convert_writes_a_take_as_long(folders, tmp_path):
    stereo = np.stack([spoken(4, rate=44_100)] * 2, axis=1)
    soundfile.write(tmp_path / "take.flac", stereo, 44_100)
    out = tmp_path / "out.wav"
    told = json.loads(
        run("convert", tmp_path / "take.flac", folders / "deep", "--out", out, "--chunk", 1, "--json").stdout
    )
    info = soundfile.info(out)
    assert (info.frames, info.samplerate, info.channels) == (len(stereo), 44_100, 2)
    assert told["ratio"] == pytest.approx(BASS.pitch / ALTO.pitch, rel=0.2)
    assert run("convert", tmp_path / "take.flac", folders / "deep", "--out", out, code=1).stderr.count("--force") == 1
    assert run("convert", tmp_path / "take.flac", folders / "deep", "--out", out, "--force", "-q").stdout == f"{out}\n"


def test_evaluate_says_what_it_stands_beside(folders):
    told = json.loads(
        run("evaluate", folders / "deep", "--pairs", folders / "alto/0.wav", folders / "bass/0.wav", "--json").stdout
    )
    assert set(told["rows"]) == set(evaluate.ROWS) - {"other"}
    distortion = {row: values["distortion"] for row, values in told["rows"].items()}
    assert distortion["resynthesis"] < distortion["converted"] < distortion["identity"]
    assert told["rows"]["mean"]["variance"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("train", "voice", "alto", "none", "--name", "x"), "is not there"),
        (("convert", "alto/0.wav", "deep"), "--out"),
        (("convert", "none.wav", "deep", "--out", "x.wav"), "none.wav cannot be read"),
        (("convert", "alto/0.wav", "none", "--out", "x.wav"), "there is no model"),
        (("convert", "alto/0.wav", "deep", "--out", "x.wav", "--chunk", "0"), "--chunk is 0"),
        (("convert", "alto/0.wav", "deep", "--out", "x.wav", "--pitch", "high"), "choose keep, target"),
        (("evaluate", "deep"), "--against FOLDER, or --pairs"),
        (("generate", "deep"), "of kind voice, which draws no sounds"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(folders, monkeypatch, words, reason):
    monkeypatch.chdir(folders)
    result = run(*words, code=1)
    assert reason in result.stderr
    assert result.stdout == ""


def test_the_table_of_converters_is_of_kinds():
    assert set(CONVERTERS) <= set(KINDS)
    assert all(not KINDS[kind].training for kind in CONVERTERS)
    for row in CONVERTERS.values():
        assert all(callable(part) for part in (row.train, row.converter, row.evaluate))
        assert set(row.convert_options) <= {setting.name for setting in fields(ConvertOptions)}
    assert keras.Model in type(KINDS["voice"].network(replace(Config(), waves=4))).__mro__
