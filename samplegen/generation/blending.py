"""Mixes: what lies at a place from 0 (the first) to 1 (the second) between two codes `(d,)` or two maps."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from samplegen.features.spectrogram import LEVEL, Spectrogram

Numbers = NDArray[np.float32]
Blend = Callable[[Numbers, Numbers, float], Numbers]

_PARALLEL = 1e-4  # radians between codes, or length of one, under which there is a line and no arc


def lerp(one: Numbers, other: Numbers, place: float) -> Numbers:
    """Along the straight line."""
    return (1 - place) * one + place * other


def slerp(one: Numbers, other: Numbers, place: float) -> Numbers:
    """Along the arc: draws from a Gaussian lie on a sphere, which a line would leave (White 2016)."""
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    cosine = float(one @ other) / max(lengths[0] * lengths[1], 1e-12)
    angle = float(np.arccos(np.clip(cosine, -1, 1)))
    if min(angle, np.pi - angle, *lengths) < _PARALLEL:
        return lerp(one, other, place)
    near, far = np.sin((1 - place) * angle) / np.sin(angle), np.sin(place * angle) / np.sin(angle)
    arc = near * one / lengths[0] + far * other / lengths[1]
    mixed: Numbers = (arc * ((1 - place) * lengths[0] + place * lengths[1])).astype(np.float32)
    return mixed


def mask(one: Numbers, other: Numbers, place: float) -> Numbers:
    """One number of the code after the other is taken from the second sound, those that differ most first.

    After the unit masks of adversarial mixup (Beckham et al. 2019).
    """
    rank = np.argsort(np.argsort(-np.abs(other - one)))
    return lerp(one, other, np.clip(place * len(one) - rank, 0, 1))


def envelope(one: Spectrogram, other: Spectrogram, place: float) -> Spectrogram:
    """Decay and spectrum morphed as shapes: each sound is stretched to what lies between, then the levels are mixed.

    Where a share of the sound has gone by, in time and in frequency, lies between where it has in the two (displacement
    interpolation, McCann 1997, as in Henderson & Solomon, "Audio Transport", 2019, here over each axis as a whole).
    """
    for axis in (0, 1):
        one, other = _met(one, other, place, axis)
    return lerp(one, other, place)


CODE_BLENDS: Mapping[str, Blend] = {"slerp": slerp, "lerp": lerp, "mask": mask}


def _met(one: Spectrogram, other: Spectrogram, place: float, axis: int) -> tuple[Spectrogram, Spectrogram]:
    """Both pictures with an axis stretched so that what lies at equal shares of either meets in between."""
    reached = [_reached(picture, axis) for picture in (one, other)]
    size = one.shape[axis]
    shares = np.linspace(0, 1, 4 * size)
    places = [np.interp(shares, own, np.arange(size + 1)) for own in reached]
    between = (1 - place) * places[0] + place * places[1]
    cells = np.arange(size) + 0.5
    first, second = (
        _read(picture, np.interp(cells, between, own) - 0.5, axis)
        for picture, own in zip((one, other), places, strict=True)
    )
    return first, second


def _reached(picture: Spectrogram, axis: int) -> NDArray[np.float64]:
    """The share of a picture's level before each edge `(size + 1,)` of its cells; rises everywhere."""
    share = picture[..., LEVEL].astype(np.float64).sum(axis=1 - axis) + 1e-3
    return np.concatenate([[0.0], np.cumsum(share) / share.sum()])


def _read(picture: Spectrogram, at: NDArray[np.float64], axis: int) -> Spectrogram:
    """A picture read between its cells along an axis."""
    low = np.clip(np.floor(at).astype(np.intp), 0, picture.shape[axis] - 1)
    high = np.clip(low + 1, 0, picture.shape[axis] - 1)
    part = np.clip(at - low, 0, 1).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    mixed: Spectrogram = (1 - part) * np.take(picture, low, axis) + part * np.take(picture, high, axis)
    return mixed
