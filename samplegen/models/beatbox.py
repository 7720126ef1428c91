"""Beatbox: the drum that a hit of a mouth or a table becomes, step by step.

A hit is classified by its cepstra (the discriminant of `transcription.hit_classifier`, kept here as a layer)
and ranked among the hits of its role by a few descriptors. An LSTM reads its frames from the onset on, beside role,
ranks and a code of one drum of the role, and writes the steps of its spectrogram: no step depends on later ones.
The code is what a fingerprint says beyond role and ranks. One for each role is kept: the kit that a take plays.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
from keras import layers, ops

from samplegen.errors import ModelError
from samplegen.features.spectrogram import CHANNELS, SpectrogramConfig
from samplegen.models import blocks
from samplegen.models.architecture import Architecture
from samplegen.roles import INDEX
from samplegen.settings import check_fields, limits

Tensor = Any  # a symbolic Keras tensor

DISCRIMINANT, RANKING, KIT, DRUMMER = "discriminant", "ranking", "kit", "drummer"  # layers
QUANTILES = 17  # by which a hit is ranked
MAX_STATE = 1 << 18  # numbers that a recurrent layer holds for a hit
_MIN_STEP = 1e-4  # between two quantiles that are the same


@dataclass(frozen=True)
class Config:
    """The roles that are classified, the drums' spectrograms, and sizes: of the LSTMs and of their inputs."""

    roles: tuple[str, ...] = ("closed-hat", "kick", "snare")
    map: SpectrogramConfig = field(default_factory=SpectrogramConfig)
    cepstra: int = field(default=13, metadata=limits(1, 128))  # of a hit, as a whole
    inputs: int = field(default=19, metadata=limits(1, 512))  # numbers in a frame of a hit
    ranks: int = field(default=4, metadata=limits(1, 64))
    code: int = field(default=12, metadata=limits(1, 512))
    units: int = field(default=160, metadata=limits(4, 1024))
    dropout: float = field(default=0.2, metadata=limits(0.0, 0.9))

    def __post_init__(self) -> None:
        check_fields(self)
        unknown = sorted(set(self.roles) - INDEX.keys())
        if unknown or len(set(self.roles)) != len(self.roles) or len(self.roles) < 2:
            raise ModelError(f"the roles {list(self.roles)!r:.80} should be two or more, each once, and all known")
        if self.units * self.map.steps > MAX_STATE:
            raise ModelError(f"{self.units} units are too many for {self.map.steps} steps")


class Discriminant(layers.Layer):
    """Cepstra of hits `(b, cepstra)` -> probability of each role `(b, roles)`, by a linear discriminant."""

    def __init__(self, cepstra: int, roles: int, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.scores = self.add_weight(shape=(cepstra, roles), initializer="zeros", trainable=False)
        self.offset = self.add_weight(shape=(roles,), initializer="zeros", trainable=False)

    def call(self, cepstra: Tensor) -> Tensor:
        """Return the probabilities."""
        return ops.softmax(ops.matmul(cepstra, self.scores) - self.offset)


class Ranking(layers.Layer):
    """Descriptors `(b, ranks)` and roles `(b, roles)` -> ranks among the hits of a role, -1 to 1.

    A rank is the share of hits that have less, interpolated between their quantiles `(roles, ranks, QUANTILES)`.
    """

    def __init__(self, roles: int, ranks: int, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.quantiles = self.add_weight(shape=(roles, ranks, QUANTILES), initializer="zeros", trainable=False)

    def call(self, described: Tensor, role: Tensor) -> Tensor:
        """Return ranks `(b, ranks)`; of a mix of roles the mean."""
        low, high = self.quantiles[..., :-1], self.quantiles[..., 1:]
        over = (described[:, None, :, None] - low) / ops.maximum(high - low, _MIN_STEP)
        share = ops.mean(ops.clip(over, 0.0, 1.0), axis=-1)
        return 2.0 * ops.einsum("br,brk->bk", role, share) - 1.0


class Kit(layers.Layer):
    """Roles `(b, roles)` -> the code of the drum that plays each `(b, code)`."""

    def __init__(self, roles: int, code: int, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.codes = self.add_weight(shape=(roles, code), initializer="zeros", trainable=False)

    def call(self, role: Tensor) -> Tensor:
        """Return the codes."""
        return ops.matmul(role, self.codes)


def network(config: Config) -> keras.Model:
    """Return the network from hits to drums.

    Its inputs are cepstra `(b, cepstra)`, frames `(b, steps, inputs)` and descriptors `(b, ranks)`.
    Its outputs are roles `(b, roles)` and spectrograms `(b, steps, bands, 2)`.
    """
    cepstra = keras.Input((config.cepstra,), name="cepstra")
    frames = keras.Input((config.map.steps, config.inputs), name="frames")
    described = keras.Input((config.ranks,), name="described")
    role = Discriminant(config.cepstra, len(config.roles), name=DISCRIMINANT)(cepstra)
    ranks = Ranking(len(config.roles), config.ranks, name=RANKING)(described, role)
    code = Kit(len(config.roles), config.code, name=KIT)(role)
    return keras.Model(
        [cepstra, frames, described], [role, _drummer(config)([frames, role, ranks, code])], name="beatbox"
    )


def _drummer(config: Config) -> keras.Model:
    """Return the network from frames, roles, ranks and codes to spectrograms."""
    frames = keras.Input((config.map.steps, config.inputs))
    known = [keras.Input((size,)) for size in (len(config.roles), config.ranks, config.code)]
    style = blocks.activate(layers.Dense(config.units)(layers.Concatenate()(known)))
    x = layers.Dense(config.units)(layers.Dropout(config.dropout)(frames)) + layers.Reshape((1, config.units))(style)
    x = blocks.with_clock(blocks.activate(x), config.map.steps)
    x = layers.LSTM(config.units, return_sequences=True)(x)
    x = x + layers.LSTM(config.units, return_sequences=True)(x)
    x = layers.Dense(config.map.bands * CHANNELS)(blocks.activate(layers.Dense(config.units)(x)))
    picture = layers.Activation("sigmoid", dtype="float32")(layers.Reshape(config.map.shape)(x))
    return keras.Model([frames, *known], picture, name=DRUMMER)


ARCHITECTURE = Architecture(Config, network)
