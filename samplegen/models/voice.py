"""Voice: what a frame of one speaker would be in the mouth of another, by regression with a small VAE on top.

The regression sees its input also through random waves, which makes it one in a space of bends (random Fourier
features; Rahimi and Recht 2007), and is solved, not trained: a minute of pairs is enough for it. The variational
autoencoder adds what it leaves over, as far as takes that were held out gain from that. What both say is then
stretched about its mean, since means of many frames vary less than frames do.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
from keras import layers, ops, random

from samplegen.errors import ModelError
from samplegen.models.architecture import Architecture
from samplegen.models.fourier_features import DECODER, RATES, REGRESSION, SCALING, STRETCHING, WAVES, Affine, Waves
from samplegen.settings import check_fields, limits

KL_WEIGHT = 0.02  # of the divergence, in the loss


@dataclass(frozen=True)
class Config:
    """Size of the network, its sampling rate in Hz, and the two voices as it learned them.

    `pitches` are the medians of the source's and the target's fundamental in Hz; 0 for a voice without one.
    """

    rate: int = field(default=16_000, metadata=limits(RATES[0], RATES[-1]))
    inputs: int = field(default=53, metadata=limits(1, 512))
    outputs: int = field(default=25, metadata=limits(1, 80))
    waves: int = field(default=1600, metadata=limits(1, 8192))
    width: int = field(default=96, metadata=limits(4, 1024))
    latent: int = field(default=24, metadata=limits(1, 256))
    dropout: float = field(default=0.4, metadata=limits(0.0, 0.9))
    pitches: tuple[float, ...] = field(default=(0.0, 0.0), metadata=limits(0.0, 2000.0))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.rate not in RATES:
            raise ModelError(f"a voice is heard at one of {', '.join(map(str, RATES))} Hz, not at {self.rate}")
        if len(self.pitches) != 2:
            raise ModelError(f"setting pitches holds {len(self.pitches)} numbers; it should hold 2")


class Latent(layers.Layer):
    """Latent of a VAE: half of the input as means, half as log variances; `KL_WEIGHT` of their divergence is a loss."""

    def __init__(self, *, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.random = random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Return draws in training, else the means."""
        means, spreads = ops.split(x, 2, axis=-1)
        if not training:
            return means
        divergence = 0.5 * ops.sum(means**2 + ops.exp(spreads) - 1.0 - spreads, axis=-1)
        self.add_loss(KL_WEIGHT * ops.mean(divergence))
        return means + ops.exp(0.5 * spreads) * random.normal(ops.shape(means), seed=self.random)


def network(config: Config) -> keras.Model:
    """Return the network from frame features `(b, inputs)` to cepstra `(b, outputs)`; untrained, it gives zeros."""
    frames = keras.Input((config.inputs,), name="frames")
    x = Affine(name=SCALING)(frames)
    wide = Waves(config.waves, name=WAVES)(x)
    solved = layers.Dense(config.outputs, kernel_initializer="zeros", trainable=False, name=REGRESSION)(wide)
    h = layers.Dense(config.width, activation="gelu")(layers.Dropout(config.dropout / 3)(x))
    h = layers.Dense(2 * config.latent)(layers.Dropout(config.dropout)(h))
    h = layers.Dense(config.width, activation="gelu")(Latent()(h))
    rest = layers.Dense(config.outputs, kernel_initializer="zeros", name=DECODER)(layers.Dropout(config.dropout)(h))
    return keras.Model(frames, Affine(name=STRETCHING)(solved + rest), name="voice")


ARCHITECTURE = Architecture(Config, network)
