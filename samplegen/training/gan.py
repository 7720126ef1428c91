"""GAN: a generator and a discriminator learn from each other, whatever they are made of.

Relativistic pairing loss with zero-centred gradient penalties on real and generated sounds (R3GAN:
Huang et al., "The GAN is dead; long live the GAN!", 2024), both behind the same augmentation, and
an EMA of the generator's weights, which is kept.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops, random

from samplegen.models import classify
from samplegen.models.registry import Kind
from samplegen.training import ema
from samplegen.training.augment_spectrogram import augment
from samplegen.training.draw_distance import distance_of_draws
from samplegen.training.learner import Setup
from samplegen.training.training_set import TrainingSet

Tensor = Any
AUGMENTED_SHARE = 0.5  # of sounds that each augmentation touches
REAL_AUGMENTED_SHARE = 0.3  # ... before that, of real ones only: these changes the generator is meant to learn
PENALTY_WEIGHT = 1.0
PENALTY_STRIDE = 4  # one sound in so many: the penalty costs more than the rest of the step
ROLE_WEIGHT = 0.2  # of the role classifier's cross-entropy in the generator's loss
LEARNING_RATE = 3e-4


class GanLearner(keras.Model):
    """One generator, the EMA of its weights, one discriminator; a batch is spectrograms `(b, ...)` and roles `(b, 16)`.

    Args:
        build: makes a fresh `(generator, discriminator)`.
        latent: numbers in a latent.
        classifier: a frozen network from spectrograms to role logits; its cross-entropy to the roles given adds to
            the generator's loss (AC-GAN, Odena et al. 2017, with a trained network in place of a second head).
        seed: of everything random in a step; its state is a weight of the model, so it resumes too.
    """

    def __init__(
        self,
        build: Callable[[], tuple[keras.Model, keras.Model]],
        latent: int,
        *,
        classifier: keras.Model | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = build()
        self.average = keras.models.clone_model(self.generator)
        self.average.set_weights(self.generator.get_weights())
        self.average.trainable = False
        self.latent = latent
        self.classifier = classifier
        self.random = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)
        self.optimizers = [keras.optimizers.Adam(LEARNING_RATE, beta_1=0.0, beta_2=0.99) for _ in range(2)]
        for optimizer, net in zip(self.optimizers, (self.generator, self.discriminator), strict=True):
            optimizer.build(net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The network to keep."""
        return self.average

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        learned = [*self.generator.variables, *self.discriminator.variables, *self.average.variables]
        return [*learned, *self.optimizers[0].variables, *self.optimizers[1].variables, self.random.state, self.steps]

    def slow_down(self, factor: float) -> None:
        """Multiply both learning rates."""
        for optimizer in self.optimizers:
            optimizer.learning_rate = float(optimizer.learning_rate) * factor

    def train_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Make one step of each network; return the losses, and the discriminator's penalty."""
        spectrograms, roles = batch
        spectrograms = augment(spectrograms, self.random, REAL_AUGMENTED_SHARE)
        critic, penalty = self._train_discriminator(spectrograms, roles)
        generator = self._train_generator(spectrograms, roles)
        self.steps.assign_add(1.0)
        ema.follow(self.average, self.generator, self.steps)
        return {"generator": generator, "discriminator": critic, "penalty": penalty}

    def _train_discriminator(self, spectrograms: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
        both, roles = self._beside_generated(spectrograms, roles)
        with tf.GradientTape() as tape:
            real, fake = ops.split(self.discriminator([both, roles], training=True), 2)
            loss = ops.mean(ops.softplus(fake - real))
            penalty = self._steepness(both[::PENALTY_STRIDE], roles[::PENALTY_STRIDE])
            whole = loss + PENALTY_WEIGHT * penalty
        variables = self.discriminator.trainable_variables
        self.optimizers[1].apply(tape.gradient(whole, variables), variables)
        return loss, penalty

    def _steepness(self, spectrograms: Tensor, roles: Tensor) -> Tensor:
        """Return the mean squared slope of the discriminator at `spectrograms`, small in a stable game (R1 and R2)."""
        with tf.GradientTape() as tape:
            tape.watch(spectrograms)
            total = ops.sum(self.discriminator([spectrograms, roles], training=True))
        return ops.mean(ops.sum(ops.square(tape.gradient(total, spectrograms)), axis=(1, 2, 3)))

    def _train_generator(self, spectrograms: Tensor, roles: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            both, roles = self._beside_generated(spectrograms, roles)
            real, fake = ops.split(self.discriminator([both, roles], training=True), 2)
            loss = ops.mean(ops.softplus(real - fake))
            whole = loss + ROLE_WEIGHT * self._role_loss(both, roles)
        variables = self.generator.trainable_variables
        self.optimizers[0].apply(tape.gradient(whole, variables), variables)
        return loss

    def _beside_generated(self, spectrograms: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
        """Return real sounds and as many generated for the same roles, augmented alike: `(2b, ...)`, `(2b, 16)`."""
        latents = random.normal((ops.shape(spectrograms)[0], self.latent), seed=self.random)
        both = ops.concatenate([spectrograms, self.generator([latents, roles], training=True)])
        return augment(both, self.random, AUGMENTED_SHARE), ops.concatenate([roles, roles])

    def _role_loss(self, both: Tensor, roles: Tensor) -> Tensor:
        """Return the cross-entropy of the roles that the classifier predicts for the generated half."""
        if self.classifier is None:
            return 0.0
        half = ops.shape(roles)[0] // 2
        logits = self.classifier(both[half:], training=False)
        return ops.mean(ops.categorical_crossentropy(roles[half:], logits, from_logits=True))


def set_up(training_set: TrainingSet, kind: Kind, config: Any) -> Setup:
    """Return a GAN, measured by the kernel distance to held-out sounds and the roles that do not fit."""

    def build() -> tuple[keras.Model, keras.Model]:
        return kind.network(config), kind.discriminator(config)

    classifier = classify.frozen_classifier(config.map)
    learner = GanLearner(build, config.latent, classifier=classifier, seed=training_set.seed)
    return learner, distance_of_draws(training_set, config, training_set.validation)
