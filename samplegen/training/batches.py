"""What a network learns from: the sounds of a folder with their roles, split by kit, and a batch for every step."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.audio import parallel
from samplegen.data.dataset import Dataset, Indices
from samplegen.errors import AudioError, DataError
from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram
from samplegen.features.stft import Signal
from samplegen.models import classify
from samplegen.training import augment_audio

FEWEST = 8  # sounds under which nothing can be learned
FEW = 100  # ... under which results are nearer to copies than to inventions
HELD_OUT = 0.1  # share of sounds that only measures
NAMED = 0.7  # how far a name is believed against the ear, where a sound has one
_BLOCK = 512  # maps in memory at a time
_SPED = 2  # times the length of a map: more than what is heard of a sound at twice its speed is not needed
_REMEMBERED = 1 << 26  # samples of waveforms that are kept decoded, 256 MB of them

Rows = NDArray[np.float32]
Batches = Callable[[int], tuple[Any, ...]]  # from the number of a step


@dataclass(frozen=True)
class Lesson:
    """The material of a run, split: maps are read from `data` on demand, roles `(n, 16)` lie beside it."""

    data: Dataset
    roles: Rows
    train: Indices
    held: Indices
    odds: NDArray[np.float64]  # of each training sound to come next
    seed: int
    previews: Path

    def previews_of(self, step: int) -> Path:
        """Folder of what the network drew at a checkpoint."""
        return previews_of(self.previews, step)

    @property
    def judges(self) -> Indices:
        """The sounds that measure: those held out or, where these are too few to tell anything, all."""
        return self.held if len(self.held) >= FEWEST else np.arange(len(self.data))

    @property
    def names(self) -> tuple[str, ...]:
        """What each sound is called: its path and, where a file holds several, the time that it starts at."""
        several = Counter(sound.path for sound in self.data.sounds)
        rate = self.data.config.stft.rate
        return tuple(
            s.path if several[s.path] == 1 else f"{s.path} at {s.start / rate:.2f} s" for s in self.data.sounds
        )

    @property
    def descriptors(self) -> Rows:
        """Fingerprints of the sounds, `(n, d)`."""
        return np.concatenate([metrics.descriptors(block) for block in _blocks(self.data)])

    def blocks(self, indices: Indices) -> Iterator[Rows]:
        """Maps of the sounds at `indices`, as many at a time as fit in memory."""
        yield from _blocks(self.data.subset(indices))

    def batch(self, step: int, size: int) -> tuple[Rows, Rows]:
        """Maps and roles of a step, drawn from its number."""
        chosen = self.chosen(step, size)
        return self.data.maps(chosen), self.roles[chosen]

    def chosen(self, step: int, size: int) -> Indices:
        """The sounds of a step, drawn from its number."""
        return np.random.default_rng((self.seed, step)).choice(self.train, size, p=self.odds)


def previews_of(folder: Path, step: int) -> Path:
    """Folder of what a network drew at a checkpoint, in that of a run's previews."""
    return folder / f"step-{step:07d}"


def prepare(data: Dataset, *, seed: int, previews: Path, by_ear: bool) -> Lesson:
    """Split the sounds by kit and give each its role vector: by name alone or, if `by_ear`, by name and ear.

    Raises:
        DataError: fewer than `FEWEST` sounds, or without ears fewer with a telling name.
    """
    named = np.stack([roles.one_hot(s.role) if s.role else np.zeros(len(roles.ROLES), np.float32) for s in data.sounds])
    telling = named.any(axis=1)
    if not by_ear:
        data, named = data.subset(np.flatnonzero(telling)), named[telling]
    if len(data) < FEWEST:
        what = "sounds" if by_ear else "sounds whose names tell their role"
        needed = f"at least {FEWEST} are needed, {FEW} to get more than copies"
        raise DataError(f"{data.folder} holds {len(data)} {what}; {needed}")
    vectors = _blend(named, _predicted(data)) if by_ear else named
    train, held = data.split(HELD_OUT, seed=seed)
    odds = np.ones(len(train)) if by_ear else vectors[train].sum(axis=0)[vectors[train].argmax(axis=1)] ** -0.5
    return Lesson(data, vectors, train, held, odds / odds.sum(), seed, previews)


def batches_with_opposites(lesson: Lesson, size: int) -> Batches:
    """Maps and roles, and maps of the sounds changed, and changed the other way: anew at every step."""
    data, longest = lesson.data, _SPED * lesson.data.config.samples

    @lru_cache(max(1, _REMEMBERED // longest))
    def waveform(index: int) -> Signal:
        return data.waveform(index)[:longest].copy()

    def pair(numbered: tuple[tuple[int, ...], int]) -> Spectrogram:
        try:
            return augment_audio.pair(waveform(numbered[1]), data.config, np.random.default_rng(numbered[0]))
        except AudioError:  # the file is gone since it was scanned; its map is not
            return np.repeat(data.maps([numbered[1]]), 2, axis=0)

    def batch(step: int) -> tuple[Any, ...]:
        chosen = enumerate(map(int, lesson.chosen(step, size)))
        pairs = parallel.spread(pair, [((lesson.seed, step, place), index) for place, index in chosen])
        return *lesson.batch(step, size), *np.stack(pairs, axis=1)

    return batch


def _blend(named: Rows, by_ear: Rows) -> Rows:
    share = NAMED * named.any(axis=1, keepdims=True)
    return (share * named + (1 - share) * by_ear).astype(np.float32)


def _predicted(data: Dataset) -> Rows:
    return np.concatenate([classify.classify_roles(block, data.config).roles for block in _blocks(data)])


def _blocks(data: Dataset) -> Iterator[Rows]:
    for at in range(0, len(data), _BLOCK):
        yield data.maps(range(at, min(at + _BLOCK, len(data))))
