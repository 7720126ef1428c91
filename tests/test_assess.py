"""Figures of sounds that are known to be real, copies or all alike, beside those of real ones; and who ranks first."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import DRUMS

from models import TINY, save, training_on
from samplegen.audio.sounds import Sound
from samplegen.data import dataset
from samplegen.errors import DataError, ModelError, OptionError
from samplegen.evaluation import compare, judge, metrics_table
from samplegen.evaluation.assess import assess, assess_pack, model_of_pack
from samplegen.evaluation.compare import Candidate
from samplegen.evaluation.metrics_table import METRICS, NAMELESS, Features, compute_metrics
from samplegen.evaluation.results import NEIGHBOUR_RATIO, Assessment, Metric, format_number, rank
from samplegen.features import metrics
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.generation import generate
from samplegen.kits.manifest import read_pack
from samplegen.models import classify, library
from samplegen.models.model import FINGERPRINTS, Fingerprints, write_fingerprints
from samplegen.packs import write
from samplegen.roles import INDEX, ROLES

RATE = TINY.stft.rate
ROLE, KERNEL, FRECHET = list(METRICS)[:3]


@pytest.fixture(scope="module")
def ear(tmp_path_factory):
    return save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")


@pytest.fixture(autouse=True)
def _tiny_ear(ear, monkeypatch):
    monkeypatch.setattr(classify, "shipped", lambda: ear)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eight kits of 16 drums each, in `kit0_kick-1.wav` and so on."""
    place = tmp_path_factory.mktemp("real") / "real"
    place.mkdir()
    for kit in range(8):
        for role, samples in _drums(range(4 * kit, 4 * kit + 4)):
            number = len(list(place.iterdir()))
            soundfile.write(place / f"kit{kit}_{role}-{number}.wav", samples, RATE, subtype="FLOAT")
    return place


@pytest.fixture(scope="module")
def real(folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLEGEN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield dataset.scan(folder, TINY)


def _drums(seeds, names=tuple(DRUMS)):
    return [(name, DRUMS[name](RATE, seed=seed)) for seed in seeds for name in names]


def _judged(drums, training=None):
    names, sounds = zip(*drums, strict=True)
    return Candidate("model", Path("mine"), sounds, RATE, names, [f"{n} {i}" for i, n in enumerate(names)], training)


def _prints(drums):
    names, sounds = zip(*drums, strict=True)
    return Fingerprints(names, metrics_table.sound_features(sounds, RATE, names, TINY).descriptors)


def _rows(count, *, width=8, seed=0, scale=1.0):
    return (scale * np.random.default_rng(seed).standard_normal((count, width))).astype(np.float32)


def _features(count, *, seed=0, scale=1.0, named=None):
    rows = _rows(count, seed=seed, scale=scale)
    names = np.zeros(count, int) if named is None else np.array(named)
    return Features(rows, rows[:, :3], rows + 9, np.zeros(count, int), names)


# ---- figures


def test_a_folder_and_the_same_sounds_have_the_same_features(real):
    of_folder = metrics_table.folder_features(real)
    sounds, names = [real.waveform(i) for i in range(len(real))], [sound.role for sound in real.sounds]
    assert {ROLES[index] for index in of_folder.named} == set(DRUMS)
    of_sounds = metrics_table.sound_features(sounds, RATE, names, TINY)
    assert of_sounds.descriptors == pytest.approx(of_folder.descriptors, abs=0.02)  # the cache holds float16
    assert np.array_equal(of_sounds.named, of_folder.named)
    assert np.mean(of_sounds.predicted == of_folder.predicted) > 0.95  # float16 may tip a close call


def test_blocks_make_no_difference(real, monkeypatch):
    whole = metrics_table.folder_features(real)
    monkeypatch.setattr(dataset, "BLOCK_SOUNDS", 13)
    parts = metrics_table.folder_features(real)
    assert np.array_equal(whole.predicted, parts.predicted)
    assert whole.embeddings == pytest.approx(parts.embeddings, abs=1e-4)  # the order of sums


def test_silence_before_the_attack_does_not_count():
    (_, kick), silence = _drums([1], ["kick"])[0], np.zeros(RATE // 10, np.float32)
    soon, late = (
        metrics_table.sound_features([s], RATE, [None], TINY) for s in (kick, np.concatenate([silence, kick]))
    )
    assert metrics.find_known(late.descriptors, soon.descriptors).all()
    assert late.named == [NAMELESS]


def test_real_sounds_against_real_ones_are_as_the_theory_says():
    named = np.arange(400) % 2 * (INDEX["open-hat"] - INDEX["crash"]) + INDEX["crash"]  # metal, and treble
    sides = (_features(400, named=named), _features(400, seed=1, named=named))
    told = compute_metrics(*sides, _rows(300, seed=2) + 9)
    assert set(told) == set(METRICS)
    assert abs(told[KERNEL]) < 2  # 1/1000, but for chance
    assert told[FRECHET] < 0.5  # as in test_metrics
    assert told["density"] == pytest.approx(1, abs=0.15)
    assert told["coverage"] == pytest.approx(1 - 0.5**metrics.NEIGHBOUR_COUNT, abs=0.03)
    assert told["recall"] == pytest.approx(told["coverage"], abs=0.05)
    assert told["spread within a role"] == pytest.approx(1, abs=0.05)
    assert told["diversity"] == pytest.approx(4, abs=0.2)  # sqrt(2 * 8), a little less as the mean of a root
    assert told[NEIGHBOUR_RATIO] == pytest.approx(1, abs=0.1)


def test_copies_score_best_on_distances_and_the_ratio_finds_them():
    training, held_out = _features(300), _features(300, seed=1)
    copies, new = (compute_metrics(s, held_out, training.descriptors) for s in (training, _features(300, seed=2)))
    assert copies[NEIGHBOUR_RATIO] < 0.01
    assert new[NEIGHBOUR_RATIO] > 0.9
    assert copies["coverage"] > 0.9


def test_one_kind_of_sound_covers_little_and_is_not_diverse():
    real = _features(300)
    alike = compute_metrics(_features(300, seed=1, scale=0.1), real)
    assert alike["coverage"] < 0.4
    assert alike["diversity"] == pytest.approx(0.1 * compute_metrics(real, real)["diversity"], rel=0.1)  # chance
    assert alike["density"] > 1  # which is why the others stand beside it


@pytest.mark.parametrize(("name", "fewest"), [(KERNEL, 100), (FRECHET, 200)])
def test_a_figure_of_too_few_sounds_is_left_out(name, fewest):
    enough, few = _features(fewest), _features(fewest - 1)
    assert name in compute_metrics(enough, enough)
    assert name not in compute_metrics(few, enough)
    assert name not in compute_metrics(enough, few)
    assert metrics_table.why_missing(name, fewest - 1) == f"{fewest - 1} sounds are too few: it takes {fewest}"


def test_roles_count_where_they_are_named():
    real = _features(10)
    assert compute_metrics(_features(4, named=[0, 0, 5, NAMELESS]), real)[ROLE] == pytest.approx(2 / 3)
    assert ROLE not in compute_metrics(_features(4, named=[NAMELESS] * 4), real)
    assert metrics_table.why_missing(ROLE, 4) == "no name tells a role"


def test_against_training_sounds_nothing_is_new():
    real = _features(50)
    assert NEIGHBOUR_RATIO not in compute_metrics(_features(50, seed=1), real, real.descriptors)
    assert NEIGHBOUR_RATIO not in compute_metrics(_features(50, seed=1), real)
    assert "are the very sounds compared with" in metrics_table.why_missing(NEIGHBOUR_RATIO, 50)


# ---- sounds against a folder


def test_new_drums_are_as_real(real):
    found = compare.compare(_judged(_drums(range(100, 130)), _prints(_drums(range(200, 220)))), real)
    assert (found.count, found.real, found.rate, found.name) == (120, 128, judge.RATE, "mine")
    for name in ("diversity", NEIGHBOUR_RATIO, "coverage"):
        metric = found.metric(name)
        assert metric.value == pytest.approx(metric.real, rel=0.25), name  # 64 sounds of 4 roles
        assert metric.noise_margin > 0
    assert found.metric(KERNEL).missing == "64 sounds are too few: it takes 100"  # of the 128 one half judges
    assert found.notes == ()


def test_copies_are_found_and_warned_of(real):
    learned = _drums(range(200, 220))
    found = compare.compare(_judged(learned, _prints(learned)), real)
    assert found.metric(NEIGHBOUR_RATIO).value < 0.01
    assert found.metric(NEIGHBOUR_RATIO).verdict == "worse"
    assert found.copies
    assert any("mostly copies of training sounds" in note for note in found.notes)
    assert all(row.distance < 0.01 for row in found.closest)


def test_one_role_alone_shows(real):
    found = compare.compare(_judged(_drums(range(100, 200), ["kick"])), real)
    for name in ("coverage", "diversity"):
        assert found.metric(name).verdict == "worse", name
        assert found.metric(name).value < 0.7 * found.metric(name).real
    (example,) = found.examples
    assert (example.role, len(example.sounds), len(example.real)) == ("kick", 4, 4)


def test_a_folder_that_was_learned_from_is_told(real, folder):
    known = Fingerprints(("a",) * len(real), metrics_table.folder_features(real).descriptors)
    found = compare.compare(_judged(_drums(range(100, 110)), known), real)
    assert f"128 of the 128 sounds in {folder} are training sounds of the model" in found.notes[0]
    assert found.metric(NEIGHBOUR_RATIO).value is None
    assert found.metric(NEIGHBOUR_RATIO).missing
    assert {row.share for row in found.closest} == {None}
    assert not found.copies


def test_the_closest_are_named_nearest_first(real):
    training = _prints(_drums([300, 301]))
    found = compare.compare(_judged([*_drums(range(100, 110)), *_drums([301], ["snare"])], training), real)
    distances = [row.distance for row in found.closest]
    assert len(distances) == 10
    assert distances == sorted(distances)
    first = found.closest[0]
    assert (first.sound, first.training_sound) == ("snare 40", "snare")
    assert first.share < 0.01
    assert found.closest[-1].share > 0.1


def test_the_same_seed_gives_the_same_figures(real):
    judged = _judged(_drums(range(100, 105)))
    one, same, other = (compare.compare(judged, real, seed=seed).metrics for seed in (3, 3, 4))
    assert one == same != other


def test_halves_share_no_kit(real):
    kits = np.array([sound.kit for sound in real.sounds])
    for seed in range(10):
        one, other = compare._halves(real, np.random.default_rng(seed))
        assert not set(kits[one]) & set(kits[other])
        assert len(one) + len(other) == len(real)


def test_a_folder_of_one_kit_is_split_all_the_same_and_says_so(real):
    kit = real.subset(np.flatnonzero([sound.kit == "kit1" for sound in real.sounds]))
    found = compare.compare(_judged(_drums(range(100, 105))), kit)
    assert found.metric("coverage").value is not None
    assert any("has no kits" in note for note in found.notes)


@pytest.mark.parametrize("sizes", [(124, 1, 1, 1, 1), (60, 56, 6, 6), (128,), (64, 64), (32,) * 4, (1,) * 128])
def test_halves_are_halves_whatever_the_kits(real, sizes):
    kits = np.repeat(np.arange(len(sizes)), sizes)
    odd = replace(real, sounds=tuple(replace(s, kit=f"k{kit}") for s, kit in zip(real.sounds, kits, strict=True)))
    for seed in range(5):
        one, other = compare._halves(compare._parted(odd), np.random.default_rng(seed))
        assert set(one) | set(other) == set(range(128))
        assert 128 / 3 < len(other) <= 64


def test_a_large_folder_is_thinned(real, monkeypatch):
    monkeypatch.setattr(compare, "_MAX_SOUNDS", 20)
    assert compare.compare(_judged(_drums(range(100, 105))), real).real == 40


# ---- models and packs


@pytest.fixture
def model(tmp_path):
    return save(tmp_path / "models/tiny", training=training_on({"kick": 6, "snare": 2}), prints=_prints(_drums([1, 2])))


def test_a_model_is_judged_by_what_it_draws(model, real):
    found = assess(model, real, count=30, seed=2)
    assert (found.type, found.name, found.path, found.count, found.seed) == ("model", "tiny", model.folder, 30, 2)
    assert [metric.name for metric in found.metrics] == list(METRICS)
    assert found.metric("coverage").value is not None
    assert found.closest[0].sound.split()[0] in ("kick", "snare")
    assert {example.role for example in found.examples} == {"kick", "snare"}
    assert found == replace(assess(model, real, count=30, seed=2), examples=found.examples)


def test_what_cannot_be_judged(model, ear, real):
    with pytest.raises(DataError, match="holds 15 sounds; at least 16 are needed to judge by"):
        assess(model, real.subset(range(15)))
    with pytest.raises(OptionError, match="scanned for other maps"):
        assess(model, replace(real, config=SpectrogramConfig()))
    with pytest.raises(OptionError, match="number of sounds is 0"):
        assess(model, real, count=0)
    with pytest.raises(ModelError, match="draws no sounds"):
        assess(ear, real)


@pytest.fixture
def pack(model, tmp_path, monkeypatch):
    """A pack of six sounds by `model`, which is found."""
    monkeypatch.setattr(library, "CHECKOUT", tmp_path / "models")
    sounds = [Sound(samples, role, {}) for role, samples in _drums([1, 50, 51])[:6]]
    write.write_pack(sounds, tmp_path / "packs/first", origin=generate.origin(model, seed=1), rate=RATE)
    return tmp_path / "packs/first"


@pytest.fixture
def drawn(model, tmp_path):
    """A pack of six sounds that `model` has drawn."""
    sounds = generate.generate(model, 6, seed=1, rate=RATE)
    write.write_pack(sounds, tmp_path / "packs/drawn", origin=generate.origin(model, seed=1), rate=RATE)
    return tmp_path / "packs/drawn"


def _edit(pack, change):
    manifest = json.loads((pack / "pack.json").read_text())
    change(manifest)
    (pack / "pack.json").write_text(json.dumps(manifest))


def test_a_pack_is_judged_by_its_files_and_the_model_that_made_it(pack, real):
    found = assess_pack(pack, real)
    assert (found.type, found.name, found.count) == ("pack", "first", 6)
    assert found.metric(NEIGHBOUR_RATIO).value is not None
    copied = found.closest[0]
    assert copied.sound.startswith("One_Shots/")
    assert copied.training_sound == copied.sound.split("/")[1].lower()  # seed 1 was learned from
    assert copied.share < 0.1
    assert assess_pack(pack, real, count=4).count == 4


@pytest.mark.parametrize("change", [{"model": "../gone"}, {"model": ""}, {"model_hash": "another"}])
def test_without_its_model_a_pack_is_judged_by_what_its_manifest_says(drawn, real, change):
    _edit(drawn, lambda manifest: manifest.update(change))
    found = assess_pack(drawn, real)
    assert found.metric(NEIGHBOUR_RATIO).missing
    assert any("is not here to tell copies by" in note for note in found.notes)
    keys = ("nearest_distance", "path", "nearest_training_sound")
    told = sorted(tuple(one[key] for key in keys) for one in read_pack(drawn)["sounds"])
    assert [(row.distance, row.sound, row.training_sound) for row in found.closest] == told
    assert {row.share for row in found.closest} == {None}


def test_a_model_with_odd_fingerprints_tells_no_copies(pack, model, real, tmp_path):
    odd = Fingerprints(("a",), np.ones((1, 5), np.float32))
    write_fingerprints(model.folder / FINGERPRINTS, odd)
    assert assess_pack(pack, real).metric(NEIGHBOUR_RATIO).missing


@pytest.mark.parametrize("value", ["near", None, float("nan"), 10**400, -1, [1]])
def test_a_manifest_of_nonsense_is_not_believed(drawn, real, value):
    def change(manifest):
        manifest.update(model="gone")
        for sound in manifest["sounds"]:
            sound["nearest_distance"] = value

    _edit(drawn, change)
    assert assess_pack(drawn, real).closest == ()


def test_what_is_wrong_with_a_pack_is_told(pack, real):
    with pytest.raises(OptionError, match="number of sounds is 0"):
        assess_pack(pack, real, count=0)
    next((pack / "One_Shots").rglob("*.wav")).unlink()
    with pytest.raises(Exception, match="cannot be read as audio"):
        assess_pack(pack, real)
    _edit(pack, lambda manifest: manifest.update(sounds=[]))
    with pytest.raises(DataError, match="holds no sounds to judge"):
        assess_pack(pack, real)


def test_the_maker_is_the_very_model(pack, model):
    assert model_of_pack({"model": "tiny", "model_hash": model.card.hash}).folder == model.folder
    assert model_of_pack({"model": "tiny", "model_hash": ""}) is None


# ---- verdicts


@pytest.mark.parametrize(
    ("better", "value", "real", "verdict", "shortfall"),
    [
        ("higher", 0.5, 0.9, "worse", 0.4),
        ("higher", 0.85, 0.9, "as real", 0.05),
        ("higher", 1.2, 0.9, "better", 0),
        ("lower", 5, 1, "worse", 4),
        ("lower", -1, 1, "better", 0),
        ("lower", None, 1, "", None),
        ("lower", 1, None, "", None),
    ],
)
def test_a_verdict_is_by_the_real_value_and_chance(better, value, real, verdict, shortfall):
    metric = Metric("f", "", better, value, real, noise_margin=0.1)
    assert metric.verdict == verdict
    assert metric.shortfall == (None if shortfall is None else pytest.approx(shortfall))


def _assessment(name, values, *, copies=False):
    told = tuple(Metric(str(i), "", "higher", value, 1.0) for i, value in enumerate(values))
    return Assessment("model", name, Path(name), Path("real"), 0, 9, 9, 16_000, told, (), copies, (), ())


def _order(*assessments):
    return [(one.name, rank) for one, rank in rank(assessments)]


def test_the_lowest_mean_rank_is_first():
    one, two, three = _assessment("a", [0.1, 0.2]), _assessment("b", [0.9, 0.8]), _assessment("c", [0.5, 0.9])
    assert _order(one, two, three) == [("b", 1.5), ("c", 1.5), ("a", 3)]


def test_equals_share_a_rank_and_beyond_real_all_are_equal():
    assert _order(_assessment("a", [2.0]), _assessment("b", [1.0]), _assessment("c", [0.5])) == [
        ("a", 1.5),
        ("b", 1.5),
        ("c", 3),
    ]


def test_figures_that_one_lacks_do_not_count():
    assert _order(_assessment("a", [None, 0.1]), _assessment("b", [0.0, 0.2]))[0] == ("b", 1)
    assert _order(_assessment("a", [None]), _assessment("b", [0.0])) == [("a", 1), ("b", 1)]


def test_copies_come_last_however_good():
    assert [name for name, _ in _order(_assessment("a", [1.0], copies=True), _assessment("b", [0.1]))] == ["b", "a"]


def test_numbers_are_short():
    assert [format_number(v) for v in (None, 0.12345, 12345.6, 0, -0.5, 1.0)] == [
        "-",
        "0.123",
        "12346",
        "0",
        "-0.5",
        "1",
    ]
