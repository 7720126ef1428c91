"""Descriptors of hits and drums for ranks: in steps and bands, as only their order matters.

Models keep the quantiles of these; the descriptors of knobs (`samplegen.features.descriptors`) are in octaves and dB.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.features.spectrogram import LEVEL, NOISINESS, Spectrogram

_LEVEL_NEPERS = 9.0  # level to the power in nepers: 80 dB


def bright(pictures: Spectrogram) -> Rows:
    """Mean band of each band's loudest level, `(n,)`, in bands."""
    return _mean_place(pictures[..., LEVEL].max(axis=1))


def decay(pictures: Spectrogram) -> Rows:
    """Mean step of each step's loudest level, `(n,)`, in steps."""
    return _mean_place(pictures[..., LEVEL].max(axis=2))


def pitch(pictures: Spectrogram) -> Rows:
    """Mean band of the power squared, which the loudest decide, `(n,)`, in bands."""
    power = np.exp(2 * _LEVEL_NEPERS * (pictures[..., LEVEL] - 1)).sum(axis=1)
    return _mean_place(np.square(power))


def noisy(pictures: Spectrogram) -> Rows:
    """Mean grain where there is a level, `(n,)`, 0..1."""
    level = pictures[..., LEVEL]
    return (pictures[..., NOISINESS] * level).sum(axis=(1, 2)) / np.maximum(level.sum(axis=(1, 2)), 1e-6)


DESCRIPTORS: Mapping[str, Callable[[Spectrogram], Rows]] = {
    "bright": bright,
    "decay": decay,
    "pitch": pitch,
    "noisy": noisy,
}


def measure(pictures: Spectrogram) -> Rows:
    """Return what hits and drums are ranked by, `(n, len(DESCRIPTORS))`."""
    return np.stack([describe(pictures) for describe in DESCRIPTORS.values()], axis=1)


def _mean_place(weight: NDArray[np.float32]) -> Rows:
    places = np.arange(weight.shape[1], dtype=np.float32)
    return (weight @ places) / np.maximum(weight.sum(axis=1), 1e-6)
