"""Drums made by formulas, as drum machines make them: what transcription learns from beside recorded ones.

Sines that fall in pitch, squares at inharmonic ratios, filtered noise; every setting drawn anew for every drum, wider
than any one machine's, so that a machine never heard lies among them. Sounds are mono at `RATE`, not levelled.
"""

from collections.abc import Callable

import numpy as np
import scipy.signal as ss

from samplegen.arrays import Signal
from samplegen.transcription.features import RATE

Rng = np.random.Generator
_METAL = np.array([2.0, 3.0, 4.16, 5.43, 6.79, 8.21])  # partials of a cymbal of squares
_TOMS = {"low-tom": (55, 120), "mid-tom": (90, 175), "high-tom": (130, 290)}  # Hz


def drum(role: str, rng: Rng) -> Signal:
    """A drum of a role, at most 3 s."""
    return np.asarray(MAKERS[role](rng)[: 3 * RATE], np.float32)


def _log(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _times(decay: float) -> np.ndarray:
    return np.arange(int(RATE * min(3.0, 7 * decay + 0.01))) / RATE


def _noise(rng: Rng, low: float, high: float, decay: float) -> np.ndarray:
    times = _times(decay)
    return _band(rng.standard_normal(len(times)), low, high, int(rng.integers(1, 3))) * np.exp(-times / decay)


def _band(samples: np.ndarray, low: float, high: float, order: int = 1) -> np.ndarray:
    edges = [low, min(high, 0.49 * RATE)]
    return ss.sosfilt(ss.butter(order, edges, "band", fs=RATE, output="sos"), samples)


def _sweep(high: float, low: float, fall: float, decay: float) -> np.ndarray:
    times = _times(decay)
    turns = low * times + (high - low) * fall * (1 - np.exp(-times / fall))
    return np.sin(2 * np.pi * turns) * np.exp(-times / decay)


def _metal(rng: Rng, cut: float, decay: float) -> np.ndarray:
    times = _times(decay)
    pitches = _log(rng, 150, 420) * _METAL * rng.uniform(0.94, 1.06, len(_METAL))
    squares = sum(ss.square(2 * np.pi * f * times) for f in pitches) / len(_METAL)
    return _band(squares, cut, 10_800, 2) * np.exp(-times / decay)


def _sum(*parts: np.ndarray) -> np.ndarray:
    whole = np.zeros(max(map(len, parts)))
    for part in parts:
        whole[: len(part)] += part
    return whole


def _unit(part: np.ndarray) -> np.ndarray:
    return part / max(np.abs(part).max(initial=0), 1e-9)


def _driven(samples: np.ndarray, rng: Rng) -> np.ndarray:
    return np.tanh(_unit(samples) * rng.uniform(1, 6)) if rng.random() < 0.4 else samples


def _kick(rng: Rng) -> np.ndarray:
    low = _log(rng, 36, 85)
    body = _sweep(low * _log(rng, 1.2, 8), low, _log(rng, 0.004, 0.07), _log(rng, 0.04, 0.6))
    click = _noise(rng, 400, 7_000, _log(rng, 0.001, 0.01)) * rng.uniform(0, 0.5)
    return _driven(_sum(body, click), rng)


def _snare(rng: Rng) -> np.ndarray:
    low = _log(rng, 140, 290)
    shells = [_sweep(f * rng.uniform(1, 1.6), f, 0.01, _log(rng, 0.02, 0.16)) for f in (low, low * rng.uniform(1.4, 2))]
    rattle = _unit(_noise(rng, _log(rng, 250, 2_500), _log(rng, 4_000, 10_000), _log(rng, 0.03, 0.3)))
    return _driven(_sum(shells[0], 0.6 * shells[1], rattle * _log(rng, 0.25, 3)), rng)


def _rim(rng: Rng) -> np.ndarray:
    parts = [_sweep(f, f, 0.01, _log(rng, 0.004, 0.03)) for f in (_log(rng, 380, 900), _log(rng, 1_300, 2_900))]
    click = _unit(_noise(rng, 900, 8_000, _log(rng, 0.001, 0.012)))
    return _driven(_sum(parts[0] * rng.uniform(0.2, 1), parts[1], click * rng.uniform(0, 1)), rng)


def _clap(rng: Rng) -> np.ndarray:
    times = _times(0.2)
    gap, bursts = rng.uniform(0.007, 0.015), int(rng.integers(2, 5))
    late = times - gap * (bursts - 1)
    saw = np.exp(-(times % gap) / rng.uniform(0.002, 0.006)) * (late < 0)
    shape = saw + (late >= 0) * np.exp(-np.maximum(late, 0) / _log(rng, 0.025, 0.2)) * rng.uniform(0.4, 1.2)
    middle = _log(rng, 800, 1_900)
    return _band(rng.standard_normal(len(times)), middle / _log(rng, 1.2, 2), middle * _log(rng, 1.2, 4)) * shape


def _cymbal(shortest: float, longest: float, lowest: float, highest: float) -> Callable[[Rng], np.ndarray]:
    """A maker of hats and cymbals: metal and noise in any mixture, above a cut."""

    def make(rng: Rng) -> np.ndarray:
        decay, cut, share = _log(rng, shortest, longest), _log(rng, lowest, highest), rng.uniform(0, 1)
        hiss = _unit(_noise(rng, cut, 10_800, decay * _log(rng, 0.5, 1.5)))
        ping = _unit(_noise(rng, 2_000, 9_000, 0.01)) * rng.uniform(0, 0.6)
        return _sum(_unit(_metal(rng, cut, decay)) * share, hiss * (1 - share), ping)

    return make


def _tom(low: float, high: float) -> Callable[[Rng], np.ndarray]:
    def make(rng: Rng) -> np.ndarray:
        pitch = _log(rng, low, high)
        body = _sweep(pitch * _log(rng, 1, 2.2), pitch, _log(rng, 0.01, 0.1), _log(rng, 0.07, 0.5))
        return _driven(_sum(body, _unit(_noise(rng, 300, 6_000, _log(rng, 0.004, 0.05))) * rng.uniform(0, 0.4)), rng)

    return make


def _perc(rng: Rng) -> np.ndarray:
    low, high, shortest, longest = [(180, 700, 0.04, 0.25), (700, 3_200, 0.006, 0.05), (3_500, 7_000, 0.1, 0.8)][
        rng.choice(3, p=[0.5, 0.4, 0.1])
    ]
    pitch, decay = _log(rng, low, high), _log(rng, shortest, longest)
    skin = _sweep(pitch * rng.uniform(1, 1.3), pitch, 0.02, decay)
    return _sum(
        skin,
        0.4 * _sweep(2.3 * pitch, 2.3 * pitch, 1, decay),
        _unit(_noise(rng, 800, 8_000, 0.005)) * rng.uniform(0, 0.4),
    )


def _shaker(rng: Rng) -> np.ndarray:
    times = np.arange(int(RATE * rng.uniform(0.05, 0.25))) / RATE
    shape = np.minimum(times / rng.uniform(0.002, 0.03), 1) * np.exp(-times / rng.uniform(0.015, 0.06))
    return _band(rng.standard_normal(len(times)), rng.uniform(2_500, 6_000), rng.uniform(8_000, 10_800), 2) * shape


def _tambourine(rng: Rng) -> np.ndarray:
    times = np.arange(int(RATE * rng.uniform(0.1, 0.5))) / RATE
    jingles = sum(np.sin(2 * np.pi * f * times + rng.uniform(0, 6)) for f in rng.uniform(4_500, 10_500, 12)) / 4
    shape = np.exp(-times / rng.uniform(0.03, 0.1)) + 0.5 * (times > 0.02) * np.exp(-np.abs(times - 0.02) / 0.05)
    return _band((jingles + 0.5 * rng.standard_normal(len(times))) * shape, rng.uniform(2_500, 4_500), 10_800, 2)


def _cowbell(rng: Rng) -> np.ndarray:
    low, ratio = _log(rng, 400, 950), rng.uniform(1.4, 1.6)
    times = np.arange(int(RATE * rng.uniform(0.1, 0.5))) / RATE
    bell = ss.square(2 * np.pi * low * times) + ss.square(2 * np.pi * low * ratio * times)
    shape = 0.7 * np.exp(-times / _log(rng, 0.02, 0.2)) + 0.3 * np.exp(-times / 0.01)
    return _band(bell, low * 0.8, rng.uniform(2_500, 7_000)) * shape


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
