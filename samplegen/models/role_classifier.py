"""Role classifier: a small convolutional network from the spectrogram of a sound to its role.

Its last layer but one is also the space in which sounds are compared (`samplegen.features.metrics`).
"""

from dataclasses import dataclass, field

import keras
from keras import layers

from samplegen.errors import ModelError
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.models import blocks
from samplegen.models.architecture import Architecture
from samplegen.roles import ROLES
from samplegen.settings import check_fields, limits

MAX_CELLS = 1 << 20  # numbers in the largest picture inside the network, 40 times the default's


@dataclass(frozen=True)
class Config:
    """Size of the network; `widths` are the channels from the finest feature map to the coarsest."""

    map: SpectrogramConfig = field(default_factory=SpectrogramConfig)
    widths: tuple[int, ...] = field(default=(24, 48, 96, 96), metadata=limits(4, 512))
    embedding: int = field(default=64, metadata=limits(2, 1024))
    dropout: float = field(default=0.3, metadata=limits(0.0, 0.9))

    def __post_init__(self) -> None:
        check_fields(self)
        steps, bands = self.map.steps // blocks.FOLD, self.map.bands // blocks.FOLD
        what = f"{list(self.widths)} on maps of {self.map.steps} x {self.map.bands} cells"
        if (steps * blocks.FOLD, bands * blocks.FOLD) != (self.map.steps, self.map.bands):
            raise ModelError(f"the network needs maps of a multiple of {blocks.FOLD} cells a side: widths of {what}")
        if not 1 <= len(self.widths) <= min(steps, bands).bit_length():
            raise ModelError(f"there are too few or too many widths: {what}")
        if max((steps * bands * width) >> 2 * level for level, width in enumerate(self.widths)) > MAX_CELLS:
            raise ModelError(f"the network is too large: widths of {what}")


def network(config: Config) -> keras.Model:
    """Return the network from spectrograms to embeddings `(b, embedding)` and role logits `(b, 16)`."""
    picture = keras.Input(config.map.shape, name="map")
    x = blocks.fold(picture * 2.0 - 1.0)
    for level, width in enumerate(config.widths):
        if level:
            x = layers.MaxPooling2D(2)(x)
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
    embedding = layers.Dense(config.embedding, activation="tanh")(layers.Dropout(config.dropout)(x))
    logits = layers.Dense(len(ROLES), dtype="float32", name="logits")(layers.Dropout(config.dropout)(embedding))
    embedding = layers.Activation("linear", dtype="float32", name="embedding")(embedding)
    return keras.Model(picture, [embedding, logits], name="role_classifier")


ARCHITECTURE = Architecture(Config, network)
