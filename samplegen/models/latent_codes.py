"""Codes of generators: latent and role side by side, `(b, latent + 16)`, roles as logarithms of their odds.

Every point of that space is a sound, so that paths can be walked and searched in it. What guesses the
code of a given sound is a net of its own, learned from the generator's own draws (Larsen et al. 2016,
Zhu et al., "Generative visual manipulation on the natural image manifold", 2016).
"""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops, random

from samplegen.models import blocks
from samplegen.roles import ROLES

STEPS, BATCH = 1500, 32  # of learning to guess
WIDTHS, UNITS = (128, 80, 48, 32), 256
LEARNING_RATE = 1e-3
_ROLE = 0.05  # weight of the role's cross-entropy beside the latent's error
_SURE = 1e-3  # odds that stand for none: their logarithm is the lowest


def size(config: Any) -> int:
    """Numbers in a code."""
    return int(config.latent) + len(ROLES)


def coder(net: keras.Model) -> keras.Model:
    """Net from what a sound is drawn from, `[latent, role]`, to its code."""
    latent, role = (keras.Input(tensor.shape[1:]) for tensor in net.inputs)
    return keras.Model([latent, role], layers.Concatenate()([latent, ops.log(role + _SURE)]))


def painter(net: keras.Model) -> keras.Model:
    """Net from codes to maps."""
    latent = net.inputs[0].shape[1]
    code = keras.Input((latent + len(ROLES),))
    return keras.Model(code, net([code[:, :latent], ops.softmax(code[:, latent:])]))


def guesser(_net: keras.Model, config: Any) -> keras.Model:
    """Net from maps to codes, which has not learned anything yet."""
    picture = keras.Input(config.map.shape)
    widths = WIDTHS if all(side % 16 == 0 for side in config.map.shape[:2]) else WIDTHS[-1:]
    x = blocks.activate(layers.Dense(UNITS)(blocks.features(picture, widths)))
    return keras.Model(picture, layers.Dense(size(config), dtype="float32")(x), name="guesser")


def teach_guesser(net: keras.Model, config: Any, *, most: int = STEPS, seed: int = 0) -> keras.Model:
    """A guesser that has learned the codes of the generator's own draws, roles mixed too, in at most `most` steps."""
    keras.utils.set_random_seed(seed)
    steps = min(STEPS, most)
    guess, seeds = guesser(net, config), keras.random.SeedGenerator(seed)
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
