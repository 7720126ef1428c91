"""A beatbox model: learned from taps and drums that nobody played together, written, read, applied, measured."""

import json
from functools import partial
from pathlib import Path

import commands
import numpy as np
import pytest
import soundfile
from conftest import DRUMS
from scipy.signal import butter, sosfilt

from samplegen import roles, settings
from samplegen.audio import signals
from samplegen.conversion import takes
from samplegen.conversion.beatbox import convert, descriptors, evaluate, hits, kit, labels, learner, pairs, split
from samplegen.conversion.beatbox import metrics as beatbox_metrics
from samplegen.conversion.beatbox import train as beatbox_train
from samplegen.conversion.beatbox.convert import BeatboxConverter
from samplegen.conversion.options import ConvertOptions
from samplegen.data import dataset
from samplegen.errors import ModelError
from samplegen.features import metrics, spectrogram
from samplegen.features.stft import StftConfig
from samplegen.models import store
from samplegen.models.beatbox import Config, Ranking, network
from samplegen.training import budget
from samplegen.transcription import hits as transcription_hits

RATE = transcription_hits.RATE
NAMES = ("closed-hat", "kick", "snare")
PLAYED = ("kick", "snare", "closed-hat", "kick", "closed-hat", "snare")
STEP = 2.0  # seconds between hits: longer than any drum


def tap(name: str, *, seed: int = 0, rate: int = RATE, seconds: float | None = None) -> np.ndarray:
    """A mouth's kick (a falling chirp), snare (noise around 2 kHz) or hat (noise above 6 kHz); no two the same."""
    rng = np.random.default_rng((seed, len(name)))
    seconds = seconds or rng.uniform(0.05, 0.25)
    time = np.arange(round(0.3 * rate)) / rate
    if name == "kick":
        sound = np.sin(2 * np.pi * (rng.uniform(60, 90) * time + 4 * (1 - np.exp(-time / 0.02))))
        sound += 0.1 * rng.standard_normal(len(time)) * (time < 0.01)  # the lips
    else:
        edges = {"snare": (1200, 3500), "closed-hat": (6000, 0.48 * rate)}[name]
        bend = rng.uniform(0.9, 1.1)
        edges = (edges[0] * bend, min(edges[1] * bend, 0.48 * rate))
        sound = sosfilt(butter(2, edges, "bandpass", fs=rate, output="sos"), rng.standard_normal(len(time)))
    sound = sound * np.exp(-4 * time / seconds)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def take(rate: int = RATE, *, names=PLAYED, gains=None, seed: int = 100, step: float = STEP, **options):
    """Taps one after the other, the first after a tenth of a second, and where each begins."""
    starts = [round((0.1 + index * step) * rate) for index in range(len(names))]
    samples = np.zeros(round((0.1 + len(names) * step) * rate) + 17, np.float32)
    for index, (start, name) in enumerate(zip(starts, names, strict=True)):
        sound = tap(name, seed=seed + index, rate=rate, **options)[: len(samples) - start]
        samples[start : start + len(sound)] += sound * (gains[index] if gains else 1)
    return samples, starts


def write_taps(folder: Path, each: int = 6, *, names=NAMES, seed: int = 0) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
        for number in range(each):
            soundfile.write(folder / name / f"{number}.wav", tap(name, seed=seed + number), RATE)
    return folder


def write_drums(folder: Path, each: int = 10, *, names=NAMES, seed: int = 0) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
        for number in range(each):
            long = {} if name == "open-hat" else {"seconds": 0.1 + 0.08 * number}
            maker = DRUMS[name]
            soundfile.write(folder / name / f"{name}-{number}.wav", maker(RATE, seed=seed + number, **long), RATE)
    return folder


run = partial(commands.run, width=200)


@pytest.fixture(scope="module", autouse=True)
def small():
    """A small network that is soon taught."""
    patch = pytest.MonkeyPatch()
    patch.setattr(beatbox_train, "Config", partial(Config, units=48))
    patch.setattr(pairs, "BATCH_SIZE", 12)
    patch.setattr(kit, "CANDIDATE_CODES", 2)
    patch.setattr(budget, "CHECKPOINTS", 4)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Folders of taps and drums, and a model that the command has made of them."""
    place = tmp_path_factory.mktemp("beatbox")
    write_taps(place / "mouth")
    write_drums(place / "drums")
    words = ("train", "beatbox", place / "mouth", place / "drums", "--name", "beat", "--out", place, "--steps", 120)
    (place / "told.json").write_text(run(*words, "--json").stdout)
    return place


@pytest.fixture(scope="module")
def model(home):
    return store.load(home / "beat", kind="beatbox")


def converted(model, samples, rate=RATE, *, seconds=20, **manner):
    """The whole result `(n, channels)` for samples `(n,)` or `(n, channels)`, and the converter."""
    one = takes.ArrayTake(samples.reshape(len(samples), -1), rate)
    converter = BeatboxConverter(model.config, model.network, one, ConvertOptions(**manner))
    return np.concatenate(list(converter.parts(seconds=seconds))), converter


def centre(sound: np.ndarray, rate: int = RATE) -> float:
    """The centroid of the power in Hz."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float(power @ np.fft.rfftfreq(len(sound), 1 / rate) / power.sum())


# --- what becomes of a take ------------------------------------------------------------------------


def test_every_hit_becomes_a_drum_of_its_role(model):
    samples, starts = take()
    result, converter = converted(model, samples)
    assert [model.config.roles[role] for role in converter.roles] == list(PLAYED)
    found = {name: [] for name in NAMES}
    for start, name in zip(starts, PLAYED, strict=True):
        found[name].append(centre(result[start : start + RATE, 0]))
    assert max(found["kick"]) < 1000 < min(found["snare"])  # Hz; the drums learned from: 100, 4500, 7500
    assert max(found["snare"]) < min(found["closed-hat"])


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_drums_begin_at_the_very_sample_and_pauses_are_silent(model, rate):
    samples, starts = take(rate)
    result, converter = converted(model, samples, rate)
    assert result.shape == (len(samples), 1)
    assert np.abs(converter.frames - starts).max() <= 0.001 * rate  # what begins as a sine is picked a little late
    for frame, following in zip(converter.frames, [*converter.frames[1:], len(samples)], strict=True):
        part = result[frame:following, 0]
        assert part[: round(0.0005 * rate)].any()
        assert not part[round(1.6 * rate) :].any()  # no map is longer than 1.5 s
    assert not result[: converter.frames[0]].any()


def test_a_louder_tap_is_a_louder_drum(model):
    gains = [1.0, 0.5, 0.25, 0.1]
    for name in NAMES:
        once = tap(name, seed=7)
        samples = np.zeros(4 * round(STEP * RATE) + RATE, np.float32)
        for index, gain in enumerate(gains):
            samples[RATE + index * round(STEP * RATE) :][: len(once)] = gain * once
        result, converter = converted(model, samples)
        levels = [np.abs(result[frame : frame + RATE, 0]).max() for frame in converter.frames]
        # 0.5 dB: the level of a tap is taken from its onset on, which may be picked a sample earlier or later
        assert 20 * np.log10(np.array(levels) / levels[0]) == pytest.approx(20 * np.log10(gains), abs=0.5)
        assert levels == sorted(levels, reverse=True)


def test_the_drums_are_as_loud_as_the_take(model):
    samples, _ = take()
    loud, soft = (converted(model, gain * samples)[0] for gain in (1.0, 0.1))
    assert np.abs(loud).max() == pytest.approx(np.abs(samples).max(), rel=0.05)
    assert soft.std() == pytest.approx(0.1 * loud.std(), rel=0.05)  # phases differ where a frame differs in rounding


def test_a_long_tap_is_a_long_drum(model):
    lengths = []
    for seconds in (0.04, 0.3):
        samples, _ = take(names=["snare"] * 6, seconds=seconds)
        result, converter = converted(model, samples)
        pictures = [spectrogram.encode(result[frame : frame + RATE, 0], model.config.map) for frame in converter.frames]
        lengths.append(descriptors.decay(np.stack(pictures)).mean())
    assert lengths[1] > lengths[0] + 2  # steps of the map; the drums learned from span about 20


def test_no_chunk_changes_the_result(model, monkeypatch):
    samples, _ = take(step=0.4)
    whole, _ = converted(model, samples)
    parted, _ = converted(model, samples, seconds=1)
    np.testing.assert_allclose(parted, whole, atol=1e-4)  # sums of batches of other sizes
    monkeypatch.setattr(convert, "STRETCH", 1)
    _, stretched = converted(model, samples)
    assert len(stretched.frames) == len(PLAYED)


def test_silence_and_noise_have_no_drums(model):
    hiss = np.random.default_rng(0).normal(0, 0.1, 3 * RATE).astype(np.float32)
    for samples, reason in ((np.zeros(RATE, np.float32), "silent, and stays so"), (hiss, "no hits were found")):
        result, converter = converted(model, samples)
        assert result.shape == (len(samples), 1)
        assert not result.any()
        assert reason in converter.notes[0]


def test_stereo_is_heard_as_one_and_mixed_as_it_is(model):
    mono, _ = take(names=PLAYED[:3])
    wide = np.stack([mono, 0.5 * mono], axis=1)
    result, converter = converted(model, wide)
    np.testing.assert_array_equal(result[:, 0], result[:, 1])
    assert any("mean of the channels" in note for note in converter.notes)
    np.testing.assert_allclose(converted(model, wide, mix=0.0)[0], wide, atol=1e-6)
    np.testing.assert_allclose(converted(model, wide, mix=0.5)[0], 0.5 * (wide + result), atol=1e-6)


def test_drums_are_moved_in_pitch_as_by_a_sampler(model):
    config = model.config.map
    picture = spectrogram.encode(DRUMS["kick"](RATE, seed=1), config)
    plain, higher = (convert.render_drum(picture, config, RATE, ratio=ratio) for ratio in (1.0, 2.0))
    assert centre(higher) == pytest.approx(2 * centre(plain), rel=0.02)  # all but its highest treble
    assert len(higher) == pytest.approx(len(plain) / 2, abs=2)
    samples, starts = take(names=["kick"])
    whole, short = (converted(model, samples, transpose=semitones)[0] for semitones in (0.0, 12.0))
    assert np.flatnonzero(short)[-1] - starts[0] < 0.6 * (np.flatnonzero(whole)[-1] - starts[0])


def test_drums_are_new(model, home):
    """Far from every drum learned from, by the house's figure: at least half as far as real drums never heard."""
    samples, _ = take(names=NAMES * 4)
    result, converter = converted(model, samples)
    pictures = np.stack(
        [spectrogram.encode(result[f : f + round(1.5 * RATE), 0], model.config.map) for f in converter.frames]
    )
    known = model.fingerprints.descriptors
    assert not metrics.find_known(metrics.fingerprints(pictures), known).any()
    other = [spectrogram.encode(DRUMS[name](RATE, seed=90 + n), model.config.map) for name in NAMES for n in range(3)]
    assert beatbox_metrics.nearest_ratio(pictures, known, metrics.fingerprints(np.stack(other))) > 0.5
    assert np.isnan(beatbox_metrics.nearest_ratio(pictures, known, known))


def drums_of(folder: Path):
    return dataset.scan(folder, spectrogram.SpectrogramConfig())


# --- what is learned -------------------------------------------------------------------------------


def test_pairs_are_of_one_role_and_near_in_rank(home):
    lesson = pairs.training_pairs(labels.read(home / "mouth"), drums_of(home / "drums"), seed=0)
    drums = lesson.drums.train
    role = lesson.drums.role[drums]
    nearest = lesson.partners(lesson.drums.ranks[drums], role, lesson.hits.train)
    drawn = lesson.partners(lesson.drums.ranks[drums], role, lesson.hits.train, np.random.default_rng(0))
    away = [((lesson.hits.ranks[paired] - lesson.drums.ranks[drums]) ** 2).sum(axis=1) for paired in (nearest, drawn)]
    assert (lesson.hits.role[nearest] == role).all()
    assert (lesson.hits.role[drawn] == role).all()
    assert (away[0] <= away[1]).all()
    assert away[1].mean() > away[0].mean()
    frames, vectors, ranks, codes, pictures = lesson.batch(3)
    assert len(frames) == len(vectors) == len(ranks) == len(codes) == len(pictures) == pairs.BATCH_SIZE
    np.testing.assert_array_equal(lesson.batch(3)[4], pictures)


def test_what_is_held_out_is_no_part_of_what_is_learned(home):
    source = labels.read(home / "mouth")
    lesson = pairs.training_pairs(source, drums_of(home / "drums"), seed=0)
    for part in (lesson.hits, lesson.drums):
        assert not set(part.train) & set(part.held_out)
        assert len(part.train) + len(part.held_out) == len(part.role)
        assert set(part.role[part.train]) == {0, 1, 2}
    assert set(lesson.hits.role[lesson.hits.held_out]) == {0, 1, 2}
    of_train, of_held = ({source.files[i] for i in part} for part in (lesson.hits.train, lesson.hits.held_out))
    assert not of_train & of_held


def test_ranks_are_shares_of_the_hits_of_a_role():
    layer = Ranking(2, 1)
    described = np.concatenate((np.linspace(0, 10, 41), np.linspace(100, 200, 41)))[:, None].astype(np.float32)
    layer.set_weights([pairs.quantiles(described, np.repeat([0, 1], 41))])
    asked = np.array([[0.0], [5.0], [10.0], [99.0], [125.0]], np.float32)
    role = np.eye(2, dtype=np.float32)[[0, 0, 0, 1, 1]]
    assert np.asarray(layer(asked, role))[:, 0] == pytest.approx([-1, 0, 1, -1, -0.5], abs=1e-5)


def test_the_card_tells_how_good_it_is(home, model):
    told = json.loads((home / "told.json").read_text())
    assert (told["hits"], told["sounds"], told["steps"]) == (18, 30, 120)
    assert told["roles"] == dict.fromkeys(("kick", "snare", "closed-hat"), 10)
    assert told["figures"] == model.card.figures
    assert {"roles_heard", "hits_told", "nearest_neighbour_ratio"} <= told["figures"].keys()
    assert told["figures"]["hits_told"] == 1
    assert len(model.fingerprints.names) == told["sounds"] - told["held_out"]


def test_training_lessens_the_error_of_drums_never_heard(home, model):
    lesson = pairs.training_pairs(labels.read(home / "mouth"), drums_of(home / "drums"), seed=0)
    fresh = learner.BeatboxLearner(model.config, seed=0).result
    assert beatbox_train.held_out_error(model.network, lesson) < 0.7 * beatbox_train.held_out_error(fresh, lesson)


def test_a_kit_is_kept_that_is_no_copy(home, monkeypatch):
    lesson = pairs.training_pairs(labels.read(home / "mouth"), drums_of(home / "drums"), seed=0)
    tried = []

    def half_copies(_network, given):
        codes = np.unique(given[3], axis=0, return_index=True)[1]
        tried.append(given[3][np.sort(codes)])
        pictures = np.random.default_rng(0).random((len(given[3]), *lesson.maps.shape[1:]), np.float32)
        pictures[: len(pictures) // 2] = lesson.maps[lesson.drums.train[0]]  # with the first code of two
        return pictures

    def all_right(pictures, _config):
        role = roles.INDEX[lesson.names[len(tried) - 1]]
        return kit.classify.Predictions(pictures, np.eye(16, dtype=np.float32)[[role] * len(pictures)])

    monkeypatch.setattr(kit, "predict_spectrograms", half_copies)
    monkeypatch.setattr(kit.classify, "classify_roles", all_right)
    fresh = network(Config(units=4))
    kit.choose_kit(fresh, lesson)
    np.testing.assert_array_equal(fresh.get_layer("kit").codes, [codes[1] for codes in tried])


def test_ctrl_c_keeps_what_was_learned_best(home, monkeypatch):
    seen = []

    def batch(self, step, whole=pairs.TrainingPairs.batch):
        if step == 5:
            raise KeyboardInterrupt
        return whole(self, step)

    def worse_and_worse(net, _lesson):
        seen.append(net.get_layer("drummer").get_weights())
        return float(len(seen))

    monkeypatch.setattr(pairs.TrainingPairs, "batch", batch)
    monkeypatch.setattr(beatbox_train, "held_out_error", worse_and_worse)
    learned = beatbox_train.learn(labels.read(home / "mouth"), drums_of(home / "drums"), steps=8)
    assert (learned.facts["steps"], learned.facts["best_step"]) == (5, 2)
    assert any("stopped at step 5" in note for note in learned.notes)
    for kept, best, last in zip(learned.network.get_layer("drummer").get_weights(), seen[0], seen[-1], strict=True):
        np.testing.assert_array_equal(kept, best)
        assert not np.array_equal(kept, last)


def test_takes_and_names_that_tell_nothing_are_told_apart_by_sound(tmp_path):
    write_taps(tmp_path / "mouth", 3)
    soundfile.write(tmp_path / "mouth/evening.wav", take(step=0.5, names=PLAYED * 2)[0], RATE)
    source = labels.read(tmp_path / "mouth")
    told = [role for role, file in zip(source.roles, source.files, strict=True) if file.name == "evening.wav"]
    assert told == list(PLAYED * 2)
    assert any("told apart by their sound" in note for note in source.notes)


def test_drums_without_telling_names_are_heard(home, tmp_path, monkeypatch):
    data = drums_of(home / "drums")
    nameless = [soundfile.read(path)[0] for path in sorted((home / "drums/kick").iterdir())[:4]]
    for number, sound in enumerate(nameless):
        soundfile.write(tmp_path / f"{number}.wav", sound, RATE)
    heard = np.eye(16, dtype=np.float32)[[0, 0, 0, 1]]
    monkeypatch.setattr(split.classify, "classify_roles", lambda *_: split.classify.Predictions(heard, heard))
    assert split.roles_of(drums_of(tmp_path)) == ["kick", "kick", "kick", "snare"]
    assert split.roles_of(data)[:10] == ["closed-hat"] * 10


def test_one_file_a_role_is_split_by_hit():
    role = np.repeat([0, 1], 8)
    train, held = split.split_hits([Path("a")] * 8 + [Path("b")] * 8, role, seed=0)
    assert np.bincount(role[held]).tolist() == [2, 2]
    assert np.bincount(role[train]).tolist() == [6, 6]


# --- the model's folder and the commands -----------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"roles": ["kick"]}, {"roles": ["kick", "drum"]}, {"roles": ["kick", "kick"]},
    {"units": 10**6}, {"code": 0}])  # fmt: skip
def test_a_model_of_a_stranger_is_checked(model, wrong):
    with pytest.raises(ModelError):
        settings.build(Config, model.card.config | wrong)


def test_a_model_that_hears_otherwise_is_refused(model):
    for other in ({"inputs": 7}, {"cepstra": 3}, {"map": spectrogram.SpectrogramConfig(steps=32)}):
        with pytest.raises(ModelError, match="hears hits otherwise"):
            BeatboxConverter(Config(**other), None, takes.from_array(tap("kick"), RATE), ConvertOptions())


def test_drums_may_have_another_rate():
    config = Config(map=spectrogram.SpectrogramConfig(StftConfig.at(44_100)), units=4)
    samples, _ = take(names=PLAYED[:2])
    result = np.concatenate(
        list(
            BeatboxConverter(config, network(config), takes.from_array(samples, RATE), ConvertOptions()).parts(
                seconds=20
            )
        )
    )
    assert len(result) == len(samples)
    assert result.any()


def test_of_very_many_drums_some_are_learned_from(home, monkeypatch):
    monkeypatch.setattr(pairs, "MAX_DRUMS", 8)
    lesson = pairs.training_pairs(labels.read(home / "mouth"), drums_of(home / "drums"), seed=0)
    assert np.bincount(lesson.drums.role).tolist() == [8, 8, 8]
    assert (lesson.prints == metrics.fingerprints(lesson.maps)).all()


def test_convert_writes_a_take_as_long(home, tmp_path):
    samples, _ = take(44_100, names=PLAYED[:3])
    soundfile.write(tmp_path / "take.flac", np.stack([samples, samples], axis=1), 44_100)
    out = tmp_path / "out.wav"
    words = ("convert", tmp_path / "take.flac", home / "beat", "--out", out, "--chunk", 1, "--transpose", 12)
    told = json.loads(run(*words, "--json").stdout)
    info = soundfile.info(out)
    assert (info.frames, info.samplerate, info.channels) == (len(samples), 44_100, 2)
    assert told["ratio"] == 2
    assert told["notes"][0] == "hits found: 1 closed-hat, 1 kick, 1 snare"
    assert "--force" in run(*words, code=1).stderr
    assert run(*words, "--force", "--quiet").stdout == f"{out}\n"


def test_evaluate_says_what_it_stands_beside(home, tmp_path):
    write_taps(tmp_path / "mouth", 4, seed=50)
    write_drums(tmp_path / "drums", 5, seed=50)
    told = json.loads(
        run("evaluate", home / "beat", "--pairs", tmp_path / "mouth", tmp_path / "drums", "--json").stdout
    )
    assert told["pairs"] == 12
    assert set(told["rows"]) == set(evaluate.ROWS)
    row = told["rows"]["converted"]
    assert set(row) == set(told["measures"]) == set(beatbox_metrics.MEASURES)
    assert (row["told"], row["found"]) == (1, 1)
    assert row["onset"] < 1  # ms
    assert 0 < row["ratio"] < 10
    assert told["rows"]["real"]["ratio"] == 1
    assert told["rows"]["nearest"]["energy"] is None


def test_energy_is_followed_as_evaluate_measures_it(model, tmp_path, home):
    for name in NAMES:
        (tmp_path / name).mkdir()
        for number, gain in enumerate((1.0, 0.5, 0.25, 0.12)):
            soundfile.write(tmp_path / name / f"{number}.wav", gain * tap(name, seed=number), RATE)
    rows, count = evaluate.measure_hits(model, tmp_path, home / "drums")
    assert count == 12
    assert rows["converted"]["energy"] > 0.95  # of 18 dB, all but what the drums' own shapes differ by
    assert np.isnan(rows["converted"]["ratio"])  # the very drums it learned from


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("train", "beatbox", "none", "drums"), "there is no folder none"),
        (("train", "beatbox", "mouth", "none"), "none is no folder"),
        (("train", "beatbox", "empty", "drums"), "empty holds no sound that can be used"),
        (("train", "beatbox", "mouth", "empty"), "empty holds no sound that can be used"),
        (("train", "beatbox", "broken", "drums"), "cannot be read as audio"),
        (("train", "beatbox", "mouth/kick", "drums"), "only hits of one kind (kick)"),
        (("train", "beatbox", "few", "drums"), "too few hits, 1 of "),
        (("train", "beatbox", "mouth", "drums/kick"), "holds 0 sounds of "),
        (("train", "beatbox", "mouth", "drums", "--steps", "3", "--minutes", "1"), "minutes or a number of steps"),
        (("convert", "mouth/kick/0.wav", "beat", "--out", "x.wav", "--pitch", "keep"), "pitch is not for a beatbox"),
        (("convert", "mouth/kick/0.wav", "beat", "--out", "x.wav", "--growl", "1"), "growl is not for a beatbox"),
        (("convert", "broken/kick/0.wav", "beat", "--out", "x.wav"), "cannot be read as audio"),
        (("evaluate", "beat", "--pairs", "claps", "drums"), "hits of clap; the model knows closed-hat, kick, snare"),
        (("evaluate", "beat", "--pairs", "mouth", "drums", "--others", "mouth"), "leave out --others"),
        (("generate", "beat"), "of kind beatbox, which draws no sounds"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(home, monkeypatch, words, reason):
    monkeypatch.chdir(home)
    for name in ("empty", "broken/kick", "claps/clap"):
        Path(name).mkdir(parents=True, exist_ok=True)
    Path("broken/kick/0.wav").write_bytes(b"no sound")
    for folder, each in (("few", 1), ("claps", 2)):
        if not Path(folder, "kick").exists():
            write_taps(Path(folder), each)
    soundfile.write("claps/clap/0.wav", tap("snare"), RATE)
    soundfile.write("claps/clap/1.wav", tap("snare", seed=1), RATE)
    named = ("--name", "x") if words[0] == "train" else ()
    result = run(*words, *named, code=1)
    assert reason in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert not Path("x").exists()
    assert not Path("models/x").exists()


def test_a_peak_says_what_a_stretch_is_part_of():
    samples, _ = take(names=["kick"], step=1.0)
    assert len(transcription_hits.detect_hits(samples, RATE).frames) == 1
    assert not len(transcription_hits.detect_hits(samples, RATE, peak=100.0).frames)  # 46 dB above it: nothing is a hit


def test_frames_of_hits_are_within_bounds():
    heard = hits.extract([tap(name, seed=3) for name in NAMES])
    assert heard.frames.shape == (3, hits.CONFIG.steps, hits.FRAME_FEATURES)
    assert heard.frames.min() >= 0
    assert heard.frames.max() <= 1.001  # half precision
    assert heard.described[:, 0].argmax() == NAMES.index("closed-hat")  # the brightest
    assert signals.peak(tap("kick")) == 0.5
    quiet = hits.extract([0.01 * tap("kick", seed=3)])
    np.testing.assert_allclose(quiet.frames[0], heard.frames[1], atol=0.02)  # the level is no part
