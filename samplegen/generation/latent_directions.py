"""Latent directions of a generator: edits of its latents that make sounds brighter, longer, higher or noisier.

Fitted by regression of measured descriptors on the latents of the model's own draws (after InterFaceGAN,
Shen et al. 2020), for each role by itself: the direction that makes a kick brighter makes a hat longer. A short search
for each sound starts with them, by the smallest steps that move one descriptor and keep the others.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from samplegen import arrays
from samplegen.arrays import Rows
from samplegen.errors import ModelError
from samplegen.features.descriptors import DESCRIPTORS
from samplegen.models.model import DIRECTIONS, Model
from samplegen.roles import ROLES

FIT_SOUNDS = 3072  # drawn to fit directions: some hundred of each role
SEARCH_STEPS = 8  # after which the descriptors hardly move
_RIDGE = 64.0  # draws of a role that weigh as much as the slopes common to all roles
_SPREAD_PRIOR = 4.0  # the same, for its spread
_KEPT_WEIGHT = 2.0  # of a descriptor to keep against one to move, where both cannot be had
_DAMPING = 0.03  # of a step, for descriptors with nearly the same slope
_MAX_STEP, _MAX_STEP_SHARE = 3.0, 3 / 8  # length of a step, or its share of the usual length of latents if that is more


class Directions(NamedTuple):
    """Directions of each role: slopes `(16, len(DESCRIPTORS), latent)` and spreads `(16, len(DESCRIPTORS))`.

    Descriptors are in standard deviations of what the model draws of the role.
    """

    slopes: Rows
    spreads: Rows


def fit_directions(latents: Rows, roles: Rows, descriptors: Rows) -> Directions:
    """Fit directions to latents `(n, latent)`, one-hot roles `(n, 16)` and the descriptors of their spectrograms.

    The fewer sounds a role has, the more weight have the slopes common to all roles.
    """
    counts = np.maximum(roles.sum(axis=0), 1)[:, None]
    rest = descriptors - roles @ (roles.T @ descriptors / counts)
    spreads = np.sqrt((roles.T @ rest**2 + _SPREAD_PRIOR * rest.var(axis=0)) / (counts + _SPREAD_PRIOR)).clip(1e-6)
    rest /= roles @ spreads
    common = _regressed(latents, rest)
    own = [_regressed(latents[role > 0], (rest - latents @ common)[role > 0]) for role in roles.T]
    return Directions(np.stack([(common + slope).T for slope in own]).astype(np.float32), spreads.astype(np.float32))


def edit_latents(
    measured: Callable[[Rows], Rows], directions: Directions, latents: Rows, roles: Rows, edits: Rows
) -> Rows:
    """Move latents until the descriptors of their sounds differ by so many standard deviations.

    The effect of a step corrects the slopes for the next (Broyden 1965), as they differ from sound to sound. For each
    sound the nearest step is kept.

    Args:
        measured: from latents `(n, latent)` to the descriptors of their sounds `(n, len(DESCRIPTORS))`.
        directions: from `fit_directions`.
        roles: of the sounds `(n, 16)`, mixed or not.
        edits: of each descriptor `(len(DESCRIPTORS),)`, in standard deviations, or of each sound
            `(n, len(DESCRIPTORS))`.
    """
    weights = np.where(edits, 1, _KEPT_WEIGHT).astype(np.float32)
    slopes = np.einsum("nr,rkl->nkl", roles, directions.slopes) * weights[..., None]
    spreads = roles @ directions.spreads / weights
    now = measured(latents) / spreads
    target, best = now + edits, latents.copy()
    least = np.square(target - now).sum(axis=1)
    for _ in range(SEARCH_STEPS):
        step = _step(slopes, target - now)
        before, latents = now, latents + step
        now = measured(latents) / spreads
        surprise = now - before - np.einsum("nkl,nl->nk", slopes, step)
        slopes += surprise[:, :, None] * (step / np.maximum((step**2).sum(axis=1, keepdims=True), 1e-6))[:, None]
        missing = np.square(target - now).sum(axis=1)
        better = missing < least
        best[better], least[better] = latents[better], missing[better]
    return best


def load_directions(model: Model) -> Directions:
    """Load the directions of a model. Raises `ModelError` where it has none, or they are damaged."""
    path = model.folder / DIRECTIONS
    if not path.is_file():
        why = "it was trained by an earlier version of samplegen; train it anew"
        raise ModelError(f"the model {model.folder} has no knobs, as {why}")
    shape = (len(ROLES), len(DESCRIPTORS))
    directions = Directions(*arrays.read(path, [(*shape, model.config.latent), shape]))
    if not (directions.spreads > 0).all():
        raise ModelError(f"{path} cannot be used: it holds spreads that are not more than 0")
    return directions


def _regressed(latents: Rows, descriptors: Rows) -> Rows:
    """Return slopes `(latent, k)` by ridge regression; zero where there are no draws."""
    count, size = latents.shape
    if count < size:  # the same by the smaller of two systems
        return latents.T @ np.linalg.solve(latents @ latents.T + _RIDGE * np.eye(count), descriptors)
    return np.linalg.solve(latents.T @ latents + _RIDGE * np.eye(size), latents.T @ descriptors)


def _step(slopes: Rows, missing: Rows) -> Rows:
    """Return the smallest steps `(n, latent)` for the missing change `(n, k)`, damped and of limited length."""
    inner = slopes @ slopes.transpose(0, 2, 1) + _DAMPING * np.eye(slopes.shape[1], dtype=np.float32)
    step = np.einsum("nkl,nk->nl", slopes, np.linalg.solve(inner, missing[..., None])[..., 0])
    longest = max(_MAX_STEP, _MAX_STEP_SHARE * slopes.shape[2] ** 0.5)
    return step * np.minimum(1, longest / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9))
