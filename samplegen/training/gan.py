"""How a generator and a discriminator learn from each other, whatever they are made of.

Relativistic pairing loss with zero-centred gradient penalties on real and generated sounds (R3GAN:
Huang et al., "The GAN is dead; long live the GAN!", 2024), both behind the same augmentation, and
a moving average of the generator's weights, which is the one that is kept.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random

from samplegen.features import metrics
from samplegen.models import classify
from samplegen.models.kind import Kind
from samplegen.training import ema, previews
from samplegen.training.augment_spectrogram import augment
from samplegen.training.batches import Lesson
from samplegen.training.loop import Taught
from samplegen.training.previews import PREVIEWED

Tensor = Any
AUGMENTED = 0.5  # share of sounds that each augmentation touches
REAL_ONLY = 0.3  # ... before that, of real ones only: these changes the generator is meant to learn
PENALTY = 1.0
PENALISED = 4  # one sound in so many: the penalty costs more than the rest of the step
ROLE_WEIGHT = 0.2  # weight of the listener
LEARNING_RATE = 3e-4


class Adversarial(keras.Model):
    """One generator, its average, one discriminator; a batch is maps `(b, ...)` and roles `(b, 16)`.

    Args:
        build: makes a fresh `(generator, discriminator)`.
        latent: numbers in a latent.
        listener: a net from maps to role logits that never learns; what it misses of the role asked for adds
            to the generator's loss (AC-GAN, Odena et al. 2017, with a teacher in place of a second head).
        seed: of everything random in a step; its state is a weight of the model, so it resumes too.
    """

    def __init__(
        self,
        build: Callable[[], tuple[keras.Model, keras.Model]],
        latent: int,
        *,
        listener: keras.Model | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = build()
        self.average = keras.models.clone_model(self.generator)
        self.average.set_weights(self.generator.get_weights())
        self.average.trainable = False
        self.latent = latent
        self.listener = listener
        self.random = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)
        self.optimizers = [keras.optimizers.Adam(LEARNING_RATE, beta_1=0.0, beta_2=0.99) for _ in range(2)]
        for optimizer, net in zip(self.optimizers, (self.generator, self.discriminator), strict=True):
            optimizer.build(net.trainable_variables)

    @property
    def result(self) -> keras.Model:
        """The net to keep."""
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
        """One step of each net; the losses, and the discriminator's penalty."""
        maps, roles = batch
        maps = augment(maps, self.random, REAL_ONLY)
        critic, penalty = self._teach_discriminator(maps, roles)
        generator = self._teach_generator(maps, roles)
        self.steps.assign_add(1.0)
        ema.follow(self.average, self.generator, self.steps)
        return {"generator": generator, "discriminator": critic, "penalty": penalty}

    def _teach_discriminator(self, maps: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
        both, roles = self._beside_generated(maps, roles)
        with tf.GradientTape() as tape:
            real, fake = ops.split(self.discriminator([both, roles], training=True), 2)
            loss = ops.mean(ops.softplus(fake - real))
            penalty = self._steepness(both[::PENALISED], roles[::PENALISED])
            whole = loss + PENALTY * penalty
        variables = self.discriminator.trainable_variables
        self.optimizers[1].apply(tape.gradient(whole, variables), variables)
        return loss, penalty

    def _steepness(self, maps: Tensor, roles: Tensor) -> Tensor:
        """Mean squared slope of the discriminator at `maps`, which a stable game needs to be small (R1 and R2)."""
        with tf.GradientTape() as tape:
            tape.watch(maps)
            total = ops.sum(self.discriminator([maps, roles], training=True))
        return ops.mean(ops.sum(ops.square(tape.gradient(total, maps)), axis=(1, 2, 3)))

    def _teach_generator(self, maps: Tensor, roles: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            both, roles = self._beside_generated(maps, roles)
            real, fake = ops.split(self.discriminator([both, roles], training=True), 2)
            loss = ops.mean(ops.softplus(real - fake))
            whole = loss + ROLE_WEIGHT * self._misheard(both, roles)
        variables = self.generator.trainable_variables
        self.optimizers[0].apply(tape.gradient(whole, variables), variables)
        return loss

    def _beside_generated(self, maps: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
        """The real maps and as many generated for the same roles, augmented alike: `(2b, ...)`, `(2b, 16)`."""
        latents = random.normal((ops.shape(maps)[0], self.latent), seed=self.random)
        both = ops.concatenate([maps, self.generator([latents, roles], training=True)])
        return augment(both, self.random, AUGMENTED), ops.concatenate([roles, roles])

    def _misheard(self, both: Tensor, roles: Tensor) -> Tensor:
        """How far the listener is from hearing the roles in the generated half: cross-entropy, over their own."""
        if self.listener is None:
            return 0.0
        half = ops.shape(roles)[0] // 2
        logits = self.listener(both[half:], training=False)
        return ops.mean(ops.categorical_crossentropy(roles[half:], logits, from_logits=True))


MEASURED = 400  # sounds drawn to measure a generator
MISHEARD = 20.0  # what all roles misheard add to the kernel distance, in the same thousandths


def teach_generator(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """A generator against a discriminator, measured by the kernel distance to held-out sounds and the roles misheard.

    Either alone is not enough: a generator resembles the whole of drums long before it knows them apart.
    """

    def build() -> tuple[keras.Model, keras.Model]:
        return kind.network(config), kind.discriminator(config)

    listener = classify.listener(config.map)
    learner = Adversarial(build, config.latent, listener=listener, seed=lesson.seed)
    rng = np.random.default_rng((lesson.seed, 1))
    latents = rng.standard_normal((MEASURED, config.latent)).astype(np.float32)
    roles_of = lesson.roles[rng.choice(lesson.judges, MEASURED)]
    real = classify.classify_roles(lesson.data.maps(lesson.judges), config.map).embeddings

    def measure(network: keras.Model, step: int) -> float:
        drawn = network.predict([latents, roles_of], batch_size=64, verbose=0)
        previews.preview(drawn[:PREVIEWED], config.map, lesson.previews_of(step))
        predicted = classify.classify_roles(drawn, config.map)
        misheard = float(np.mean(predicted.roles.argmax(axis=1) != roles_of.argmax(axis=1)))
        return metrics.kernel_distance(real, predicted.embeddings) + MISHEARD * misheard

    return learner, measure
