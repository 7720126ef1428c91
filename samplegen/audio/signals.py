"""Mono sounds as arrays: peak and resampling."""

import numpy as np
import soxr

from samplegen.arrays import Signal

RATE_RANGE_HZ = (4_000, 768_000)  # a header with another rate is damaged
SILENCE_PEAK = 1e-4  # (-80 dBFS) a file with a lower one holds no sound


def resample(samples: Signal, rate: int, to: int) -> Signal:
    """Resample `(n,)` from `rate` to `to` Hz, band-limited (soxr, high quality)."""
    if rate == to:
        return samples
    converted: Signal = soxr.resample(samples, rate, to).astype(np.float32, copy=False)
    return converted


def peak(samples: Signal) -> float:
    """Return the largest absolute sample, 0 for an empty signal."""
    return float(np.maximum(samples.max(initial=0.0), -samples.min(initial=0.0)))  # no copy, unlike np.abs
