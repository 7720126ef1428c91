"""Codec: one-shot -> a small map of codes -> one-shot, for any drum; generators learn its codes in place of sounds.

A convolutional autoencoder of spectrograms that keeps what is where: a code `(steps / 8, bands / 8, code)` has a place
in time and frequency. It learns once from many drums (`samplegen.training.codec`), and is then left as it is, as in
latent diffusion (Rombach et al., "High-resolution image synthesis with latent diffusion models", 2022).
"""

from dataclasses import dataclass, field

import keras
from keras import layers

from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.models import blocks
from samplegen.models.architecture import Architecture
from samplegen.models.blocks import EdgeConv
from samplegen.models.registry import FULL_BAND, FULL_BAND_RATE
from samplegen.settings import check_fields, limits

ENCODER, DECODER = "encoder", "decoder"
SPECTROGRAM = SpectrogramConfig(StftConfig.at(FULL_BAND_RATE), **FULL_BAND)
_BLOCKS = 2  # at each but the finest resolution


@dataclass(frozen=True)
class Config:
    """Size: numbers of a code at each place; `widths` are the channels from the coarsest feature map to the finest."""

    map: SpectrogramConfig = SPECTROGRAM
    code: int = field(default=16, metadata=limits(1, 64))
    widths: tuple[int, ...] = field(default=(160, 96, 48), metadata=limits(4, 512))
    critic_widths: tuple[int, ...] = field(default=(128, 96, 64, 40), metadata=limits(4, 512))

    def __post_init__(self) -> None:
        check_fields(self)
        blocks.check_widths(self.widths, self.map.shape, self.code)

    @property
    def code_shape(self) -> tuple[int, int, int]:
        """Shape of a code: `(steps, bands, code)`, coarse."""
        scale = blocks.FOLD * 2 ** (len(self.widths) - 1)
        return self.map.steps // scale, self.map.bands // scale, self.code


def network(config: Config) -> keras.Model:
    """Return the network from spectrograms to what comes back of them: encoder, then decoder."""
    picture = keras.Input(config.map.shape, name="map")
    return keras.Model(picture, decoder(config)(encoder(config)(picture)), name="codec")


def critic(config: Config) -> keras.Model:
    """Return the network from spectrograms to the realness of patches, and features at each resolution (PatchGAN)."""
    picture = keras.Input(config.map.shape)
    finest, *widths = reversed(config.critic_widths)
    x = EdgeConv(finest, 3, padding="same")(blocks.with_place(blocks.fold(picture * 2.0 - 1.0)))
    features = []
    for width in widths[:-1]:
        x = layers.Conv2D(width, 4, strides=2, padding="same")(blocks.activate(x))
        features.append(x)
    features.append(layers.Conv2D(widths[-1], 3, padding="same")(blocks.activate(x)))
    realness = EdgeConv(1, 3, padding="same", dtype="float32")(blocks.activate(features[-1]))
    flat = [layers.Activation("linear", dtype="float32")(x) for x in features]
    return keras.Model(picture, [realness, *flat], name="critic")


def encoder(config: Config) -> keras.Model:
    """Return the network from spectrograms to codes `(b, *code_shape)`."""
    picture = keras.Input(config.map.shape)
    *widths, finest = config.widths
    x = blocks.residual(
        EdgeConv(finest, 3, padding="same")(blocks.with_place(blocks.fold(picture * 2.0 - 1.0))), finest
    )
    for width in reversed(widths):
        x = layers.AveragePooling2D(2)(x)
        for _ in range(_BLOCKS):
            x = blocks.residual(x, width)
    return keras.Model(picture, EdgeConv(config.code, 1, dtype="float32")(blocks.activate(x)), name=ENCODER)


def decoder(config: Config) -> keras.Model:
    """Return the network from codes `(b, *code_shape)` to spectrograms."""
    code = keras.Input(config.code_shape)
    x = EdgeConv(config.widths[0], 3, padding="same")(blocks.with_place(code))
    for level, width in enumerate(config.widths):
        x = layers.UpSampling2D()(x) if level else x
        for _ in range(_BLOCKS):
            x = blocks.residual(x, width)
    x = blocks.unfold(EdgeConv(config.map.channels * blocks.FOLD**2, 3, padding="same")(blocks.activate(x)))
    return keras.Model(code, layers.Activation("sigmoid", dtype="float32")(x), name=DECODER)


ARCHITECTURE = Architecture(Config, network, critic)
