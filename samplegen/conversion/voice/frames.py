"""A take as a voice network hears it, frame by frame: what is said, where it is going, and how high."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.conversion import features
from samplegen.conversion.features import Levels
from samplegen.conversion.pitch import Pitch, median

CEPSTRA = 25  # with the zeroth, the level
_DELTA_CEPSTRA = 13  # of which it is told how they move, and around what
_CONTEXT_FRAMES = 10  # frames to each side
REACH_FRAMES = _CONTEXT_FRAMES + 3  # frames to each side that a description depends on
WEIGHTS = np.repeat(
    np.array([1.0, 0.4, 0.3, 0.5], np.float32), (CEPSTRA, _DELTA_CEPSTRA, _DELTA_CEPSTRA, 2)
)  # what each number counts for


@dataclass(frozen=True)
class Middle:
    """Middle of a whole take: its loudness in dB while it sounds, and its median pitch in Hz."""

    loudness: float
    pitch: float


def spectral_shape(levels: Levels, middle: Middle) -> Levels:
    """Cepstra `(frames, CEPSTRA)`, the zeroth included, of levels `(frames, bands)` in dB, less the take's loudness."""
    return features.cepstra(levels - np.float32(middle.loudness), CEPSTRA - 1, zeroth=True)


def described(levels: Levels, pitch: Pitch, middle: Middle) -> Levels:
    """Return what a network is told of a take, `(frames, len(WEIGHTS))`: cepstra, slopes, surroundings, voicing, pitch.

    The pitch is in octaves from the take's own median, 0 where unvoiced.
    """
    shape = spectral_shape(levels, middle)
    moving = shape[:, :_DELTA_CEPSTRA]
    voiced = pitch > 0
    octaves = np.log2(np.where(voiced, pitch, 1) / (middle.pitch or 1)) * voiced
    parts = (
        shape,
        features.slopes(moving),
        features.smoothed(moving, _CONTEXT_FRAMES),
        voiced[:, None],
        octaves[:, None],
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


def middle(loud: NDArray[np.float32], pitch: Pitch) -> Middle:
    """The middle of a take by its loudness and pitch `(frames,)`; one that never sounds is measured from its mean."""
    audible = features.sounding(loud)
    return Middle(float(loud[audible].mean() if audible.any() else loud.mean()), median(pitch))
