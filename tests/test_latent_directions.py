"""Knobs: directions where the truth is known, what drawing makes of them, and generate's options."""

from types import SimpleNamespace

import numpy as np
import pytest

import models
from samplegen.errors import ModelError, OptionError
from samplegen.features.descriptors import DESCRIPTORS
from samplegen.generation import latent_directions, sample
from samplegen.generation.latent_directions import Directions, fit_directions
from samplegen.generation.options import GenerateOptions
from samplegen.models import classify, library, store
from samplegen.models.classify import Predictions
from samplegen.models.model import DIRECTIONS, Model
from samplegen.models.registry import KINDS
from samplegen.roles import one_hot
from samplegen.training import finish


@pytest.fixture(autouse=True)
def _tiny_ear(tmp_path_factory, monkeypatch):
    ear = models.save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")
    monkeypatch.setattr(classify, "shipped", lambda: ear)


def described(latents: np.ndarray, roles: np.ndarray) -> np.ndarray:
    """A made-up generator: latent 0 is the noise, upside down in even roles; 1 is the length, and some noise too."""
    sign = np.where(roles.argmax(axis=1) % 2, 1, -1)
    rows = np.zeros((len(latents), len(DESCRIPTORS)), np.float32)
    rows[:, 1] = 8 + latents[:, 1]
    rows[:, 3] = 0.5 + 0.1 * sign * latents[:, 0] + 0.03 * latents[:, 1] + 0.02 * latents[:, 1] ** 2
    return rows


@pytest.fixture(scope="module")
def known() -> Directions:
    latents, roles = np.random.default_rng(0).standard_normal((2_000, 5)).astype(np.float32), models.role_vectors(2_000)
    return fit_directions(latents, roles, described(latents, roles))


@pytest.mark.parametrize(("name", "own", "other"), [("noisy", 3, 1), ("decay", 1, 3)])
@pytest.mark.parametrize("turn", [-1.0, 1.0])
def test_a_knob_moves_what_it_names_and_leaves_the_others(known, name, own, other, turn):
    latents, roles = np.random.default_rng(1).standard_normal((320, 5)).astype(np.float32), models.role_vectors(320)
    turns = np.array([turn * (knob == name) for knob in DESCRIPTORS], np.float32)
    turned = latent_directions.edit_latents(lambda z: described(z, roles), known, latents, roles, turns)
    moved = (described(turned, roles) - described(latents, roles)) / (roles @ known.spreads)
    assert np.median(moved[:, own]) == pytest.approx(turn, abs=0.1)  # a step is damped by a twentieth
    assert np.abs(np.median(moved[:, other])) < 0.05
    assert (moved[:, own] * turn > 0).mean() > 0.95  # of each sound, not of their mean alone


def test_each_role_has_its_own_slopes(known):
    signs = np.sign(known.slopes[:, 3, 0])
    assert (signs == np.where(np.arange(16) % 2, 1, -1)).all()


def test_a_role_that_was_not_drawn_has_what_all_have_in_common():
    latents, roles = np.random.default_rng(0).standard_normal((320, 3)).astype(np.float32), models.role_vectors(320)
    roles[roles[:, 2] > 0] = np.eye(16)[1]
    slopes, spreads = fit_directions(latents, roles, described(latents, roles))
    assert np.isfinite(slopes).all()
    assert (spreads > 0).all()
    assert slopes[2, 1, 1] > 0  # latent 1 is the length in all roles


def test_each_sound_can_have_its_own_turns(known):
    latents, roles = np.random.default_rng(1).standard_normal((4, 5)).astype(np.float32), models.role_vectors(4)
    turns = np.array([[0, 1, 0, 0], [0, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float32)
    turned = latent_directions.edit_latents(lambda z: described(z, roles), known, latents, roles, turns)
    moved = (described(turned, roles) - described(latents, roles)) / (roles @ known.spreads)
    assert moved[:, [1, 3]] == pytest.approx(turns[:, [1, 3]], abs=0.1)


def test_a_sound_that_can_only_get_worse_stays_as_it_is(known):
    """Sounds are as long as can be: whatever the steps do, they get shorter, and a little noisier."""
    latents, roles = np.zeros((32, 5), np.float32), models.role_vectors(32)

    def longest(z: np.ndarray) -> np.ndarray:
        return described(z, roles) * [1, 0, 1, 1] - np.abs(z[:, 1:2]) * [0, 1, 0, 0]

    turned = latent_directions.edit_latents(longest, known, latents, roles, np.array([0, 1, 0, 0], np.float32))
    np.testing.assert_array_equal(turned, latents)


def with_knobs(folder, kind: str = "dcgan") -> Model:
    model = models.save(folder, kind)
    lesson = SimpleNamespace(seed=0, roles=models.role_vectors(16), train=np.arange(16))
    told = finish.found_directions(KINDS[kind], model.network, model.config, lesson)
    store.add(model, DIRECTIONS, told)
    for kept, given in zip(latent_directions.load_directions(model), told, strict=True):
        np.testing.assert_array_equal(kept, given)
    return model


@pytest.mark.parametrize("kind", ["dcgan", "autoencoder"])
def test_generate_turns_the_knobs_that_are_stored(tmp_path, kind):
    model, vectors = with_knobs(tmp_path / "tiny", kind), models.role_vectors(3)
    plain = sample.draw(model, vectors)
    np.testing.assert_array_equal(plain, sample.draw(model, vectors, options=GenerateOptions(bright=0.0)))
    if kind == "dcgan":  # the codes of an untrained autoencoder have no spread yet
        turned = sample.draw(model, vectors, options=GenerateOptions(pitch=-2))
        assert not np.array_equal(plain, turned)
        np.testing.assert_array_equal(turned, sample.draw(model, vectors, options=GenerateOptions(pitch=-2)))


def test_sounds_are_drawn_before_they_are_turned_and_less_where_they_are_misheard(tmp_path, monkeypatch):
    """An ear that takes the second of two kicks for a ride when first drawn, and when turned by more than a quarter."""
    model, vectors, turns, heard = with_knobs(tmp_path / "tiny"), models.role_vectors(1).repeat(2, axis=0), [], []

    def hear(pictures: np.ndarray, _config: object) -> Predictions:
        odds = np.tile(one_hot("kick"), (len(pictures), 1))
        if len(heard) == 0 or (turns and turns[-1][0] > 0.25):
            odds[-1] = one_hot("ride")
        heard.append(len(pictures))
        return Predictions(odds, odds)

    def turned(_measured, _known, latents, _roles, wanted):
        turns.append(wanted)
        return latents + wanted[0]

    monkeypatch.setattr(classify, "classify_roles", hear)
    monkeypatch.setattr(latent_directions, "edit_latents", turned)
    pictures = sample.draw(model, vectors, options=GenerateOptions(bright=1.0))
    assert [wanted[0] for wanted in turns] == [1, 0.5, 0.25]
    assert heard == [2, 2, 2, 2, 1, 1]  # twice for what is drawn, once before turns, then after each
    turns.clear()
    heard.clear()
    np.testing.assert_array_equal(sample.draw(model, vectors, options=GenerateOptions(bright=0.25))[1], pictures[1])


def test_what_was_misheard_before_it_was_turned_is_turned_all_the_way(tmp_path, monkeypatch):
    model, vectors, turns = with_knobs(tmp_path / "tiny"), models.role_vectors(2), []
    monkeypatch.setattr(
        classify, "classify_roles", lambda pictures, _: Predictions(*[np.tile(one_hot("ride"), (len(pictures), 1))] * 2)
    )
    monkeypatch.setattr(latent_directions, "edit_latents", lambda *given: turns.append(given[-1]) or given[2])
    sample.draw(model, vectors, options=GenerateOptions(bright=1.0))
    assert [wanted[0] for wanted in turns] == [1]


def test_models_without_knobs_and_damaged_ones_are_refused(tmp_path):
    model = models.save(tmp_path / "tiny")
    shape = (16, 4, model.config.latent)
    store.add(model, "directions.npz", [np.zeros(shape, np.float32), np.ones((16, 4), np.float32)])  # as once
    with pytest.raises(ModelError, match="no knobs, as it was trained by an earlier version of samplegen; train"):
        sample.draw(model, models.role_vectors(1), options=GenerateOptions(bright=1))
    store.add(model, DIRECTIONS, [np.zeros((16, 4, 99), np.float32), np.ones((16, 4), np.float32)])
    with pytest.raises(ModelError, match="array 0 takes"):
        latent_directions.load_directions(model)
    store.add(model, DIRECTIONS, [np.zeros(shape, np.float32), np.zeros((16, 4), np.float32)])
    with pytest.raises(ModelError, match="not more than 0"):
        latent_directions.load_directions(model)


@pytest.mark.parametrize("name", ["starter", "starter-autoencoder"])
def test_shipped_models_have_knobs(name):
    assert np.abs(latent_directions.load_directions(store.read(library.shipped(name))).slopes).max() > 0.1


def test_knobs_out_of_range_and_of_the_wrong_kind(tmp_path):
    with pytest.raises(OptionError, match="bright is 4; choose from -3 to 3"):
        GenerateOptions(bright=4)
    with pytest.raises(OptionError, match="a model of kind charlstm does not know noisy"):
        sample.draw(models.save(tmp_path / "m", "charlstm"), models.role_vectors(1), options=GenerateOptions(noisy=1))


def test_only_what_draws_from_latents_gets_directions():
    assert finish.found_directions(KINDS["hearing"], None, None, None) is None
    assert finish.found_directions(KINDS["charlstm"], None, None, None) is None
