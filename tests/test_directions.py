"""Knobs: descriptors by their definition, directions where the truth is known, and generate's options."""

import numpy as np
import pytest

import models
from samplegen import classifier, directions, recipes, sampling, store
from samplegen.directions import KNOBS, Slopes, found, measured
from samplegen.drawing import Drawing
from samplegen.errors import ModelError, OptionError
from samplegen.maps import GRAIN, LEVEL
from samplegen.nets import KINDS
from samplegen.store import DIRECTIONS


@pytest.fixture(autouse=True)
def _tiny_ear(tmp_path_factory, monkeypatch):
    ear = models.save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")
    monkeypatch.setattr(classifier, "shipped", lambda: ear)


def picture(band: int, steps: int, grain: float) -> np.ndarray:
    """One band that sounds for some steps."""
    cells = np.zeros(models.TINY.shape, np.float32)
    cells[:steps, band, LEVEL], cells[:steps, band, GRAIN] = 1.0, grain
    return cells


def test_descriptors():
    rows = dict(zip(KNOBS, measured(np.stack([picture(2, 4, 0.5), picture(9, 8, 0.0)])).T, strict=True))
    np.testing.assert_allclose(rows["bright"], [2, 9], atol=1e-4)
    np.testing.assert_allclose(rows["decay"], [1.5, 3.5], atol=1e-4)
    np.testing.assert_allclose(rows["pitch"], [2, 9], atol=1e-3)
    np.testing.assert_allclose(rows["noisy"], [0.5, 0.0], atol=1e-6)


def test_pitch_follows_the_loudest_and_brightness_the_spread():
    low = picture(2, 4, 0.0)
    low[:4, 10, LEVEL] = 0.7  # 24 dB under the other
    assert float(KNOBS["pitch"](low[None])[0]) < 2.1
    assert float(KNOBS["bright"](low[None])[0]) > 4


def test_silence_has_descriptors():
    assert np.isfinite(measured(np.zeros((1, *models.TINY.shape), np.float32))).all()


def drawn(latents: np.ndarray, roles: np.ndarray) -> np.ndarray:
    """A made-up generator: latent 0 is the grain, upside down in even roles; 1 is the length, and some grain too."""
    sign = np.where(roles.argmax(axis=1) % 2, 1, -1)
    grain = 0.5 + 0.1 * sign * latents[:, 0] + 0.03 * latents[:, 1] + 0.02 * latents[:, 1] ** 2
    pictures = np.zeros((len(latents), *models.TINY.shape), np.float32)
    pictures[:, :, 5, LEVEL] = np.clip(8 + latents[:, 1:2] - np.arange(16), 0, 1)
    pictures[:, :, 5, GRAIN] = np.clip(grain, 0, 1)[:, None]
    return pictures


@pytest.fixture(scope="module")
def known() -> Slopes:
    latents, roles = np.random.default_rng(0).standard_normal((2_000, 5)).astype(np.float32), models.role_vectors(2_000)
    return found(latents, roles, drawn(latents, roles))


@pytest.mark.parametrize(("name", "own", "other"), [("noisy", 3, 1), ("decay", 1, 3)])
@pytest.mark.parametrize("turn", [-1.0, 1.0])
def test_a_knob_moves_what_it_names_and_leaves_the_others(known, name, own, other, turn):
    latents, roles = np.random.default_rng(1).standard_normal((320, 5)).astype(np.float32), models.role_vectors(320)
    turns = np.array([turn * (knob == name) for knob in KNOBS], np.float32)
    turned = directions.turned(lambda z: drawn(z, roles), known, latents, roles, turns)
    moved = (measured(drawn(turned, roles)) - measured(drawn(latents, roles))) / (roles @ known.spreads)
    assert np.median(moved[:, own]) == pytest.approx(turn, abs=0.1)  # a step is damped by a twentieth
    assert np.abs(np.median(moved[:, other])) < 0.05
    assert (moved[:, own] * turn > 0).mean() > 0.95  # of each sound, not of their mean alone


def test_each_role_has_its_own_slopes(known):
    signs = np.sign(known.slopes[:, 3, 0])
    assert (signs == np.where(np.arange(16) % 2, 1, -1)).all()


def test_a_role_that_was_not_drawn_has_what_all_have_in_common():
    latents, roles = np.random.default_rng(0).standard_normal((320, 3)).astype(np.float32), models.role_vectors(320)
    roles[roles[:, 2] > 0] = np.eye(16)[1]
    slopes, spreads = found(latents, roles, drawn(latents, roles))
    assert np.isfinite(slopes).all()
    assert (spreads > 0).all()
    assert slopes[2, 1, 1] > 0  # latent 1 is the length in all roles


@pytest.mark.parametrize("kind", ["dcgan", "autoencoder"])
def test_generate_turns_the_knobs_that_are_stored(tmp_path, kind):
    model = models.save(tmp_path / "tiny", kind)
    vectors = models.role_vectors(3)
    with pytest.raises(ModelError, match="has no knobs"):
        sampling.draw(model, vectors, drawing=Drawing(bright=1))
    slopes = np.random.default_rng(0).standard_normal((16, 4, model.config.latent)).astype(np.float32)
    store.add(model, DIRECTIONS, [slopes, np.full((16, 4), 0.1, np.float32)])
    np.testing.assert_array_equal(directions.of(model).slopes, slopes)
    plain = sampling.draw(model, vectors)
    np.testing.assert_array_equal(plain, sampling.draw(model, vectors, drawing=Drawing(bright=0.0)))
    if kind == "dcgan":  # the codes of an untrained autoencoder have no spread yet
        assert not np.array_equal(plain, sampling.draw(model, vectors, drawing=Drawing(pitch=-2)))


def test_damaged_directions_are_refused(tmp_path):
    model = models.save(tmp_path / "tiny")
    shape = (16, 4, model.config.latent)
    store.add(model, DIRECTIONS, [np.zeros((16, 4, 99), np.float32), np.ones((16, 4), np.float32)])
    with pytest.raises(ModelError, match="array 0 takes"):
        directions.of(model)
    store.add(model, DIRECTIONS, [np.zeros(shape, np.float32), np.zeros((16, 4), np.float32)])
    with pytest.raises(ModelError, match="not more than 0"):
        directions.of(model)
    store.add(model, DIRECTIONS, [np.zeros((4, model.config.latent), np.float32)])  # as they were before
    with pytest.raises(ModelError, match="1 arrays"):
        directions.of(model)


def test_knobs_out_of_range_and_of_the_wrong_kind(tmp_path):
    with pytest.raises(OptionError, match="bright is 4; choose from -3 to 3"):
        Drawing(bright=4)
    with pytest.raises(OptionError, match="a model of kind charlstm does not know noisy"):
        sampling.draw(models.save(tmp_path / "m", "charlstm"), models.role_vectors(1), drawing=Drawing(noisy=1))


def test_only_what_draws_from_latents_gets_directions():
    assert recipes._directions(KINDS["hearing"], None, None, None) is None
    assert recipes._directions(KINDS["charlstm"], None, None, None) is None
