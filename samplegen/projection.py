"""Sounds and codes: the code of a given sound in a trained model, and the sound of a code. Never a file.

Codes are `(n, d)` float32, maps `(n, steps, bands, 2)`. A network guesses the code; a short search
down the gradient of the difference brings its sound nearer to the one given.
"""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen import classifier
from samplegen.errors import ModelError
from samplegen.maps import GRAIN, LEVEL, Map
from samplegen.nets import KINDS
from samplegen.store import Model

Codes = NDArray[np.float32]

STEPS = 150  # of the search
_CANDIDATES = 256  # draws among which the nearest is the guess of a model without a network that guesses
_RATE = 0.05
_GRAINY, _FAR = 0.3, 1e-3  # weights of the grain, and of how far a code is from what the model learned to paint
_BATCH = 64


@dataclass(frozen=True)
class Projection:
    """Sounds as a model can make them: codes, maps, and how many decibels the levels are off on average."""

    codes: Codes
    pictures: Map
    errors: NDArray[np.float32]  # (n,)


def project(model: Model, pictures: Map, *, steps: int = STEPS, seed: int = 0) -> Projection:
    """The codes whose sounds come nearest to the ones given.

    Args:
        model: of a kind with codes.
        pictures: maps of the model's own configuration, each a sound that begins with its attack.
        steps: of the search; 0 keeps what the network guesses.
        seed: of the draws that stand in where no network guesses.

    Raises:
        ModelError: a kind without codes, or a damaged model.
    """
    painter = _part(model, "painter")
    codes = _search(painter, _guess(model, pictures, seed), pictures, steps)
    painted = paint(model, codes)
    errors = -model.config.map.floor_db * np.abs(painted - pictures)[..., LEVEL].mean(axis=(1, 2))
    return Projection(codes, painted, errors.astype(np.float32))


def paint(model: Model, codes: Codes) -> Map:
    """The maps of codes."""
    pictures: Map = _part(model, "painter").predict(codes, batch_size=_BATCH, verbose=0)
    return pictures


def draw_codes(model: Model, roles: NDArray[np.float32], *, seed: int = 0) -> Codes:
    """Codes that the model could draw for role vectors `(n, 16)`."""
    latents = np.random.default_rng((seed, 4)).standard_normal((len(roles), model.config.latent)).astype(np.float32)
    codes: Codes = _part(model, "coder").predict([latents, roles], batch_size=_BATCH, verbose=0)
    return codes


def _part(model: Model, name: str) -> keras.Model:
    kind = KINDS[model.card.kind]
    if not kind.codes:
        able = ", ".join(name for name, row in KINDS.items() if row.codes)
        what = f"{model.folder} is a model of kind {model.card.kind}, between whose sounds there is nothing"
        raise ModelError(f"{what}; use one of {able}")
    return kind.of_codes(name)(model.network)


def _guess(model: Model, pictures: Map, seed: int) -> Codes:
    if model.guesser:
        guessed: Codes = model.guesser.predict(pictures, batch_size=_BATCH, verbose=0)
        return guessed
    heard = classifier.hear(pictures, model.config.map).roles
    return np.stack([_nearest(model, *pair, seed) for pair in zip(pictures, heard, strict=True)])


def _nearest(model: Model, picture: Map, odds: NDArray[np.float32], seed: int) -> Codes:
    """The code of the draw that is nearest to a sound."""
    codes = draw_codes(model, np.tile(odds, (_CANDIDATES, 1)), seed=seed)
    return codes[np.abs(paint(model, codes) - picture)[..., LEVEL].mean(axis=(1, 2)).argmin()]


def _search(painter: keras.Model, codes: Codes, pictures: Map, steps: int) -> Codes:
    """Codes after `steps` down the gradient, all at once."""
    variable, wanted = keras.Variable(codes), ops.convert_to_tensor(pictures)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_RATE, max(steps, 1)))
    optimizer.build([variable])

    @tf.function
    def step() -> None:
        with tf.GradientTape() as tape:
            apart = ops.abs(painter(variable.value, training=False) - wanted)
            near = ops.mean(apart[..., LEVEL], axis=(1, 2)) + _GRAINY * ops.mean(apart[..., GRAIN], axis=(1, 2))
            loss = ops.sum(near + _FAR * ops.mean(ops.square(variable - codes), axis=1))
        optimizer.apply([tape.gradient(loss, variable.value)], [variable])

    for _ in range(steps):
        step()
    return np.asarray(variable.value, np.float32)
