"""Mono sounds as arrays."""

import numpy as np
import soxr
from numpy.typing import NDArray

Signal = NDArray[np.float32]

RATE_RANGE_HZ = (4_000, 768_000)  # Hz; outside of this a header is lying
SILENCE_PEAK = 1e-4  # peak (-80 dBFS) below which a file holds no sound


def resample(samples: Signal, rate: int, to: int) -> Signal:
    """Resample `(n,)` from `rate` to `to` Hz, band-limited (soxr, high quality)."""
    if rate == to:
        return samples
    converted: Signal = soxr.resample(samples, rate, to).astype(np.float32, copy=False)
    return converted


def peak(samples: Signal) -> float:
    """Largest absolute sample, 0 for an empty signal."""
    return float(np.maximum(samples.max(initial=0.0), -samples.min(initial=0.0)))  # no copy, unlike np.abs
