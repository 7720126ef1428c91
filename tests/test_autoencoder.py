"""The autoencoder: what comes in comes out again, and codes can be drawn."""

import numpy as np
import pytest
import tensorflow as tf

import models
from samplegen.errors import ModelError, OptionError
from samplegen.features.spectrogram import LEVEL, NOISINESS
from samplegen.generation import sample
from samplegen.generation.options import GenerateOptions
from samplegen.models import autoencoder, store
from samplegen.models.autoencoder import Config, Density, generator, network
from samplegen.models.registry import KINDS
from samplegen.training import autoencoding
from samplegen.training.autoencoding import NOISINESS_WEIGHT, AutoencoderLearner

WRITERS = {
    "lstm": Config(models.TINY, code=4, units=24),
    "convolutions": Config(models.TINY, 4, 24, (16, 8)),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_sounds_come_back_nearer_after_learning(writer):
    sounds = tf.constant(models.maps(8))
    learner = AutoencoderLearner(lambda: network(WRITERS[writer]), seed=1)

    def error() -> float:
        again = learner.decoder(learner.encoder(sounds))
        return float(np.abs(again - sounds)[..., LEVEL].mean())

    before, step = error(), tf.function(learner.train_step)
    for _ in range(60):
        losses = step((sounds, models.role_vectors(8), sounds, sounds))
    assert set(losses) == {"error", "size"}
    assert error() < 0.7 * before


def test_without_changes_and_noise_the_error_is_that_of_the_sounds_themselves():
    sounds = tf.constant(models.maps(4))
    learner = AutoencoderLearner(lambda: network(WRITERS["lstm"]), augmented=0.0, noise=0.0, seed=1)
    apart = np.abs(learner.decoder(learner.encoder(sounds)) - sounds)
    levels = np.sqrt((apart[..., LEVEL] ** 2).mean(axis=(1, 2)))
    expected = levels.mean() + NOISINESS_WEIGHT * (apart[..., NOISINESS] * models.maps(4)[..., LEVEL]).mean()
    found = learner.train_step((sounds, models.role_vectors(4), sounds, sounds))["error"]  # four times the same
    assert float(found) == pytest.approx(float(expected), rel=1e-4)  # float32 sums over 1,024 cells


def test_what_lies_between_opposites_learns_to_be_the_sound_itself():
    base, shift = models.maps(4) * 0.6, np.linspace(-0.2, 0.2, models.TINY.bands)[:, None].astype(np.float32)
    batch = base + 0.2, models.role_vectors(4), base + 0.2 + shift, base + 0.2 - shift
    learner = AutoencoderLearner(lambda: network(WRITERS["lstm"]), augmented=0.0, noise=0.0, seed=1)

    def off() -> float:
        one, other = (learner.encoder(tf.constant(maps)) for maps in batch[2:])
        return float(np.abs(learner.decoder((one + other) / 2) - batch[0])[..., LEVEL].mean())

    before, step = off(), tf.function(learner.train_step)
    for _ in range(60):
        step(batch)
    assert off() < 0.7 * before


def test_the_mean_of_opposite_codes_stands_for_the_sound_itself():
    codes = np.arange(6 * 4, dtype=np.float32).reshape(6, 4)  # of two sounds, then changed, then the other way
    np.testing.assert_array_equal(autoencoding._with_middles(codes), [*codes, *(codes[2:4] + codes[4:6]) / 2])


def test_muon_is_for_what_lies_inside():
    learner = AutoencoderLearner(lambda: network(WRITERS["lstm"]), seed=1)
    (optimizer,) = learner.optimizers
    names = {True: set(), False: set()}
    for variable, velocity in zip(learner.net.trainable_variables, optimizer.adam_velocities, strict=True):
        names[velocity is None].add(tuple(variable.shape))
    width = models.TINY.bands * 2
    assert names[True] >= {(24, 24), (24, 96)}  # a dense layer, and a state with its four gates
    assert not names[True] & {(width, 24), (24, width), (4, 24), (24, 4)}  # maps and codes
    assert all(len(shape) == 2 for shape in names[True])


def test_the_parts_are_the_whole():
    net, sounds = network(WRITERS["lstm"]), models.maps(3)
    latents, wanted = np.ones((3, 4), np.float32), models.role_vectors(3)
    again, drawn = net([sounds, latents, wanted])
    encoder, decoder = net.get_layer(autoencoder.ENCODER), net.get_layer(autoencoder.DECODER)
    np.testing.assert_allclose(again, decoder(encoder(sounds)), atol=1e-6)
    np.testing.assert_allclose(drawn, generator(net)([latents, wanted]), atol=1e-6)


def test_codes_are_drawn_as_they_are_spread():
    rng = np.random.default_rng(0)
    wanted = np.repeat(models.role_vectors(2), 2_000, axis=0)
    codes = rng.standard_normal((4_000, 3)) @ np.array([[2, 0, 0], [1, 0.5, 0], [0, 0, 0.1]])
    codes = (codes + 5 * wanted[:, :1]).astype(np.float32)
    density = Density(3)
    density.fit(codes, wanted)
    drawn = np.asarray(density(rng.standard_normal((4_000, 3)).astype(np.float32), wanted))
    for half in (slice(2_000), slice(2_000, None)):  # a role each
        # standard errors of 2,000 draws are 0.05 for means and 5 % for variances of at most 5
        np.testing.assert_allclose(drawn[half].mean(0), codes[half].mean(0), atol=0.2)
        np.testing.assert_allclose(np.cov(drawn[half].T), np.cov(codes[half].T), atol=0.5)
    mixed = np.asarray(density(np.zeros((1, 3), np.float32), wanted[:1] / 2 + wanted[-1:] / 2))
    np.testing.assert_allclose(mixed[0], codes.mean(0), atol=0.2)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_sounds_of_a_role_still_give_a_density(count):
    codes = np.random.default_rng(0).standard_normal((30, 4)).astype(np.float32)
    wanted = np.repeat(models.role_vectors(2), (30 - count, count), axis=0)
    density = Density(4)
    density.fit(codes, wanted)
    assert np.isfinite(np.asarray(density(np.ones((16, 4), np.float32), np.eye(16, dtype=np.float32)))).all()


@pytest.mark.parametrize("sizes", [
    {"code": 0}, {"units": 2}, {"units": 10**9}, {"widths": (8,) * 5}, {"widths": (2,)},
])  # fmt: skip
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(ModelError):
        Config(models.TINY, **sizes)


def test_the_default_is_small():
    assert KINDS["autoencoder"].network(Config()).count_params() < 3e6  # 12 MB


# ---- means of real sounds


def _with_codes(folder, codes: np.ndarray, wanted: np.ndarray) -> store.Model:
    model = models.save(folder / "ae", "autoencoder", training=models.training_on({"kick": 4, "snare": 4}))
    model.network.get_layer(autoencoder.DENSITY).fit(codes, wanted)
    return model


def test_codes_are_kept_of_the_sounds_that_are_surely_of_a_role():
    wanted = np.repeat(models.role_vectors(2), 3, axis=0)
    codes = np.arange(24, dtype=np.float32).reshape(6, 4)
    density = Density(4)
    density.fit(codes, wanted)
    kept = np.asarray(density.real)
    for role in (0, 1):
        assert {tuple(row) for row in kept[role]} == {tuple(row) for row in codes[3 * role : 3 * role + 3]}
    assert {tuple(row) for row in kept[5]} <= {tuple(row) for row in codes}  # a role that nothing is of


@pytest.mark.parametrize("count", [1, 3])
def test_a_mean_is_of_so_many_codes_of_the_role(count, tmp_path):
    rng = np.random.default_rng(0)
    wanted = np.repeat(models.role_vectors(2), 20, axis=0)
    codes = rng.standard_normal((40, 4)).astype(np.float32) + 10 * wanted[:, :1]
    model = _with_codes(tmp_path, codes, wanted)
    means = autoencoder.average_codes(model.network, np.repeat(models.role_vectors(2), 500, axis=0), count, rng)
    for half, own in ((means[:500], codes[:20]), (means[500:], codes[20:])):
        np.testing.assert_allclose(half.mean(0), own.mean(0), atol=0.3)  # five standard errors of 500 draws
        np.testing.assert_allclose(half.var(0), own.var(0) / count, rtol=0.4)


def test_sounds_are_drawn_as_means_and_the_same_from_the_same_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "_role_fits", lambda pictures, *_: np.ones(len(pictures), bool))
    wanted = np.repeat(models.role_vectors(2), 3, axis=0)
    model = _with_codes(tmp_path, np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32), wanted)
    one, again, other = (
        sample.draw(model, wanted, options=GenerateOptions(average=2), seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert one.shape == (6, *models.TINY.shape)
    assert np.abs(one - other).max() > 0


def test_means_of_real_sounds_have_no_knobs(tmp_path):
    model = models.save(tmp_path / "ae", "autoencoder")
    with pytest.raises(OptionError, match="bright does not go with average"):
        sample.draw(model, models.role_vectors(2), options=GenerateOptions(average=2, bright=1.0))
