"""Roughness of a scream: amplitude modulation by sub-harmonics (Gentilucci, Ardaillon and Liuni's ANGUS, 2018)."""

import numpy as np
from numpy.typing import NDArray

from samplegen.conversion.features import moving_average
from samplegen.conversion.pitch import Pitch

_SUBHARMONICS = (2, 3)  # of the fundamental
_FRAMES_PER_SECOND = 100  # frames a second
_ONSET_FRAMES = 3  # frames over which roughness comes and goes


def envelope(count: int, begin: int, rate: int, pitch: Pitch, depth: float) -> NDArray[np.float32]:
    """Factors `(count,)` about 1 for the samples from `begin` on: a half and a third of the fundamental, where voiced.

    Args:
        count, begin, rate: samples, of the whole take, in Hz.
        pitch: fundamental `(frames,)` of the whole take in Hz, a frame every 10 ms, 0 where unvoiced.
        depth: 0 to 1; at 1 the troughs are silent.
    """
    place = np.arange(begin, begin + count) / rate * _FRAMES_PER_SECOND
    frames = np.arange(len(pitch))
    turns = np.cumsum(np.where(pitch > 0, pitch, 0), dtype=np.float64) / _FRAMES_PER_SECOND
    voiced = moving_average((pitch > 0).astype(np.float32)[:, None], _ONSET_FRAMES)[:, 0]
    phase = 2 * np.pi * np.interp(place, frames, turns)
    swing = sum(np.cos(phase / part) for part in _SUBHARMONICS) / len(_SUBHARMONICS)
    return (1 + depth * np.interp(place, frames, voiced) * swing).astype(np.float32)
