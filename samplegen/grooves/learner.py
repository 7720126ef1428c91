"""How a `nets.groove` network learns: the bits that it would take to tell what every drum does, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen.models.groove_events import PARTS
from samplegen.training import ema

Tensor = Any

LEARNING_RATE = 3e-3
DECAY = 3e-2
AVERAGING = 0.99  # of the weights, per step
_BITS = 1.4426950408889634  # in a nat


class Batch(NamedTuple):
    """Stretches to learn: what is seen before each step `(b, steps, INPUTS)`, facts `(b, steps, 16, FACTS)` and strokes
    `(b, steps, 16, 3)` of it, and what counts `(b, steps, 16)`: the drums that play, in steps that are there.
    """

    seen: NDArray[Any]
    facts: NDArray[Any]
    strokes: NDArray[Any]
    counted: NDArray[Any]


class Grooving(ema.Averaged):
    """A net learning to tell rows of drums.

    Args:
        build: makes a fresh net.
        seed: of everything random in a step.
    """

    def __init__(self, build: Callable[[], keras.Model], *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=DECAY, clipnorm=1.0)
        super().__init__(build, optimizer, seed=seed, share=AVERAGING)

    @tf.function(reduce_retracing=True)
    def learn(self, batch: Batch) -> Tensor:
        """One step; the bits that a drum takes in a step."""
        with tf.GradientTape() as tape:
            hits, kinds, timing, ratchets = bits(self.net([batch.seen, batch.facts], training=True), *batch[2:])
            loss = ops.sum(hits + kinds + timing + ratchets) / ops.sum(batch.counted)
        self.descend(tape, loss)
        return loss


@tf.function(reduce_retracing=True)
def spent(net: keras.Model, batch: Batch) -> list[Tensor]:
    """As `bits`, of what a net makes of a batch."""
    return bits(net([batch.seen, batch.facts]), *batch[2:])


def bits(logits: Tensor, strokes: Tensor, counted: Tensor) -> list[Tensor]:
    """Bits `(b, steps, 16)` that it takes to tell whether each drum is struck, how hard, when exactly, how often."""
    struck, *kinds = ops.split(logits, np.cumsum(PARTS)[:-1].tolist(), axis=-1)
    is_struck = ops.cast(strokes[..., 0] > 0, "float32")
    spent = [keras.losses.binary_crossentropy(is_struck[..., None], struck, from_logits=True) * counted]
    targets = (ops.maximum(strokes[..., 0] - 1, 0), strokes[..., 1], strokes[..., 2])
    for part, one in zip(kinds, targets, strict=True):
        taken = keras.losses.sparse_categorical_crossentropy(one, part, from_logits=True)
        spent.append(taken * is_struck * counted)
    return [one * _BITS for one in spent]


@dataclass(frozen=True)
class Taught:
    """How a net learned: steps with what was measured, the best of them, and whether the user stopped it."""

    history: list[dict[str, float]]
    best_step: int
    stopped: bool


def teach(  # noqa: PLR0913
    learner: Grooving,
    batch: Callable[[int], Batch],
    measure: Callable[[keras.Model], float],
    *,
    most: int,
    every: int,
    patience: int,
    report: Callable[[int, float], None],
) -> Taught:
    """Learn until `measure` (lower is better) has not fallen `patience` times, or the user interrupts.

    Args:
        learner: is trained in place; in the end its result is as it was at its best.
        batch: makes the batch of a step from its number, from 1.
        measure: of the network, taken after every `every` steps of `most`.
        report: told of every step that is measured, and its measure.
    """
    history = [{"step": 0, "distance": measure(learner.result)}]
    best, kept, stopped = history[0], learner.result.get_weights(), False
    try:
        for step in range(1, most + 1):
            learner.learn(batch(step))
            if step % every and step < most:
                continue
            history.append({"step": step, "distance": measure(learner.result)})
            report(step, history[-1]["distance"])
            if history[-1]["distance"] < best["distance"]:
                best, kept = history[-1], learner.result.get_weights()
            elif all(row["distance"] > best["distance"] for row in history[-patience:]):
                break
    except KeyboardInterrupt:
        stopped = True
    learner.result.set_weights(kept)
    return Taught(history, int(best["step"]), stopped)
