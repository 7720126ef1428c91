"""GenerateOptions: who is asked for, the same from the same seed, and finished sounds with true facts."""

import numpy as np
import pytest

from models import CONFIGS, TINY, facts, save, training_on
from samplegen import roles
from samplegen.audio import signals
from samplegen.audio.lofi_presets import PRESETS
from samplegen.audio.sounds import Sound
from samplegen.errors import ModelError, OptionError
from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.generation import sample
from samplegen.generation.generate import generate, origin
from samplegen.generation.options import GenerateOptions
from samplegen.generation.sample import NATURAL, draw, known_roles, role_vectors
from samplegen.models import classify, library
from samplegen.models.card import Card
from samplegen.models.classify import Predictions
from samplegen.models.model import Fingerprints, Model
from samplegen.packs.write import write_pack
from samplegen.roles import ROLES

KNOWN = {"kick": 60, "snare": 30, "ride": 10}


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")


@pytest.fixture(autouse=True)
def _tiny_ear(ear, monkeypatch):
    monkeypatch.setattr(classify, "shipped", lambda: ear)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    told = training_on(KNOWN)
    return save(tmp_path_factory.mktemp("model") / "tiny", training=told, licence="CC0", credits=("A", "B"))


def with_roles(counts: object) -> Model:
    return Model(None, Card(**facts("dcgan"), training={"roles": counts}), CONFIGS["dcgan"])


def names(vectors: np.ndarray) -> list[str]:
    return [ROLES[index] for index in vectors.argmax(axis=1)]


# ---- who is asked for


@pytest.mark.parametrize("count", [0, -1, sample.COUNT_RANGE[1] + 1])
def test_a_count_out_of_range(model, count):
    with pytest.raises(OptionError, match=f"number of sounds is {count}; choose from 1 to 10000"):
        role_vectors(model, count)


@pytest.mark.parametrize("role", ["drum", "", "kick=0", "kick=x", "kick,,snare", "Kick", "kick=nan"])
def test_a_role_that_is_none(model, role):
    with pytest.raises(OptionError, match="role"):
        role_vectors(model, 2, role)


def test_a_seed_below_zero(model):
    with pytest.raises(OptionError, match="the seed -1 cannot be used"):
        generate(model, 1, seed=-1)


def test_one_role_and_a_mix(model):
    np.testing.assert_array_equal(role_vectors(model, 3, "ride"), np.tile(roles.one_hot("ride"), (3, 1)))
    mixed = role_vectors(model, 2, "kick=0.75,snare=0.25")
    assert mixed.shape == (2, 16)
    assert (mixed[1, roles.INDEX["kick"]], mixed[1, roles.INDEX["snare"]], mixed[1].sum()) == (0.75, 0.25, 1)


@pytest.mark.parametrize("role", [None, "balanced"])
def test_balanced_is_the_known_roles_in_turn(model, role):
    assert names(role_vectors(model, 7, role)) == ["kick", "snare", "ride", "kick", "snare", "ride", "kick"]


def test_natural_is_as_often_as_in_training(model):
    vectors = role_vectors(model, 2000, NATURAL, seed=1)
    told = names(vectors)
    for name, share in (("kick", 0.6), ("snare", 0.3), ("ride", 0.1)):
        assert abs(told.count(name) / 2000 - share) < 0.04  # 4 standard deviations
    np.testing.assert_array_equal(vectors, role_vectors(model, 2000, NATURAL, seed=1))
    assert not np.array_equal(vectors, role_vectors(model, 2000, NATURAL, seed=2))


def test_roles_that_a_card_lists_are_in_the_order_of_the_table():
    assert list(known_roles(with_roles({"perc": 1, "kick": 2}))) == ["kick", "perc"]


@pytest.mark.parametrize(
    "counts", [None, {}, [], "kick", 7, {"kick": "many"}, {"kick": -1}, {"kick": 10**400}, {"kick": float("nan")},
               {"drum": 3}, {"kick": None}, {"kick": float("inf")}, {"kick": [1]}],
)  # fmt: skip
def test_a_card_that_does_not_tell_its_roles_means_all(counts):
    model = with_roles(counts)
    assert list(known_roles(model)) == list(ROLES)
    assert names(role_vectors(model, 16)) == list(ROLES)
    assert role_vectors(model, 4, NATURAL).shape == (4, 16)


# ---- drawing


def test_drawn_maps_are_at_full_level_and_silence_stays_silent():
    quiet = np.zeros((1, 4, 4, 2), np.float32)
    quiet[0, 0, 0], quiet[0, 0, 1], quiet[0, 0, 2] = (0.75, 0.5), (0.5, 0.5), (0.001, 0.5)
    level = sample._levelled(quiet.copy())[0, 0, :, spectrogram.LEVEL]
    assert level[:2] == pytest.approx([1.0, 0.75])  # one gain for all that sounds
    assert level[2] < 0.004  # a hundredth of the gain at most: the floor is not raised
    assert level[3] == 0
    assert (sample._levelled(quiet.copy())[..., spectrogram.NOISINESS] == quiet[..., spectrogram.NOISINESS]).all()


def test_drawing_levels(model):
    assert draw(model, role_vectors(model, 5), seed=2)[..., spectrogram.LEVEL].max(axis=(1, 2)) == pytest.approx(1.0)


@pytest.mark.parametrize("truncation", [-0.1, 2.1, float("nan"), float("inf")])
def test_truncation_out_of_range(model, truncation):
    with pytest.raises(OptionError, match="truncation is"):
        draw(model, role_vectors(model, 1), options=GenerateOptions(truncation=truncation))


def test_a_model_that_draws_nothing(ear):
    with pytest.raises(ModelError, match="of kind hearing, which draws no sounds; use one of dcgan"):
        generate(ear, 1)


def test_the_same_seed_draws_the_same(model):
    vectors = role_vectors(model, 5)
    one = draw(model, vectors, seed=3)
    assert one.shape == (5, *TINY.shape)
    assert one.tobytes() == draw(model, vectors, seed=3).tobytes()
    assert np.abs(one - draw(model, vectors, seed=4)).max() > 1e-4
    assert all(np.abs(one[0] - other).max() > 1e-4 for other in one[1:])


def test_truncation(model):
    vectors = role_vectors(model, 40, "kick")
    typical = draw(model, vectors, options=GenerateOptions(truncation=0))
    np.testing.assert_array_equal(typical, np.broadcast_to(typical[0], typical.shape))
    assert not np.array_equal(
        typical[0], draw(model, role_vectors(model, 1, "snare"), options=GenerateOptions(truncation=0))[0]
    )
    spread = [
        draw(model, vectors, options=GenerateOptions(truncation=t), seed=1).std(axis=0).mean() for t in (0.3, 1.0, 2.0)
    ]
    assert spread == sorted(spread)
    assert spread[2] > 2 * spread[0] > 0


def test_what_is_misheard_is_drawn_again(model, monkeypatch):
    """An ear that takes the second sound for a ride in the first two rounds: it alone is drawn anew, twice."""
    calls: list[int] = []

    def hear(pictures: np.ndarray, _config: SpectrogramConfig) -> Predictions:
        calls.append(len(calls))
        odds = np.tile(roles.one_hot("kick"), (len(pictures), 1))
        if len(calls) < 3:
            odds[1] = roles.one_hot("ride")
        return Predictions(odds, odds)

    vectors = role_vectors(model, 3, "kick=0.5,snare=0.5")
    with monkeypatch.context() as patch:
        patch.setattr(sample, "_MAX_DRAWS", 1)
        plain = draw(model, vectors, seed=7)
    monkeypatch.setattr(classify, "classify_roles", hear)
    final = draw(model, vectors, seed=7)
    assert calls == [0, 1, 2]
    np.testing.assert_array_equal(final[[0, 2]], plain[[0, 2]])
    assert not np.array_equal(final[1], plain[1])


def test_it_is_not_drawn_again_for_ever(model, monkeypatch):
    odds = roles.one_hot("ride")[None]
    calls: list[int] = []
    monkeypatch.setattr(classify, "classify_roles", lambda maps, _: calls.append(len(maps)) or Predictions(odds, odds))
    assert draw(model, role_vectors(model, 1, "kick")).shape == (1, *TINY.shape)
    assert len(calls) == sample._MAX_DRAWS - 1


# ---- finished sounds


@pytest.fixture(scope="module")
def sounds(model: Model, ear: Model) -> list[Sound]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classify, "shipped", lambda: ear)
        return generate(model, 6, seed=11)


def raw(sounds: list[Sound]) -> list[bytes]:
    return [sound.samples.tobytes() for sound in sounds]


def test_the_same_seed_makes_the_same_bytes(model, sounds):
    again = generate(model, 6, seed=11)
    assert raw(again) == raw(sounds)
    assert [sound.facts for sound in again] == [sound.facts for sound in sounds]
    assert not set(raw(generate(model, 6, seed=12))) & set(raw(sounds))
    assert len(set(raw(sounds))) == 6


def test_sounds_are_finished(sounds):
    assert [sound.role for sound in sounds] == ["kick", "snare", "ride"] * 2
    for sound in sounds:
        samples = sound.samples
        assert (samples.dtype, samples.ndim) == (np.float32, 1)
        assert signals.peak(samples) == pytest.approx(10 ** (-0.5 / 20), abs=1e-6)  # -0.5 dBFS, float32
        assert 0.005 < len(samples) / 44_100 < TINY.seconds + 0.01  # s; the room to fade in
        hit = np.argmax(np.abs(samples) > 0.01 * signals.peak(samples)) / 44_100
        assert hit <= 0.0005 + 1 / 44_100  # s, the pre-roll
        assert abs(samples[-1]) < 0.01
        assert abs(samples.mean()) < 0.001


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 96_000])
def test_a_rate_changes_the_rate_and_not_the_sound(model, sounds, rate):
    other = generate(model, 6, seed=11, rate=rate)
    for ours, theirs in zip(other, sounds, strict=True):
        assert len(ours.samples) / rate == pytest.approx(len(theirs.samples) / 44_100, abs=0.02)  # s; where tails end
        assert ours.facts == theirs.facts


@pytest.mark.parametrize("rate", [0, -44_100, 3_999, 10**9])
def test_a_rate_out_of_range(model, rate):
    with pytest.raises(OptionError, match=r"the rate is .* choose from 4000 to 768000 Hz"):
        generate(model, 1, rate=rate)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset(model, sounds, preset):
    dirty = generate(model, 2, seed=11, preset=preset)
    assert raw(dirty) == raw(generate(model, 2, seed=11, preset=preset))
    for ours, theirs in zip(dirty, sounds, strict=False):
        assert signals.peak(ours.samples) == pytest.approx(10 ** (-0.5 / 20), abs=1e-6)
        size = min(len(ours.samples), len(theirs.samples))
        assert np.abs(ours.samples[:size] - theirs.samples[:size]).max() > 0.005


def test_no_preset_of_that_name(model):
    with pytest.raises(OptionError, match="unknown lo-fi preset 'tin can'; the presets are"):
        generate(model, 1, preset="tin can")


def test_a_planted_copy_is_found(model, ear, tmp_path):
    """The training sounds are what the model draws from another seed, but the third is what it draws from this."""
    vectors = role_vectors(model, 4, seed=2)
    drawn, others = draw(model, vectors, seed=2), draw(model, vectors, seed=3)
    others[2] = drawn[2]
    prints = Fingerprints(("a", "b", "copy", "d"), metrics.fingerprints(others))
    copier = save(tmp_path / "copier", prints=prints, training=training_on(KNOWN))
    told = [sound.facts for sound in generate(copier, 4, seed=2)]
    assert told[2]["nearest_training_sound"] == "copy"
    distances = [fact["nearest_distance"] for fact in told]
    assert distances[2] < 0.1 * min(distances[:2] + distances[3:])  # not 0, as fingerprints are kept in 16 bits
    expected, _ = metrics.nearest(metrics.fingerprints(drawn), prints.descriptors)
    assert [fact["nearest_training_sound"] for fact in told] == [prints.names[index] for index in expected]


def test_facts(model, sounds, ear):
    heard = classify.classify_roles(draw(model, role_vectors(model, 6), seed=11), TINY).roles.argmax(axis=1)
    for sound, index in zip(sounds, heard, strict=True):
        assert sound.facts.keys() == {"asked", "heard_as", "nearest_training_sound", "nearest_distance"}
        assert sound.facts["asked"] == {sound.role: 1.0}
        assert sound.facts["heard_as"] == ROLES[index]
        assert sound.facts["nearest_training_sound"] in model.fingerprints.names


def test_a_mix_is_named_after_its_largest_share(model):
    (sound,) = generate(model, 1, role="snare=0.75,kick=0.25")
    assert sound.role == "snare"
    assert sound.facts["asked"] == {"kick": 0.25, "snare": 0.75}


def test_fingerprints_of_another_width(tmp_path):
    other = save(tmp_path / "m", prints=Fingerprints(("a",), np.ones((1, 100), np.float32)))
    with pytest.raises(ModelError, match=r"fingerprints of .* are of another version"):
        generate(other, 1)


def test_sounds_go_into_a_pack(model, sounds, tmp_path):
    manifest = write_pack(sounds, tmp_path / "pack", origin=origin(model, seed=11, command="samplegen generate"))
    assert len(list((tmp_path / "pack/One_Shots").rglob("*.wav"))) == 6
    licence = (tmp_path / "pack" / "LICENSE.txt").read_text()
    assert model.card.hash in licence
    assert model.card.hash in str(manifest)


def test_origin_tells_licence_and_credits(model, tmp_path):
    told = origin(model, seed=5, command="x")
    assert (told.seed, told.model, told.model_hash, told.command) == (5, "tiny", model.card.hash, "x")
    assert told.licence.endswith("seed 5.\n\nCC0\n\nThe model was trained on:\n- A\n- B\n")
    assert "names no licence" in origin(save(tmp_path / "bare"), seed=5).licence


# ---- hearing


def test_hearing_gives_odds_and_embeddings(ear):
    heard = classify.classify_roles(np.random.default_rng(0).random((5, *TINY.shape), np.float32), TINY)
    assert (heard.embeddings.shape, heard.roles.shape) == ((5, 4), (5, 16))
    np.testing.assert_allclose(heard.roles.sum(axis=1), 1, rtol=1e-5)  # float32
    assert heard.roles.min() > 0


@pytest.mark.parametrize("config", [TINY, SpectrogramConfig(TINY.stft, steps=24, bands=20, seconds=0.4)])
def test_the_listener_hears_what_hear_does(ear, config):
    pictures = np.random.default_rng(0).random((3, *config.shape), np.float32)
    logits = np.asarray(classify.frozen_classifier(config)(pictures))
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        odds, classify.classify_roles(pictures, config).roles, rtol=1e-4
    )  # float32, in another order
    assert classify.frozen_classifier(config).trainable_variables == []


def test_maps_of_another_configuration_are_converted(ear, monkeypatch):
    finer = SpectrogramConfig(TINY.stft, steps=24, bands=20, seconds=TINY.seconds)
    seen: list[np.ndarray] = []

    def predict(pictures: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
        seen.append(pictures)
        return np.zeros((len(pictures), 4)), np.zeros((len(pictures), 16))

    monkeypatch.setattr(ear.network, "predict", predict)
    sound = np.random.default_rng(0).standard_normal(TINY.samples).astype(np.float32)
    classify.classify_roles(spectrogram.encode(sound, finer)[None], finer)
    assert (
        np.abs(seen[0][0] - spectrogram.encode(sound, TINY))[..., 0].mean() < 0.1
    )  # of the range: cells differ in size


def test_the_shipped_ear_is_there():
    """The one that comes with samplegen can be loaded; every other test puts a smaller one in its place."""
    from samplegen.models import store

    model = store.read(library.shipped(classify.SHIPPED), kind="hearing")
    assert model.card.training["sounds"] > 0
    assert len(model.fingerprints.names) == model.card.training["sounds"]
