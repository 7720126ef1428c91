"""Codes of generators: latent and role side by side, `(b, latent + 16)`, roles as logarithms of their probabilities.

Every point of that space is a sound, so paths can be interpolated and searched in it. The encoder, which finds the code
of a given sound, is a network of its own (`samplegen.training.inversion`).
"""

from typing import Any

import keras
from keras import layers, ops

from samplegen.models import blocks
from samplegen.roles import ROLES

ENCODER_WIDTHS, ENCODER_UNITS = (128, 80, 48, 32), 256
_MIN_PROBABILITY = 1e-3  # whose logarithm is the lowest


def size(config: Any) -> int:
    """Return the number of numbers in a code."""
    return int(config.latent) + len(ROLES)


def mapper(net: keras.Model) -> keras.Model:
    """Return the network from `[latents, roles]` to codes."""
    latent, role = (keras.Input(tensor.shape[1:]) for tensor in net.inputs)
    return keras.Model([latent, role], layers.Concatenate()([latent, ops.log(role + _MIN_PROBABILITY)]))


def decoder(net: keras.Model) -> keras.Model:
    """Return the network from codes to spectrograms."""
    latent = net.inputs[0].shape[1]
    code = keras.Input((latent + len(ROLES),))
    return keras.Model(code, net([code[:, :latent], ops.softmax(code[:, latent:])]))


def encoder(_net: keras.Model, config: Any) -> keras.Model:
    """Return an untrained network from spectrograms to codes."""
    picture = keras.Input(config.map.shape)
    widths = ENCODER_WIDTHS if all(side % 16 == 0 for side in config.map.shape[:2]) else ENCODER_WIDTHS[-1:]
    x = blocks.activate(layers.Dense(ENCODER_UNITS)(blocks.features(picture, widths)))
    return keras.Model(picture, layers.Dense(size(config), dtype="float32")(x), name="encoder")
