"""Char-LSTM: a language model of frames. The next frame is sampled from a softmax over codes, until the end is.

After char-rnn (Karpathy 2015), on frames in place of letters: a codebook makes tokens of them
(`samplegen.models.codebook`), a stack of LSTMs reads the tokens so far and the role, a softmax says
the probability of each code of the first stage or the end, and a small head those of each later stage.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
from keras import layers, ops

from samplegen.errors import ModelError
from samplegen.features.spectrogram import CHANNELS, EVEN, SpectrogramConfig
from samplegen.models import codebook
from samplegen.models.architecture import Architecture
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits

Tensor = Any  # a symbolic Keras tensor

BEGIN, FRAME, ROLE, LSTM = "begin", "frame", "role", "lstm"  # layers
MAX_WEIGHTS = 1 << 24  # 20 times the default's
MAX_STATE = 1 << 20  # numbers that a recurrent layer holds for a sound


@dataclass(frozen=True)
class Config:
    """Sizes: codes in each stage, stages, numbers in the state of each LSTM, LSTMs. Spectrograms are evenly spaced."""

    map: SpectrogramConfig = field(default_factory=lambda: SpectrogramConfig(steps=192, spacing=EVEN))
    codes: int = field(default=128, metadata=limits(2, 1024))
    stages: int = field(default=2, metadata=limits(2, 4))
    units: int = field(default=192, metadata=limits(4, 1024))
    layers: int = field(default=2, metadata=limits(1, 4))
    dropout: float = field(default=0.2, metadata=limits(0.0, 0.9))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.map.spacing != EVEN:
            raise ModelError(f"the network needs maps of evenly spaced steps, not {self.map.spacing} ones")
        weights = self.units * (8 * self.units * self.layers + self.stages * (self.codes + 2 * self.width))
        if weights + self.stages * self.codes * self.width > MAX_WEIGHTS or self.units * self.map.steps > MAX_STATE:
            raise ModelError(f"{self.layers} layers of {self.units} units and {self.codes} codes are too large")

    @property
    def width(self) -> int:
        """Number of numbers in a frame."""
        return self.map.bands * CHANNELS


@keras.saving.register_keras_serializable("samplegen")
class Begin(layers.Layer):
    """Layer that puts a learned frame in front of frames `(b, steps, width)`."""

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.frame = self.add_weight(shape=(width,), initializer="zeros")

    def call(self, frames: Tensor) -> Tensor:
        """Return frames `(b, steps + 1, width)`."""
        first = ops.broadcast_to(self.frame, (ops.shape(frames)[0], 1, frames.shape[-1]))
        return ops.concatenate([first, frames], axis=1)


def network(config: Config) -> keras.Model:
    """Return the network from tokens `(b, steps, stages)` and roles `(b, 16)` to logits of what comes next.

    They are a list: of the first stage `(b, steps + 1, codes + 1)`, the last of which is the end, and of each
    later one `(b, steps, codes)`, given those before it in the same frame.
    """
    tokens, role = keras.Input((None, config.stages), dtype="int32", name="tokens"), keras.Input((len(ROLES),))
    sums = codebook.Codebook(config.stages, config.codes, config.width, name=codebook.NAME)(tokens)
    before = Begin(config.width, name=BEGIN)(sums[:, :, -1])
    x = layers.Dense(config.units, name=FRAME)(before)
    x = x + layers.Reshape((1, config.units))(layers.Dense(config.units, use_bias=False, name=ROLE)(role))
    for number in range(config.layers):
        read = layers.LSTM(config.units, return_sequences=True, name=f"{LSTM}{number}")(x)
        x = layers.Dropout(config.dropout)(read if number == 0 else x + read)
    logits = [layers.Dense(config.codes + 1, dtype="float32", name="head0")(x)]
    for stage in range(1, config.stages):
        given = layers.Dense(config.units, name=f"given{stage}")(sums[:, :, stage - 1])
        read = layers.Dense(config.units, use_bias=False, name=f"read{stage}")(x[:, :-1])
        both = layers.Dropout(config.dropout)(layers.ReLU()(given + read))
        logits.append(layers.Dense(config.codes, dtype="float32", name=f"head{stage}")(both))
    return keras.Model([tokens, role], logits, name="charlstm")


ARCHITECTURE = Architecture(Config, network)
