"""Metrics of a set of sounds: what each measures, from how many sounds up, and which way is better.

Each compares a set of sounds with a reference of real ones, and means something only beside the
same metric of other real sounds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.arrays import Rows, Signal
from samplegen.audio import onsets, parallel, signals
from samplegen.data.dataset import BLOCK_SOUNDS, Dataset
from samplegen.evaluation import judge
from samplegen.evaluation.results import NEIGHBOUR_RATIO
from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import classify

NAMELESS = -1  # role index of a sound whose role is not known
MIN_ROLE_SOUNDS = 4  # of a role, or of several that are measured together
METAL = frozenset({"crash", "ride", "open-hat"})
TREBLE = frozenset({"closed-hat", "pedal-hat", "open-hat", "ride", "shaker"})


@dataclass(frozen=True)
class Features:
    """Features of n sounds: rows `(n, d)` of several kinds, and roles as indices `(n,)` into `ROLES`."""

    embeddings: Rows  # of `samplegen.evaluation.judge`
    measures: Rows  # of the same
    descriptors: Rows  # by `features.metrics.fingerprints`
    predicted: NDArray[np.intp]
    named: NDArray[np.intp]  # role that was requested, or that their names say

    def __len__(self) -> int:
        return len(self.predicted)

    def at(self, indices: NDArray[np.intp]) -> "Features":
        """Return the features of some of the sounds."""
        return Features(*(value[indices] for value in vars(self).values()))


def folder_features(data: Dataset) -> Features:
    """Return the features of the sounds of a folder."""
    sounds = parallel.map(partial(data.waveform, rate=judge.RATE), range(len(data)))
    return _features(data.blocks(), sounds, [sound.role for sound in data.sounds], data.config)


def sound_features(
    sounds: Sequence[Signal], rate: int, names: Sequence[str | None], config: SpectrogramConfig
) -> Features:
    """Return the features of one-shots at a rate in Hz, each begun at its attack as those of a folder are."""

    def begun(sound: Signal, to: int) -> Signal:
        sound = signals.resample(sound, rate, to)
        return sound[onsets.find_onset(sound, to) :]

    def encoded() -> Iterator[Spectrogram]:
        for at in range(0, len(sounds), BLOCK_SOUNDS):
            block = (begun(sound, config.stft.rate) for sound in sounds[at : at + BLOCK_SOUNDS])
            yield np.stack([spectrogram.encode(sound, config) for sound in block])

    return _features(encoded(), parallel.map(partial(begun, to=judge.RATE), sounds), names, config)


def _features(
    blocks: Iterable[Spectrogram], sounds: Sequence[Signal], names: Sequence[str | None], config: SpectrogramConfig
) -> Features:
    descriptors, predicted = [], []
    for block in blocks:
        descriptors.append(metrics.fingerprints(block))
        predicted.append(classify.classify_roles(block, config).roles.argmax(axis=1))
    named = np.array([NAMELESS if name is None else roles.INDEX[name] for name in names], np.intp)
    return Features(
        judge.embed(sounds), judge.measure(sounds), np.concatenate(descriptors), np.concatenate(predicted), named
    )


@dataclass(frozen=True)
class MetricRow:
    """One metric: how it is computed, what it means, and when there is no value."""

    of: Callable[[Features, Features, Rows | None], float]  # sounds, reference, training sounds; NaN: no value
    better: str  # a key of `results.BETTER`
    min_sounds: int  # sounds, on each side
    why_nan: str  # reason where it is NaN
    meaning: str


def _role_agreement(sounds: Features, _: Features, __: Rows | None) -> float:
    named = sounds.named != NAMELESS
    return float(np.mean(sounds.predicted[named] == sounds.named[named])) if named.any() else np.nan


def _frechet(sounds: Features, reference: Features, _: Rows | None) -> float:
    axes = metrics.principal_axes(reference.embeddings)
    return metrics.frechet_distance(reference.embeddings @ axes, sounds.embeddings @ axes)


def _spread_within_role(sounds: Features, reference: Features, _: Rows | None) -> float:
    """Return the mean distance of two sounds of a role over that of real ones, the mean over roles."""
    ours, theirs = (_mean_distances(side) for side in (sounds, reference))
    shared = ours.keys() & theirs.keys()
    return float(np.mean([ours[role] / theirs[role] for role in sorted(shared)])) if shared else np.nan


def _mean_distances(sounds: Features) -> dict[int, float]:
    """Return the mean distance of two sounds, for each role that has some."""
    roles_of = np.where(sounds.named == NAMELESS, sounds.predicted, sounds.named)
    counts = np.bincount(roles_of, minlength=len(roles.ROLES))
    known = np.flatnonzero(counts >= MIN_ROLE_SOUNDS).tolist()
    return {role: metrics.diversity(sounds.embeddings[roles_of == role]) for role in known}


def _median_of(column: int, names: frozenset[str]) -> Callable[[Features, Features, Rows | None], float]:
    """Return the median of a measure of the judge over the sounds of some roles."""
    indices = [roles.INDEX[name] for name in names]

    def median(sounds: Features, _: Features, __: Rows | None) -> float:
        roles_of = np.where(sounds.named == NAMELESS, sounds.predicted, sounds.named)
        values = sounds.measures[np.isin(roles_of, indices), column]
        return float(np.median(values)) if len(values) >= MIN_ROLE_SOUNDS else np.nan

    return median


def _newness(sounds: Features, reference: Features, training: Rows | None) -> float:
    """Return the nearest-neighbour ratio; NaN against training sounds, which are at distance 0 of themselves."""
    if training is None or np.mean(metrics.find_known(reference.descriptors, training)) > 0.5:
        return np.nan
    return metrics.novelty(sounds.descriptors, training, reference.descriptors)


METRICS = {
    "classifier hears the role asked for": MetricRow(
        _role_agreement, "higher", 1, "no name tells a role",
        "share of sounds heard as what they are to be; the same classifier taught the model, which flatters it",
    ),
    "kernel distance": MetricRow(
        lambda sounds, real, _: metrics.kernel_distance(real.embeddings, sounds.embeddings), "lower", 100, "",
        "how far they lie from real sounds as a whole; 0 for real ones (KAD x 1000)",
    ),
    "Frechet distance": MetricRow(
        _frechet, "lower", 200, "",
        f"the same by means and covariances in {metrics.PRINCIPAL_DIMENSIONS} dimensions; the fewer sounds, the larger",
    ),
    "density": MetricRow(
        lambda sounds, real, _: metrics.density_and_coverage(real.embeddings, sounds.embeddings)[0],
        "higher", metrics.NEIGHBOUR_COUNT + 1, "", "how densely they lie among real sounds; low: many sound like none",
    ),
    "coverage": MetricRow(
        lambda sounds, real, _: metrics.density_and_coverage(real.embeddings, sounds.embeddings)[1],
        "higher", metrics.NEIGHBOUR_COUNT + 1, "", "share of real sounds with one of them near; low: kinds are missing",
    ),
    "recall": MetricRow(
        lambda sounds, real, _: metrics.recall(real.embeddings, sounds.embeddings),
        "higher", metrics.NEIGHBOUR_COUNT + 1, "",
        "share of real sounds that lie among them; low: only what is typical is drawn",
    ),
    "spread within a role": MetricRow(
        _spread_within_role, "higher", 2, "no role has enough sounds",
        "mean distance of two sounds of a role, of real ones 1; low: they are relatives",
    ),
    "partials of metal": MetricRow(
        _median_of(0, METAL), "higher", MIN_ROLE_SOUNDS, "too few are cymbals or open hats",
        "median number of partials of crashes, rides and open hats; few: metal comes back as hiss",
    ),
    "energy of hats above 11 kHz": MetricRow(
        _median_of(1, TREBLE), "higher", MIN_ROLE_SOUNDS, "too few are hats, rides or shakers",
        "median share of the energy of hats, rides and shakers that is in the highest octave",
    ),
    "level of metal at its end (dB)": MetricRow(
        _median_of(2, METAL), "lower", MIN_ROLE_SOUNDS, "too few are cymbals or open hats",
        "under its peak; high: cymbals are cut off while they ring",
    ),
    "diversity": MetricRow(
        lambda sounds, _, __: metrics.diversity(sounds.embeddings), "higher", 2, "",
        "mean distance between two of them; under that of real sounds they sound alike",
    ),
    NEIGHBOUR_RATIO: MetricRow(
        _newness, "higher", 1, "its training sounds are not known, or are the very sounds compared with",
        "how far they keep from training sounds, real ones that were held out being 1; near 0 they are copies",
    ),
}  # fmt: skip


def compute_metrics(sounds: Features, reference: Features, training: Rows | None = None) -> dict[str, float]:
    """Compute every metric of `METRICS` that has a value for `sounds`.

    Args:
        reference: real sounds that neither `sounds` nor what they were learned from hold.
        training: descriptors of what they were learned from, if known.
    """
    count = min(len(sounds), len(reference))
    measured = {name: row.of(sounds, reference, training) for name, row in METRICS.items() if count >= row.min_sounds}
    return {name: value for name, value in measured.items() if not np.isnan(value)}


def why_missing(name: str, count: int) -> str:
    """Return why `compute_metrics` has no value of a metric for so many sounds, or against so many."""
    row = METRICS[name]
    return row.why_nan if count >= row.min_sounds else f"{count} sounds are too few: it takes {row.min_sounds}"
