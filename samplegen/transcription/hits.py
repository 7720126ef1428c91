"""The hits of a take: where each begins, what it sounds like, and how hard it is.

Times are in samples of the take. The part of a hit that it is classified by is at `RATE`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from samplegen.arrays import Signal
from samplegen.audio import onsets, signals
from samplegen.errors import AudioError

RATE = 22_050  # Hz at which hits are classified, so that calibration hits and takes need not share a rate
MAX_SECONDS = 0.3  # seconds of a hit that are looked at, or up to the next one
MAX_VELOCITY = 127  # velocity
_MIN_PEAK_DB = -36.0  # dB of a hit's peak below the loudest's: a mouth's hats may be 25 below its kicks
_AROUND, _EVENED = 0.3, 0.6  # seconds over which the take is evened out, and the share of decibels that it loses ...
_MIN_LEVEL = 0.01  # ... where it is above this (-40 dB)
_LEVEL_SECONDS = 0.05  # seconds over which the level of a hit is taken
_RISE_SECONDS = 0.03  # seconds on each side of a hit over which its rise is taken
_MIN_RISE_DB = (
    5.0  # dB, of all hits but the first the median: noises' have up to 3.5, drum loops' from 7, beats' over 12
)
_BLOCK_SECONDS = 0.01  # seconds
_MIN_DYNAMICS = 2.0  # a lone hit's loudest block over its quietest below which it is a noise or a held note ...
_MIN_STEADY_SECONDS = 1.0  # ... if it is this long, seconds; a hit that was cut out has no pauses


@dataclass(frozen=True)
class DetectedHits:
    """The hits of a take: first samples `(hits,)`, levels `(hits,)` in dB, and each hit `(n,)` at `RATE`."""

    frames: NDArray[np.int64]
    levels: NDArray[np.float64]
    sounds: tuple[Signal, ...]


def detect_hits(samples: Signal, rate: int, *, peak: float | None = None) -> DetectedHits:
    """The hits in a mono take `(n,)`, the one in its first sample included; those far below the loudest are not.

    `peak` is that of the whole take, where the samples are a stretch of it.

    Raises:
        AudioError: nothing is struck in it.
    """
    starts = onsets.detect_onsets(_even_level(samples, rate), rate)
    if not len(starts) or _steady(samples, starts, rate):
        raise AudioError("no hits were found: nothing in it begins suddenly; trigger from beatboxing, tapping or drums")
    stops = [*starts[1:].tolist(), len(samples)]
    begun = [
        samples[a : min(b, a + round(_LEVEL_SECONDS * rate) + 1)] for a, b in zip(starts.tolist(), stops, strict=True)
    ]
    floor = 10 ** (_MIN_PEAK_DB / 20) * (peak or signals.peak(samples))
    kept = np.array([signals.peak(part) for part in begun]) >= floor
    levels = np.array([level(part) for part in begun])
    resampled, scale = signals.resample(samples, rate, RATE), RATE / rate
    ends = np.minimum(stops, starts + round(MAX_SECONDS * rate))
    sounds = [resampled[round(a * scale) : round(b * scale)] for a, b in zip(starts[kept], ends[kept], strict=True)]
    return DetectedHits(starts[kept], levels[kept], tuple(sounds))


def velocities(levels: NDArray[np.float64], names: list[str]) -> list[int]:
    """Return velocities, 1..127: the loudest hit of each role at 127, the others as far below as in the take.

    A mouth's hats are quieter than its kicks, and a pack's own balance is better; so each role has its own dynamics.
    Half the decibels in velocity, for players square it (`sequencer.scheduling.gain_of`).
    """
    top = {name: max(level for level, own in zip(levels, names, strict=True) if own == name) for name in set(names)}
    exact = (MAX_VELOCITY * 10 ** ((level - top[name]) / 40) for level, name in zip(levels, names, strict=True))
    return [max(1, round(float(value))) for value in exact]


def _even_level(samples: Signal, rate: int) -> Signal:
    """The take with its loud and soft stretches nearer to each other: hats are found beside kicks. Attacks stay."""
    width = max(1, round(_AROUND * rate))
    around = uniform_filter1d(maximum_filter1d(np.abs(samples), width), width)
    gain = np.maximum(around / signals.peak(samples), np.float32(_MIN_LEVEL)) ** np.float32(-_EVENED)
    return np.asarray(samples * gain, np.float32)


def level(part: Signal) -> float:
    """Mean power of a hit's beginning in dB."""
    return float(10 * np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12))


def _steady(samples: Signal, starts: NDArray[np.int64], rate: int) -> bool:
    """Return whether hits were found in what is no more than noise or a held note, whose beginning is one hit."""
    reach = max(1, round(_RISE_SECONDS * rate))
    later = [start for start in starts.tolist() if start >= reach]
    if later:
        return bool(np.median([_rise(samples[start - reach : start + reach], reach) for start in later]) < _MIN_RISE_DB)
    block = max(1, round(_BLOCK_SECONDS * rate))
    levels = [signals.peak(samples[at : at + block]) for at in range(0, len(samples) - block + 1, block)]
    return len(levels) > _MIN_STEADY_SECONDS / _BLOCK_SECONDS and max(levels) < _MIN_DYNAMICS * float(
        np.quantile(levels, 0.05)
    )


def _rise(around: Signal, before: int) -> float:
    """Return how much louder a hit is than what was before, in dB: its samples, or their differences (its treble)."""
    powers = (np.square(view, dtype=np.float64) + 1e-12 for view in (around, np.diff(around, prepend=around[:1])))
    return max(float(10 * np.log10(power[before:].mean() / power[:before].mean())) for power in powers)
