"""Sounds and codes: the code of a given sound in a trained model, and the sound of a code. Never a file.

Codes are `(n, d)` float32, maps `(n, steps, bands, 2)`. A network guesses the code; a short search
down the gradient of the difference brings its sound nearer to the one given.
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

from samplegen.features.spectrogram import GRAIN, LEVEL, Spectrogram
from samplegen.models import classify
from samplegen.models.store import Model

Codes = NDArray[np.float32]

SEARCH_STEPS = 150  # of the search
_CANDIDATES = 256  # draws among which the nearest is the guess of a model without a network that guesses
_RATE = 0.05
_GRAINY, _FAR = 0.3, 1e-3  # weights of the grain, and of how far a code is from what the model learned to paint
_BATCH = 64


@dataclass(frozen=True)
class Inversion:
    """Sounds as a model can make them: codes, maps, and how many decibels the levels are off on average."""

    codes: Codes
    pictures: Spectrogram
    errors: NDArray[np.float32]  # (n,)


def invert(model: Model, pictures: Spectrogram, *, steps: int = SEARCH_STEPS, seed: int = 0) -> Inversion:
    """The codes whose sounds come nearest to the ones given.

    Args:
        model: of a kind with codes.
        pictures: maps of the model's own configuration, each a sound that begins with its attack.
        steps: of the search; 0 keeps what the network guesses.
        seed: of the draws that stand in where no network guesses.

    Raises:
        ModelError: a kind without codes, or a damaged model.
    """
    codes = _search(model.painter, _guess(model, pictures, seed), pictures, steps)
    painted = decode_codes(model, codes)
    errors = -model.config.map.floor_db * np.abs(painted - pictures)[..., LEVEL].mean(axis=(1, 2))
    return Inversion(codes, painted, errors.astype(np.float32))


def decode_codes(model: Model, codes: Codes) -> Spectrogram:
    """The maps of codes."""
    pictures: Spectrogram = model.painter.predict(codes, batch_size=_BATCH, verbose=0)
    return pictures


def draw_codes(model: Model, roles: NDArray[np.float32], *, seed: int = 0) -> Codes:
    """Codes that the model could draw for role vectors `(n, 16)`."""
    latents = np.random.default_rng((seed, 4)).standard_normal((len(roles), model.config.latent)).astype(np.float32)
    codes: Codes = model.coder.predict([latents, roles], batch_size=_BATCH, verbose=0)
    return codes


def _guess(model: Model, pictures: Spectrogram, seed: int) -> Codes:
    if model.guesser:
        guessed: Codes = model.guesser.predict(pictures, batch_size=_BATCH, verbose=0)
        return guessed
    probabilities = classify.classify_roles(pictures, model.config.map).roles
    return np.stack([_nearest(model, *pair, seed) for pair in zip(pictures, probabilities, strict=True)])


def _nearest(model: Model, picture: Spectrogram, odds: NDArray[np.float32], seed: int) -> Codes:
    """The code of the draw that is nearest to a sound."""
    codes = draw_codes(model, np.tile(odds, (_CANDIDATES, 1)), seed=seed)
    return codes[np.abs(decode_codes(model, codes) - picture)[..., LEVEL].mean(axis=(1, 2)).argmin()]


def _search(painter: keras.Model, codes: Codes, pictures: Spectrogram, steps: int) -> Codes:
    """Codes after `steps` down the slope, all at once."""
    variable, start, target = keras.Variable(codes), tf.constant(codes), tf.constant(pictures)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_RATE, max(steps, 1)))
    slope = _slope(painter)
    for _ in range(steps):
        optimizer.apply([slope(ops.convert_to_tensor(variable), start, target)], [variable])
    return np.asarray(variable.value, np.float32)


@lru_cache(maxsize=4)
def _slope(painter: keras.Model) -> Callable[..., Any]:
    """Function from codes, where they started, and wanted maps to the slope of how far off the codes are."""

    @tf.function(reduce_retracing=True)
    def slope(codes: Any, start: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(codes)
            apart = ops.abs(painter(codes, training=False) - target)
            grain = apart[..., GRAIN] * target[..., LEVEL]  # which silence has none of
            near = ops.mean(apart[..., LEVEL] + _GRAINY * grain, axis=(1, 2))
            loss = ops.sum(near + _FAR * ops.mean(ops.square(codes - start), axis=1))
        return tape.gradient(loss, codes)

    return slope
