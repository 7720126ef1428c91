"""Knobs: descriptors by their definition, directions where the truth is known, and generate's options."""

import numpy as np
import pytest

import models
from samplegen import classifier, directions, recipes, sampling, store
from samplegen.directions import KNOBS, found, measured
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


def drawn(latents: np.ndarray) -> np.ndarray:
    """A made-up generator: latent 0 is the grain, 1 the length, the rest does nothing."""
    pictures = [picture(5, int(np.clip(8 + 2 * z[1], 1, 16)), float(np.clip(0.5 + 0.1 * z[0], 0, 1))) for z in latents]
    return np.stack(pictures)


def test_a_knob_moves_what_it_names_and_leaves_the_others():
    latents = np.random.default_rng(0).standard_normal((1_000, 5)).astype(np.float32)
    turned = found(latents, models.role_vectors(1_000), drawn(latents))
    before = measured(drawn(latents))
    for name, own, other in (("noisy", 3, 1), ("decay", 1, 3)):
        moved = (measured(drawn(latents + turned[list(KNOBS).index(name)])) - before) / before.std(axis=0).clip(1e-9)
        assert moved[:, own].mean() == pytest.approx(1, abs=0.15)  # clipped at the ends of their ranges
        assert abs(moved[:, other].mean()) < 0.1


def test_roles_are_no_direction():
    """Where only the role decides, no latent is found to."""
    latents = np.random.default_rng(0).standard_normal((320, 3)).astype(np.float32)
    wanted = models.role_vectors(320)
    pictures = np.stack([picture(int(role.argmax()), 4, 0.0) for role in wanted])
    assert np.isfinite(found(latents, wanted, pictures)).all()


@pytest.mark.parametrize("kind", ["dcgan", "autoencoder"])
def test_generate_turns_the_knobs_that_are_stored(tmp_path, kind):
    model = models.save(tmp_path / "tiny", kind)
    vectors = models.role_vectors(3)
    with pytest.raises(ModelError, match="has no knobs"):
        sampling.draw(model, vectors, drawing=Drawing(bright=1))
    rows = np.arange(4 * model.config.latent, dtype=np.float32).reshape(4, -1)
    store.add(model, DIRECTIONS, [rows])
    np.testing.assert_array_equal(directions.of(model), rows)
    plain = sampling.draw(model, vectors)
    np.testing.assert_array_equal(plain, sampling.draw(model, vectors, drawing=Drawing(bright=0.0)))
    if kind == "dcgan":  # the codes of an untrained autoencoder have no spread yet
        assert not np.array_equal(plain, sampling.draw(model, vectors, drawing=Drawing(pitch=-2)))


def test_damaged_directions_are_refused(tmp_path):
    model = models.save(tmp_path / "tiny")
    store.add(model, DIRECTIONS, [np.zeros((4, 99), np.float32)])
    with pytest.raises(ModelError, match="array 0 takes"):
        directions.of(model)


def test_knobs_out_of_range_and_of_the_wrong_kind(tmp_path):
    with pytest.raises(OptionError, match="bright is 4; choose from -3 to 3"):
        Drawing(bright=4)
    with pytest.raises(OptionError, match="a model of kind charlstm does not know noisy"):
        sampling.draw(models.save(tmp_path / "m", "charlstm"), models.role_vectors(1), drawing=Drawing(noisy=1))


def test_only_what_draws_from_latents_gets_directions():
    assert recipes._directions(KINDS["hearing"], None, None, None) is None
    assert recipes._directions(KINDS["charlstm"], None, None, None) is None
