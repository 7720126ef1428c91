"""Split of drums and hits for training and validation: whole kits and whole files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.data.dataset import Dataset
from samplegen.errors import DataError
from samplegen.models import classify

Indices = NDArray[np.intp]

MIN_DRUMS = 4  # drums of a role
DRUMS, HITS = 0.15, 0.25  # shares that are held out


def roles_of(data: Dataset) -> list[str]:
    """The role of each drum: by its name, else by the shipped classifier."""
    labels = [sound.role or "" for sound in data.sounds]
    unknown = [index for index, role in enumerate(labels) if not role]
    if unknown:
        predicted = classify.classify_roles(data.spectrograms(unknown), data.config).roles.argmax(axis=1)
        for index, role in zip(unknown, predicted, strict=True):
            labels[index] = roles.ROLES[role]
    return labels


def check_drums(names: Sequence[str], labels: Sequence[str], folder: Path) -> None:
    """Raise `DataError` where a role has too few drums."""
    for name in names:
        count = list(labels).count(name)
        if count < MIN_DRUMS:
            raise DataError(
                f"{folder} holds {count} sounds of {name}, which the takes have hits of; {MIN_DRUMS} are needed, "
                f"or leave the hits of {name} out"
            )


def subsample(labels: NDArray[np.str_], names: Sequence[str], most: int, seed: int) -> Indices:
    """The drums `(n,)` of these roles, in their order; of each role `most` are drawn where there are more."""
    rng = np.random.default_rng((seed, 5))
    return np.sort(np.concatenate([rng.permutation(np.flatnonzero(labels == name))[:most] for name in names]))


def split_drums(data: Dataset, role: Indices, seed: int) -> tuple[Indices, Indices]:
    """Whole kits to hold out; a role that would lose more than half of its drums keeps them all."""
    train, held_out = data.split(DRUMS, seed=seed)
    lost = np.array([2 * np.sum(role[held_out] == name) > np.sum(role == name) for name in range(role.max() + 1)])
    back = lost[role[held_out]]
    return np.sort(np.concatenate((train, held_out[back]))), held_out[~back]


def split_hits(files: Sequence[Path], role: Indices, seed: int) -> tuple[Indices, Indices]:
    """Choose files of each role to hold out or, where all its hits are in one file, some hits."""
    rng, held_out = np.random.default_rng((seed, 4)), np.zeros(len(role), np.bool_)
    for name in range(role.max() + 1):
        own = np.flatnonzero(role == name)
        places = [str(files[index]) for index in own.tolist()]
        group = np.unique(places, return_inverse=True)[1] if len(set(places)) > 1 else np.arange(len(own))
        count = int(group.max()) + 1
        held_out[own] = np.isin(group, rng.permutation(count)[: max(1, round(HITS * count))]) if count > 1 else False
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
