"""A beatbox model measured: hits laid out as a take and converted, the result compared with them and real drums."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.conversion.beatbox import labels, metrics, pairs
from samplegen.conversion.beatbox.convert import BeatboxConverter
from samplegen.conversion.beatbox.labels import Source
from samplegen.conversion.beatbox.pairs import TrainingPairs
from samplegen.conversion.beatbox.split import Indices
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.results import ConverterEvaluation, Progress, Rows
from samplegen.conversion.takes import from_array
from samplegen.data import dataset
from samplegen.errors import DataError, OptionError
from samplegen.features import spectrogram
from samplegen.models.beatbox import Config
from samplegen.models.model import Model
from samplegen.transcription.hits import RATE, level

ROWS = {
    "converted": "the hits through the model",
    "nearest": "for each hit the real drum of its role that is nearest in rank, as a sampler would play it",
    "real": "the real drums themselves",
}
TOLERANCE_SECONDS = 0.02  # seconds
_LEVEL_SAMPLES = round(0.05 * RATE)  # samples over which levels are taken
_LEAD, _PAUSE, _FADE = 0.1, 0.1, 0.01  # seconds before the first hit, after the longest drum, and at a hit's end


class SpacedHits(NamedTuple):
    """A take `(n,)` at `RATE`, and the first sample of each hit in it."""

    take: Signal
    places: list[int]


def measure_hits(model: Model, source: Path, target: Path, progress: Progress | None = None) -> tuple[Rows, int]:
    """Return `metrics.MEASURES` for each of `ROWS`, as far as they can be measured, and the number of hits.

    Raises `DataError`: no hits or no drums, or hits of roles that the model does not know.
    """
    config: Config = model.config
    hits, drums = labels.read(source), dataset.scan(target, config.map)
    unknown = sorted(set(hits.roles) - set(config.roles))
    if unknown:
        raise DataError(f"{source} holds hits of {', '.join(unknown)}; the model knows {', '.join(config.roles)}")
    training, known = pairs.training_pairs(hits, drums, seed=0), model.fingerprints.descriptors
    nearest = training.maps[_nearest(training)]
    rows = {
        "converted": _converted_metrics(model, hits, training, progress),
        "nearest": {
            "heard": metrics.role_agreement(nearest, training.hits.role, training),
            "follows": metrics.descriptor_correlation(training.hit_features.described, nearest, training.hits.role),
        },
        "real": {
            "heard": metrics.role_agreement(training.maps, training.drums.role, training),
            "ratio": metrics.nearest_ratio(training.maps, known, training.prints),
        },
    }
    lacking = dict.fromkeys(metrics.MEASURES, float("nan"))
    return {name: lacking | row for name, row in rows.items()}, len(hits.roles)


def _nearest(training: TrainingPairs) -> Indices:
    """For each hit the drum of its role that is nearest in rank."""
    away = ((training.hits.ranks[:, None] - training.drums.ranks) ** 2).sum(axis=2)
    away[training.hits.role[:, None] != training.drums.role] = np.inf
    return away.argmin(axis=1)


def space_out(sounds: tuple[Signal, ...], gap: float) -> SpacedHits:
    """Hits one after the other, one every `gap` seconds, as loud as each is."""
    step, lead, fade = (round(seconds * RATE) for seconds in (gap, _LEAD, _FADE))
    places = [lead + step * index for index in range(len(sounds))]
    take = np.zeros(step * len(sounds) + lead, np.float32)
    for place, sound in zip(places, sounds, strict=True):
        part = sound[:step].copy()
        ending = min(fade, len(part))
        part[len(part) - ending :] *= np.linspace(1, 0, ending, dtype=np.float32)
        take[place : place + len(part)] = part
    return SpacedHits(take, places)


def _converted_metrics(
    model: Model, hits: Source, training: TrainingPairs, progress: Progress | None
) -> dict[str, float]:
    config, laid = model.config, space_out(hits.sounds, model.config.map.seconds + _PAUSE)
    converter = BeatboxConverter(config, model.network, from_array(laid.take, RATE), ConvertOptions(), progress)
    if not len(converter.frames):
        raise DataError("none of the hits is found again in a take of them; give louder ones")
    made = np.concatenate(list(converter.parts(seconds=20, progress=progress)))[:, 0]
    nearest = np.abs(converter.frames - np.array(laid.places)[:, None]).argmin(axis=1)
    away = np.abs(converter.frames[nearest] - laid.places)
    found = np.flatnonzero(away < TOLERANCE_SECONDS * RATE)
    role, predicted = training.hits.role[found], np.array(config.roles)[converter.roles[nearest[found]]]
    drums = [made[start : start + round(config.map.seconds * RATE)] for start in converter.frames[nearest[found]]]
    pictures = np.stack(
        [spectrogram.encode(signals.resample(one, RATE, config.map.stft.rate), config.map) for one in drums]
    )
    struck, played = (
        [level(sound[:_LEVEL_SAMPLES]) for sound in each] for each in ([hits.sounds[i] for i in found], drums)
    )
    return {
        "heard": metrics.role_agreement(pictures, role, training),
        "told": float(np.mean(predicted == np.array(training.names)[role])),
        "ratio": metrics.nearest_ratio(pictures, model.fingerprints.descriptors, training.prints),
        "follows": metrics.descriptor_correlation(training.hit_features.described[found], pictures, role),
        "energy": metrics.correlation(struck, played, role),
        "onset": float(away[found].mean() / RATE * 1000),
        "found": len(found) / len(away),
    }


def evaluate(
    model: Model, source: Path, target: Path, *, other: Path | None = None, progress: Progress | None = None
) -> ConverterEvaluation:
    """A beatbox model on a folder of hits and one of drums, best none that it learned from."""
    if other:
        raise OptionError("a beatbox is compared with the real drums of TARGET; leave out --others")
    rows, hits = measure_hits(model, source, target, progress)
    return ConverterEvaluation(rows, ROWS, metrics.MEASURES, hits)
