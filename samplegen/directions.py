"""Knobs of a generator: directions among its latents that make sounds brighter, longer, higher or noisier.

Found by regression of measured descriptors on the latents of the model's own draws (after InterFaceGAN,
Shen et al. 2020). Knob k is turned by the smallest step that moves descriptor k by one standard
deviation and, as far as the regression goes, none of the others.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from samplegen import arrays
from samplegen.errors import ModelError
from samplegen.maps import GRAIN, LEVEL, Map
from samplegen.store import DIRECTIONS, Model

Rows = NDArray[np.float32]

DRAWN = 1024  # sounds that directions are found on
_RIDGE = 1e-2  # share of the latents' own variance
_POWER = 9.0  # level to the power in nepers: 80 dB


def bright(pictures: Map) -> Rows:
    """Mean band of the level, `(n,)`, in bands."""
    return _mean_place(pictures[..., LEVEL].sum(axis=1))


def decay(pictures: Map) -> Rows:
    """Mean step of the level, `(n,)`, in steps."""
    return _mean_place(pictures[..., LEVEL].sum(axis=2))


def pitch(pictures: Map) -> Rows:
    """Mean band of the power, which the loudest decide, `(n,)`, in bands."""
    return _mean_place(np.exp(2 * _POWER * (pictures[..., LEVEL] - 1)).sum(axis=1))


def noisy(pictures: Map) -> Rows:
    """Mean grain where there is a level, `(n,)`, 0..1."""
    level = pictures[..., LEVEL]
    return (pictures[..., GRAIN] * level).sum(axis=(1, 2)) / np.maximum(level.sum(axis=(1, 2)), 1e-6)


KNOBS: Mapping[str, Callable[[Map], Rows]] = {"bright": bright, "decay": decay, "pitch": pitch, "noisy": noisy}


def measured(pictures: Map) -> Rows:
    """The descriptors that the knobs turn, `(n, len(KNOBS))`."""
    return np.stack([describe(pictures) for describe in KNOBS.values()], axis=1)


def found(latents: Rows, roles: Rows, pictures: Map) -> Rows:
    """Directions `(len(KNOBS), latent)` from latents `(n, latent)`, one-hot roles `(n, 16)` and the maps drawn of them.

    What a role is like is taken out first, so that a knob does not turn one drum into another.
    """
    descriptors, counts = measured(pictures), np.maximum(roles.sum(axis=0), 1)[:, None]
    rest = descriptors - roles @ (roles.T @ descriptors / counts)
    rest /= np.maximum(rest.std(axis=0), 1e-9)
    inner = latents.T @ latents
    weights = np.linalg.solve(inner + _RIDGE * np.trace(inner) / len(inner) * np.eye(len(inner)), latents.T @ rest)
    return np.linalg.pinv(weights).astype(np.float32)


def of(model: Model) -> Rows:
    """The directions of a model. Raises `ModelError` where none were found for it, or they are damaged."""
    path = model.folder / DIRECTIONS
    if not path.is_file():
        raise ModelError(
            f"the model {model.folder} has no knobs, as it was trained before there were any; train it anew"
        )
    return arrays.read(path, [(len(KNOBS), model.config.latent)])[0]


def _mean_place(weight: NDArray[np.float32]) -> Rows:
    places = np.arange(weight.shape[1], dtype=np.float32)
    return (weight @ places) / np.maximum(weight.sum(axis=1), 1e-6)
