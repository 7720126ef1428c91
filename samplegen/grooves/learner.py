"""Learner of a groove network: it learns to need few bits for what every drum does, step by step."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen.models.groove_events import PARTS
from samplegen.training.ema import EmaLearner

Tensor = Any

LEARNING_RATE = 3e-3
WEIGHT_DECAY = 3e-2
EMA_DECAY = 0.99
_BITS_PER_NAT = 1.4426950408889634


class Batch(NamedTuple):
    """Stretches to learn: what is seen before each step `(b, steps, INPUTS)`, features
    `(b, steps, 16, EVENT_FEATURES)` and events `(b, steps, 16, 3)`
    of it, and what counts `(b, steps, 16)`: the drums that play, in steps that are there.
    """

    seen: NDArray[Any]
    facts: NDArray[Any]
    events: NDArray[Any]
    counted: NDArray[Any]


class GrooveLearner(EmaLearner):
    """A network that learns to predict rows of drums.

    Args:
        build: makes a fresh net.
        seed: of everything random in a step.
    """

    def __init__(self, build: Callable[[], keras.Model], *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY, clipnorm=1.0)
        super().__init__(build, optimizer, seed=seed, decay=EMA_DECAY)

    def train_step(self, batch: Batch) -> dict[str, Tensor]:
        """Make one step; return the bits that a drum takes in a step."""
        with tf.GradientTape() as tape:
            hits, kinds, timing, ratchets = bits(self.net([batch.seen, batch.facts], training=True), *batch[2:])
            loss = ops.sum(hits + kinds + timing + ratchets) / ops.sum(batch.counted)
        self.descend(tape, loss)
        return {"bits": loss}


@tf.function(reduce_retracing=True)
def event_bits(net: keras.Model, batch: Batch) -> list[Tensor]:
    """Return `bits` of the network's predictions for a batch."""
    return bits(net([batch.seen, batch.facts]), *batch[2:])


def bits(logits: Tensor, events: Tensor, counted: Tensor) -> list[Tensor]:
    """Return bits `(b, steps, 16)` of whether each drum is struck, how hard, when exactly, and how often."""
    struck, *kinds = ops.split(logits, np.cumsum(PARTS)[:-1].tolist(), axis=-1)
    is_struck = ops.cast(events[..., 0] > 0, "float32")
    event_bits = [keras.losses.binary_crossentropy(is_struck[..., None], struck, from_logits=True) * counted]
    targets = (ops.maximum(events[..., 0] - 1, 0), events[..., 1], events[..., 2])
    for part, one in zip(kinds, targets, strict=True):
        taken = keras.losses.sparse_categorical_crossentropy(one, part, from_logits=True)
        event_bits.append(taken * is_struck * counted)
    return [one * _BITS_PER_NAT for one in event_bits]
