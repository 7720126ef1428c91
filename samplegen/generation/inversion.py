"""Inversion: the code of a given sound in a trained model, and the sound of a code.

Codes are `(n, d)` float32, spectrograms `(n, steps, bands, 2)`. A network estimates the code; a short gradient descent
brings its sound nearer to the given one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen.features.spectrogram import LEVEL, NOISINESS, Spectrogram
from samplegen.models import classify
from samplegen.models.model import Model

Codes = NDArray[np.float32]

SEARCH_STEPS = 150  # after which the error hardly falls
_CANDIDATES = 256  # draws; the nearest is the first estimate where a model has no network for it
_LEARNING_RATE = 0.05  # of the search
_NOISINESS_WEIGHT, _DISTANCE_WEIGHT = 0.3, 1e-3  # in the loss: noisiness channel, distance from the first estimate
_BATCH_SOUNDS = 64  # of a network's prediction


@dataclass(frozen=True)
class Inversion:
    """Sounds as a model can make them: codes, spectrograms, and the mean error of their levels in dB."""

    codes: Codes
    spectrograms: Spectrogram
    errors: NDArray[np.float32]  # (n,)


def invert(model: Model, spectrograms: Spectrogram, *, steps: int = SEARCH_STEPS, seed: int = 0) -> Inversion:
    """Find the codes whose sounds come nearest to the given ones.

    Args:
        model: of a kind with codes.
        spectrograms: of the model's own configuration, each a sound that begins with its attack.
        steps: of the search, where the kind has one; 0 keeps the first estimate.
        seed: of the draws where a model has no network for the estimate.

    Raises:
        ModelError: a kind without codes, or a damaged model.
    """
    steps = steps if model.kind.searched else 0
    codes = _search(model.decoder, _encoded(model, spectrograms, seed), spectrograms, steps)
    decoded = decode_codes(model, codes)
    errors = -model.config.map.floor_db * np.abs(decoded - spectrograms)[..., LEVEL].mean(axis=(1, 2))
    return Inversion(codes, decoded, errors.astype(np.float32))


def decode_codes(model: Model, codes: Codes) -> Spectrogram:
    """Return the spectrograms of codes."""
    spectrograms: Spectrogram = model.decoder.predict(codes, batch_size=_BATCH_SOUNDS, verbose=0)
    return spectrograms


def draw_codes(model: Model, roles: NDArray[np.float32], *, seed: int = 0) -> Codes:
    """Draw codes for role vectors `(n, 16)`."""
    latents = np.random.default_rng((seed, 4)).standard_normal((len(roles), model.config.latent)).astype(np.float32)
    codes: Codes = model.code_mapper.predict([latents, roles], batch_size=_BATCH_SOUNDS, verbose=0)
    return codes


def _encoded(model: Model, spectrograms: Spectrogram, seed: int) -> Codes:
    if model.encoder:
        encoded: Codes = model.encoder.predict(spectrograms, batch_size=_BATCH_SOUNDS, verbose=0)
        return encoded
    probabilities = classify.classify_roles(spectrograms, model.config.map).roles
    return np.stack([_nearest(model, *pair, seed) for pair in zip(spectrograms, probabilities, strict=True)])


def _nearest(model: Model, spectrogram: Spectrogram, probabilities: NDArray[np.float32], seed: int) -> Codes:
    """Return the code of the draw that is nearest to a sound."""
    codes = draw_codes(model, np.tile(probabilities, (_CANDIDATES, 1)), seed=seed)
    return codes[np.abs(decode_codes(model, codes) - spectrogram)[..., LEVEL].mean(axis=(1, 2)).argmin()]


def _search(decoder: keras.Model, codes: Codes, spectrograms: Spectrogram, steps: int) -> Codes:
    """Improve codes by `steps` of gradient descent, all at once."""
    variable, start, target = keras.Variable(codes), tf.constant(codes), tf.constant(spectrograms)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, max(steps, 1)))
    slope = _slope(decoder)
    for _ in range(steps):
        optimizer.apply([slope(ops.convert_to_tensor(variable), start, target)], [variable])
    return np.asarray(variable.value, np.float32)


@lru_cache(maxsize=4)
def _slope(decoder: keras.Model) -> Callable[..., Any]:
    """Return a function from codes, their start and target spectrograms to the gradient of the error."""

    @tf.function(reduce_retracing=True)
    def slope(codes: Any, start: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(codes)
            apart = ops.abs(decoder(codes, training=False) - target)
            grain = apart[..., NOISINESS] * target[..., LEVEL]  # silence has none
            near = ops.mean(apart[..., LEVEL] + _NOISINESS_WEIGHT * grain, axis=(1, 2))
            loss = ops.sum(near + _DISTANCE_WEIGHT * ops.mean(ops.square(codes - start), axis=1))
        return tape.gradient(loss, codes)

    return slope
