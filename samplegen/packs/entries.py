"""Checks of finished sounds before they are written, their paths in the pack and their entries in the manifest."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.audio.sounds import Rank, Sound, samples_by_rank
from samplegen.errors import AudioError, OptionError
from samplegen.kits.layout import order_takes
from samplegen.kits.manifest import SOUND_FIELDS, to_json
from samplegen.packs.names import sound_words


def check_sound(sound: Sound, place: str) -> None:
    """Refuse a sound that is not finished; `place` is its name in the message.

    Raises:
        AudioError: samples that are empty, silent, not mono, beyond full scale, or not numbers.
        OptionError: takes of the same rank, or ranks with a gap.
    """
    if len(samples_by_rank(sound)) <= len(sound.takes):
        raise OptionError(f"{place} has two takes of the same layer and number; the sound itself is layer 0, take 0")
    try:
        order_takes(dict.fromkeys(samples_by_rank(sound), ""))
    except OptionError as error:
        raise OptionError(f"{place} cannot be dealt: {error}") from error
    for (layer, robin), samples in samples_by_rank(sound).items():
        _check_samples(samples, f"{place}, layer {layer}, take {robin}," if layer or robin else place)


def sound_paths(sounds: Sequence[Sound], name: str, seed: int) -> list[dict[Rank, str]]:
    """Return the path in the pack of each take of each sound; those of the second layer end in `_v2_r1`, `_v2_r2`, ...

    Args:
        sounds: their roles are the folders.
        name: of the pack.
        seed: what the words are drawn from.
    """
    words = sound_words(seed, len(sounds))
    stems = [f"{sound.role.title()}/{name}_{sound.role}_{word}" for sound, word in zip(sounds, words, strict=True)]
    return [
        {rank: f"One_Shots/{stem}{_end(*rank)}.wav" for rank in samples_by_rank(sound)}
        for sound, stem in zip(sounds, stems, strict=True)
    ]


def manifest_entry(sound: Sound, paths: Mapping[Rank, str], note: int, kit: str, rate: int) -> dict[str, Any]:
    """Return a sound's entry of the manifest without its hashes, its facts in alphabetical order.

    Args:
        sound: with its takes.
        paths: of its takes, from `sound_paths`.
        note: that it lies on.
        kit: the name of the kit that it is in.
        rate: sampling rate in Hz.

    Raises:
        OptionError: facts that are not JSON, or have a name that the manifest uses.
    """
    if taken := sorted(sound.facts.keys() & SOUND_FIELDS.keys()):
        raise OptionError(f"a sound's facts cannot be called {taken[0]!r}; the manifest uses that name itself")
    takes = [
        {"path": paths[layer, robin], "layer": layer, "robin": robin} | _levels(samples, rate)
        for (layer, robin), samples in sorted(samples_by_rank(sound).items(), key=lambda take: take[0])[1:]
    ]
    own = {"path": paths[0, 0], "role": sound.role, "note": note, "kit": kit} | _levels(sound.samples, rate)
    facts = {key: sound.facts[key] for key in sorted(sound.facts)}
    entry: dict[str, Any] = to_json(own | {"takes": takes} | facts)
    return entry


def _end(layer: int, robin: int) -> str:
    return f"_v{layer + 1}_r{robin + 1}" if layer or robin else ""


def _levels(samples: Signal, rate: int) -> dict[str, float]:
    return {"seconds": len(samples) / rate, "peak_dbfs": 20 * math.log10(signals.peak(samples))}


def _check_samples(samples: Signal, place: str) -> None:
    problems = {
        "is not one channel with samples": lambda: samples.ndim != 1 or not len(samples),
        "holds samples that are not numbers (NaN or infinite)": lambda: not np.isfinite(samples).all(),
        "is silent": lambda: signals.peak(samples) < signals.SILENCE_PEAK,
        "goes beyond full scale and would be clipped": lambda: signals.peak(samples) > 1,
    }
    for problem, found in problems.items():
        if found():
            raise AudioError(f"{place} {problem}; finish it first")
