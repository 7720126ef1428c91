"""LSTM-GAN: recurrent generator and discriminator over the steps of a spectrogram, conditioned on role vectors.

After C-RNN-GAN (Mogren 2016), trained as the DCGAN is. Each step is one frame of all bands.
"""

from dataclasses import dataclass, field

import keras
from keras import layers

from samplegen.errors import ModelError
from samplegen.features.spectrogram import CHANNELS, SpectrogramConfig
from samplegen.models import blocks, latent_codes
from samplegen.models.architecture import Architecture, Codes
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits

MAX_STATE = 1 << 18  # numbers that the recurrent layers hold for a sound, ten times the default's


@dataclass(frozen=True)
class Config:
    """Size of both networks: numbers in a latent, in the style made of it, and in the state of each LSTM."""

    map: SpectrogramConfig = field(default_factory=SpectrogramConfig)
    latent: int = field(default=64, metadata=limits(1, 1024))
    style: int = field(default=128, metadata=limits(4, 1024))
    units: int = field(default=192, metadata=limits(4, 1024))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.units * self.map.steps > MAX_STATE:
            raise ModelError(f"{self.units} units are too many for {self.map.steps} steps")


def generator(config: Config) -> keras.Model:
    """Return the network from normal latents `(b, latent)` and roles `(b, 16)` to spectrograms `(b, *map.shape)`."""
    latent, role = keras.Input((config.latent,), name="latent"), keras.Input((len(ROLES),), name="role")
    style = layers.Concatenate()([latent, layers.Dense(config.latent)(role)])
    for _ in range(2):
        style = blocks.activate(layers.Dense(config.style)(style))
    everywhere = layers.RepeatVector(config.map.steps)(style)
    x = layers.LSTM(config.units, return_sequences=True)(blocks.with_clock(everywhere, config.map.steps))
    x = x + layers.LSTM(config.units, return_sequences=True)(layers.Concatenate()([x, everywhere]))
    x = layers.Dense(config.map.bands * CHANNELS)(blocks.activate(layers.Dense(config.units)(x)))
    picture = layers.Activation("sigmoid", dtype="float32")(layers.Reshape(config.map.shape, name="map")(x))
    return keras.Model([latent, role], picture, name="generator")


def discriminator(config: Config) -> keras.Model:
    """Return the network from spectrograms and roles `(b, 16)` to realness `(b, 1)`, unbounded."""
    picture, role = keras.Input(config.map.shape, name="map"), keras.Input((len(ROLES),), name="role")
    x = layers.Reshape((config.map.steps, config.map.bands * CHANNELS))(picture * 2.0 - 1.0)
    x = blocks.with_clock(blocks.activate(layers.Dense(config.units)(x)), config.map.steps)
    x = layers.Bidirectional(layers.LSTM(config.units // 2, return_sequences=True))(x)
    # features of the whole sound, and of any moment
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])
    x = blocks.activate(layers.Dense(config.style)(x))
    return keras.Model([picture, role], blocks.realness(x, role), name="discriminator")


ARCHITECTURE = Architecture(
    Config, generator, discriminator, codes=Codes(latent_codes.mapper, latent_codes.decoder, latent_codes.encoder)
)
