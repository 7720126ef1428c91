"""Interpolation between sounds: the path from one to the next, the mean of several, the neighbours of one.

Sounds are mono float32 `(n,)` at the model's rate; places run from 0 (the first sound) to 1 (the second). Some modes
blend codes of a network; `envelope` morphs spectrograms, `crossfade` mixes the sounds and needs no network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import onsets
from samplegen.errors import OptionError
from samplegen.features import spectrogram
from samplegen.generation import even_path, inversion
from samplegen.generation.blending import CODE_BLENDS, Blend, Numbers, envelope, lerp
from samplegen.models import classify
from samplegen.models.model import Model
from samplegen.settings import check_range

MODES = (*CODE_BLENDS, "envelope", "crossfade")
STEPS_RANGE, SOUNDS_RANGE, NEIGHBOURS_RANGE, AMOUNT_RANGE = (2, 200), (2, 64), (1, 200), (0.0, 1.0)
_OVERSAMPLING, _MAX_RENDERED = 8, 1024  # sounds made for each step that is kept, and for a whole path


@dataclass(frozen=True)
class Morph:
    """Sounds `(n,)` at the model's rate; where codes are blended, also the model's error for each given sound in dB."""

    sounds: list[Signal]
    errors: tuple[float, ...] = ()


def interpolate(  # noqa: PLR0913
    model: Model,
    sounds: Sequence[Signal],
    *,
    steps: int = 9,
    mode: str | None = None,
    average: bool = False,
    seed: int = 0,
) -> Morph:
    """Interpolate between sounds that the model need not know.

    Args:
        model: of a kind with codes; it also says the rate and the length.
        sounds: two or more; more make a path from each to the next.
        steps: sounds of the path from one to the next, both included; all steps sound equally large.
        mode: one of `MODES`; None is the blend of codes that suits the model's kind.
        average: give the one sound in the middle of all instead of the path.
        seed: of the noise in the sounds, and of the search for codes.

    Raises:
        OptionError: an unknown mode, or a number of steps or sounds out of range.
        ModelError: a kind without codes.

    Example:
        >>> import numpy as np
        >>> import samplegen
        >>> model = samplegen.load("starter")
        >>> rate = model.config.map.stft.rate
        >>> seconds = np.arange(rate // 2, dtype=np.float32) / rate
        >>> low, high = (np.sin(2 * np.pi * hz * seconds) * np.exp(-8 * seconds) for hz in (60, 240))
        >>> morph = samplegen.interpolate(model, [low, high], steps=5, mode="crossfade")
        >>> len(morph.sounds)
        5
    """
    mode = mode or model.kind.mix or next(iter(MODES))  # a kind without codes is refused below
    _check(mode, steps, len(sounds))
    aligned = [_aligned(sound, model) for sound in sounds]
    fine = 1 if average else _oversampling(steps, len(sounds))
    path = _path(model, aligned, mode, fine * (steps - 1) + 1, average=average, seed=seed)
    return path if fine == 1 else replace(path, sounds=_evenly_paced(path.sounds, model, steps, fine))


def _path(  # noqa: PLR0913
    model: Model, aligned: list[Signal], mode: str, steps: int, *, average: bool, seed: int
) -> Morph:
    """Return the path at equal steps of the blend, or the one mean."""
    if mode == "crossfade":
        return Morph(_blend_all(aligned, lerp, steps, average))
    spectrograms = np.stack([spectrogram.encode(sound, model.config.map) for sound in aligned])
    if mode == "envelope":
        return Morph(
            spectrogram.decode(_blend_all(list(spectrograms), envelope, steps, average), model.config.map, seed=seed)
        )
    found = inversion.invert(model, spectrograms, seed=seed)
    decoded = inversion.decode_codes(model, np.stack(_blend_all(list(found.codes), CODE_BLENDS[mode], steps, average)))
    if not average:  # the residual of a sound fades out halfway to the next
        decoded += np.stack(_blend_all(list(spectrograms - found.spectrograms), _at_the_ends, steps, average))
    path = spectrogram.decode(np.clip(decoded, 0, 1), model.config.map, seed=seed)
    return Morph(path, tuple(map(float, found.errors)))


def _oversampling(steps: int, sounds: int) -> int:
    """Return how many sounds are made for each that is kept; a path of only its ends has no choice."""
    made = (steps - 1) * (sounds - 1)
    return max(1, min(_OVERSAMPLING, _MAX_RENDERED // made)) if steps > 2 else 1


def _evenly_paced(sounds: list[Signal], model: Model, steps: int, fine: int) -> list[Signal]:
    """Keep the sounds of a fine path that are steps of equal size, from each given sound to the next."""
    spectrograms = np.stack([spectrogram.encode(sound, model.config.map) for sound in sounds])
    kept = [sounds[0]]
    for begin in range(0, len(sounds) - 1, fine * (steps - 1)):
        part = spectrograms[begin : begin + fine * (steps - 1) + 1]
        kept += [sounds[begin + place] for place in even_path.evenly_spaced(part, model.config.map, steps)[1:]]
    return kept


def vary(model: Model, sound: Signal, *, count: int = 8, amount: float = 0.3, seed: int = 0) -> Morph:
    """Return neighbours of a sound: steps of `amount` (0 the sound itself, 1 any sound of its role) toward other draws.

    Raises:
        OptionError: a count or amount out of range.
        ModelError: a kind without codes.

    Example:
        >>> import numpy as np
        >>> import samplegen
        >>> model = samplegen.load("starter")
        >>> rate = model.config.map.stft.rate
        >>> seconds = np.arange(rate // 2, dtype=np.float32) / rate
        >>> kick = np.sin(2 * np.pi * 60 * seconds) * np.exp(-8 * seconds)
        >>> len(samplegen.vary(model, kick, count=2, amount=0.5).sounds)
        2
    """
    check_range(count, NEIGHBOURS_RANGE, "the number of neighbours")
    check_range(amount, AMOUNT_RANGE, "the amount")
    spectrograms = spectrogram.encode(_aligned(sound, model), model.config.map)[None]
    found = inversion.invert(model, spectrograms, seed=seed)
    probabilities = np.tile(classify.classify_roles(spectrograms, model.config.map).roles, (count, 1))
    others = inversion.draw_codes(model, probabilities, seed=seed)
    mix = CODE_BLENDS[model.kind.mix]
    decoded = inversion.decode_codes(model, np.stack([mix(found.codes[0], other, amount) for other in others]))
    varied = np.clip(decoded + (1 - amount) * (spectrograms - found.spectrograms), 0, 1)
    return Morph(spectrogram.decode(varied, model.config.map, seed=seed), tuple(map(float, found.errors)))


def _check(mode: str, steps: int, sounds: int) -> None:
    if mode not in MODES:
        raise OptionError(f"there is no mode {mode!r:.40}; there are {', '.join(MODES)}")
    check_range(steps, STEPS_RANGE, "the number of steps")
    check_range(sounds, SOUNDS_RANGE, "the number of sounds")


def _aligned(sound: Signal, model: Model) -> Signal:
    """Cut a sound to the length of a spectrogram, from its attack on, at peak 1."""
    config, begin = model.config.map, onsets.find_onset(sound, model.config.map.stft.rate)
    piece = sound[begin:][: config.samples]
    return np.pad(piece, (0, config.samples - len(piece))) / max(float(np.abs(piece).max(initial=0.0)), 1e-9)


def _blend_all(items: list[Numbers], mix: Blend, steps: int, average: bool) -> list[Numbers]:
    """Return the path through items in `steps` from each to the next, or their one mean."""
    if average:
        return [reduce(lambda mean, item: mix(mean, item[1], 1 / item[0]), enumerate(items[1:], 2), items[0])]
    places = np.linspace(0, 1, steps)
    pairs = list(pairwise(items))
    path = [mix(one, other, float(place)) for one, other in pairs for place in places[:-1]]
    return [*path, mix(*pairs[-1], 1.0)]


def _at_the_ends(one: Numbers, other: Numbers, place: float) -> Numbers:
    """Fade the first until the middle, where nothing is left, then fade in the second."""
    return max(0.0, 1 - 2 * place) * one + max(0.0, 2 * place - 1) * other
