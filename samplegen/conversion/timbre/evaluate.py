"""A timbre model measured: is a take still at its pitch and as loud as it was, and does it sound like the instrument.

All frames of all takes are measured together, as the pitch of a single note has nothing to correlate with.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio import reading, signals
from samplegen.conversion import features, pitch, takes
from samplegen.conversion.options import KEEP, ConvertOptions
from samplegen.conversion.results import ConverterEvaluation, Progress, Rows
from samplegen.conversion.takes import Pair, from_array
from samplegen.conversion.timbre import harmonics
from samplegen.conversion.timbre.convert import TimbreConverter
from samplegen.errors import DataError
from samplegen.features import metrics
from samplegen.models.model import Model
from samplegen.models.timbre import Config

RATE = 22_050  # Hz, at which spectra are compared
_MELS, _SIZE, _ROUNDS = 80, 1024, 32  # of the Griffin-Lim route
_MAX_LENGTH_DIFFERENCE_SECONDS = 0.1  # seconds by which two takes of one performance may differ
ROWS = {
    "converted": "the takes through the model",
    "identity": "the takes as they are",
    "griffin-lim": "the wanted takes from their 80 mel bands, by librosa's Griffin-Lim: they are known, not predicted",
}
MEASURES = {
    "spectral": "log-spectral distance to the wanted takes in dB at three resolutions, where both last equally long",
    "pitch_correlation": "correlation of the fundamental, in octaves, with that of the source",
    "pitch_cents": "median difference of the two in cents",
    "loudness_correlation": "correlation of the loudness in dB with that of the source, where that sounds",
    "voicing_error": "share of the frames that sound which are at a pitch in one of the two only",
}
Track = NDArray[np.float32]  # (frames,)


def measure_pairs(model: Model, pairs: Sequence[Pair], *, progress: Progress | None = None) -> Rows:
    """Return all `MEASURES` for each of `ROWS`.

    Args:
        model: of kind timbre.
        pairs: takes, and the same performance by the instrument, such as the same take; best never learned from.
        progress: takes (done, of) after each pair.
    """
    rate = model.config.rate
    takes = ([reading.read_audio(path, rate)[0] for path in (pair.source, pair.target)] for pair in pairs)
    return measure(model.config, model.network, takes, progress=progress and (lambda n: progress(n, len(pairs))))


def measure(
    config: Config, network: Any, takes: Iterable[Sequence[Signal]], *, progress: Callable[[int], None] | None = None
) -> Rows:
    """Measure pairs of mono takes `(n,)` at the rate of the configuration, as `measure_pairs` does."""
    tracks_of: dict[str, list[tuple[Track, ...]]] = {name: [] for name in ROWS}
    apart: dict[str, list[float]] = {name: [] for name in ROWS}
    for number, (source, target) in enumerate(takes, 1):
        own = tracks(source, config.rate)
        for name, made in _render(config, network, source, target).items():
            tracks_of[name].append((*own, *(own if name == "identity" else tracks(made, config.rate))))
            apart[name].append(distance(made, target, config.rate))
        if progress:
            progress(number)
    return {name: {"spectral": _mean(apart[name])} | compare_tracks(tracks_of[name]) for name in ROWS}


def _render(config: Config, network: Any, source: Signal, target: Signal) -> dict[str, Signal]:
    player = TimbreConverter(config, network, from_array(source, config.rate), ConvertOptions(KEEP))
    made = np.concatenate(list(player.parts()))[:, 0]
    return {"converted": made, "identity": source, "griffin-lim": _griffin_lim(target, config.rate)}


def distance(made: Signal, target: Signal, rate: int) -> float:
    """`evaluation.log_spectral_distance` of two takes `(n,)` of one performance, made equally loud; else NaN."""
    if abs(len(made) - len(target)) > _MAX_LENGTH_DIFFERENCE_SECONDS * rate:
        return float("nan")
    both = [signals.resample(take[: min(len(made), len(target))], rate, RATE) for take in (target, made)]
    power = [float(np.sqrt(np.mean(take.astype(np.float64) ** 2))) or 1.0 for take in both]
    return metrics.log_spectral_distance(both[0], both[1] * np.float32(power[0] / power[1]))


def _griffin_lim(samples: Signal, rate: int) -> Signal:
    resampled = signals.resample(samples, rate, RATE)
    bands = librosa.feature.melspectrogram(y=resampled, sr=RATE, n_fft=_SIZE, hop_length=_SIZE // 4, n_mels=_MELS)
    made = librosa.feature.inverse.mel_to_audio(
        bands, sr=RATE, n_fft=_SIZE, hop_length=_SIZE // 4, n_iter=_ROUNDS, length=len(resampled)
    )
    return signals.resample(made, RATE, rate)


def tracks(samples: Signal, rate: int) -> tuple[Track, Track]:
    """Pitch in Hz and loudness in dB of a mono take `(n,)`, a frame every 10 ms."""
    heights = pitch.track(signals.resample(samples, rate, pitch.RATE), limits=pitch.INSTRUMENT_RANGE_HZ, refine=True)
    return heights, harmonics.loudness(samples, rate, len(heights))


def compare_tracks(pairs: Sequence[tuple[Track, ...]]) -> dict[str, float]:
    """Measures of pitch and loudness of takes: pitch and loudness of the source, then of what it became."""
    cut = [tuple(track[: min(map(len, tracks))] for track in tracks) for tracks in pairs]
    before, loud_before, after, loud_after = (np.concatenate(tracks) for tracks in zip(*cut, strict=True))
    audible = np.concatenate([features.audible(tracks[1]) for tracks in cut])
    both = audible & (before > 0) & (after > 0)
    octaves = np.log2(before[both]), np.log2(after[both])
    return {
        "pitch_correlation": _correlation(*octaves),
        "pitch_cents": float(np.median(np.abs(1200 * (octaves[1] - octaves[0])))) if both.any() else float("nan"),
        "loudness_correlation": _correlation(loud_before[audible], loud_after[audible]),
        "voicing_error": float(np.mean((before > 0) != (after > 0), where=audible)) if audible.any() else 0.0,
    }


def _correlation(one: Track, other: Track) -> float:
    moving = len(one) > 2 and one.std() > 0 and other.std() > 0
    return float(np.corrcoef(one, other)[0, 1]) if moving else float("nan")


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def evaluate(
    model: Model, source: Path, target: Path, *, other: Path | None = None, progress: Progress | None = None
) -> ConverterEvaluation:
    """A timbre model on takes and what they should become; the same takes twice measure how it makes them anew."""
    if other:
        raise DataError("another voice's takes stand beside a voice model only; leave out --others")
    pairs = takes.find_pairs(source, target)
    rows = measure_pairs(model, pairs, progress=progress)
    return ConverterEvaluation(rows, ROWS, MEASURES, len(pairs))
