"""Drums made by formulas, as drum machines make them: what transcription learns from beside recorded ones.

Sines that fall in pitch, squares at inharmonic ratios, filtered noise; every setting drawn anew for every drum, wider
than any one machine's, so that a machine never heard lies among them. Sounds are mono at `RATE`, not levelled.
"""

from collections.abc import Callable

import numpy as np
import scipy.signal as ss

from benchmarks.tones import Rng, band, drawn, driven, during, level, metal, mixed, noise, sweep
from samplegen.audio import Signal
from samplegen.transcription.features import RATE

_TOMS = {"low-tom": (55, 120), "mid-tom": (90, 175), "high-tom": (130, 290)}  # Hz


def drum(role: str, rng: Rng) -> Signal:
    """A drum of a role, at most 3 s."""
    return np.asarray(MAKERS[role](rng)[: 3 * RATE], np.float32)


def _kick(rng: Rng) -> np.ndarray:
    low = drawn(rng, 36, 85)
    body = sweep(low * drawn(rng, 1.2, 8), low, drawn(rng, 0.004, 0.07), drawn(rng, 0.04, 0.6))
    click = noise(rng, 400, 7_000, drawn(rng, 0.001, 0.01)) * rng.uniform(0, 0.5)
    return driven(mixed(body, click), rng)


def _snare(rng: Rng) -> np.ndarray:
    low = drawn(rng, 140, 290)
    shells = [sweep(f * rng.uniform(1, 1.6), f, 0.01, drawn(rng, 0.02, 0.16)) for f in (low, low * rng.uniform(1.4, 2))]
    rattle = level(noise(rng, drawn(rng, 250, 2_500), drawn(rng, 4_000, 10_000), drawn(rng, 0.03, 0.3)))
    return driven(mixed(shells[0], 0.6 * shells[1], rattle * drawn(rng, 0.25, 3)), rng)


def _rim(rng: Rng) -> np.ndarray:
    parts = [sweep(f, f, 0.01, drawn(rng, 0.004, 0.03)) for f in (drawn(rng, 380, 900), drawn(rng, 1_300, 2_900))]
    click = level(noise(rng, 900, 8_000, drawn(rng, 0.001, 0.012)))
    return driven(mixed(parts[0] * rng.uniform(0.2, 1), parts[1], click * rng.uniform(0, 1)), rng)


def _clap(rng: Rng) -> np.ndarray:
    times = during(0.2)
    gap, bursts = rng.uniform(0.007, 0.015), int(rng.integers(2, 5))
    late = times - gap * (bursts - 1)
    saw = np.exp(-(times % gap) / rng.uniform(0.002, 0.006)) * (late < 0)
    shape = saw + (late >= 0) * np.exp(-np.maximum(late, 0) / drawn(rng, 0.025, 0.2)) * rng.uniform(0.4, 1.2)
    middle = drawn(rng, 800, 1_900)
    return band(rng.standard_normal(len(times)), middle / drawn(rng, 1.2, 2), middle * drawn(rng, 1.2, 4)) * shape


def _cymbal(shortest: float, longest: float, lowest: float, highest: float) -> Callable[[Rng], np.ndarray]:
    """A maker of hats and cymbals: metal and noise in any mixture, above a cut."""

    def make(rng: Rng) -> np.ndarray:
        decay, cut, share = drawn(rng, shortest, longest), drawn(rng, lowest, highest), rng.uniform(0, 1)
        hiss = level(noise(rng, cut, 10_800, decay * drawn(rng, 0.5, 1.5)))
        ping = level(noise(rng, 2_000, 9_000, 0.01)) * rng.uniform(0, 0.6)
        return mixed(level(metal(rng, cut, decay)) * share, hiss * (1 - share), ping)

    return make


def _tom(low: float, high: float) -> Callable[[Rng], np.ndarray]:
    def make(rng: Rng) -> np.ndarray:
        pitch = drawn(rng, low, high)
        body = sweep(pitch * drawn(rng, 1, 2.2), pitch, drawn(rng, 0.01, 0.1), drawn(rng, 0.07, 0.5))
        return driven(mixed(body, level(noise(rng, 300, 6_000, drawn(rng, 0.004, 0.05))) * rng.uniform(0, 0.4)), rng)

    return make


def _perc(rng: Rng) -> np.ndarray:
    low, high, shortest, longest = [(180, 700, 0.04, 0.25), (700, 3_200, 0.006, 0.05), (3_500, 7_000, 0.1, 0.8)][
        rng.choice(3, p=[0.5, 0.4, 0.1])
    ]
    pitch, decay = drawn(rng, low, high), drawn(rng, shortest, longest)
    skin = sweep(pitch * rng.uniform(1, 1.3), pitch, 0.02, decay)
    return mixed(
        skin,
        0.4 * sweep(2.3 * pitch, 2.3 * pitch, 1, decay),
        level(noise(rng, 800, 8_000, 0.005)) * rng.uniform(0, 0.4),
    )


def _shaker(rng: Rng) -> np.ndarray:
    """Grains that swell and die, once or forth and back."""
    times = np.arange(int(RATE * rng.uniform(0.05, 0.3))) / RATE
    rise, fall = drawn(rng, 0.002, 0.04), drawn(rng, 0.012, 0.09)
    shape = _swell(times, rise, fall)
    if rng.random() < 0.3:
        shape = shape + rng.uniform(0.4, 1.5) * _swell(times - rng.uniform(0.04, 0.1), rise, fall)
    grains = rng.standard_normal(len(times)) * (rng.random(len(times)) < drawn(rng, 0.03, 1))
    return band(grains, rng.uniform(1_800, 6_500), rng.uniform(7_500, 10_800), int(rng.integers(1, 3))) * shape


def _swell(times: np.ndarray, rise: float, fall: float) -> np.ndarray:
    return np.clip(times / rise, 0, 1) * np.exp(-np.maximum(times, 0) / fall)


def _tambourine(rng: Rng) -> np.ndarray:
    """Many jingles of their own pitch, which rattle on, and now and then a skin."""
    times = np.arange(int(RATE * rng.uniform(0.1, 0.7))) / RATE
    jingles = sum(
        np.sin(2 * np.pi * f * times + rng.uniform(0, 6)) * np.exp(-times / drawn(rng, 0.03, 0.4))
        for f in rng.uniform(3_500, 10_500, int(rng.integers(5, 16)))
    )
    shape, late = _swell(times, drawn(rng, 0.0005, 0.008), drawn(rng, 0.025, 0.2)), rng.uniform(0.015, 0.05)
    shape = shape + rng.uniform(0, 0.7) * _swell(times - late, 0.004, drawn(rng, 0.03, 0.12))
    bells = level(jingles) + rng.uniform(0.1, 0.8) * 0.4 * rng.standard_normal(len(times))
    skin = sweep(drawn(rng, 200, 500), drawn(rng, 150, 400), 0.02, 0.04) * rng.choice([0, 0, rng.uniform(0, 0.4)])
    return mixed(level(band(bells * shape, rng.uniform(2_000, 4_500), 10_800, 2)), skin)


def _cowbell(rng: Rng) -> np.ndarray:
    """Two squares, as of a machine, or struck metal: partials at inharmonic ratios, the high ones sooner gone."""
    low, ratio = drawn(rng, 400, 1_100), rng.uniform(1.35, 1.65)
    times = np.arange(int(RATE * rng.uniform(0.1, 0.5))) / RATE
    decay = drawn(rng, 0.02, 0.2)
    shape = 0.7 * np.exp(-times / decay) + 0.3 * np.exp(-times / 0.01)
    if rng.random() < 0.5:
        bell = ss.square(2 * np.pi * low * times) + ss.square(2 * np.pi * low * ratio * times)
        return band(bell, low * 0.8, rng.uniform(2_500, 7_000)) * shape
    pitches = low * np.array([1, ratio, *np.sort(rng.uniform(2, 8, int(rng.integers(2, 6))))])
    partials = sum(
        np.sin(2 * np.pi * f * times) * np.exp(-times * (f / low) ** 0.5 / decay) * rng.uniform(0.2, 1) for f in pitches
    )
    return mixed(level(partials), level(noise(rng, 1_500, 9_000, drawn(rng, 0.001, 0.01))) * rng.uniform(0, 0.5))


MAKERS: dict[str, Callable[[Rng], np.ndarray]] = {
    "kick": _kick,
    "snare": _snare,
    "rim": _rim,
    "clap": _clap,
    "closed-hat": _cymbal(0.008, 0.09, 2_500, 8_500),
    "pedal-hat": _cymbal(0.015, 0.1, 1_500, 6_000),
    "open-hat": _cymbal(0.09, 0.7, 2_500, 8_500),
    **{role: _tom(*span) for role, span in _TOMS.items()},
    "crash": _cymbal(0.35, 1.6, 800, 5_000),
    "ride": _cymbal(0.15, 1.3, 1_500, 6_500),
    "cowbell": _cowbell,
    "tambourine": _tambourine,
    "shaker": _shaker,
    "perc": _perc,
}
