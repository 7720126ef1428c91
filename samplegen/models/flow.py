"""Flow: from noise and a role to a code of the codec, along the path of a velocity that a small network knows.

Flow matching (Lipman et al., "Flow matching for generative modeling", 2023; Liu et al., "Rectified flow", 2023) on the
codes of a trained codec, whose decoder is part of the network. The path is an ordinary differential equation: the same
noise is the same sound, and nearby noises are nearby sounds.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.models import codec
from samplegen.models.architecture import Architecture, Codes
from samplegen.models.blocks import Edge, Tensor
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits

VELOCITY, PATH, SCALE = "velocity", "path", "scale"
GUIDANCE = 1.5  # of the roles, where none is given: at 1 half as many sounds again are of another role
_TIME_WAVES = 16  # by which the velocity network knows how far along the path it is
_MAX_WAVE = 64.0  # periods along the path, of the fastest


@dataclass(frozen=True)
class Config:
    """Size: of the codec, as its own configuration has them, and `units` and `depth` of the velocity network.

    `path_steps` are those that the path is walked in.
    """

    map: SpectrogramConfig = codec.SPECTROGRAM
    code: int = field(default=codec.Config.code, metadata=limits(1, 64))
    widths: tuple[int, ...] = field(default=codec.Config.widths, metadata=limits(4, 512))
    units: int = field(default=512, metadata=limits(16, 2048))
    depth: int = field(default=4, metadata=limits(1, 16))
    path_steps: int = field(default=16, metadata=limits(1, 64))

    def __post_init__(self) -> None:
        check_fields(self)
        codec.Config(self.map, self.code, self.widths)  # checks how they fit

    @property
    def codec(self) -> codec.Config:
        """Configuration of the codec."""
        return codec.Config(self.map, self.code, self.widths)

    @property
    def latent(self) -> int:
        """Numbers in a code, and in the noise that it is drawn from."""
        return int(np.prod(self.codec.code_shape))


@keras.saving.register_keras_serializable("samplegen")
class Path(layers.Layer):
    """Walk from noise `(b, n)` along a velocity network's directions for roles `(b, 16)`, by the midpoint rule.

    `guidance` is how far the direction goes from that of any role to that of the given one, and beyond it: 1 is as
    learned (classifier-free guidance: Ho and Salimans 2022).
    """

    def __init__(self, velocity: keras.Model, steps: int, **options: Any) -> None:
        super().__init__(dtype="float32", **options)
        self.velocity, self.steps = velocity, steps
        self.guidance = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(GUIDANCE), trainable=False, name="guidance"
        )

    def call(self, noise: Tensor, role: Tensor) -> Tensor:
        """Return the ends of the paths."""
        x, length = noise, 1.0 / self.steps
        for step in range(self.steps):
            middle = x + 0.5 * length * self._velocity(x, step * length, role)
            x = x + length * self._velocity(middle, (step + 0.5) * length, role)
        return x

    def _velocity(self, place: Tensor, time: float, role: Tensor) -> Tensor:
        both, roles = ops.concatenate([place, place]), ops.concatenate([role, ops.zeros_like(role)])
        own, usual = ops.split(self.velocity([both, ops.zeros_like(both[:, :1]) + time, roles]), 2)
        return usual + self.guidance * (own - usual)


@keras.saving.register_keras_serializable("samplegen")
class Scale(layers.Layer):
    """Codes `(b, *shape)` of numbers of spread 1 `(b, n)`: every channel has the mean and spread of real codes."""

    def __init__(self, shape: tuple[int, int, int], **options: Any) -> None:
        super().__init__(dtype="float32", trainable=False, **options)
        self.code_shape = shape
        self.mean = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False, name="mean")
        self.spread = self.add_weight(shape=shape[-1:], initializer="ones", trainable=False, name="spread")

    def call(self, x: Tensor) -> Tensor:
        """Return codes."""
        return ops.reshape(x, (-1, *self.code_shape)) * self.spread + self.mean

    def fit(self, codes: Any) -> None:
        """Adopt mean and spread of codes `(n, *shape)`."""
        self.mean.assign(codes.mean(axis=(0, 1, 2)))
        self.spread.assign(codes.std(axis=(0, 1, 2)))

    def undo(self, codes: Any) -> Any:
        """Return numbers of spread 1 `(n, m)` of codes `(n, *shape)`."""
        return ops.reshape((codes - self.mean) / self.spread, (-1, int(np.prod(self.code_shape))))


def network(config: Config) -> keras.Model:
    """Return the network from `[spectrograms, noise (b, latent), roles (b, 16)]` to what comes back and what is drawn.

    So one list of weights holds the codec and the path.
    """
    picture = keras.Input(config.map.shape, name="map")
    noise, role = keras.Input((config.latent,), name="latent"), keras.Input((len(ROLES),), name="role")
    encoder, decoder = codec.encoder(config.codec), codec.decoder(config.codec)
    encoder.trainable = decoder.trainable = False
    end = Path(velocity(config), config.path_steps, name=PATH)(noise, role)
    drawn = decoder(Scale(config.codec.code_shape, name=SCALE)(end))
    return keras.Model([picture, noise, role], [decoder(encoder(picture)), drawn], name="flow")


def generator(net: keras.Model) -> keras.Model:
    """Return the part from noise and roles to spectrograms."""
    return keras.Model(net.inputs[1:], net.outputs[1])


def code_mapper(net: keras.Model) -> keras.Model:
    """Return the part from noise and roles to codes, flat and of spread 1."""
    noise, role = (keras.Input(tensor.shape[1:]) for tensor in net.inputs[1:])
    return keras.Model([noise, role], net.get_layer(PATH)(noise, role))


def code_decoder(net: keras.Model) -> keras.Model:
    """Return the part from such codes to spectrograms."""
    code = keras.Input(net.inputs[1].shape[1:])
    return keras.Model(code, net.get_layer(codec.DECODER)(net.get_layer(SCALE)(code)))


def code_encoder(net: keras.Model, _config: Config) -> keras.Model:
    """Return the part from spectrograms to such codes."""
    picture = keras.Input(net.inputs[0].shape[1:])
    return keras.Model(picture, net.get_layer(SCALE).undo(net.get_layer(codec.ENCODER)(picture)))


def velocity(config: Config) -> keras.Model:
    """Return the network from a place `(b, n)`, the time `(b, 1)` 0..1 and roles `(b, 16)` to the velocity there.

    Roles that are all 0 stand for any.
    """
    place, time, role = keras.Input((config.latent,)), keras.Input((1,)), keras.Input((len(ROLES),))
    waves = ops.exp(ops.linspace(0.0, float(np.log(_MAX_WAVE)), _TIME_WAVES)) * np.pi * time
    given = layers.Concatenate()([ops.sin(waves), ops.cos(waves), role])
    given = layers.Dense(config.units, activation="silu")(Edge(config.units)(given))
    x = Edge(config.units)(place)
    for _ in range(config.depth):
        gain, shift = (layers.Dense(config.units, kernel_initializer="zeros")(given) for _ in range(2))
        inside = layers.LayerNormalization()(x) * (1.0 + gain) + shift
        inside = layers.Dense(config.units, activation="silu")(inside)
        x = x + layers.Dense(config.units, kernel_initializer=keras.initializers.VarianceScaling(0.1))(inside)
    ahead = Edge(config.latent, kernel_initializer="zeros", dtype="float32")(layers.LayerNormalization()(x))
    return keras.Model([place, time, role], ahead, name=VELOCITY)


ARCHITECTURE = Architecture(Config, network, generator=generator, codes=Codes(code_mapper, code_decoder, code_encoder))
