"""A voice model measured on pairs of takes, beside what it has to beat and what nobody beats."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import reading
from samplegen.conversion import features, metrics, pitch, takes
from samplegen.conversion.metrics import MEASURES, RATE, TakeFeatures, measure, take_features
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.results import ConverterEvaluation, Progress, Rows
from samplegen.conversion.takes import Pair, from_array
from samplegen.conversion.voice import gain
from samplegen.conversion.voice.convert import VoiceConverter
from samplegen.features.stft import reconstruct, window
from samplegen.models.model import Model

ROWS = {
    "converted": "the source's takes through the model",
    "identity": "the source's takes as they are",
    "mean": "the target's mean frame, held still",
    "other": "another speaker's takes of the same sentences",
    "resynthesis": "the target's own takes, through 80 mel bands and back with phases made anew",
}


def measure_pairs(
    model: Model,
    pairs: Sequence[Pair],
    *,
    others: Sequence[Pair] = (),
    progress: Progress | None = None,
) -> Rows:
    """Means over the pairs of all `MEASURES`, for each of `ROWS`; "other" only where there are other takes.

    Args:
        model: of kind voice.
        pairs: best none that it learned from.
        others: another speaker's takes as sources, with the same targets.
        progress: takes (done, of) after each pair.
    """
    takes = [tuple(reading.read_audio(path, RATE)[0] for path in (pair.source, pair.target)) for pair in pairs]
    described = [(take_features(source), take_features(target)) for source, target in takes]
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in ROWS}
    for number, (samples, (source, target)) in enumerate(zip(takes, described, strict=True)):
        converter = VoiceConverter(model.config, model.network, from_array(samples[0], RATE), ConvertOptions())
        made = np.concatenate(list(converter.parts()))[:, 0]
        rest = [pair[1] for index, pair in enumerate(described) if index != number or len(described) == 1]
        rows["converted"].append(measure(take_features(made), target))
        rows["identity"].append(measure(source, target))
        rows["mean"].append(measure(_mean(rest, len(source.levels)), target))
        rows["resynthesis"].append(measure(take_features(_resynthesised(target, samples[1])), target))
        if progress:
            progress(number + 1, len(pairs))
    for pair in others:
        rows["other"].append(
            measure(*(take_features(reading.read_audio(path, RATE)[0]) for path in (pair.source, pair.target)))
        )
    return {name: _means(measured) for name, measured in rows.items() if measured}


def _mean(takes: Sequence[TakeFeatures], frames: int) -> TakeFeatures:
    """The mean of all frames that sound, at the median pitch."""
    levels = np.concatenate([take.levels[take.audible] for take in takes]).mean(axis=0)
    height = pitch.median(np.concatenate([take.pitch for take in takes]))
    return TakeFeatures(np.tile(levels, (frames, 1)), np.full(frames, height, np.float32))


def _resynthesised(take: TakeFeatures, samples: Signal) -> Signal:
    """A take from its mel levels alone."""
    stft = features.stft_config(RATE)
    flat = np.full((stft.frames(len(samples)), stft.bins), window(stft).sum() / 2, np.complex64)
    magnitudes = np.abs(gain.apply_to_spectrum(flat, take.levels, RATE, stft))
    return reconstruct(magnitudes, stft, len(samples))


def _means(measured: Sequence[dict[str, float]]) -> dict[str, float]:
    values = {name: np.array([row[name] for row in measured]) for name in MEASURES}
    return {name: float(np.nanmean(v)) if np.isfinite(v).any() else float("nan") for name, v in values.items()}


def evaluate(
    model: Model, source: Path, target: Path, *, other: Path | None = None, progress: Progress | None = None
) -> ConverterEvaluation:
    """A voice model on takes that have one name in two folders, and beside it a third speaker's in `other`."""
    pairs, others = takes.find_pairs(source, target), takes.find_pairs(other, target) if other else []
    rows = measure_pairs(model, pairs, others=others, progress=progress)
    return ConverterEvaluation(rows, ROWS, metrics.MEASURES, len(pairs))
