"""The codec: sounds come back through its codes, and its critic has a say once it has begun."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

import models
from samplegen.errors import ModelError
from samplegen.features.spectrogram import LEVEL
from samplegen.models import codec
from samplegen.models.codec import Config
from samplegen.training import codec as codec_training
from samplegen.training.codec import CodecLearner

TINY = Config(replace(models.TINY, channels=3), code=2, widths=(8, 4), critic_widths=(8, 8, 8, 4))


def sounds(count: int) -> np.ndarray:
    return models.maps(count, shape=TINY.map.shape)


def batch(one: np.ndarray, other: np.ndarray, middle: np.ndarray) -> tuple:
    return tf.constant(middle), models.role_vectors(len(middle)), tf.constant(one), tf.constant(other)


def learner() -> CodecLearner:
    return CodecLearner(lambda: codec.network(TINY), codec.critic(TINY), seed=1)


def off(made: CodecLearner, code: tf.Tensor, target: np.ndarray) -> float:
    return float(np.abs(made.decoder(code) - target)[..., LEVEL].mean())


def test_codes_keep_time_and_frequency():
    assert Config().code_shape == (12, 12, 16)
    assert TINY.code_shape == (4, 4, 2)
    assert codec.encoder(TINY).output_shape == (None, 4, 4, 2)
    assert codec.decoder(TINY).output_shape == (None, *TINY.map.shape)


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ModelError, match="multiple of 32"):
        replace(TINY, widths=(8, 8, 8, 8, 4))


def test_sounds_and_what_lies_between_come_back_nearer_after_learning():
    shift = np.linspace(-0.2, 0.2, TINY.map.bands)[:, None].astype(np.float32)
    middle = sounds(6) * 0.6 + 0.2
    given, made = batch(middle + shift, middle - shift, middle), learner()

    def errors() -> tuple[float, float]:
        one, other = (made.encoder(part) for part in given[2:])
        return off(made, made.encoder(given[0]), middle), off(made, (one + other) / 2, middle)

    before, step = errors(), tf.function(made.train_step)
    for _ in range(60):
        losses = step(given)
    assert {name for name, value in losses.items() if float(value)} == {"error", "size"}
    assert all(now < 0.75 * then for now, then in zip(errors(), before, strict=True))


def test_the_critic_learns_and_is_heeded_once_it_has_begun(monkeypatch):
    monkeypatch.setattr(codec_training, "CRITIC_START", 2)
    made, given = learner(), batch(sounds(4), sounds(4), sounds(4))
    step, kept = tf.function(made.train_step), [weight.numpy() for weight in made.critic.weights]
    for _ in range(2):
        losses = step(given)
    assert float(losses["critic"]) == 0
    assert all((weight.numpy() == was).all() for weight, was in zip(made.critic.weights, kept, strict=True))
    losses = step(given)
    assert float(losses["critic"]) > 0
    assert float(losses["features"]) > 0
    assert any((weight.numpy() != was).any() for weight, was in zip(made.critic.weights, kept, strict=True))
    assert {id(variable) for variable in made.critic.variables} <= {id(variable) for variable in made.state}


def test_what_the_critic_says_moves_the_codec(monkeypatch):
    def moved(share: float) -> np.ndarray:
        monkeypatch.setattr(codec_training, "CRITIC_START", 0)
        for name in ("FEATURE_SHARE", "REALNESS_SHARE"):
            monkeypatch.setattr(codec_training, name, share)
        made = learner()
        made.net.set_weights([np.full(w.shape, 0.05, np.float32) * np.cos(np.arange(w.numpy().size)).reshape(w.shape)
                              for w in made.net.weights])  # fmt: skip
        made.critic.set_weights(
            [0.2 * np.sin(np.arange(w.numpy().size) + 1).reshape(w.shape) for w in made.critic.weights]
        )
        tf.function(made.train_step)(batch(sounds(4), sounds(4), sounds(4)))
        return np.concatenate([weight.numpy().ravel() for weight in made.net.weights])

    heeded, again, deaf = moved(0.5), moved(0.5), moved(0.0)
    assert np.abs(heeded - deaf).max() > 10 * np.abs(heeded - again).max()
    assert np.abs(heeded - deaf).max() > 1e-5


def test_a_slope_is_scaled_to_a_share_of_another_but_no_further():
    large, small = tf.ones((4, 4)) * 10, tf.ones((4, 4))
    assert np.linalg.norm(codec_training._scaled(small, large, 0.5, 100.0)) == pytest.approx(20, rel=1e-5)
    assert np.linalg.norm(codec_training._scaled(small, large, 0.5, 2.0)) == pytest.approx(8, rel=1e-5)


def test_muon_moves_convolutions_in_all_directions_alike():
    made = learner()
    kernel = [
        weight for weight in made.net.trainable_variables if len(weight.shape) == 4 and "edge" not in weight.path
    ][-1]
    before = kernel.numpy()
    tf.function(made.train_step)(batch(sounds(4), sounds(4), sounds(4)))
    moved = (kernel.numpy() - before).reshape(-1, before.shape[-1])
    values = np.linalg.svd(moved, compute_uv=False)
    # Adam moves each number by the rate, so that the largest would be some five times this
    assert values.max() == pytest.approx(0.2 * codec_training.LEARNING_RATE * max(moved.shape) ** 0.5, rel=0.3)
    assert values.min() > 0.3 * values.max()  # a gradient's own differ by orders of magnitude
