"""How a language model of frames learns: the bits that it would take to tell what comes next, step by step."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen.nets import augment, codebook

Tensor = Any

AUGMENTED = 0.5  # share of sounds that each change touches
AVERAGING = 0.995  # of the weights, per step
LEARNING_RATE = 3e-3
_BITS = 1.4426950408889634  # in a nat


class Predicting(keras.Model):
    """A net from tokens and roles to logits, learning; a batch is maps `(b, ...)` and roles `(b, 16)`.

    Args:
        build: makes a fresh net.
        frames: of sounds `(n, width)`, which its codebook is fitted to.
        seed: of everything random in a step; its state is a weight of the model, so it resumes too.
    """

    def __init__(self, build: Callable[[], keras.Model], frames: NDArray[np.float32], *, seed: int = 0) -> None:
        super().__init__()
        self.net, self.average = build(), build()
        self.net.get_layer(codebook.NAME).fit(frames, seed=seed)
        self.average.set_weights(self.net.get_weights())
        self.average.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)
        self.optimizers = [keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-2, clipnorm=1.0)]
        self.optimizers[0].build(self.net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The net to keep."""
        return self.average

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        learned = [*self.net.variables, *self.average.weights, *self.optimizers[0].variables]
        return [*learned, self.random.state, self.steps]

    def slow_down(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.optimizers[0].learning_rate = float(self.optimizers[0].learning_rate) * factor

    def train_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """One step; bits for each frame."""
        maps, roles = batch
        maps = augment.bend_levels(augment.shift_bands(maps, self.random, AUGMENTED), self.random, AUGMENTED)
        tokens, lengths = self.net.get_layer(codebook.NAME).spell(ops.clip(maps, 0.0, 1.0))
        with tf.GradientTape() as tape:
            spent, events = bits(self.net([tokens, roles], training=True), tokens, lengths, whole=maps.shape[1])
            loss = ops.sum(spent) / ops.sum(events)
        variables = self.net.trainable_variables
        self.optimizers[0].apply(tape.gradient(loss, variables), variables)
        self._follow()
        return {"bits": loss}

    def _follow(self) -> None:
        """Move the average on: fast at first, when the net is far from what it will be."""
        self.steps.assign_add(1.0)
        keep = ops.minimum(AVERAGING, (1.0 + self.steps) / (10.0 + self.steps))
        for slow, fast in zip(self.average.weights, self.net.weights, strict=True):
            if fast.trainable:  # or rounding would move the codes
                slow.assign(keep * slow + (1.0 - keep) * fast)


@tf.function(reduce_retracing=True)
def told(net: keras.Model, maps: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
    """Bits `(b,)` that a net takes for each of some maps, and how many events `(b,)` these tell."""
    tokens, lengths = net.get_layer(codebook.NAME).spell(maps)
    return bits(net([tokens, roles]), tokens, lengths, whole=maps.shape[1])


def bits(logits: list[Tensor], tokens: Tensor, lengths: Tensor, *, whole: int) -> tuple[Tensor, Tensor]:
    """Bits `(b,)` that each sound takes, and how many events `(b,)` these tell: its frames, and its end.

    A sound as long as a map, `whole` steps, may have been cut off: its end is not told.
    """
    steps, end = ops.shape(tokens)[1], logits[0].shape[-1] - 1
    place = ops.arange(steps + 1)[None]
    first = ops.pad(tokens[..., 0], [[0, 0], [0, 1]], constant_values=0)
    first = ops.where(place < lengths[:, None], first, end)
    events = ops.minimum(lengths + 1, whole)
    spent = _told(logits[0], first, events)
    for stage, odds in enumerate(logits[1:], 1):
        spent = spent + _told(odds, tokens[..., stage], lengths)
    return spent, ops.cast(events, "float32")


def _told(logits: Tensor, tokens: Tensor, lengths: Tensor) -> Tensor:
    """Bits `(b,)` of the first `lengths` tokens."""
    taken = keras.losses.sparse_categorical_crossentropy(tokens, logits, from_logits=True) * _BITS
    inside = ops.arange(ops.shape(tokens)[1])[None] < lengths[:, None]
    return ops.sum(ops.where(inside, taken, 0.0), axis=1)
