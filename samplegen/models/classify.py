"""Hearing applied: the shipped network that tells a sound's role, and the space it hears sounds in.

Sounds come as maps `(n, steps, bands, 2)` of any configuration.
"""

from functools import cache
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from samplegen.features import spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import library, store
from samplegen.models.model import Model

SHIPPED = "hearing"
_BATCH = 128


class Predictions(NamedTuple):
    """What the network makes of sounds: embeddings `(n, d)` and role probabilities `(n, 16)`."""

    embeddings: NDArray[np.float32]
    roles: NDArray[np.float32]


@cache
def shipped() -> Model:
    """The classifier that comes with samplegen."""
    return store.read(library.shipped(SHIPPED), kind="hearing")


def classify_roles(pictures: Spectrogram, config: SpectrogramConfig, *, model: Model | None = None) -> Predictions:
    """Embeddings and role probabilities of maps; `model` is another one than the shipped."""
    model = model or shipped()
    if config != model.config.map:
        to_steps, to_bands = spectrogram.conversion(config, model.config.map)
        pictures = np.einsum("ts,nsbc,bd->ntdc", to_steps, pictures, to_bands, optimize=True)
    embeddings, logits = model.network.predict(pictures, batch_size=_BATCH, verbose=0)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return Predictions(embeddings, odds / odds.sum(axis=1, keepdims=True))


def listener(config: SpectrogramConfig) -> keras.Model:
    """The shipped classifier as a frozen net from maps of `config` to role logits `(n, 16)`."""
    picture = keras.Input(config.shape)
    to_steps, to_bands = spectrogram.conversion(config, shipped().config.map)
    seen = keras.ops.einsum("ts,nsbc->ntbc", to_steps, picture)
    seen = keras.ops.einsum("ntbc,bd->ntdc", seen, to_bands)
    net = keras.Model(picture, shipped().network(seen)[1], name="listener")
    net.trainable = False
    return net
