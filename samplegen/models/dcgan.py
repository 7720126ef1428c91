"""DCGAN: convolutional generator and discriminator of spectrograms, conditioned on role vectors.

The plan is Radford et al.'s (2016), the parts are R3GAN's (Huang et al. 2024): residual blocks
without normalisation layers, nearest-neighbour upsampling.
"""

from dataclasses import dataclass, field

import keras
from keras import layers

from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.models import blocks, latent_codes
from samplegen.models.architecture import Architecture, Codes
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits


@dataclass(frozen=True)
class Config:
    """Size of both networks; `widths` are the channels from the coarsest feature map to the finest."""

    map: SpectrogramConfig = field(default_factory=SpectrogramConfig)
    latent: int = field(default=64, metadata=limits(1, 1024))
    widths: tuple[int, ...] = field(default=(160, 128, 80, 48), metadata=limits(4, 512))
    style: int = field(default=128, metadata=limits(4, 1024))

    def __post_init__(self) -> None:
        check_fields(self)
        blocks.check_widths(self.widths, self.map.shape, self.style)


def generator(config: Config) -> keras.Model:
    """Return the network from normal latents `(b, latent)` and roles `(b, 16)` to spectrograms `(b, *map.shape)`."""
    latent, role = keras.Input((config.latent,), name="latent"), keras.Input((len(ROLES),), name="role")
    style = layers.Concatenate()([latent, layers.Dense(config.latent)(role)])
    for _ in range(2):
        style = blocks.activate(layers.Dense(config.style)(style))
    painted = blocks.picture(style, config.widths, config.map.shape)
    picture = layers.Activation("sigmoid", dtype="float32", name="map")(painted)
    return keras.Model([latent, role], picture, name="generator")


def discriminator(config: Config) -> keras.Model:
    """Return the network from spectrograms and roles `(b, 16)` to realness `(b, 1)`, unbounded."""
    picture, role = keras.Input(config.map.shape, name="map"), keras.Input((len(ROLES),), name="role")
    x = blocks.activate(layers.Dense(config.style)(blocks.features(picture, config.widths)))
    return keras.Model([picture, role], blocks.realness(x, role), name="discriminator")


ARCHITECTURE = Architecture(
    Config, generator, discriminator, codes=Codes(latent_codes.mapper, latent_codes.decoder, latent_codes.encoder)
)
