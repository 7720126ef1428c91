"""Exponential moving average (EMA) of a network's weights: what is kept of a training that never comes to rest."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

EMA_DECAY = 0.999  # share of the average that a step keeps


def follow(average: keras.Model, net: keras.Model, steps: Any, *, decay: float = EMA_DECAY) -> None:
    """Move the average toward the network, faster while there is little to average; `steps` have been done."""
    keep = ops.minimum(decay, (1.0 + steps) / (10.0 + steps))
    for slow, fast in zip(average.weights, net.weights, strict=True):
        if fast.trainable:  # or rounding would move what was fitted
            slow.assign(keep * slow + (1.0 - keep) * fast)


class EmaLearner(keras.Model):
    """A network that learns by one optimizer, and the EMA of its weights, which is kept.

    Args:
        build: makes a fresh network.
        optimizer: a fresh one.
        seed: of everything random in a step; its state is a weight of the model, so it resumes too.
        decay: share of the average that a step keeps.
    """

    def __init__(
        self, build: Callable[[], keras.Model], optimizer: Any, *, seed: int = 0, decay: float = EMA_DECAY
    ) -> None:
        super().__init__()
        self.decay = decay
        self.net, self.average = build(), build()
        self.average.set_weights(self.net.get_weights())
        self.average.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)
        self.optimizers = [optimizer]
        optimizer.build(self.net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The network to keep."""
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
        """Make one step of the optimizer down the loss, and of the average after it."""
        variables = self.net.trainable_variables
        self.optimizers[0].apply(tape.gradient(loss, variables), variables)
        self.steps.assign_add(1.0)
        follow(self.average, self.net, self.steps, decay=self.decay)
