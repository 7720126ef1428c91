"""Codec training: sounds come back through codes that get noise, and cannot be told from real ones by patches.

Three losses at the decoder's output: the error of the cells, features of a critic (Larsen et al., "Autoencoding beyond
pixels", 2016) and its realness (hinge GAN on patches: Isola et al. 2017). Each slope at the output is scaled to a fixed
share of the error's (Esser et al., "Taming transformers", 2021). The mean of the codes of a sound's opposite changes
has to bring back the sound, so that what lies between two codes is a sound, too.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random

from samplegen.features.spectrogram import LEVEL, NOISINESS, TONALITY, Spectrogram
from samplegen.models import codec
from samplegen.models.registry import Kind
from samplegen.training import ema, previews
from samplegen.training.augment_audio import Change
from samplegen.training.learner import Batches, Setup
from samplegen.training.previews import PREVIEW_SOUNDS
from samplegen.training.training_set import TrainingSet, paired_batches

Tensor = Any
CODE_NOISE = 0.1  # standard deviation added to codes
CODE_SIZE_WEIGHT = 0.002  # of the codes' squares: without it codes grow until the noise is nothing
CELL_WEIGHTS = {NOISINESS: 0.15, TONALITY: 0.1}  # beside the level, of the mean difference where there is a level
ABSOLUTE_WEIGHT = 0.5  # of the mean difference of levels, beside the root of the mean square of each sound
FEATURE_SHARE, REALNESS_SHARE = 0.5, 0.5  # of the error's slope
MAX_FEATURE_WEIGHT, MAX_REALNESS_WEIGHT = 5.0, 1.0
CRITIC_START = 1_500  # steps of the cells' error alone
CRITIC_RATE = 5e-4
LEARNING_RATE = 2e-3
EMA_DECAY = 0.998
EDGE = "edge"  # in the paths of layers of `samplegen.models.blocks` that Muon skips
CHANGE = Change(tilt=2.0)  # of the sounds, at most
_MIN_SQUARE = 1e-6  # under the root, which has no slope at 0


@keras.saving.register_keras_serializable("samplegen")
class ConvMuon(keras.optimizers.Muon):
    """Muon whose convolutions are matrices from all that a filter reads to what it writes.

    Steps that move a layer in all its directions alike learn fine detail in a fraction of Adam's steps
    (Jordan et al. 2024; for networks that paint from places, McGinnis et al. 2025, arXiv 2512.14366).
    """

    def __init__(self, learning_rate: float, **options: Any) -> None:
        super().__init__(learning_rate, weight_decay=None, adam_weight_decay=None, exclude_layers=[EDGE], **options)

    def _should_use_adamw(self, variable: Any) -> bool:
        return EDGE in variable.path or len(variable.shape) not in {2, 4}

    def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        slope = ops.reshape(ops.add(gradient, self.momentum * m), (-1, variable.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(slope, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, variable.shape))


class CodecLearner(ema.EmaLearner):
    """A codec, the EMA of its weights, and the critic that it learns against.

    A batch is spectrograms `(b, steps, bands, channels)`, roles `(b, 16)`, which are not used, and spectrograms of
    these sounds changed, and changed the other way.

    Args:
        build: makes a fresh codec.
        critic: a fresh network from spectrograms to realness and features.
        seed: of everything random in a step.
    """

    def __init__(self, build: Callable[[], keras.Model], critic: keras.Model, *, seed: int = 0) -> None:
        super().__init__(build, ConvMuon(LEARNING_RATE, global_clipnorm=1.0), seed=seed, decay=EMA_DECAY)
        self.encoder, self.decoder = (self.net.get_layer(name) for name in (codec.ENCODER, codec.DECODER))
        self.critic = critic
        self.critic_optimizer = ConvMuon(CRITIC_RATE, global_clipnorm=1.0)
        self.critic_optimizer.build(critic.trainable_variables)

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        return [*super().state, *self.critic.variables, *self.critic_optimizer.variables]

    def slow_down(self, factor: float) -> None:
        """Multiply both learning rates."""
        super().slow_down(factor)
        self.critic_optimizer.learning_rate = float(self.critic_optimizer.learning_rate) * factor

    def train_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        """Make one step; return the errors of the cells, the size of codes, and the critic's losses."""
        sounds, _, *changed = batch
        real = ops.concatenate([sounds, *changed, sounds])
        return tf.cond(self.steps < CRITIC_START, lambda: self._without_critic(real), lambda: self._with_critic(real))

    def _without_critic(self, real: Tensor) -> dict[str, Tensor]:
        with tf.GradientTape() as tape:
            again, size = self._decoded(real)
            error = cell_error(real, again)
            loss = error + CODE_SIZE_WEIGHT * size
        self.descend(tape, loss)
        return {"error": error, "size": size} | dict.fromkeys(("realness", "features", "critic"), tf.constant(0.0))

    def _with_critic(self, real: Tensor) -> dict[str, Tensor]:
        variables = self.net.trainable_variables
        with tf.GradientTape() as tape:
            again, size = self._decoded(real)
        with tf.GradientTape(persistent=True) as losses:
            losses.watch(again)
            error = cell_error(real, again)
            (fake, *seen), (_, *target) = self.critic(again), self.critic(real)
            realness = -ops.mean(fake)
            features = ops.mean(ops.stack([_distance(a, b) for a, b in zip(seen, target, strict=True)]))
        slope, *others = (losses.gradient(loss, again) for loss in (error, realness, features))
        slope += _scaled(others[0], slope, REALNESS_SHARE, MAX_REALNESS_WEIGHT)
        slope += _scaled(others[1], slope, FEATURE_SHARE, MAX_FEATURE_WEIGHT)
        slopes = tape.gradient(
            [again, size], variables, output_gradients=[slope, ops.cast(CODE_SIZE_WEIGHT, "float32")]
        )
        self.optimizers[0].apply(slopes, variables)
        self.steps.assign_add(1.0)
        ema.follow(self.average, self.net, self.steps, decay=self.decay)
        critic = self._train_critic(real, again)
        return {"error": error, "size": size, "realness": realness, "features": features, "critic": critic}

    def _decoded(self, real: Tensor) -> tuple[Tensor, Tensor]:
        """Return what comes back of sounds, both changed ones and the middles of these, and how large codes are."""
        sounds, one, other, _ = ops.split(real, 4)
        code = self.encoder(ops.concatenate([sounds, one, other]), training=True)
        _, *changed = ops.split(code, 3)
        noisy = ops.concatenate([code, (changed[0] + changed[1]) / 2])
        noisy += CODE_NOISE * random.normal(ops.shape(noisy), seed=self.random)
        return self.decoder(noisy, training=True), ops.mean(ops.square(code))

    def _train_critic(self, real: Tensor, again: Tensor) -> Tensor:
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            true, false = self.critic(real, training=True)[0], self.critic(again, training=True)[0]
            loss = ops.mean(ops.relu(1 - true)) + ops.mean(ops.relu(1 + false))
        self.critic_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss


def cell_error(real: Tensor, again: Tensor) -> Tensor:
    """Return the error of spectrograms: of levels, and of the other channels where there is a level."""
    apart, level = real - again, real[..., LEVEL]
    error = ops.mean(ops.sqrt(ops.mean(ops.square(apart[..., LEVEL]), axis=(1, 2)) + _MIN_SQUARE))
    error += ABSOLUTE_WEIGHT * ops.mean(ops.abs(apart[..., LEVEL]))
    for channel in range(NOISINESS, real.shape[-1]):
        error += CELL_WEIGHTS[channel] * ops.mean(ops.abs(apart[..., channel]) * level)
    return error


def _distance(features: Tensor, target: Tensor) -> Tensor:
    return ops.mean(ops.abs(features - target)) / (ops.mean(ops.abs(target)) + 1e-6)


def _scaled(slope: Tensor, of: Tensor, share: float, most: float) -> Tensor:
    """Return a slope scaled to a share of another's norm, but no more than `most` times."""
    return slope * ops.minimum(share * _norm(of) / (_norm(slope) + 1e-8), most)


def _norm(slope: Tensor) -> Tensor:
    return ops.sqrt(ops.sum(ops.square(slope)))


def changed_batches(training_set: TrainingSet, size: int) -> Batches:
    """Return batches of sounds, and of both changed ones."""
    return paired_batches(training_set, size, CHANGE)


def set_up(training_set: TrainingSet, kind: Kind, config: Any) -> Setup:
    """Return a codec, measured by how many decibels the levels of held-out sounds are off when they come back."""
    learner = CodecLearner(lambda: kind.network(config), kind.discriminator(config), seed=training_set.seed)
    held_out = training_set.data.spectrograms(training_set.validation)

    def measure(network: keras.Model, step: int) -> float:
        again = network.predict(held_out, batch_size=32, verbose=0)
        previews.preview(_beside(held_out, again), config.map, training_set.previews_of(step))
        return float(-config.map.floor_db * np.abs(again - held_out)[..., LEVEL].mean())

    return learner, measure


def _beside(real: Spectrogram, again: Spectrogram) -> Spectrogram:
    """Return sounds for a preview, each followed by what came back of it."""
    return np.stack([real, again], axis=1).reshape(-1, *real.shape[1:])[:PREVIEW_SOUNDS]
