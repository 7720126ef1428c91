"""The flow: paths end where the velocity leads, roles are held to, and a folder becomes a model through the codec."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import write_drums

import models
import samplegen
from samplegen.errors import ModelError
from samplegen.generation import inversion, sample
from samplegen.generation.options import DEFAULTS, GenerateOptions
from samplegen.models import classify, flow, store
from samplegen.models.flow import Config
from samplegen.models.flow import Path as FlowPath
from samplegen.training import draw_distance, flow_matching, training_set
from samplegen.training.flow_matching import FlowLearner

MAP = replace(models.TINY, channels=3)
CODEC = {"code": 2, "widths": (8, 4), "critic_widths": (8, 8, 8, 4)}
SIZES = {"code": 2, "widths": (8, 4), "units": 32, "depth": 1, "path_steps": 4}
TINY = Config(MAP, **SIZES)


def straight(ahead: keras.Model | None = None) -> keras.Model:
    """Return a velocity that is twice the role's first number, everywhere and always."""
    place, time, role = keras.Input((3,)), keras.Input((1,)), keras.Input((16,))
    return keras.Model([place, time, role], keras.ops.zeros_like(place) + 2 * role[:, :1])


def test_a_path_of_one_velocity_is_a_line_and_guidance_stretches_it():
    path = FlowPath(straight(), steps=5)
    noise, role = np.ones((2, 3), np.float32), models.role_vectors(2)
    for guidance in (0.0, 1.0, 1.5):
        path.guidance.assign(guidance)
        np.testing.assert_allclose(path(noise, role), [[1 + 2 * guidance] * 3, [1] * 3], rtol=1e-6)


def test_where_no_guidance_is_given_it_is_that_of_the_network():
    assert DEFAULTS.guidance == flow.GUIDANCE == float(flow.network(TINY).get_layer(flow.PATH).guidance)


def test_codes_are_scaled_and_back():
    codes = np.random.default_rng(0).normal(3, 2, (50, 4, 4, 2)).astype(np.float32)
    scale = flow.Scale((4, 4, 2))
    scale.fit(codes)
    rows = np.asarray(scale.undo(codes))
    assert rows.mean() == pytest.approx(0, abs=1e-5)
    assert rows.std() == pytest.approx(1, abs=1e-2)
    np.testing.assert_allclose(scale(rows), codes, atol=1e-4)


def test_what_is_drawn_for_a_role_lies_where_its_codes_lie():
    roles = models.role_vectors(256)
    centres = np.random.default_rng(3).normal(0, 1.5, (16, TINY.latent)).astype(np.float32)
    codes = roles @ centres + 0.3 * np.random.default_rng(4).standard_normal((256, TINY.latent)).astype(np.float32)
    learner = FlowLearner(lambda: flow.network(replace(TINY, units=128)), codes, roles, seed=1)
    step, batch = tf.function(learner.train_step), (np.arange(256),)
    first = float(step(batch)["error"])
    losses = [float(step(batch)["error"]) for _ in range(500)]
    assert np.mean(losses[-20:]) < 0.5 * first
    path = learner.result.get_layer(flow.PATH)
    path.guidance.assign(1.0)
    drawn = path(np.random.default_rng(5).standard_normal((64, TINY.latent)).astype(np.float32), roles[:64]).numpy()
    nearest = np.square(drawn[:, None] - centres).sum(axis=2).argmin(axis=1)
    assert np.mean(nearest == roles[:64].argmax(axis=1)) > 0.9


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a codec, and a flow that learned through it from 20 drums."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("SAMPLEGEN_CACHE", str(home / "cache"))
        classifier = models.save(home / "classifier", "hearing")
        patch.setattr(classify, "shipped", lambda: classifier)
        patch.setattr(flow_matching, "VARIANTS", 40)
        data = samplegen.scan(write_drums(home / "drums", each=5), MAP)
        samplegen.train("codec", data, "models/codec", budget=samplegen.Budget(steps=2), sizes=CODEC)
        model = samplegen.train("flow", data, "models/mine", budget=samplegen.Budget(steps=40), sizes=SIZES)
        yield home, data, model, classifier


@pytest.fixture
def _home(trained, monkeypatch):
    monkeypatch.chdir(trained[0])
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(trained[0] / "cache"))
    monkeypatch.setattr(classify, "shipped", lambda: trained[3])


@pytest.mark.usefixtures("_home")
def test_a_folder_becomes_a_model_with_the_codec_inside(trained):
    _, _, model, _ = trained
    codec = store.load("codec")
    for ours, theirs in zip(
        model.network.get_layer("decoder").get_weights(), codec.network.get_layer("decoder").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert model.card.training["history"]
    assert Path(model.folder, "previews").is_dir()


@pytest.mark.usefixtures("_home")
def test_the_same_seed_draws_the_same_and_guidance_matters(trained):
    def draw(**options: float) -> list[np.ndarray]:
        made = samplegen.generate(trained[2], 2, role="kick", seed=3, options=GenerateOptions(**options))
        return [sound.samples for sound in made]

    one, again, held = draw(), draw(), draw(guidance=4.0)
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert any(len(a) != len(b) or (a != b).any() for a, b in zip(one, held, strict=True))
    typical = sample.draw(trained[2], models.role_vectors(1).repeat(2, axis=0), options=GenerateOptions(truncation=0.0))
    np.testing.assert_array_equal(*typical)


@pytest.mark.usefixtures("_home")
def test_another_codec_is_refused(trained, tmp_path):
    with pytest.raises(ModelError, match="the codec has other sizes"):
        samplegen.train(
            "flow", trained[1], tmp_path / "x", budget=samplegen.Budget(steps=1), sizes=SIZES | {"code": 3}
        )  # fmt: skip


@pytest.mark.usefixtures("_home")
@pytest.mark.parametrize("variants", [0, 40, 1000])
def test_batches_number_the_codes_there_are(trained, monkeypatch, tmp_path, variants):
    monkeypatch.setattr(flow_matching, "VARIANTS", variants)
    sounds = training_set.prepare(trained[1], seed=0, previews=tmp_path, use_classifier=True)
    codes, owners = flow_matching.encode_variants(sounds, store.load("codec").network)
    assert len(codes) == len(owners) == flow_matching.count_variants(sounds)
    assert set(owners.tolist()) == set(sounds.train.tolist())
    (numbers,) = flow_matching.numbered_batches(sounds, 64)(7)
    assert numbers.max() < len(codes)


@pytest.mark.usefixtures("_home")
def test_sounds_have_codes_without_a_search_and_come_back_as_the_codec_has_them(trained):
    spectrograms = trained[1].spectrograms([0, 7])
    found = inversion.invert(trained[2], spectrograms)
    again = store.load("codec").network.predict(spectrograms, verbose=0)
    np.testing.assert_allclose(found.spectrograms, again, atol=1e-3)
    assert found.codes.shape == (2, TINY.latent)
    drawn = inversion.draw_codes(trained[2], models.role_vectors(2), seed=1)
    latents = np.random.default_rng((1, 4)).standard_normal((2, TINY.latent)).astype(np.float32)
    made = trained[2].generator.predict([latents, models.role_vectors(2)], verbose=0)
    np.testing.assert_allclose(inversion.decode_codes(trained[2], drawn), made, atol=1e-3)


@pytest.mark.usefixtures("_home")
def test_drawing_one_sound_for_all_costs_what_is_not_covered(trained, tmp_path):
    sounds = training_set.prepare(trained[1], seed=0, previews=tmp_path, use_classifier=True)
    (one,) = trained[1].spectrograms([0])

    class Typical:
        def predict(self, given: list, **_: object) -> np.ndarray:
            return np.repeat(one[None], len(given[0]), axis=0)

    plain, covering = (
        draw_distance.distance_of_draws(sounds, trained[2].config, sounds.train, covering=each)(Typical(), 1)
        for each in (False, True)
    )
    assert draw_distance.COVERAGE_SCALE / 2 < covering - plain <= draw_distance.COVERAGE_SCALE
