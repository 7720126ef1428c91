"""Autoencoder: sound -> a few numbers -> sound.

An LSTM reads the steps of a spectrogram, an LSTM or convolutions write them.

The network is one functional model from `[spectrogram, latent, role]` to `[decoded spectrogram, generated one]`. So a
trained model is one list of weights: encoder, decoder, and the density of the codes.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from samplegen.errors import ModelError
from samplegen.features.spectrogram import CHANNELS, SpectrogramConfig
from samplegen.models import blocks
from samplegen.models.architecture import Architecture, Codes
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits

Tensor = Any  # a symbolic Keras tensor

ENCODER, DECODER, DENSITY = "encoder", "decoder", "density"
CODES_PER_ROLE = 64  # of real sounds, that are kept
_PRIOR_SOUNDS = 20  # of a role that weigh as much as the spread of all sounds
MAX_STATE = 1 << 18  # numbers that a recurrent layer holds for a sound


@dataclass(frozen=True)
class Config:
    """Sizes: numbers in a code, in the state of each LSTM; `widths` of convolutions that write in its place, if any."""

    map: SpectrogramConfig = field(default_factory=SpectrogramConfig)
    code: int = field(default=32, metadata=limits(1, 512))
    units: int = field(default=192, metadata=limits(4, 1024))
    widths: tuple[int, ...] = field(default=(), metadata=limits(4, 512))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.units * self.map.steps > MAX_STATE:
            raise ModelError(f"{self.units} units are too many for {self.map.steps} steps")
        if self.widths:
            blocks.check_widths(self.widths, self.map.shape, self.units)

    @property
    def latent(self) -> int:
        """Numbers that a sound is drawn from."""
        return self.code


@keras.saving.register_keras_serializable("samplegen")
class Density(layers.Layer):
    """A Gaussian of codes for each role: standard normal `(b, code)` and roles `(b, 16)` -> codes `(b, code)`.

    `real` holds codes of training sounds beside it, `(16, CODES_PER_ROLE, code)`.
    """

    def __init__(self, code: int, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.mean = self.add_weight(shape=(len(ROLES), code), initializer="zeros", trainable=False)
        self.spread = self.add_weight(shape=(len(ROLES), code, code), initializer="zeros", trainable=False)
        self.real = self.add_weight(shape=(len(ROLES), CODES_PER_ROLE, code), initializer="zeros", trainable=False)

    def call(self, latent: Tensor, role: Tensor) -> Tensor:
        """Return codes; a mix of roles lies between their Gaussians."""
        spread = ops.einsum("br,rcd->bcd", role, self.spread)
        return ops.matmul(role, self.mean) + ops.einsum("bcd,bd->bc", spread, latent)

    def fit(self, codes: NDArray[np.float32], roles: NDArray[np.float32]) -> None:
        """Adopt the Gaussians of `codes` `(n, code)` whose sounds have those role probabilities `(n, 16)`.

        A role's spread leans on that of all sounds the more, the fewer it has. The codes kept of a role are
        of the sounds that are most surely of it.
        """
        share = roles / np.maximum(roles.sum(axis=0), 1e-6)
        known = roles.sum(axis=0)[:, None]
        mean = (known * (share.T @ codes) + codes.mean(axis=0)) / (known + 1)
        pooled = np.cov(codes, rowvar=False).reshape(codes.shape[1], -1) + 1e-4 * np.eye(codes.shape[1])
        off = codes[None] - mean[:, None]
        own = np.einsum("nr,rnc,rnd->rcd", share, off, off)
        weight = known[..., None] / (known[..., None] + _PRIOR_SOUNDS)
        spread = np.linalg.cholesky(weight * own + (1 - weight) * pooled)
        kept = np.stack([codes[_surest(roles, index)] for index in range(len(ROLES))])
        self.set_weights([array.astype(np.float32) for array in (mean, spread, kept)])


def _surest(roles: NDArray[np.float32], index: int) -> NDArray[np.intp]:
    """Return the `CODES_PER_ROLE` likeliest sounds of a role, repeated where there are fewer, and one at least."""
    order = np.argsort(-roles[:, index], kind="stable")
    return np.resize(order[: max(1, int(np.sum(roles.argmax(axis=1) == index)))], CODES_PER_ROLE)


def network(config: Config) -> keras.Model:
    """Return the network from `[spectrograms, latents (b, code), roles (b, 16)]` to `[decoded, generated]` ones."""
    picture = keras.Input(config.map.shape, name="map")
    latent, role = keras.Input((config.code,), name="latent"), keras.Input((len(ROLES),), name="role")
    encoder, decoder = _encoder(config), _decoder(config)
    drawn = decoder(Density(config.code, name=DENSITY)(latent, role))
    return keras.Model([picture, latent, role], [decoder(encoder(picture)), drawn], name="autoencoder")


def generator(net: keras.Model) -> keras.Model:
    """Return the part of a network from `[latents, roles]` to spectrograms."""
    return keras.Model(net.inputs[1:], net.outputs[1])


def code_mapper(net: keras.Model) -> keras.Model:
    """Return the part from `[latents, roles]` to codes."""
    return keras.Model(net.inputs[1:], net.get_layer(DENSITY)(*net.inputs[1:]))


def decoder_of(net: keras.Model) -> keras.Model:
    """Return the part from codes to spectrograms."""
    return net.get_layer(DECODER)


def average_codes(
    net: keras.Model, roles: NDArray[np.float32], count: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return means `(n, code)` of the codes of `count` real sounds each, for role vectors `(n, 16)`."""
    real = np.asarray(net.get_layer(DENSITY).real)
    chosen = [(rng.choice(len(ROLES), count, p=row / row.sum()), rng.choice(CODES_PER_ROLE, count)) for row in roles]
    return np.stack([real[role, place].mean(axis=0) for role, place in chosen])


def encoder_of(net: keras.Model, _config: Config) -> keras.Model:
    """Return the part from spectrograms to codes."""
    return net.get_layer(ENCODER)


def _encoder(config: Config) -> keras.Model:
    """Return the network from spectrograms to codes `(b, code)`."""
    picture = keras.Input(config.map.shape)
    x = layers.Reshape((config.map.steps, config.map.bands * CHANNELS))(picture * 2.0 - 1.0)
    x = blocks.with_clock(blocks.activate(blocks.Edge(config.units)(x)), config.map.steps)
    x = layers.Bidirectional(layers.LSTM(config.units // 2, return_sequences=True))(x)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])
    x = blocks.activate(layers.Dense(config.units)(x))
    return keras.Model(picture, blocks.Edge(config.code, dtype="float32")(x), name=ENCODER)


def _decoder(config: Config) -> keras.Model:
    """Return the network from codes `(b, code)` to spectrograms."""
    code = keras.Input((config.code,))
    write = _by_convolution if config.widths else _by_lstm
    picture = layers.Activation("sigmoid", dtype="float32")(write(code, config))
    return keras.Model(code, picture, name=DECODER)


def _by_lstm(code: Tensor, config: Config) -> Tensor:
    style = blocks.activate(blocks.Edge(config.units)(code))
    x = blocks.with_clock(layers.RepeatVector(config.map.steps)(style), config.map.steps)
    x = layers.LSTM(config.units, return_sequences=True)(x)
    x = x + layers.LSTM(config.units, return_sequences=True)(x)
    x = blocks.Edge(config.map.bands * CHANNELS)(blocks.activate(layers.Dense(config.units)(x)))
    return layers.Reshape(config.map.shape)(x)


def _by_convolution(code: Tensor, config: Config) -> Tensor:
    style = blocks.activate(blocks.Edge(config.units)(code))
    return blocks.picture(style, config.widths, config.map.shape)


ARCHITECTURE = Architecture(
    Config, network, generator=generator, codes=Codes(code_mapper, decoder_of, encoder_of, average_codes)
)
