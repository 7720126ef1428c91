"""What drums made by formulas are made of: sines that fall in pitch, metal of squares, filtered noise.

Parts are `(n,)` at `RATE`, as long as they sound, not levelled; settings are drawn by the caller's generator.
"""

import numpy as np
import scipy.signal as ss

from samplegen.transcription.features import RATE

Rng = np.random.Generator
_METAL = np.array([2.0, 3.0, 4.16, 5.43, 6.79, 8.21])  # partials of a cymbal of squares


def drawn(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def during(decay: float) -> np.ndarray:
    return np.arange(int(RATE * min(3.0, 7 * decay + 0.01))) / RATE


def noise(rng: Rng, low: float, high: float, decay: float) -> np.ndarray:
    times = during(decay)
    return band(rng.standard_normal(len(times)), low, high, int(rng.integers(1, 3))) * np.exp(-times / decay)


def band(samples: np.ndarray, low: float, high: float, order: int = 1) -> np.ndarray:
    edges = [low, min(high, 0.49 * RATE)]
    return ss.sosfilt(ss.butter(order, edges, "band", fs=RATE, output="sos"), samples)


def sweep(high: float, low: float, fall: float, decay: float) -> np.ndarray:
    times = during(decay)
    turns = low * times + (high - low) * fall * (1 - np.exp(-times / fall))
    return np.sin(2 * np.pi * turns) * np.exp(-times / decay)


def metal(rng: Rng, cut: float, decay: float) -> np.ndarray:
    times = during(decay)
    pitches = drawn(rng, 150, 420) * _METAL * rng.uniform(0.94, 1.06, len(_METAL))
    squares = sum(ss.square(2 * np.pi * f * times) for f in pitches) / len(_METAL)
    return band(squares, cut, 10_800, 2) * np.exp(-times / decay)


def mixed(*parts: np.ndarray) -> np.ndarray:
    whole = np.zeros(max(map(len, parts)))
    for part in parts:
        whole[: len(part)] += part
    return whole


def level(part: np.ndarray) -> np.ndarray:
    return part / max(np.abs(part).max(initial=0), 1e-9)


def driven(samples: np.ndarray, rng: Rng) -> np.ndarray:
    return np.tanh(level(samples) * rng.uniform(1, 6)) if rng.random() < 0.4 else samples
