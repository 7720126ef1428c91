"""Codes of generators: latent and role side by side, `(b, latent + 16)`, roles as logarithms of their odds.

Every point of that space is a sound, so that paths can be walked and searched in it. What guesses the
code of a given sound is a net of its own, learned from the generator's own draws (Larsen et al. 2016,
Zhu et al., "Generative visual manipulation on the natural image manifold", 2016).
"""

from typing import Any

import keras
from keras import layers, ops

from samplegen.models import blocks
from samplegen.roles import ROLES

WIDTHS, UNITS = (128, 80, 48, 32), 256
_SURE = 1e-3  # odds that stand for none: their logarithm is the lowest


def size(config: Any) -> int:
    """Numbers in a code."""
    return int(config.latent) + len(ROLES)


def mapper(net: keras.Model) -> keras.Model:
    """Net from what a sound is drawn from, `[latent, role]`, to its code."""
    latent, role = (keras.Input(tensor.shape[1:]) for tensor in net.inputs)
    return keras.Model([latent, role], layers.Concatenate()([latent, ops.log(role + _SURE)]))


def decoder(net: keras.Model) -> keras.Model:
    """Net from codes to maps."""
    latent = net.inputs[0].shape[1]
    code = keras.Input((latent + len(ROLES),))
    return keras.Model(code, net([code[:, :latent], ops.softmax(code[:, latent:])]))


def encoder(_net: keras.Model, config: Any) -> keras.Model:
    """Net from maps to codes, which has not learned anything yet."""
    picture = keras.Input(config.map.shape)
    widths = WIDTHS if all(side % 16 == 0 for side in config.map.shape[:2]) else WIDTHS[-1:]
    x = blocks.activate(layers.Dense(UNITS)(blocks.features(picture, widths)))
    return keras.Model(picture, layers.Dense(size(config), dtype="float32")(x), name="guesser")
