"""The moving average of a network's weights: what is kept of a training that never comes to rest."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

AVERAGING = 0.999  # of the weights, per step


def follow(average: keras.Model, net: keras.Model, steps: Any, *, share: float = AVERAGING) -> None:
    """Move the average toward the net, faster while there is little to average; `steps` have been done."""
    keep = ops.minimum(share, (1.0 + steps) / (10.0 + steps))
    for slow, fast in zip(average.weights, net.weights, strict=True):
        if fast.trainable:  # or rounding would move what was fitted
            slow.assign(keep * slow + (1.0 - keep) * fast)


class Averaged(keras.Model):
    """A net that learns by one optimizer, and its average, which is kept.

    Args:
        build: makes a fresh net.
        optimizer: a fresh one.
        seed: of everything random in a step; its state is a weight of the model, so it resumes too.
        share: of the average that a step keeps.
    """

    def __init__(
        self, build: Callable[[], keras.Model], optimizer: Any, *, seed: int = 0, share: float = AVERAGING
    ) -> None:
        super().__init__()
        self.share = share
        self.net, self.average = build(), build()
        self.average.set_weights(self.net.get_weights())
        self.average.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)
        self.optimizers = [optimizer]
        optimizer.build(self.net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The net to keep."""
        return self.average

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        learned = [*self.net.variables, *self.average.variables, *self.optimizers[0].variables]
        return [*learned, self.random.state, self.steps]

    def slow_down(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.optimizers[0].learning_rate = float(self.optimizers[0].learning_rate) * factor

    def descend(self, tape: tf.GradientTape, loss: Any) -> None:
        """One step of the optimizer down the loss, and of the average after it."""
        variables = self.net.trainable_variables
        self.optimizers[0].apply(tape.gradient(loss, variables), variables)
        self.steps.assign_add(1.0)
        follow(self.average, self.net, self.steps, share=self.share)
