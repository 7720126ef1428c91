"""Blends between two codes `(d,)` or two spectrograms, at a place from 0 (the first) to 1 (the second)."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from samplegen.features.spectrogram import LEVEL, Spectrogram

Numbers = NDArray[np.float32]
Blend = Callable[[Numbers, Numbers, float], Numbers]

_MIN_ANGLE = 1e-4  # radians between codes, or length of one; below, an arc is a line


def lerp(one: Numbers, other: Numbers, place: float) -> Numbers:
    """Blend along the straight line."""
    return (1 - place) * one + place * other


def slerp(one: Numbers, other: Numbers, place: float) -> Numbers:
    """Blend along the arc: draws from a Gaussian lie on a sphere, which a line would leave (White 2016)."""
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    cosine = float(one @ other) / max(lengths[0] * lengths[1], 1e-12)
    angle = float(np.arccos(np.clip(cosine, -1, 1)))
    if min(angle, np.pi - angle, *lengths) < _MIN_ANGLE:
        return lerp(one, other, place)
    near, far = np.sin((1 - place) * angle) / np.sin(angle), np.sin(place * angle) / np.sin(angle)
    arc = near * one / lengths[0] + far * other / lengths[1]
    mixed: Numbers = (arc * ((1 - place) * lengths[0] + place * lengths[1])).astype(np.float32)
    return mixed


def mask(one: Numbers, other: Numbers, place: float) -> Numbers:
    """Take one number of the code after the other from the second sound, the most different first.

    After the unit masks of adversarial mixup (Beckham et al. 2019).
    """
    rank = np.argsort(np.argsort(-np.abs(other - one)))
    return lerp(one, other, np.clip(place * len(one) - rank, 0, 1))


def envelope(one: Spectrogram, other: Spectrogram, place: float) -> Spectrogram:
    """Morph decay and spectrum as shapes: stretch each sound to its shape in between, then blend the levels.

    A share of the sound is reached, in time and in frequency, between the places of the two sounds (displacement
    interpolation, McCann 1997, as in Henderson & Solomon, "Audio Transport", 2019, here over each axis as a whole).
    """
    for axis in (0, 1):
        one, other = _aligned(one, other, place, axis)
    return lerp(one, other, place)


CODE_BLENDS: Mapping[str, Blend] = {"slerp": slerp, "lerp": lerp, "mask": mask}


def _aligned(one: Spectrogram, other: Spectrogram, place: float, axis: int) -> tuple[Spectrogram, Spectrogram]:
    """Stretch an axis of both spectrograms so that equal shares of either meet in between."""
    reached = [_cumulative_share(spectrogram, axis) for spectrogram in (one, other)]
    size = one.shape[axis]
    shares = np.linspace(0, 1, 4 * size)
    places = [np.interp(shares, own, np.arange(size + 1)) for own in reached]
    between = (1 - place) * places[0] + place * places[1]
    cells = np.arange(size) + 0.5
    first, second = (
        _resample_axis(spectrogram, np.interp(cells, between, own) - 0.5, axis)
        for spectrogram, own in zip((one, other), places, strict=True)
    )
    return first, second


def _cumulative_share(spectrogram: Spectrogram, axis: int) -> NDArray[np.float64]:
    """Return the share of the level before each edge `(size + 1,)` of an axis; rises everywhere."""
    share = spectrogram[..., LEVEL].astype(np.float64).sum(axis=1 - axis) + 1e-3
    return np.concatenate([[0.0], np.cumsum(share) / share.sum()])


def _resample_axis(spectrogram: Spectrogram, at: NDArray[np.float64], axis: int) -> Spectrogram:
    """Interpolate a spectrogram between its cells along an axis."""
    low = np.clip(np.floor(at).astype(np.intp), 0, spectrogram.shape[axis] - 1)
    high = np.clip(low + 1, 0, spectrogram.shape[axis] - 1)
    part = np.clip(at - low, 0, 1).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    mixed: Spectrogram = (1 - part) * np.take(spectrogram, low, axis) + part * np.take(spectrogram, high, axis)
    return mixed
