"""Roles of sounds, predicted by the shipped classifier, and the space of embeddings in which it compares sounds.

Sounds are spectrograms `(n, steps, bands, channels)` of any configuration.
"""

from functools import cache
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import softmax
from samplegen.features import spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import library, store
from samplegen.models.model import Model
from samplegen.models.registry import ROLE_CLASSIFIER

SHIPPED = "hearing"  # name of the folder
BATCH_SOUNDS = 128


class Predictions(NamedTuple):
    """Predictions for sounds: embeddings `(n, d)` and role probabilities `(n, 16)`."""

    embeddings: NDArray[np.float32]
    roles: NDArray[np.float32]


@cache
def shipped() -> Model:
    """Return the classifier that comes with samplegen."""
    return store.read(library.shipped(SHIPPED), kind=ROLE_CLASSIFIER)


def classify_roles(pictures: Spectrogram, config: SpectrogramConfig, *, model: Model | None = None) -> Predictions:
    """Predict the roles of sounds, and return their embeddings.

    Args:
        pictures: spectrograms `(n, steps, bands, channels)`.
        config: of these spectrograms, which need not be the classifier's own.
        model: another classifier than the shipped one.

    Raises:
        ModelError: a damaged model.

    Example:
        >>> import numpy as np
        >>> from samplegen import SpectrogramConfig
        >>> from samplegen.features.spectrogram import encode
        >>> config, time = SpectrogramConfig(), np.arange(11025) / 22050
        >>> thump = np.sin(2 * np.pi * 55 * time) * np.exp(-9 * time)
        >>> predictions = samplegen.classify_roles(encode(thump.astype(np.float32), config)[None], config)
        >>> predictions.roles.shape
        (1, 16)
    """
    model = model or shipped()
    pictures = pictures[..., : model.config.map.channels]
    if config != model.config.map:
        to_steps, to_bands = spectrogram.conversion_matrices(config, model.config.map)
        pictures = np.einsum("ts,nsbc,bd->ntdc", to_steps, pictures, to_bands, optimize=True)
    embeddings, logits = model.network.predict(pictures, batch_size=BATCH_SOUNDS, verbose=0)
    return Predictions(embeddings, softmax(logits))


def frozen_classifier(config: SpectrogramConfig) -> keras.Model:
    """Return the shipped classifier as a frozen network from spectrograms of `config` to role logits `(n, 16)`."""
    picture = keras.Input(config.shape)
    to_steps, to_bands = spectrogram.conversion_matrices(config, shipped().config.map)
    own = keras.ops.einsum("ts,nsbc->ntbc", to_steps, picture[..., : shipped().config.map.channels])
    own = keras.ops.einsum("ntbc,bd->ntdc", own, to_bands)
    net = keras.Model(picture, shipped().network(own)[1], name="role_classifier")
    net.trainable = False
    return net
