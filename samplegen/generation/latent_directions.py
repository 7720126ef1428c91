"""Knobs of a generator: what its latents have to do for sounds to be brighter, longer, higher or noisier.

Found by regression of measured descriptors on the latents of the model's own draws (after InterFaceGAN,
Shen et al. 2020), for each role by itself: what makes a kick brighter makes a hat longer. These slopes are where a
short search of each sound begins, by the smallest steps that move one descriptor and keep the others.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samplegen import arrays
from samplegen.errors import ModelError
from samplegen.features.descriptors import DESCRIPTORS
from samplegen.models.store import DIRECTIONS, Model
from samplegen.roles import ROLES

Rows = NDArray[np.float32]

FIT_SOUNDS = 3072  # sounds that slopes are found on
SEARCH_STEPS = 8  # of the search
_RIDGE = 64.0  # draws of a role that weigh as much as what all roles have in common
_FEW = 4.0  # the same, of its spread
_HELD = 2.0  # weight of a descriptor that shall stay beside one that shall move, where not both can be had
_DAMPING = 0.03  # of a step, where the slopes of two descriptors are nearly the same
_LONGEST = 3.0  # step of a search; latents are about 8 long


class Directions(NamedTuple):
    """Of each role: descriptors per latent `(16, len(KNOBS), latent)`, and their spread `(16, len(KNOBS))`.

    Descriptors are in standard deviations of what the model draws of the role.
    """

    slopes: Rows
    spreads: Rows


def fit_directions(latents: Rows, roles: Rows, descriptors: Rows) -> Directions:
    """Slopes from latents `(n, latent)`, one-hot roles `(n, 16)` and what was measured on the maps drawn of them.

    A role leans on what all roles have in common the more, the fewer sounds it has.
    """
    counts = np.maximum(roles.sum(axis=0), 1)[:, None]
    rest = descriptors - roles @ (roles.T @ descriptors / counts)
    spreads = np.sqrt((roles.T @ rest**2 + _FEW * rest.var(axis=0)) / (counts + _FEW)).clip(1e-6)
    rest /= roles @ spreads
    common = _regressed(latents, rest)
    own = [_regressed(latents[role > 0], (rest - latents @ common)[role > 0]) for role in roles.T]
    return Directions(np.stack([(common + slope).T for slope in own]).astype(np.float32), spreads.astype(np.float32))


def edit_latents(measured: Callable[[Rows], Rows], known: Directions, latents: Rows, roles: Rows, turns: Rows) -> Rows:
    """Latents whose sounds differ from those of the `latents` by so many standard deviations of each descriptor.

    What a step has done corrects the slopes of the next (Broyden 1965), as those are different at each sound. The step
    of each that came nearest is kept.

    Args:
        measured: from latents `(n, latent)` to the descriptors of their sounds `(n, len(KNOBS))`.
        known: from `fit_directions`.
        roles: of the sounds `(n, 16)`, mixed or not.
        turns: of the knobs `(len(KNOBS),)`, in standard deviations, or of each sound `(n, len(KNOBS))`.
    """
    weights = np.where(turns, 1, _HELD).astype(np.float32)
    slopes = np.einsum("nr,rkl->nkl", roles, known.slopes) * weights[..., None]
    spreads = roles @ known.spreads / weights
    now = measured(latents) / spreads
    target, best = now + turns, latents.copy()
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
    """The slopes of a model. Raises `ModelError` where none were found for it, or they are damaged."""
    path = model.folder / DIRECTIONS
    if not path.is_file():
        why = "it was trained by an earlier version of samplegen; train it anew"
        raise ModelError(f"the model {model.folder} has no knobs, as {why}")
    shape = (len(ROLES), len(DESCRIPTORS))
    known = Directions(*arrays.read(path, [(*shape, model.config.latent), shape]))
    if not (known.spreads > 0).all():
        raise ModelError(f"{path} cannot be used: it holds spreads that are not more than 0")
    return known


def _regressed(latents: Rows, descriptors: Rows) -> Rows:
    """Slopes `(latent, k)`; where there is nothing to learn from, none."""
    inner = latents.T @ latents + _RIDGE * np.eye(latents.shape[1])
    return np.linalg.solve(inner, latents.T @ descriptors)


def _step(slopes: Rows, missing: Rows) -> Rows:
    """The smallest steps `(n, latent)` that bring about what is missing `(n, k)`, damped and no longer than may be."""
    inner = slopes @ slopes.transpose(0, 2, 1) + _DAMPING * np.eye(slopes.shape[1], dtype=np.float32)
    step = np.einsum("nkl,nk->nl", slopes, np.linalg.solve(inner, missing[..., None])[..., 0])
    return step * np.minimum(1, _LONGEST / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9))
