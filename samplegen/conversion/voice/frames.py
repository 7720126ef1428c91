"""Frame features of a take, the input of a voice network: phones, their slopes, and pitch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.conversion import features
from samplegen.conversion.features import Levels
from samplegen.conversion.pitch import Pitch, median

CEPSTRA = 25  # with the zeroth, the level
_DELTA_CEPSTRA = 13  # that have slopes and surroundings beside them
_CONTEXT_FRAMES = 10  # frames to each side
REACH_FRAMES = _CONTEXT_FRAMES + 3  # frames to each side that a description depends on
WEIGHTS = np.repeat(
    np.array([1.0, 0.4, 0.3, 0.5], np.float32), (CEPSTRA, _DELTA_CEPSTRA, _DELTA_CEPSTRA, 2)
)  # what each number counts for


@dataclass(frozen=True)
class TakeLevel:
    """Middle of a whole take: its loudness in dB while it sounds, and its median pitch in Hz."""

    loudness: float
    pitch: float


def spectral_shape(levels: Levels, level: TakeLevel) -> Levels:
    """Cepstra `(frames, CEPSTRA)`, the zeroth included, of levels `(frames, bands)` in dB, less the take's loudness."""
    return features.cepstra(levels - np.float32(level.loudness), CEPSTRA - 1, zeroth=True)


def frame_features(levels: Levels, pitch: Pitch, level: TakeLevel) -> Levels:
    """Return the features of a take, `(frames, len(WEIGHTS))`: cepstra, slopes, surroundings, voicing, pitch.

    The pitch is in octaves from the take's own median, 0 where unvoiced.
    """
    shape = spectral_shape(levels, level)
    moving = shape[:, :_DELTA_CEPSTRA]
    voiced = pitch > 0
    octaves = np.log2(np.where(voiced, pitch, 1) / (level.pitch or 1)) * voiced
    parts = (
        shape,
        features.slopes(moving),
        features.moving_average(moving, _CONTEXT_FRAMES),
        voiced[:, None],
        octaves[:, None],
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


def take_level(loud: NDArray[np.float32], pitch: Pitch) -> TakeLevel:
    """The middle of a take by its loudness and pitch `(frames,)`; one that never sounds is measured from its mean."""
    audible = features.audible(loud)
    return TakeLevel(float(loud[audible].mean() if audible.any() else loud.mean()), median(pitch))
