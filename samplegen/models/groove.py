"""Groove: an LSTM over the sixteenths of bars that says, drum by drum, what is struck, how hard, when, and how often.

After char-rnn (Karpathy 2015), with a row of drums in place of a letter. The drums of a step are predicted one after
another, each given those before it, after NADE (Larochelle and Murray 2011), so that a snare knows of the
kick below it. Rows are those of `samplegen.models.groove_events`.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.errors import ModelError
from samplegen.models.architecture import Architecture
from samplegen.models.groove_events import EVENT_FEATURES, LAGS, PARTS
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits

Tensor = Any  # a symbolic Keras tensor

MAX_BAR_STEPS = 32  # sixteenths
SEEN, LSTM, DRUMS = "seen", "lstm", "drums"  # layers
_BEAT = 4  # sixteenths
CONDITIONS = MAX_BAR_STEPS + _BEAT + 6 + len(ROLES)
INPUTS = LAGS * (EVENT_FEATURES * len(ROLES) + 1) + CONDITIONS


@dataclass(frozen=True)
class GrooveContext:
    """Context of a pattern: meter, tempo in quarter notes a minute, swing in per cent and the notes that swing.

    `drums` are those that play, as bits in the order of `ROLES`.
    """

    beats: int = field(default=4, metadata=limits(1, 64))
    unit: int = field(default=4, metadata=limits(1, 16))
    tempo: float = field(default=120.0, metadata=limits(20, 999))
    swing: float = field(default=50.0, metadata=limits(50, 75))
    swing_grid: int = field(default=16, metadata=limits(8, 16))
    drums: int = field(default=1, metadata=limits(1, 2 ** len(ROLES) - 1))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.unit not in {1, 2, 4, 8, 16} or self.swing_grid not in {8, 16} or self.bar > MAX_BAR_STEPS:
            raise ModelError(f"a bar of {self.beats}/{self.unit}, swinging {self.swing_grid}, cannot be learned")

    @property
    def bar(self) -> int:
        """Sixteenths in a bar."""
        return self.beats * 16 // self.unit

    @property
    def kit(self) -> NDArray[np.bool_]:
        """Mask `(16,)` of the drums that play."""
        return (self.drums >> np.arange(len(ROLES)) & 1).astype(bool)


@dataclass(frozen=True)
class Config:
    """Sizes of the network, and the contexts of patterns: `headings` that it learned, levels and pans by drum."""

    units: int = field(default=96, metadata=limits(4, 1024))
    width: int = field(default=48, metadata=limits(4, 512))
    dropout: float = field(default=0.3, metadata=limits(0.0, 0.9))
    headings: tuple[GrooveContext, ...] = (GrooveContext(),)
    levels: tuple[float, ...] = field(default=(0.0,) * len(ROLES), metadata=limits(-60, 12))
    pans: tuple[float, ...] = field(default=(0.0,) * len(ROLES), metadata=limits(-1, 1))
    fills: bool = False  # whether it learned what a fill is

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.headings or {len(self.levels), len(self.pans)} != {len(ROLES)}:
            raise ModelError("a groove needs a heading, and a level and a pan for every drum")


@keras.saving.register_keras_serializable("samplegen")
class Drums(layers.Layer):
    """Logits `(b, steps, 16, sum(PARTS))` of drums, each from what is known `(b, steps, units)` and those before it."""

    def __init__(self, units: int, width: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        count, start = len(ROLES), keras.initializers.GlorotUniform
        self.known = self.add_weight(shape=(units, width), initializer=start(seed=1), name="known")
        self.given = self.add_weight(shape=(count, EVENT_FEATURES, width), initializer=start(seed=2), name="given")
        self.own = self.add_weight(shape=(count, width), initializer="zeros", name="own")
        self.head = self.add_weight(shape=(count, width, sum(PARTS)), initializer=start(seed=3), name="head")
        self.bias = self.add_weight(shape=(count, sum(PARTS)), initializer="zeros", name="bias")

    def call(self, known: Tensor, facts: Tensor) -> Tensor:
        """Return the logits; `facts` `(b, steps, 16, EVENT_FEATURES)` are of the events to predict."""
        each = ops.einsum("btdf,dfw->btdw", facts, self.given)
        before = ops.cumsum(each, axis=2) - each
        hidden = ops.relu(ops.matmul(known, self.known)[:, :, None] + before + self.own)
        return ops.einsum("btdw,dwo->btdo", hidden, self.head) + self.bias


def network(config: Config) -> keras.Model:
    """Return the network from the past of a step `(b, steps, INPUTS)` and the facts of its row to the row's logits."""
    seen, facts = (
        keras.Input((None, INPUTS), name="before"),
        keras.Input((None, len(ROLES), EVENT_FEATURES), name="facts"),
    )
    x = layers.Dense(config.units, name=SEEN)(layers.Dropout(config.dropout / 3)(seen))
    x = x + layers.LSTM(config.units, return_sequences=True, name=LSTM)(x)
    logits = Drums(config.units, config.width, name=DRUMS)(layers.Dropout(config.dropout)(x), facts)
    return keras.Model([seen, facts], logits, name="groove")


def conditions(context: GrooveContext, fills: NDArray[np.bool_]) -> Rows:
    """Return the conditions of each step `(steps, CONDITIONS)`, of as many bars as `fills`, a mask of the fills."""
    at = np.arange(context.bar)
    compound = context.unit == 8 and context.beats % 3 == 0 and context.beats > 3
    meter = [
        context.bar / 16, compound, np.log2(context.tempo / 120), (context.swing - 50) / 25, context.swing_grid == 8,
    ]  # fmt: skip
    place = np.concatenate([np.eye(MAX_BAR_STEPS)[at], np.eye(_BEAT)[at % _BEAT]], axis=1)
    fixed = np.tile(np.concatenate([meter, context.kit]), (len(at), 1))
    whole = np.tile(np.concatenate([place, fixed], axis=1), (len(fills), 1))
    return np.concatenate([whole, np.repeat(fills, len(at))[:, None]], axis=1).astype(np.float32)


ARCHITECTURE = Architecture(Config, network)
