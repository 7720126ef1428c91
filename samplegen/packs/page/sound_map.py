"""Sound map of a pack: sounds in the plane, similar ones near each other, none over another."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio.signals import resample
from samplegen.features import spectrogram
from samplegen.features.metrics import fingerprints, principal_axes
from samplegen.features.spectrogram import SpectrogramConfig

Places = NDArray[np.float64]

_RANK_SHARE = 0.6  # of a place that its rank decides; without it an outlier presses all others together
_MIN_SPACING = 0.62  # that points keep from each other, in mean spacings
_PUSH_ROUNDS = 60  # after which hardly a point moves
_PUSH_SHARE = 0.5  # of what is missing, in a round: each of two points gives way by half


def places(signals: Sequence[Signal], rate: int) -> Places:
    """Place sounds in the plane, `(n, 2)` in 0..1, by the two directions in which their descriptors differ most.

    Args:
        signals: mono sounds `(n,)` at `rate` Hz.
        rate: sampling rate in Hz.

    Returns:
        x and y from the lower left; x grows with brightness, y with length, as far as either goes with them.
    """
    config = SpectrogramConfig()
    spectrograms = np.stack(
        [spectrogram.encode(resample(signal, rate, config.stft.rate), config) for signal in signals]
    )
    level = spectrograms[..., spectrogram.LEVEL].astype(np.float64)
    bright = level.mean(axis=1) @ np.arange(config.bands) / np.maximum(level.mean(axis=(1, 2)), 1e-9)
    length = (level.max(axis=2) > 0).sum(axis=1)
    return spread_out(principal_plane(fingerprints(spectrograms), np.stack([bright, length], axis=1)))


def principal_plane(rows: NDArray[np.float32], guides: NDArray[np.float64]) -> Places:
    """Project rows `(n, d)` on two principal components `(n, 2)`, each turned to grow with its column of `guides`."""
    centred = rows - rows.mean(axis=0)
    plane = np.zeros((len(rows), 2))
    components = centred @ principal_axes(rows, dimensions=2)
    plane[:, : components.shape[1]] = components
    together = ((guides - guides.mean(axis=0)) * plane).sum(axis=0)
    return plane * np.where(together < 0, -1, 1)


def spread_out(plane: Places) -> Places:
    """Move points `(n, 2)` into 0..1 and apart, with their neighbourhoods kept as far as there is room."""
    if len(plane) == 1:
        return np.full((1, 2), 0.5)
    low, high = plane.min(axis=0), plane.max(axis=0)
    even = (plane - low) / np.maximum(high - low, 1e-9)
    ranks = plane.argsort(axis=0, kind="stable").argsort(axis=0) / (len(plane) - 1)
    points = (1 - _RANK_SHARE) * even + _RANK_SHARE * ranks
    for _ in range(_PUSH_ROUNDS):
        points = np.clip(points + _pushes(points), 0, 1)
    return points


def _pushes(points: Places) -> Places:
    """Return how far each point must give way to those that are too near."""
    apart = _MIN_SPACING / np.sqrt(len(points))
    away = points[:, None] - points[None]
    distance = np.linalg.norm(away, axis=2)
    np.fill_diagonal(distance, np.inf)
    missing = np.maximum(apart - distance, 0) / np.maximum(distance, 1e-6)
    moved: Places = _PUSH_SHARE * (away * missing[..., None]).sum(axis=1)
    return moved
