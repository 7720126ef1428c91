"""How a net learns to name roles: cross-entropy on augmented and mixed maps."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random

from samplegen.models.kind import Kind
from samplegen.training.augment_spectrogram import augment
from samplegen.training.batches import Lesson
from samplegen.training.loop import Taught

Tensor = Any
AUGMENTED = 0.7  # share of sounds that each augmentation touches
SMOOTHING = 0.1  # of the targets: names of sounds are often wrong by a neighbour
LEARNING_RATE = 2e-3


class Tagging(keras.Model):
    """A net from maps to (embedding, logits), learning; a batch is maps `(b, ...)` and roles `(b, 16)`."""

    def __init__(self, net: keras.Model, *, seed: int = 0) -> None:
        super().__init__()
        self.net = net
        self.random = keras.random.SeedGenerator(seed)
        self.loss_of = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING)
        self.optimizers = [keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-3)]
        self.optimizers[0].build(net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The net to keep."""
        return self.net

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        return [*self.net.variables, *self.optimizers[0].variables, self.random.state]

    def slow_down(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.optimizers[0].learning_rate = float(self.optimizers[0].learning_rate) * factor

    def train_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """One step; the loss."""
        maps, roles = batch
        maps, roles = self._mix(augment(maps, self.random, AUGMENTED), roles)
        with tf.GradientTape() as tape:
            loss = self.loss_of(roles, self.net(maps, training=True)[1])
        variables = self.net.trainable_variables
        self.optimizers[0].apply(tape.gradient(loss, variables), variables)
        return {"loss": loss}

    def _mix(self, maps: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
        """Blend each sound with its neighbour in the batch, most of them a little (mixup, Zhang et al. 2018)."""
        share = random.beta((ops.shape(maps)[0],), 0.2, 0.2, seed=self.random)
        blend = share[:, None, None, None] * maps + (1 - share)[:, None, None, None] * ops.roll(maps, 1, axis=0)
        return blend, share[:, None] * roles + (1 - share)[:, None] * ops.roll(roles, 1, axis=0)


def teach_listener(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """A role classifier, measured by the share of held-out sounds that it names wrong."""
    learner = Tagging(kind.network(config), seed=lesson.seed)
    judges, names = lesson.data.maps(lesson.judges), lesson.roles[lesson.judges].argmax(axis=1)

    def measure(network: keras.Model, _step: int) -> float:
        return float(np.mean(network.predict(judges, batch_size=128, verbose=0)[1].argmax(axis=1) != names))

    return learner, measure
