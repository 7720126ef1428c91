"""Between sounds: the path from one to the next, the mean of several, the neighbours of one. Arrays in, arrays out.

Sounds are mono float32 `(n,)` at the model's rate; places run from 0 (the first sound) to 1 (the
second). Modes that mix codes ask a network what lies between two sounds; `envelope` shapes their
maps, `crossfade` mixes the sounds themselves and needs no network.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from samplegen import classifier, loops, maps, projection
from samplegen.errors import OptionError
from samplegen.maps import LEVEL, Map
from samplegen.spectral import Signal
from samplegen.store import Model

Numbers = NDArray[np.float32]
Mix = Callable[[Numbers, Numbers, float], Numbers]

MOST_STEPS, MOST_SOUNDS = 200, 64
_PARALLEL = 1e-4  # radians between codes, or length of one, under which there is a line and no arc


@dataclass(frozen=True)
class Morph:
    """Sounds `(n,)` at the model's rate; of the codes mode also how far each given sound is off in the model, in dB."""

    sounds: list[Signal]
    errors: tuple[float, ...] = ()


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


def envelope(one: Map, other: Map, place: float) -> Map:
    """Decay and spectrum morphed as shapes: each sound is stretched to what lies between, then the levels are mixed.

    Where a share of the sound has gone by, in time and in frequency, lies between where it has in the two (displacement
    interpolation, McCann 1997, as in Henderson & Solomon, "Audio Transport", 2019, here over each axis as a whole).
    """
    for axis in (0, 1):
        one, other = _met(one, other, place, axis)
    return lerp(one, other, place)


CODES: Mapping[str, Mix] = {"slerp": slerp, "lerp": lerp, "mask": mask}
MODES = (*CODES, "envelope", "crossfade")


def interpolate(  # noqa: PLR0913
    model: Model, sounds: Sequence[Signal], *, steps: int = 9, mode: str = "slerp", average: bool = False, seed: int = 0
) -> Morph:
    """What lies between sounds that the model need not know.

    Args:
        model: of a kind with codes; it also says the rate and the length.
        sounds: two or more; more make a path from each to the next.
        steps: sounds of the path from one to the next, both included.
        mode: one of `MODES`.
        average: give the one sound in the middle of all instead of the path.
        seed: of the noise in the sounds, and of the search for codes.

    Raises:
        OptionError: a mode, or numbers of steps and sounds, that cannot be.
        ModelError: a kind without codes.
    """
    _check(mode, steps, len(sounds))
    aligned = [_aligned(sound, model) for sound in sounds]
    if mode == "crossfade":
        return Morph(_walk(aligned, lerp, steps, average))
    pictures = np.stack([maps.encode(sound, model.config.map) for sound in aligned])
    if mode == "envelope":
        return Morph(maps.decode(_walk(list(pictures), envelope, steps, average), model.config.map, seed=seed))
    found = projection.project(model, pictures, seed=seed)
    painted = projection.paint(model, np.stack(_walk(list(found.codes), CODES[mode], steps, average)))
    if not average:  # what the model cannot paint of a sound fades out halfway to the next
        painted += np.stack(_walk(list(pictures - found.pictures), _at_the_ends, steps, average))
    walked = maps.decode(np.clip(painted, 0, 1), model.config.map, seed=seed)
    return Morph(walked, tuple(map(float, found.errors)))


def vary(model: Model, sound: Signal, *, count: int = 8, amount: float = 0.3, seed: int = 0) -> Morph:
    """Neighbours of a sound: steps of `amount` (0 the sound itself, 1 any sound of its role) toward other draws.

    Raises:
        OptionError: a count or amount that cannot be.
        ModelError: a kind without codes.
    """
    if not 1 <= count <= MOST_STEPS:
        raise OptionError(f"{count} neighbours cannot be made; ask for 1 to {MOST_STEPS}")
    if not 0 <= amount <= 1:
        raise OptionError(f"the amount is {amount:g}; choose from 0 (the sound itself) to 1 (any of its role)")
    pictures = maps.encode(_aligned(sound, model), model.config.map)[None]
    found = projection.project(model, pictures, seed=seed)
    odds = np.tile(classifier.hear(pictures, model.config.map).roles, (count, 1))
    others = projection.draw_codes(model, odds, seed=seed)
    painted = projection.paint(model, np.stack([slerp(found.codes[0], other, amount) for other in others]))
    varied = np.clip(painted + (1 - amount) * (pictures - found.pictures), 0, 1)
    return Morph(maps.decode(varied, model.config.map, seed=seed), tuple(map(float, found.errors)))


def _check(mode: str, steps: int, sounds: int) -> None:
    if mode not in MODES:
        raise OptionError(f"there is no mode {mode!r:.40}; there are {', '.join(MODES)}")
    if not 2 <= steps <= MOST_STEPS:
        raise OptionError(f"{steps} steps cannot be walked; choose 2 to {MOST_STEPS}")
    if not 2 <= sounds <= MOST_SOUNDS:
        raise OptionError(f"between {sounds} sounds there is no path; give 2 to {MOST_SOUNDS}")


def _aligned(sound: Signal, model: Model) -> Signal:
    """As long as a map, from its attack on, at peak 1."""
    config, begin = model.config.map, loops.onset(sound, model.config.map.stft.rate)
    piece = sound[begin:][: config.samples]
    return np.pad(piece, (0, config.samples - len(piece))) / max(float(np.abs(piece).max(initial=0.0)), 1e-9)


def _walk(items: list[Numbers], mix: Mix, steps: int, average: bool) -> list[Numbers]:
    """The path through items in `steps` from each to the next, or their one mean."""
    if average:
        return [reduce(lambda mean, item: mix(mean, item[1], 1 / item[0]), enumerate(items[1:], 2), items[0])]
    places = np.linspace(0, 1, steps)
    pairs = list(pairwise(items))
    path = [mix(one, other, float(place)) for one, other in pairs for place in places[:-1]]
    return [*path, mix(*pairs[-1], 1.0)]


def _at_the_ends(one: Numbers, other: Numbers, place: float) -> Numbers:
    """The first, fading until the middle, where nothing is left, then the second."""
    return max(0.0, 1 - 2 * place) * one + max(0.0, 2 * place - 1) * other


def _met(one: Map, other: Map, place: float, axis: int) -> tuple[Map, Map]:
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


def _reached(picture: Map, axis: int) -> NDArray[np.float64]:
    """The share of a picture's level before each edge `(size + 1,)` of its cells; rises everywhere."""
    share = picture[..., LEVEL].astype(np.float64).sum(axis=1 - axis) + 1e-3
    return np.concatenate([[0.0], np.cumsum(share) / share.sum()])


def _read(picture: Map, at: NDArray[np.float64], axis: int) -> Map:
    """A picture read between its cells along an axis."""
    low = np.clip(np.floor(at).astype(np.intp), 0, picture.shape[axis] - 1)
    high = np.clip(low + 1, 0, picture.shape[axis] - 1)
    part = np.clip(at - low, 0, 1).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    mixed: Map = (1 - part) * np.take(picture, low, axis) + part * np.take(picture, high, axis)
    return mixed
