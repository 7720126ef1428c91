"""Autoencoding: sounds that are changed a little come back through codes that get a little noise.

The noise makes neighbours in the space of codes sound alike, so that codes can be drawn and mixed
(Poole et al., "Analyzing noise in autoencoders and deep networks", 2014). Sounds come with opposite changes of
themselves (`samplegen.training.augment_audio`), and the mean of the codes of these has to bring back the sound:
so the network also learns what lies halfway between two codes.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random

from samplegen.arrays import Signal
from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import LEVEL, NOISINESS, Spectrogram, SpectrogramConfig
from samplegen.models import autoencoder, blocks
from samplegen.models.architecture import Network
from samplegen.models.registry import Kind
from samplegen.training import augment_spectrogram, ema, previews
from samplegen.training.learner import Metrics, Setup
from samplegen.training.previews import PREVIEW_SOUNDS
from samplegen.training.training_set import TrainingSet

Tensor = Any
AUGMENTED_SHARE = 0.5  # of sounds that each change touches
CODE_NOISE = 0.1  # standard deviation added to codes
CODE_SIZE_WEIGHT = 0.003  # weight of the codes' squares: without it codes grow until the noise is nothing
NOISINESS_WEIGHT = 0.15  # beside the level
_MIN_SQUARE = 1e-6  # under the root, which has no slope at 0
LEARNING_RATE = 2e-3


class AutoencoderLearner(ema.EmaLearner):
    """An autoencoder, and the EMA of its weights.

    A batch is spectrograms `(b, steps, bands, 2)`, roles `(b, 16)`, which are not used, and spectrograms
    of these sounds changed, and changed the other way.

    Args:
        build: makes a fresh one.
        augmented: share of sounds that each change touches; 0 where the sounds are all alike and the changes not of
            their kind, for which a small code has no room.
        noise: standard deviation added to codes.
        seed: of everything random in a step.
    """

    def __init__(
        self,
        build: Callable[[], keras.Model],
        *,
        augmented: float = AUGMENTED_SHARE,
        noise: float = CODE_NOISE,
        seed: int = 0,
    ) -> None:
        super().__init__(build, _optimizer(), seed=seed)
        self.augmented, self.noise = augmented, noise
        self.encoder, self.decoder = (self.net.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER))

    def train_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        """Make one step; return how far sounds come back from what they were, and how large codes are."""
        sounds, _, *changed = batch
        spectrograms = augment_spectrogram.shift_bands(sounds, self.random, self.augmented)
        spectrograms = ops.clip(augment_spectrogram.bend_levels(spectrograms, self.random, self.augmented), 0.0, 1.0)
        with tf.GradientTape() as tape:
            code = _with_middles(self.encoder(ops.concatenate([spectrograms, *changed]), training=True))
            again = self.decoder(code + self.noise * random.normal(ops.shape(code), seed=self.random), training=True)
            error = _error(ops.concatenate([spectrograms, *changed, sounds]), again)
            size = ops.mean(ops.square(code))
            loss = error + CODE_SIZE_WEIGHT * size
        self.descend(tape, loss)
        return {"error": error, "size": size}


def _optimizer() -> keras.optimizers.Optimizer:
    """Muon inside the network, Adam at its edges.

    Steps that move a layer in all its directions alike learn fine detail in a fraction of Adam's steps
    (Jordan et al. 2024; for networks that paint from places, McGinnis et al. 2025, arXiv 2512.14366).
    """
    edges = [blocks.Edge.__name__.lower()]
    return keras.optimizers.Muon(
        LEARNING_RATE, clipnorm=1.0, weight_decay=None, adam_weight_decay=None, exclude_layers=edges
    )


def _with_middles(code: Tensor) -> Tensor:
    """Return codes of sounds and both changed ones, and behind them what lies halfway between the changed ones."""
    _, one, other = ops.split(code, 3)
    return ops.concatenate([code, (one + other) / 2])


def _error(spectrograms: Tensor, again: Tensor) -> Tensor:
    """Return the mean over sounds of the RMS difference of levels, and of noisiness where there is a level.

    The root for each sound, or the few that are far off would be all that is learned from; the square in it, since a
    mean of plain differences leaves edges of sounds, which are few cells, to the last.
    """
    apart = spectrograms - again
    levels = ops.sqrt(ops.mean(ops.square(apart[..., LEVEL]), axis=(1, 2)) + _MIN_SQUARE)
    return ops.mean(levels) + NOISINESS_WEIGHT * ops.mean(ops.abs(apart[..., NOISINESS]) * spectrograms[..., LEVEL])


METRIC_SOUNDS = 64  # held-out sounds that are decoded, where comparing spectrograms does not do


def set_up(training_set: TrainingSet, kind: Kind, config: Any) -> Setup:
    """Return an autoencoder, measured by how many decibels the levels of held-out sounds are off when they come back.

    Each measurement also fits the density of codes, which previews are drawn from.
    """
    learner = AutoencoderLearner(lambda: kind.network(config), seed=training_set.seed)
    encoder, decoder = (learner.result.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER))
    held_out, generator = training_set.data.spectrograms(training_set.validation), kind.generator(learner.result)
    rng = np.random.default_rng((training_set.seed, 1))
    latents = rng.standard_normal((PREVIEW_SOUNDS, config.latent)).astype(np.float32)
    roles = training_set.roles[rng.choice(training_set.validation, PREVIEW_SOUNDS)]

    def measure(network: keras.Model, step: int) -> float:
        codes = [encoder.predict(block, verbose=0) for block in training_set.blocks(training_set.train)]
        network.get_layer(autoencoder.DENSITY).fit(np.concatenate(codes), training_set.roles[training_set.train])
        previews.preview(generator.predict([latents, roles], verbose=0), config.map, training_set.previews_of(step))
        again = decoder.predict(encoder.predict(held_out, verbose=0), verbose=0)
        return float(-config.map.floor_db * np.abs(again - held_out)[..., LEVEL].mean())

    return learner, measure


def card_metrics(training_set: TrainingSet, network: Network) -> Metrics:
    """Return how far held-out sounds are off when they come back, beside those that only went through a spectrogram."""
    config, chosen = training_set.data.config, training_set.validation[:METRIC_SOUNDS]
    spectrograms = training_set.data.spectrograms(chosen)
    encoder, decoder = (network.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER))
    again = decoder.predict(encoder.predict(spectrograms, verbose=0), verbose=0)
    error = np.abs(again - spectrograms)[..., LEVEL].mean()
    real = [training_set.data.waveform(int(index)) for index in chosen]
    values = {
        "level of held-out sounds, off by dB": float(-config.floor_db * error),
        "log-spectral distance of held-out sounds, dB": _mean_distance(real, again, config),
        "... of their maps alone": _mean_distance(real, spectrograms, config),
    }
    return {name: round(value, 3) for name, value in values.items()}


def _mean_distance(real: list[Signal], spectrograms: Spectrogram, config: SpectrogramConfig) -> float:
    """Return the mean log-spectral distance of sounds to decoded spectrograms, both at peak 1 and as long."""
    pairs = zip(real, spectrogram.decode(spectrograms, config), strict=True)
    return float(np.mean([metrics.log_spectral_distance(*(_fitted(s, config) for s in pair)) for pair in pairs]))


def _fitted(samples: Signal, config: SpectrogramConfig) -> Signal:
    piece = samples[: config.samples]
    return np.pad(piece, (0, config.samples - len(piece))) / max(float(np.abs(piece).max()), 1e-9)
