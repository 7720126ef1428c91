"""Conditioning of a timbre network: pitch, loudness, slopes of both, the note around a frame; and its predictions.

A note says more than a frame: of two frames that are equally loud the one may lie in a soft note, the other at the
end of a loud one, and a breathy note's loudness is less steady than a clear one's.
"""

import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from samplegen.arrays import Rows
from samplegen.conversion.features import Levels, moving_average, slopes
from samplegen.conversion.pitch import Pitch
from samplegen.models.architecture import Network
from samplegen.models.timbre import REACH

WEIGHTS = np.array([3.0, 1.5, 0.5, 0.7, 0.7, 0.7, 0.7, 1.0, 0.7, 0.7, 0.7], np.float32)  # what each number counts for
_NEAR, _FAR, _NOTE = 8, 30, 100  # frames to each side, of what is around a frame
_FALL, _RISE = 50.0, 3.0  # dB under the loudest, and above, beyond which nothing becomes duller or brighter
_NOTE_DROP = 2.5  # tens of dB under a note's peak, from where on a frame belongs to it
_STEADY_FRAMES, _ATTACK_FRAMES = (
    50,
    5,
)  # frames from a note's ends, beyond which it is steady; within which most of it happens
_STEADY, _WINDOW = 3, 15  # frames to each side over which an unsteady loudness is smoothed, and measured
_STILL, _RESTLESS = 0.03, 1.0  # dB a frame that a loudness is off its smoothed self, from least to most
_A4 = 440.0  # Hz
_BLOCK_FRAMES = 2000  # predicted at a time


def interpolate_unvoiced(pitch: Pitch) -> NDArray[np.float64]:
    """A pitch `(frames,)` in Hz with its unvoiced stretches bridged, evenly in octaves; `_A4` where none is voiced."""
    voiced = np.flatnonzero(pitch > 0)
    if not len(voiced):
        return np.full(len(pitch), _A4)
    return np.exp2(np.interp(np.arange(len(pitch)), voiced, np.log2(pitch[voiced].astype(np.float64))))


def conditioning(hertz: NDArray[np.float64], loud: NDArray[np.float32], loudest: float) -> Levels:
    """Conditions `(frames, len(WEIGHTS))` from a bridged pitch in Hz and a loudness in dB, both `(frames,)`.

    Pitch in octaves and loudness in tens of dB, each with its slope; how the loudness stands to what is around it and
    to the note's peak; how long the note has lasted and will last; and how unsteady its loudness is.
    """
    octaves = np.log2(hertz / _A4).astype(np.float32)[:, None]
    level = (np.clip(loud, loudest - _FALL, loudest + _RISE)[:, None] / 10).astype(np.float32)
    near, far = moving_average(level, _NEAR), moving_average(level, _FAR)
    under = maximum_filter1d(level, 2 * _NOTE + 1, axis=0, mode="nearest") - level
    inside = under[:, 0] < _NOTE_DROP
    parts = (octaves, level, slopes(octaves), slopes(level), slopes(level, _NEAR), near - level, far - level, under,
             _note_age(inside), _note_age(inside[::-1])[::-1], _unsteadiness(10 * level))  # fmt: skip
    return np.concatenate(parts, axis=1).astype(np.float32)


def predict(network: Network, conditions: Rows) -> Rows:
    """Return levels `(n, outputs)` for conditions `(n, inputs)`; the ends stand still beyond themselves.

    Worked off in blocks, whose borders do not show as each includes the frames that its own depend on.
    """
    padded = np.pad(conditions, ((REACH, REACH), (0, 0)), mode="edge")
    parts = [
        ops.convert_to_numpy(network(padded[None, start : start + _BLOCK_FRAMES + 2 * REACH]))[0, REACH:-REACH]
        for start in range(0, len(conditions), _BLOCK_FRAMES)
    ]
    return np.concatenate(parts)


def _note_age(inside: NDArray[np.bool_]) -> Levels:
    """Return how long `(frames, 1)` a note has lasted at each frame that is inside of one, on a scale of logarithms."""
    frames = np.arange(1, len(inside) + 1)
    lasted = frames - np.maximum.accumulate(np.where(inside, 0, frames))
    return np.log1p(np.minimum(lasted, _STEADY_FRAMES) / _ATTACK_FRAMES)[:, None].astype(np.float32)


def _unsteadiness(loud: Levels) -> Levels:
    """Return the distance `(frames, 1)` of a loudness in dB from its smoothed self, on a scale of logarithms."""
    off = np.minimum(np.abs(loud - moving_average(loud, _STEADY)), _RESTLESS)
    return np.log(moving_average(off, _WINDOW) + np.float32(_STILL))
