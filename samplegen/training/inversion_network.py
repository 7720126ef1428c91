"""Codes of generators: latent and role side by side, `(b, latent + 16)`, roles as logarithms of their odds.

Every point of that space is a sound, so that paths can be walked and searched in it. What guesses the
code of a given sound is a net of its own, learned from the generator's own draws (Larsen et al. 2016,
Zhu et al., "Generative visual manipulation on the natural image manifold", 2016).
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops, random

from samplegen.models.latent_codes import inversion_encoder
from samplegen.roles import ROLES

STEPS, BATCH = 1500, 32  # of learning to guess
LEARNING_RATE = 1e-3
_ROLE = 0.05  # weight of the role's cross-entropy beside the latent's error


def teach_guesser(net: keras.Model, config: Any, *, most: int = STEPS, seed: int = 0) -> keras.Model:
    """A guesser that has learned the codes of the generator's own draws, roles mixed too, in at most `most` steps."""
    keras.utils.set_random_seed(seed)
    steps = min(STEPS, most)
    guess, seeds = inversion_encoder(net, config), keras.random.SeedGenerator(seed)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps))
    optimizer.build(guess.trainable_variables)

    @tf.function
    def step() -> None:
        latents = random.normal((BATCH, config.latent), seed=seeds)
        sure = random.uniform((BATCH, 1), 1.0, 8.0, seed=seeds)
        roles = ops.softmax(sure * random.normal((BATCH, len(ROLES)), seed=seeds))
        maps = net([latents, roles], training=False)
        with tf.GradientTape() as tape:
            code = guess(maps, training=True)
            off = ops.mean(ops.square(code[:, : config.latent] - latents))
            missed = ops.mean(ops.categorical_crossentropy(roles, code[:, config.latent :], from_logits=True))
            loss = off + _ROLE * missed
        optimizer.apply(tape.gradient(loss, guess.trainable_variables), guess.trainable_variables)

    for _ in range(steps):
        step()
    return guess
