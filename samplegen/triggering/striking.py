"""The hits of a take: where each begins, what it sounds like, and how hard it is.

Times are in samples of the take. What is heard of a hit, to tell what it is, is at `RATE`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen import audio, loops
from samplegen.audio import Signal
from samplegen.errors import AudioError

RATE = 22_050  # Hz at which hits are told apart, so that calibration hits and takes need not share a rate
LONGEST = 0.3  # seconds of a hit that are looked at, or up to the next one
LOUDEST = 127  # velocity
_FORCE = 0.05  # seconds over which the level of a hit is taken
_BLOCK = 0.01  # seconds
_STEADY = 2.0  # the loudest block over the quietest below which nothing is struck; noise has 1.3, beats 10 and more
_LEAST = 1.0  # seconds that take part in this; a cut-out hit has no pauses


@dataclass(frozen=True)
class Struck:
    """The hits of a take: first samples `(hits,)`, levels `(hits,)` in dB, and each hit `(n,)` at `RATE`."""

    frames: NDArray[np.int64]
    levels: NDArray[np.float64]
    sounds: tuple[Signal, ...]


def struck(samples: Signal, rate: int) -> Struck:
    """The hits in a mono take `(n,)`, the one in its first sample included; those far below the loudest are not.

    Raises:
        AudioError: nothing is struck in it.
    """
    starts = np.zeros(0, np.int64) if _steady(samples, rate) else loops.onsets(samples, rate)
    if not len(starts):
        raise AudioError("no hits were found: nothing in it begins suddenly; trigger from beatboxing, tapping or drums")
    stops = [*starts[1:].tolist(), len(samples)]
    levels = np.array([_level(samples[a:b], rate) for a, b in zip(starts.tolist(), stops, strict=True)])
    kept = levels >= levels.max() + 20 * np.log10(loops.QUIETEST)
    heard, scale = audio.resample(samples, rate, RATE), RATE / rate
    ends = np.minimum(stops, starts + round(LONGEST * rate))
    sounds = [heard[round(a * scale) : round(b * scale)] for a, b in zip(starts[kept], ends[kept], strict=True)]
    return Struck(starts[kept], levels[kept], tuple(sounds))


def velocities(levels: NDArray[np.float64], names: list[str]) -> list[int]:
    """How hard each hit is played, 1..127: the loudest of each role at 127, the others as far below as in the take.

    A mouth's hats are quieter than its kicks, and a pack's own balance is better; so each role has its own dynamics.
    Half the decibels in velocity, for players square it (`sequencer.voices.gain_of`).
    """
    top = {name: max(level for level, own in zip(levels, names, strict=True) if own == name) for name in set(names)}
    exact = (LOUDEST * 10 ** ((level - top[name]) / 40) for level, name in zip(levels, names, strict=True))
    return [max(1, round(float(value))) for value in exact]


def _level(samples: Signal, rate: int) -> float:
    """Mean power of a hit's beginning in dB."""
    part = samples[: max(1, round(_FORCE * rate))]
    return float(10 * np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12))


def _steady(samples: Signal, rate: int) -> bool:
    """Whether a take is as loud all the time, as noise and held notes are."""
    block = max(1, round(_BLOCK * rate))
    count = len(samples) // block
    if count < _LEAST / _BLOCK:
        return False
    power = np.square(samples[: count * block].reshape(count, block)).mean(axis=1)
    return bool(np.sqrt(power.max()) < _STEADY * np.sqrt(np.quantile(power, 0.05)))
