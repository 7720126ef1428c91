"""Classification: a network learns to name roles, by cross-entropy on augmented and mixed spectrograms."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random

from samplegen.models.registry import Kind
from samplegen.training.augment_spectrogram import augment
from samplegen.training.learner import Setup
from samplegen.training.training_set import TrainingSet

Tensor = Any
AUGMENTED_SHARE = 0.7  # of sounds that each augmentation touches
LABEL_SMOOTHING = 0.1  # of the targets: names of sounds are often wrong by a neighbour
LEARNING_RATE = 2e-3


class ClassifierLearner(keras.Model):
    """A network from spectrograms to (embedding, logits); a batch is spectrograms `(b, ...)` and roles `(b, 16)`."""

    def __init__(self, net: keras.Model, *, seed: int = 0) -> None:
        super().__init__()
        self.net = net
        self.random = keras.random.SeedGenerator(seed)
        self.loss_of = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)
        self.optimizers = [keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-3)]
        self.optimizers[0].build(net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The network to keep."""
        return self.net

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        return [*self.net.variables, *self.optimizers[0].variables, self.random.state]

    def slow_down(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.optimizers[0].learning_rate = float(self.optimizers[0].learning_rate) * factor

    def train_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Make one step; return the loss."""
        spectrograms, roles = batch
        spectrograms, roles = self._mix(augment(spectrograms, self.random, AUGMENTED_SHARE), roles)
        with tf.GradientTape() as tape:
            loss = self.loss_of(roles, self.net(spectrograms, training=True)[1])
        variables = self.net.trainable_variables
        self.optimizers[0].apply(tape.gradient(loss, variables), variables)
        return {"loss": loss}

    def _mix(self, spectrograms: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
        """Blend each sound with its neighbour in the batch, most of them a little (mixup, Zhang et al. 2018)."""
        share = random.beta((ops.shape(spectrograms)[0],), 0.2, 0.2, seed=self.random)
        blend = share[:, None, None, None] * spectrograms + (1 - share)[:, None, None, None] * ops.roll(
            spectrograms, 1, axis=0
        )
        return blend, share[:, None] * roles + (1 - share)[:, None] * ops.roll(roles, 1, axis=0)


def set_up(training_set: TrainingSet, kind: Kind, config: Any) -> Setup:
    """Return a role classifier, measured by the share of held-out sounds whose role it predicts wrong."""
    learner = ClassifierLearner(kind.network(config), seed=training_set.seed)
    spectrograms = training_set.data.spectrograms(training_set.validation)
    labels = training_set.roles[training_set.validation].argmax(axis=1)

    def measure(network: keras.Model, _step: int) -> float:
        return float(np.mean(network.predict(spectrograms, batch_size=128, verbose=0)[1].argmax(axis=1) != labels))

    return learner, measure
