"""Inversion encoder: a network that learns to find the codes of sounds from a generator's own draws.

After Larsen et al. 2016, and Zhu et al., "Generative visual manipulation on the natural image manifold", 2016.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops, random

from samplegen.models import latent_codes
from samplegen.models.architecture import Network
from samplegen.roles import ROLES
from samplegen.training import loop
from samplegen.training.budget import Budget, Schedule
from samplegen.training.learner import prefer_latest
from samplegen.training.workplace import Workplace, opened

MAX_STEPS, BATCH_SOUNDS = 1500, 32
LEARNING_RATE = 1e-3
ROLE_WEIGHT = 0.05  # of the role's cross-entropy beside the latent's error
MIN_SHARPNESS, MAX_SHARPNESS = 1.0, 8.0  # of the logits of mixed roles: from near even to near one role

Tensor = Any


class CosineDecay(keras.optimizers.schedules.CosineDecay):
    """A cosine decay of the learning rate that can be slowed down, by a variable that resumes."""

    def __init__(self, rate: float, steps: int) -> None:
        super().__init__(rate, steps)
        self.factor = keras.Variable(1.0, trainable=False)

    def __call__(self, step: Tensor) -> Tensor:
        """Return the learning rate of a step."""
        return self.factor * super().__call__(step)


class InversionLearner:
    """An inversion encoder that learns the codes of a generator's draws, roles mixed too; it needs no batches.

    Args:
        generator: a network from latents and roles to spectrograms, which stays as it is.
        config: of the generator's kind.
        steps: to learn in, over which the learning rate falls to 0.
        seed: of the first weights and of all draws.
    """

    def __init__(self, generator: Network, config: Any, *, steps: int, seed: int = 0) -> None:
        keras.utils.set_random_seed(seed)
        self.generator, self.latent = generator, int(config.latent)
        self.result = latent_codes.encoder(generator, config)
        self.random = keras.random.SeedGenerator(seed)
        self.rate = CosineDecay(LEARNING_RATE, steps)
        self.optimizer = keras.optimizers.Adam(self.rate)
        self.optimizer.build(self.result.trainable_variables)

    @property
    def state(self) -> list[Any]:
        """Every variable that the next step depends on."""
        return [*self.result.variables, *self.optimizer.variables, self.random.state, self.rate.factor]

    def slow_down(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.rate.factor.assign(self.rate.factor * factor)

    def train_step(self, _batch: tuple[()]) -> dict[str, Tensor]:
        """Make one step; return how far the codes are off."""
        latents, roles = self._draw()
        spectrograms = self.generator([latents, roles], training=False)
        with tf.GradientTape() as tape:
            code = self.result(spectrograms, training=True)
            error = ops.mean(ops.square(code[:, : self.latent] - latents))
            role_error = ops.mean(ops.categorical_crossentropy(roles, code[:, self.latent :], from_logits=True))
            loss = error + ROLE_WEIGHT * role_error
        variables = self.result.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return {"loss": loss}

    def _draw(self) -> tuple[Tensor, Tensor]:
        """Return latents `(b, latent)`, and roles `(b, 16)` from even mixes to single ones."""
        latents = random.normal((BATCH_SOUNDS, self.latent), seed=self.random)
        sharpness = random.uniform((BATCH_SOUNDS, 1), MIN_SHARPNESS, MAX_SHARPNESS, seed=self.random)
        return latents, ops.softmax(sharpness * random.normal((BATCH_SOUNDS, len(ROLES)), seed=self.random))


def train_encoder(
    generator: Network, config: Any, *, max_steps: int = MAX_STEPS, seed: int = 0, workplace: Workplace | None = None
) -> Network | None:
    """Train an inversion encoder in at most `max_steps` steps; return None where the user stops it."""
    steps = min(MAX_STEPS, max_steps)
    learner = InversionLearner(generator, config, steps=steps, seed=seed)
    with opened(workplace) as place:
        run = loop.fit(
            learner, lambda _step: (), prefer_latest, budget=Budget(steps=steps), schedule=Schedule(from_start=True),
            workplace=place,
        )  # fmt: skip
    if run.stopped:
        return None
    learner.result.set_weights(run.best)
    return learner.result
