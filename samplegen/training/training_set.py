"""Training set: the sounds of a folder with their roles, split by kit into those to learn from and those held out.

Its batches are functions of the number of a step, so that a run that is resumed sees the same.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.arrays import Rows, Signal
from samplegen.audio import parallel
from samplegen.data.dataset import Dataset, Indices
from samplegen.errors import AudioError, DataError
from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram
from samplegen.models import classify
from samplegen.training import augment_audio
from samplegen.training.augment_audio import DEFAULT_CHANGE, Change
from samplegen.training.learner import Batch, Batches
from samplegen.training.previews import step_folder

MIN_SOUNDS = 8  # under which nothing can be learned
FEW_SOUNDS = 100  # ... under which results are nearer to copies than to inventions
HELD_OUT_SHARE = 0.1  # of the sounds, for validation only
NAME_WEIGHT = 0.7  # of a role that a name tells, beside the predicted one
_MAX_LENGTHS = 2  # of a spectrogram: at twice its speed no more of a sound is used
_MAX_CACHED_SAMPLES = 1 << 26  # of waveforms, 256 MB of them


@dataclass(frozen=True)
class TrainingSet:
    """Sounds to train on, split: spectrograms are read from `data` on demand, roles `(n, 16)` lie beside it."""

    data: Dataset
    roles: Rows
    train: Indices
    held_out: Indices
    sampling_weights: NDArray[np.float64]  # probability of each training sound to come next
    seed: int
    previews: Path

    def previews_of(self, step: int) -> Path:
        """Return the folder of what the network drew at a checkpoint."""
        return step_folder(self.previews, step)

    @property
    def validation(self) -> Indices:
        """The sounds for validation: those held out or, where these are too few to tell anything, all."""
        return self.held_out if len(self.held_out) >= MIN_SOUNDS else np.arange(len(self.data))

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each sound: its path and, where a file holds several, the time that it starts at."""
        several = Counter(sound.path for sound in self.data.sounds)
        rate = self.data.config.stft.rate
        return tuple(
            s.path if several[s.path] == 1 else f"{s.path} at {s.start / rate:.2f} s" for s in self.data.sounds
        )

    @property
    def descriptors(self) -> Rows:
        """Fingerprints of the sounds, `(n, d)`."""
        return np.concatenate([metrics.fingerprints(block) for block in self.data.blocks()])

    def blocks(self, indices: Indices) -> Iterator[Rows]:
        """Yield spectrograms of the sounds at `indices`, as many at a time as fit in memory."""
        yield from self.data.blocks(indices)

    def chosen(self, step: int, size: int) -> Indices:
        """Return the sounds of a step, drawn from its number."""
        return np.random.default_rng((self.seed, step)).choice(self.train, size, p=self.sampling_weights)

    def batch(self, step: int, size: int) -> tuple[Rows, Rows]:
        """Return spectrograms and roles of a step, drawn from its number."""
        chosen = self.chosen(step, size)
        return self.data.spectrograms(chosen), self.roles[chosen]


def prepare(data: Dataset, *, seed: int, previews: Path, use_classifier: bool) -> TrainingSet:
    """Split sounds by kit; give each its role vector: by name alone or, if `use_classifier`, by name and classifier.

    By name alone, sounds of rare roles are drawn more often.

    Raises:
        DataError: fewer than `MIN_SOUNDS` sounds, or by name alone fewer with a telling name.
    """
    named = np.stack([roles.one_hot(s.role) if s.role else np.zeros(len(roles.ROLES), np.float32) for s in data.sounds])
    telling = named.any(axis=1)
    if not use_classifier:
        data, named = data.subset(np.flatnonzero(telling)), named[telling]
    if len(data) < MIN_SOUNDS:
        sounds = "sounds" if use_classifier else "sounds whose names tell their role"
        needed = f"at least {MIN_SOUNDS} are needed, {FEW_SOUNDS} to get more than copies"
        raise DataError(f"{data.folder} holds {len(data)} {sounds}; {needed}")
    vectors = _blend(named, _predicted(data)) if use_classifier else named
    train, held_out = data.split(HELD_OUT_SHARE, seed=seed)
    weights = (
        np.ones(len(train)) if use_classifier else vectors[train].sum(axis=0)[vectors[train].argmax(axis=1)] ** -0.5
    )
    return TrainingSet(data, vectors, train, held_out, weights / weights.sum(), seed, previews)


def plain_batches(training_set: TrainingSet, size: int) -> Batches:
    """Return batches of spectrograms `(size, steps, bands, 2)` and roles `(size, 16)`."""
    return lambda step: training_set.batch(step, size)


def paired_batches(training_set: TrainingSet, size: int, change: Change = DEFAULT_CHANGE) -> Batches:
    """Return batches as `plain_batches`, with spectrograms of the sounds changed both ways, anew each time."""
    data, longest = training_set.data, _MAX_LENGTHS * training_set.data.config.samples

    @lru_cache(max(1, _MAX_CACHED_SAMPLES // longest))
    def waveform(index: int) -> Signal:
        return data.waveform(index)[:longest].copy()

    def pair(numbered: tuple[tuple[int, ...], int]) -> Spectrogram:
        try:
            return augment_audio.pair(waveform(numbered[1]), data.config, np.random.default_rng(numbered[0]), change)
        except AudioError:  # the file is gone since it was scanned; its spectrogram is not
            return np.repeat(data.spectrograms([numbered[1]]), 2, axis=0)

    def batch(step: int) -> Batch:
        chosen = enumerate(map(int, training_set.chosen(step, size)))
        pairs = parallel.map(pair, [((training_set.seed, step, place), index) for place, index in chosen])
        return *training_set.batch(step, size), *np.stack(pairs, axis=1)

    return batch


def _blend(named: Rows, predicted: Rows) -> Rows:
    share = NAME_WEIGHT * named.any(axis=1, keepdims=True)
    return (share * named + (1 - share) * predicted).astype(np.float32)


def _predicted(data: Dataset) -> Rows:
    return np.concatenate([classify.classify_roles(block, data.config).roles for block in data.blocks()])
