"""Batches of spectrograms and roles, and paired augmentation of them: each sound changed both ways."""

from functools import lru_cache

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import parallel
from samplegen.errors import AudioError
from samplegen.features.spectrogram import Spectrogram
from samplegen.training import augment_audio
from samplegen.training.learner import Batch, Batches
from samplegen.training.training_set import TrainingSet

_MAX_LENGTHS = 2  # of a spectrogram: at twice its speed no more of a sound is used
_MAX_CACHED_SAMPLES = 1 << 26  # of waveforms, 256 MB of them


def plain(training_set: TrainingSet, size: int) -> Batches:
    """Return batches of spectrograms `(size, steps, bands, 2)` and roles `(size, 16)`."""
    return lambda step: training_set.batch(step, size)


def paired(training_set: TrainingSet, size: int) -> Batches:
    """Return batches as `plain`, with spectrograms of the sounds changed, and changed the other way: anew each time."""
    data, longest = training_set.data, _MAX_LENGTHS * training_set.data.config.samples

    @lru_cache(max(1, _MAX_CACHED_SAMPLES // longest))
    def waveform(index: int) -> Signal:
        return data.waveform(index)[:longest].copy()

    def pair(numbered: tuple[tuple[int, ...], int]) -> Spectrogram:
        try:
            return augment_audio.pair(waveform(numbered[1]), data.config, np.random.default_rng(numbered[0]))
        except AudioError:  # the file is gone since it was scanned; its spectrogram is not
            return np.repeat(data.spectrograms([numbered[1]]), 2, axis=0)

    def batch(step: int) -> Batch:
        chosen = enumerate(map(int, training_set.chosen(step, size)))
        pairs = parallel.map(pair, [((training_set.seed, step, place), index) for place, index in chosen])
        return *training_set.batch(step, size), *np.stack(pairs, axis=1)

    return batch
