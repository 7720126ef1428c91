"""Features around a moment of a loop: levels of bands shortly before and after it, and those of the whole loop.

Two spectra: a short window that separates attacks from tails, a long one that separates low pitches. Sound is mono
`(n,)` at `RATE` Hz; the file's gain never matters.
"""

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from samplegen.arrays import Rows, Signal
from samplegen.audio import signals
from samplegen.audio.filterbank import triangles, unit_sum
from samplegen.audio.signals import peak

RATE = 22_050  # Hz at which loops are analysed
HOP_SAMPLES = 110  # samples between two frames, 5 ms
_LOG_COMPRESSION = 1000.0  # levels 60 dB under the peak begin to count


class View(NamedTuple):
    """One way to look: FFT size, bands, their range in Hz, and the frames around a moment that are looked at."""

    size: int
    bands: int
    low: float
    high: float
    frames: tuple[int, ...]


VIEWS = (
    View(512, 24, 150.0, 10_500.0, (-6, -3, -1, 0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 28, 40)),
    View(2048, 16, 35.0, 620.0, (-10, 0, 5, 10, 15, 20, 30, 40)),
)
FEATURE_COUNT = sum(view.bands * (len(view.frames) + 2) for view in VIEWS)


def downmix(samples: Signal, rate: int) -> Signal:
    """A sound `(n,)` at `RATE`, with what lies between `RATE / 2` and `RATE` mirrored below `RATE / 2`.

    Some hats of drum machines have all but nothing below 11 kHz: they would be lost. Every second sample is
    kept and nothing filtered, so that 12 kHz appear as 10.
    """
    return np.ascontiguousarray(signals.resample(samples, rate, 2 * RATE)[::2])


def levels(samples: Signal, view: View) -> Rows:
    """Compressed band levels `(frames, bands)` of a loop at `RATE`; frame 0 is centred on the first sample."""
    padded = np.pad(samples / np.float32(max(peak(samples), 1e-9)), view.size // 2)
    frames = sliding_window_view(padded, view.size)[::HOP_SAMPLES]
    window = np.hanning(view.size).astype(np.float32)
    window *= 2 * _LOG_COMPRESSION / window.sum()
    filters = _filters(view)
    blocks = (np.abs(scipy.fft.rfft(frames[at : at + 512] * window)) for at in range(0, len(frames), 512))
    return np.concatenate([np.log1p(block @ filters) for block in blocks]).astype(np.float32)


def around(samples: Signal, times: NDArray[np.float64]) -> Rows:
    """Features `(moments, SIZE)` of the moments `times` in seconds of a loop at `RATE`."""
    return np.concatenate([_of_view(levels(samples, view), times, view) for view in VIEWS], axis=1)


def _of_view(rows: Rows, times: NDArray[np.float64], view: View) -> Rows:
    """Levels around each moment, and the mean and the highest of the loop."""
    before = -min(view.frames)
    padded = np.pad(rows, ((before, max(view.frames) + 1), (0, 0)))
    centres = np.clip(np.round(times * RATE / HOP_SAMPLES).astype(int), 0, len(rows) - 1) + before
    near = padded[centres[:, None] + np.array(view.frames)].reshape(len(times), -1)
    whole = np.concatenate([rows.mean(axis=0), rows.max(axis=0)])
    return np.concatenate([near, np.tile(whole, (len(times), 1))], axis=1)


def _filters(view: View) -> Rows:
    """Triangles of sum 1 at equal ratios, no narrower than a bin, `(bins, bands)`."""
    edges = np.geomspace(view.low, view.high, view.bands + 2) / (RATE / view.size)
    return unit_sum(triangles(np.arange(view.size // 2 + 1), edges, min_half_width=1.0))
