"""What a timbre network is told of each frame: how high, how loud, and where both are going."""

import numpy as np
from numpy.typing import NDArray

from samplegen.conversion.features import Levels, slopes, smoothed
from samplegen.conversion.pitch import Pitch

REACH = 31  # frames to each side that a frame's conditions depend on
WEIGHTS = np.array([5.0, 1.5, 0.5, 0.7, 0.7, 0.7, 0.7], np.float32)  # what each number counts for
_FALL, _RISE = 50.0, 3.0  # dB under the loudest, and above, beyond which nothing becomes duller or brighter
_A4 = 440.0  # Hz


def bridged(pitch: Pitch) -> NDArray[np.float64]:
    """A pitch `(frames,)` in Hz with its unvoiced stretches bridged, evenly in octaves; `_A4` where none is voiced."""
    voiced = np.flatnonzero(pitch > 0)
    if not len(voiced):
        return np.full(len(pitch), _A4)
    return np.exp2(np.interp(np.arange(len(pitch)), voiced, np.log2(pitch[voiced].astype(np.float64))))


def conditions(hertz: NDArray[np.float64], loud: NDArray[np.float32], loudest: float) -> Levels:
    """Conditions `(frames, len(WEIGHTS))` from a bridged pitch in Hz and a loudness in dB, both `(frames,)`.

    Pitch in octaves and loudness in dB, each with its slope; and how the loudness stands to what is around it.
    """
    octaves = np.log2(hertz / _A4).astype(np.float32)[:, None]
    level = (np.clip(loud, loudest - _FALL, loudest + _RISE)[:, None] / 10).astype(np.float32)
    near, far = smoothed(level, 8), smoothed(level, REACH - 1)
    parts = (octaves, level, slopes(octaves), slopes(level), slopes(level, 8), near - level, far - level)
    return np.concatenate(parts, axis=1).astype(np.float32)
