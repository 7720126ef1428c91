"""Between sounds: the path from one to the next, the mean of several, the neighbours of one. Arrays in, arrays out.

Sounds are mono float32 `(n,)` at the model's rate; places run from 0 (the first sound) to 1 (the
second). Modes that mix codes ask a network what lies between two sounds; `envelope` shapes their
maps, `crossfade` mixes the sounds themselves and needs no network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np

from samplegen.audio import onsets
from samplegen.errors import OptionError
from samplegen.features import spectrogram
from samplegen.features.stft import Signal
from samplegen.generation import even_path, inversion
from samplegen.generation.blending import CODE_BLENDS, Blend, Numbers, envelope, lerp
from samplegen.models import classify
from samplegen.models.registry import KINDS
from samplegen.models.store import Model

MODES = (*CODE_BLENDS, "envelope", "crossfade")
MAX_STEPS, MAX_SOUNDS = 200, 64
_FINER, _MOST_RENDERED = 8, 1024  # sounds to choose each step of a path from, and of the whole path


@dataclass(frozen=True)
class Morph:
    """Sounds `(n,)` at the model's rate; of the codes mode also how far each given sound is off in the model, in dB."""

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
    """What lies between sounds that the model need not know.

    Args:
        model: of a kind with codes; it also says the rate and the length.
        sounds: two or more; more make a path from each to the next.
        steps: sounds of the path from one to the next, both included, a step heard as large as the others.
        mode: one of `MODES`; None: the mix of codes that suits the model's kind.
        average: give the one sound in the middle of all instead of the path.
        seed: of the noise in the sounds, and of the search for codes.

    Raises:
        OptionError: a mode, or numbers of steps and sounds, that cannot be.
        ModelError: a kind without codes.
    """
    mode = mode or KINDS[model.card.kind].mix
    _check(mode, steps, len(sounds))
    aligned = [_aligned(sound, model) for sound in sounds]
    fine = 1 if average else _finer(steps, len(sounds))
    walked = _walked(model, aligned, mode, fine * (steps - 1) + 1, average=average, seed=seed)
    return walked if fine == 1 else replace(walked, sounds=_paced(walked.sounds, model, steps, fine))


def _walked(  # noqa: PLR0913
    model: Model, aligned: list[Signal], mode: str, steps: int, *, average: bool, seed: int
) -> Morph:
    """The path at equal steps of the mix, or the one mean."""
    if mode == "crossfade":
        return Morph(_walk(aligned, lerp, steps, average))
    pictures = np.stack([spectrogram.encode(sound, model.config.map) for sound in aligned])
    if mode == "envelope":
        return Morph(spectrogram.decode(_walk(list(pictures), envelope, steps, average), model.config.map, seed=seed))
    found = inversion.invert(model, pictures, seed=seed)
    painted = inversion.decode_codes(model, np.stack(_walk(list(found.codes), CODE_BLENDS[mode], steps, average)))
    if not average:  # what the model cannot paint of a sound fades out halfway to the next
        painted += np.stack(_walk(list(pictures - found.pictures), _at_the_ends, steps, average))
    walked = spectrogram.decode(np.clip(painted, 0, 1), model.config.map, seed=seed)
    return Morph(walked, tuple(map(float, found.errors)))


def _finer(steps: int, sounds: int) -> int:
    """How many sounds are made of which one is kept; a path of only its ends has no choice."""
    made = (steps - 1) * (sounds - 1)
    return max(1, min(_FINER, _MOST_RENDERED // made)) if steps > 2 else 1


def _paced(sounds: list[Signal], model: Model, steps: int, fine: int) -> list[Signal]:
    """The sounds of a fine path that are steps of equal size, from each sound given to the next."""
    pictures = np.stack([spectrogram.encode(sound, model.config.map) for sound in sounds])
    kept = [sounds[0]]
    for begin in range(0, len(sounds) - 1, fine * (steps - 1)):
        part = pictures[begin : begin + fine * (steps - 1) + 1]
        kept += [sounds[begin + place] for place in even_path.evenly_spaced(part, model.config.map, steps)[1:]]
    return kept


def vary(model: Model, sound: Signal, *, count: int = 8, amount: float = 0.3, seed: int = 0) -> Morph:
    """Neighbours of a sound: steps of `amount` (0 the sound itself, 1 any sound of its role) toward other draws.

    Raises:
        OptionError: a count or amount that cannot be.
        ModelError: a kind without codes.
    """
    if not 1 <= count <= MAX_STEPS:
        raise OptionError(f"{count} neighbours cannot be made; ask for 1 to {MAX_STEPS}")
    if not 0 <= amount <= 1:
        raise OptionError(f"the amount is {amount:g}; choose from 0 (the sound itself) to 1 (any of its role)")
    pictures = spectrogram.encode(_aligned(sound, model), model.config.map)[None]
    found = inversion.invert(model, pictures, seed=seed)
    odds = np.tile(classify.classify_roles(pictures, model.config.map).roles, (count, 1))
    others = inversion.draw_codes(model, odds, seed=seed)
    mix = CODE_BLENDS[KINDS[model.card.kind].mix]
    painted = inversion.decode_codes(model, np.stack([mix(found.codes[0], other, amount) for other in others]))
    varied = np.clip(painted + (1 - amount) * (pictures - found.pictures), 0, 1)
    return Morph(spectrogram.decode(varied, model.config.map, seed=seed), tuple(map(float, found.errors)))


def _check(mode: str, steps: int, sounds: int) -> None:
    if mode not in MODES:
        raise OptionError(f"there is no mode {mode!r:.40}; there are {', '.join(MODES)}")
    if not 2 <= steps <= MAX_STEPS:
        raise OptionError(f"{steps} steps cannot be walked; choose 2 to {MAX_STEPS}")
    if not 2 <= sounds <= MAX_SOUNDS:
        raise OptionError(f"between {sounds} sounds there is no path; give 2 to {MAX_SOUNDS}")


def _aligned(sound: Signal, model: Model) -> Signal:
    """As long as a map, from its attack on, at peak 1."""
    config, begin = model.config.map, onsets.onset(sound, model.config.map.stft.rate)
    piece = sound[begin:][: config.samples]
    return np.pad(piece, (0, config.samples - len(piece))) / max(float(np.abs(piece).max(initial=0.0)), 1e-9)


def _walk(items: list[Numbers], mix: Blend, steps: int, average: bool) -> list[Numbers]:
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
