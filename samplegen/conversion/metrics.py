"""Distances of a converted take to the target's own, by the measures of the field, at 16 kHz.

Frames of 10 ms that sound in both are paired by dynamic time warping of the same cepstra that are compared.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.conversion import features, pitch
from samplegen.conversion.alignment import dtw
from samplegen.conversion.features import Levels
from samplegen.conversion.pitch import Pitch

RATE = 16_000  # Hz
CEPSTRA = 24  # from the first on, without the level

MEASURES = {  # name -> what it is
    "distortion": "mel-cepstral distortion in dB, 10 / ln 10 sqrt(2 sum of squares), cepstra 1 to 24 of 80 mel bands",
    "correlation": "mean correlation of each of these cepstra with the target's",
    "variance": "mean ratio of their variances to the target's",
    "spectral": "log-spectral distance in dB over the 80 bands, levels compared without the take's own loudness",
    "pitch_correlation": "correlation of the fundamentals, where both are voiced",
    "pitch_error": "root mean square difference of the fundamentals in cents",
    "voicing_error": "share of frames that are voiced in one take only",
}
_MIN_FRAMES = 3  # frames that a correlation takes


@dataclass(frozen=True)
class TakeFeatures:
    """A take as it is measured: levels `(frames, bands)` in dB and fundamental `(frames,)` in Hz."""

    levels: Levels
    pitch: Pitch

    @property
    def audible(self) -> NDArray[np.bool_]:
        """Return which frames are not silent."""
        return features.audible(features.loudness(self.levels))


def take_features(samples: Signal) -> TakeFeatures:
    """A mono take `(n,)` at `RATE`."""
    levels = features.log_mel(samples, features.stft_config(RATE))
    return TakeFeatures(levels, pitch.fit_length(pitch.track(samples), len(levels)))


def measure(converted: TakeFeatures, target: TakeFeatures) -> dict[str, float]:
    """Return all of `MEASURES`; NaN for what cannot be measured, such as the pitch of a whisper.

    With an orthonormal transform over the bands, the distortion is the root mean square of the difference of two
    smoothed log spectra in dB, which is what the usual formula gives of a mel-cepstrum.
    """
    audible = converted.audible, target.audible
    if not all(mask.any() for mask in audible):
        return dict.fromkeys(MEASURES, float("nan"))
    levels = [take.levels[mask] for take, mask in zip((converted, target), audible, strict=True)]
    heights = [take.pitch[mask] for take, mask in zip((converted, target), audible, strict=True)]
    one, other = (features.cepstra(each, CEPSTRA) for each in levels)
    first, second = dtw(one, other).T
    apart = [each - features.loudness(each).mean() for each in levels]
    return {
        "distortion": float(np.linalg.norm(one[first] - other[second], axis=1).mean()),
        "correlation": float(np.nanmean(_correlations(one[first], other[second]))),
        "variance": float((one.var(axis=0) / np.maximum(other.var(axis=0), 1e-9)).mean()),
        "spectral": float(np.sqrt(((apart[0][first] - apart[1][second]) ** 2).mean(axis=1)).mean()),
    } | _pitch_metrics(heights[0][first], heights[1][second])


def _pitch_metrics(one: Pitch, other: Pitch) -> dict[str, float]:
    both = (one > 0) & (other > 0)
    cents = 1200 * np.log2(one[both] / other[both])
    known = both.sum() >= _MIN_FRAMES
    correlation = _correlations(one[both][:, None], other[both][:, None])[0] if known else float("nan")
    return {
        "pitch_correlation": float(correlation),
        "pitch_error": float(np.sqrt((cents**2).mean())) if known else float("nan"),
        "voicing_error": float(((one > 0) != (other > 0)).mean()),
    }


def _correlations(one: Levels, other: Levels) -> NDArray[np.float64]:
    """Return the correlation of each column; 0 where one of the two never moves."""
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    spread = np.sqrt((one.astype(np.float64) ** 2).sum(axis=0) * (other.astype(np.float64) ** 2).sum(axis=0))
    return np.where(spread > 1e-6, (one * other).sum(axis=0) / np.maximum(spread, 1e-6), 0.0)
