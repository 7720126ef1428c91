"""Language model of frames: it learns to need few bits for what comes next, step by step."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random
from numpy.typing import NDArray

from samplegen.generation import autoregressive
from samplegen.models import codebook
from samplegen.models.architecture import Network
from samplegen.models.registry import Kind
from samplegen.models.token_sampling import TokenSampler
from samplegen.training import augment_spectrogram, ema, ngram_baseline, previews
from samplegen.training.learner import Metrics, Setup
from samplegen.training.previews import PREVIEW_SOUNDS
from samplegen.training.training_set import TrainingSet

Tensor = Any
AUGMENTED_SHARE = 0.5  # of sounds that each change touches
WINDOW_STEPS = 256  # of a long sound that are learned at a time
EMA_DECAY = 0.995
LEARNING_RATE = 3e-3
_BITS_PER_NAT = 1.4426950408889634


class LanguageModelLearner(ema.EmaLearner):
    """A network from tokens and roles to logits; a batch is spectrograms `(b, ...)` and roles `(b, 16)`.

    Args:
        build: makes a fresh net.
        frames: of sounds `(n, width)`, which its codebook is fitted to.
        seed: of everything random in a step; its state is a weight of the model, so it resumes too.
    """

    def __init__(self, build: Callable[[], keras.Model], frames: NDArray[np.float32], *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-2, clipnorm=1.0)
        super().__init__(build, optimizer, seed=seed, decay=EMA_DECAY)
        self.net.get_layer(codebook.NAME).fit(frames, seed=seed)
        self.average.set_weights(self.net.get_weights())

    def train_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Make one step; return the bits that each frame takes."""
        spectrograms, roles = batch
        spectrograms = augment_spectrogram.bend_levels(
            augment_spectrogram.shift_bands(spectrograms, self.random, AUGMENTED_SHARE), self.random, AUGMENTED_SHARE
        )
        spectrograms, begun = _window(ops.clip(spectrograms, 0.0, 1.0), self.random)
        tokens, lengths = self.net.get_layer(codebook.NAME).spell(spectrograms)
        with tf.GradientTape() as tape:
            logits = self.net([tokens, roles], training=True)
            spent, events = bits(logits, tokens, lengths, whole=spectrograms.shape[1], begun=begun)
            loss = ops.sum(spent) / ops.sum(events)
        self.descend(tape, loss)
        return {"bits": loss}


@tf.function(reduce_retracing=True)
def bits_spent(net: keras.Model, spectrograms: Tensor, roles: Tensor) -> tuple[Tensor, Tensor]:
    """Return the bits `(b,)` that a network takes for each of some spectrograms, and their events `(b,)`."""
    tokens, lengths = net.get_layer(codebook.NAME).spell(spectrograms)
    return bits(net([tokens, roles]), tokens, lengths, whole=spectrograms.shape[1])


def bits(
    logits: list[Tensor], tokens: Tensor, lengths: Tensor, *, whole: int, begun: Tensor | int = 0
) -> tuple[Tensor, Tensor]:
    """Return the bits `(b,)` that each sound takes, and its events `(b,)`: its frames, and its end.

    A sound as long as a spectrogram, `whole` steps, may have been cut off: its end does not count. Nor does the first
    frame of one that had `begun` before, 1 or 0 `(b,)`: the net knows nothing of what led to it.
    """
    steps, end = ops.shape(tokens)[1], logits[0].shape[-1] - 1
    first = ops.pad(tokens[..., 0], [[0, 0], [0, 1]], constant_values=0)
    first = ops.where(ops.arange(steps + 1)[None] < lengths[:, None], first, end)
    events = ops.minimum(lengths + 1, whole)
    spent = _bits_at(logits[0], first, begun, events)
    for stage, later in enumerate(logits[1:], 1):
        spent = spent + _bits_at(later, tokens[..., stage], begun, lengths)
    return spent, ops.cast(events - begun, "float32")


def _bits_at(logits: Tensor, tokens: Tensor, start: Tensor | int, stop: Tensor) -> Tensor:
    """Return the bits `(b,)` of the tokens from `start` to before `stop`, `(b,)` each."""
    taken = keras.losses.sparse_categorical_crossentropy(tokens, logits, from_logits=True) * _BITS_PER_NAT
    place, start = ops.arange(ops.shape(tokens)[1])[None], ops.reshape(start, (-1, 1))
    return ops.sum(ops.where((place >= start) & (place < stop[:, None]), taken, 0.0), axis=1)


def _window(spectrograms: Tensor, seed: Any) -> tuple[Tensor, Tensor]:
    """Return a stretch of `WINDOW_STEPS` steps of each long spectrogram, and whether it began before, 1 or 0 `(b,)`.

    A third of the stretches or more are beginnings. Others reach the end, or half a stretch beyond it.
    """
    count, steps = ops.shape(spectrograms)[0], spectrograms.shape[1]
    if steps <= WINDOW_STEPS:
        return spectrograms, ops.zeros((count,), "int32")
    latest = ops.clip(codebook.lengths(spectrograms) - WINDOW_STEPS // 2, 0, steps - WINDOW_STEPS)
    place = random.uniform((count,), -0.5, 1.0, seed=seed) * ops.cast(latest + 1, "float32")
    start = ops.cast(ops.maximum(place, 0.0), "int32")
    stretch = tf.gather(spectrograms, start[:, None] + ops.arange(WINDOW_STEPS)[None], batch_dims=1)
    return ops.reshape(stretch, (-1, WINDOW_STEPS, *spectrograms.shape[2:])), ops.cast(start > 0, "int32")


_BATCH_SOUNDS = 64  # that are measured in one go


def set_up(training_set: TrainingSet, kind: Kind, config: Any) -> Setup:
    """Return a language model of frames, measured by the bits that a frame of held-out sounds takes."""
    blocks = training_set.blocks(training_set.train)
    frames = np.concatenate([sound for block in blocks for sound in codebook.sounding(block)])
    learner = LanguageModelLearner(lambda: kind.network(config), frames, seed=training_set.seed)
    drawn_for = np.random.default_rng((training_set.seed, 1)).choice(training_set.validation, PREVIEW_SOUNDS)
    roles = training_set.roles[drawn_for]

    def measure(network: keras.Model, step: int) -> float:
        rng = np.random.default_rng((training_set.seed, 2))
        drawn = autoregressive.sample_spectrograms(network, roles, TokenSampler(), rng, steps=config.map.steps)
        previews.preview(drawn, config.map, training_set.previews_of(step))
        return bits_per_frame(training_set, network)

    return learner, measure


def card_metrics(training_set: TrainingSet, network: Network) -> Metrics:
    """Return the bits that a frame of held-out sounds takes, by the network and by n-grams of the training sounds."""
    train, held_out = (
        [tokens for block in training_set.blocks(part) for tokens in codebook.spelled(network, block)]
        for part in (training_set.train, training_set.validation)
    )
    codes, whole = network.get_layer(codebook.NAME).codes.shape[1], training_set.data.config.steps
    values = {
        "bits per frame held out": bits_per_frame(training_set, network),
        "... by a chain of first order": ngram_baseline.markov(train, held_out, codes=codes, whole=whole),
        "... by how often each frame is": ngram_baseline.unigram(train, held_out, codes=codes, whole=whole),
    }
    return {name: round(value, 3) for name, value in values.items()}


def bits_per_frame(training_set: TrainingSet, network: Network) -> float:
    """Return the bits that a frame of held-out sounds takes on the mean, ends counted as frames."""
    held_out = training_set.validation
    parts = np.array_split(held_out, -(-len(held_out) // _BATCH_SOUNDS))
    counts = [bits_spent(network, training_set.data.spectrograms(part), training_set.roles[part]) for part in parts]
    spent, events = (sum(float(np.sum(row[column])) for row in counts) for column in (0, 1))
    return spent / events
