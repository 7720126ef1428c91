"""Comparison of sounds with a folder of real ones: every metric beside the same one for real sounds.

The real sounds are split by kit into halves, several times: one half is the reference, the other
stands beside the candidate, as unknown to the reference as that is, and with as many sounds. The
difference from split to split is the noise margin.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from samplegen.arrays import Rows, Signal
from samplegen.audio import signals
from samplegen.data.dataset import Dataset, Indices
from samplegen.evaluation import judge, metrics_table
from samplegen.evaluation.metrics_table import METRICS, NAMELESS, Features, compute_metrics
from samplegen.evaluation.results import NEIGHBOUR_RATIO, Assessment, Closest, Example, Metric
from samplegen.features import metrics
from samplegen.models.model import Fingerprints
from samplegen.roles import ROLES

MIN_REAL_SOUNDS = 16  # with fewer, both halves are too small for a reference
_SPLITS = 8  # of the real sounds; the noise margin is measured on them
_MAX_SOUNDS = 1000  # of each set: distances of all pairs lie in memory
_CLOSEST_ROWS = 10  # of the report
_EXAMPLES_PER_ROLE = 4  # spectrograms in the report
_REPEATING_RATIO = 0.8  # nearest-neighbour ratio under which sounds are nearer to training sounds than real ones are
_MIN_KITS = 4  # with fewer, a folder is split by sound
_SPLIT_TRIES = 4  # of which the most even split is taken


@dataclass(frozen=True)
class Candidate:
    """Sounds to assess, at a rate in Hz, with their roles and labels."""

    type: str
    path: Path
    sounds: Sequence[Signal]
    rate: int
    roles: Sequence[str]
    labels: Sequence[str]
    training: Fingerprints | None  # by spectrograms like those of the real sounds
    closest: tuple[Closest, ...] = ()  # used where the training sounds are not known
    notes: tuple[str, ...] = ()


def compare(candidate: Candidate, against: Dataset, *, seed: int = 0) -> Assessment:
    """Compare sounds with at least `MIN_REAL_SOUNDS` real ones; of more than two thousand some are drawn."""
    if len(against) > 2 * _MAX_SOUNDS:
        chosen = np.random.default_rng((seed, 4)).choice(len(against), 2 * _MAX_SOUNDS, replace=False)
        against = against.subset(np.sort(chosen))
    sounds = metrics_table.sound_features(candidate.sounds, candidate.rate, candidate.roles, against.config)
    real = metrics_table.folder_features(against)
    training = candidate.training.descriptors if candidate.training else None
    found = tuple(_metrics(sounds, real, training, _parted(against), seed))
    copies = training is not None and metrics.are_copies(sounds.descriptors, training)
    notes = (*candidate.notes, *_notes(found, real, training, against, copies=copies))
    return Assessment(
        candidate.type, candidate.path.name, candidate.path, against.folder, seed, len(sounds), len(real),
        judge.RATE, found, _closest(candidate, sounds, real), copies, notes,
        tuple(_examples(candidate, real, against)),
    )  # fmt: skip


def _metrics(sounds: Features, real: Features, training: Rows | None, against: Dataset, seed: int) -> Iterator[Metric]:
    rounds = [_round(sounds, real, training, against, (seed, number)) for number in range(_SPLITS)]
    count = min(len(sounds), len(real) // 2)
    for name, row in METRICS.items():
        pairs = np.array([[side.get(name, np.nan) for side in pair] for pair in rounds])
        value, beside = (None if np.isnan(side) else float(side) for side in pairs.mean(axis=0))
        missing = metrics_table.why_missing(name, count) if value is None else ""
        chance = 2 * float((pairs[:, 0] - pairs[:, 1]).std())
        yield Metric(name, row.meaning, row.better, value, beside, 0.0 if np.isnan(chance) else chance, missing)


def _round(
    sounds: Features, real: Features, training: Rows | None, against: Dataset, seed: tuple[int, int]
) -> tuple[dict[str, float], dict[str, float]]:
    """Compute the metrics of the candidate and of real sounds, as many of each, by one split of the real ones."""
    rng = np.random.default_rng((*seed, 5))
    one, other = _halves(against, rng)
    count = min(len(sounds), len(other))
    ours, theirs = sounds.at(rng.permutation(len(sounds))[:count]), real.at(rng.permutation(other)[:count])
    return compute_metrics(ours, real.at(one), training), compute_metrics(theirs, real.at(one), training)


def _parted(data: Dataset) -> Dataset:
    """Return the same sounds, each as a kit of its own if there are no kits to make two halves of."""
    sizes = Counter(sound.kit for sound in data.sounds).values()
    if len(sizes) >= _MIN_KITS and max(sizes) <= len(data) / 2:
        return data
    return replace(data, sounds=tuple(replace(sound, kit=str(i)) for i, sound in enumerate(data.sounds)))


def _halves(data: Dataset, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return indices of about half of the sounds and of the other, smaller half, whole kits in each."""
    tries = (data.split(0.5, seed=int(seed)) for seed in rng.integers(2**32, size=_SPLIT_TRIES))
    return max(tries, key=lambda halves: len(halves[1]))


def _closest(candidate: Candidate, sounds: Features, real: Features) -> tuple[Closest, ...]:
    """Return the sounds nearest to any training sound."""
    if not candidate.training:
        return tuple(sorted(candidate.closest, key=lambda row: row.distance)[:_CLOSEST_ROWS])
    names, rows = candidate.training.names, candidate.training.descriptors
    index, distance = metrics.nearest(sounds.descriptors, rows)
    new = real.descriptors[~metrics.find_known(real.descriptors, rows)]
    usual = float(np.median(metrics.nearest(new, rows)[1])) if len(new) >= MIN_REAL_SOUNDS else None
    return tuple(
        Closest(candidate.labels[i], names[index[i]], float(distance[i]), float(distance[i]) / usual if usual else None)
        for i in distance.argsort()[:_CLOSEST_ROWS]
    )


def _notes(
    found: Sequence[Metric], real: Features, training: Rows | None, against: Dataset, *, copies: bool
) -> Iterator[str]:
    """Yield the reasons to trust the metrics less."""
    ratio = next(metric.value for metric in found if metric.name == NEIGHBOUR_RATIO)
    if training is not None and (known := int(metrics.find_known(real.descriptors, training).sum())):
        of = f"{known} of the {len(real)} sounds in {against.folder}"
        yield f"{of} are training sounds of the model; only sounds that it never heard can judge it"
    if copies:
        yield "the sounds are mostly copies of training sounds; copies have the best of all other figures"
    elif ratio is not None and ratio < _REPEATING_RATIO:
        what = f"training sounds than those in {against.folder} are"
        yield f"the sounds are nearer to {what}: they repeat them in part, or these are sounds of another kind"
    if _parted(against) is not against:
        yield f"{against.folder} has no kits to split it by: real sounds meet takes of their own and score too well"


def _examples(candidate: Candidate, real: Features, against: Dataset) -> Iterator[Example]:
    """Yield a few sounds of each role, in the order of `ROLES`, and real ones named or classified as the same."""
    roles = np.where(real.named == NAMELESS, real.predicted, real.named)
    for index, role in enumerate(ROLES):
        ours = [sound for sound, name in zip(candidate.sounds, candidate.roles, strict=True) if name == role]
        theirs = np.flatnonzero(roles == index)
        if ours:
            made = (signals.resample(sound, candidate.rate, judge.RATE) for sound in ours[:_EXAMPLES_PER_ROLE])
            spread = theirs[np.linspace(0, len(theirs) - 1, min(_EXAMPLES_PER_ROLE, len(theirs))).astype(int)]
            yield Example(role, tuple(made), tuple(against.waveform(i, rate=judge.RATE) for i in spread))
