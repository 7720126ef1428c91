"""How a `nets.timbre` network learns: the regression is solved, the convolutions above it are trained.

How long they train is decided on notes that are held out in turn. Where these gain nothing, or there is one note only,
the convolutions stay out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen.conversion import regression
from samplegen.conversion.regression import Lesson
from samplegen.models import timbre
from samplegen.models.timbre import REACH, Config
from samplegen.training.ema import Averaged

Rows = NDArray[np.float32]

STEPS, EVERY, BATCH, FOLDS = 400, 50, 16, 3
LENGTH = 40  # frames of a stretch that is learned from
PENALTY = 100.0  # on the regression's weights
LEARNING_RATE = 2e-3
_AVERAGING = 0.98  # of the weights, per step
_BLOCK = 2000  # frames that are answered at a time


@dataclass(frozen=True)
class Note:
    """A recording: conditions `(n, inputs)`, levels heard `(n, outputs)`, and which of these are known."""

    conditions: Rows
    levels: Rows
    known: NDArray[np.bool_]


class Sounding(Averaged):
    """A net learning what its regression leaves over."""

    def __init__(self, config: Config, notes: Sequence[Note], weights: Rows, *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-2)
        super().__init__(lambda: timbre.network(config), optimizer, seed=seed, share=_AVERAGING)
        regression.solve(self.net, _rows(notes, weights), PENALTY)
        self.average.set_weights(self.net.get_weights())

    @tf.function(reduce_retracing=True)
    def learn(self, conditions: tf.Tensor, levels: tf.Tensor, known: tf.Tensor) -> None:
        """One step on a batch of stretches; what is not known does not count."""
        with tf.GradientTape() as tape:
            missed = known * (self.net(conditions, training=True) - levels) ** 2
            loss = ops.sum(missed) / ops.maximum(ops.sum(known), 1.0)
        self.descend(tape, loss)


def teach(
    config: Config, notes: Sequence[Note], weights: Rows, *, seed: int = 0, steps: int | None = None
) -> tuple[keras.Model, dict[str, float]]:
    """A network that has learned, and what is to be told: steps, and errors in dB of notes that were held out.

    The errors are the root mean squares of the constant mean, the regression and both together, where there were
    notes to hold out and the number of steps is not given. `weights` says what each condition counts for.
    """
    keras.utils.set_random_seed(seed)
    steps, figures = _chosen(config, notes, weights, seed) if steps is None else (steps, {})
    learner = Sounding(config, notes, weights, seed=seed)
    _train(learner, notes, steps, np.random.default_rng((seed, 2)))
    return learner.result, {"steps": steps} | figures


def predict(net: keras.Model, conditions: Rows) -> Rows:
    """Levels `(n, outputs)` for conditions `(n, inputs)`; the ends stand still beyond themselves.

    Worked off in blocks of the whole, whose borders do not show as each hears what is around it.
    """
    padded = np.pad(conditions, ((REACH, REACH), (0, 0)), mode="edge")
    parts = [
        ops.convert_to_numpy(net(padded[None, start : start + _BLOCK + 2 * REACH]))[0, REACH:-REACH]
        for start in range(0, len(conditions), _BLOCK)
    ]
    return np.concatenate(parts)


def _chosen(config: Config, notes: Sequence[Note], weights: Rows, seed: int) -> tuple[int, dict[str, float]]:
    """How many steps help notes that are held out, in turn."""
    folds = min(FOLDS, len(notes))
    if folds < 2:
        return 0, {}
    order = np.random.default_rng((seed, 3)).permutation(len(notes))
    lost, mean, known = np.zeros(STEPS // EVERY + 1), 0.0, 0
    for fold in range(folds):
        held = [notes[i] for i in order[fold::folds]]
        rest = [notes[i] for number, i in enumerate(order) if number % folds != fold]
        learner, rng = Sounding(config, rest, weights, seed=seed), np.random.default_rng((seed, 2))
        for point in range(len(lost)):
            _train(learner, rest, EVERY if point else 0, rng)
            lost[point] += sum(_lost(predict(learner.result, note.conditions), note) for note in held)
        middle = _rows(rest, weights).targets.mean(axis=0)
        mean += sum(_lost(middle, note) for note in held)
        known += sum(int(note.known.sum()) for note in held)
    best = int(lost.argmin())
    errors = {"mean": mean, "regression": lost[0], "both": lost[best]}
    return best * EVERY, {f"held_out_{name}": round(float(np.sqrt(e / known)), 3) for name, e in errors.items()}


def _lost(levels: Rows, note: Note) -> float:
    return float((((levels - note.levels) ** 2)[note.known]).sum())


def _train(learner: Sounding, notes: Sequence[Note], steps: int, rng: np.random.Generator) -> None:
    long = [_lengthened(note) for note in notes]
    sizes = np.array([len(note.conditions) - LENGTH + 1 for note in long])
    for _ in range(steps):
        chosen = rng.choice(len(long), BATCH, p=sizes / sizes.sum())
        spans = [slice(start, start + LENGTH) for start in (rng.integers(sizes[index]) for index in chosen)]
        batch = zip(chosen, spans, strict=True)
        cut = [(n.conditions[s], n.levels[s], n.known[s]) for n, s in ((long[i], s) for i, s in batch)]
        learner.learn(*(tf.constant(np.stack(parts), tf.float32) for parts in zip(*cut, strict=True)))


def _lengthened(note: Note) -> Note:
    """With its ends held still beyond themselves, as `predict` has them; what is there is not known."""
    around = ((max(REACH, LENGTH),) * 2, (0, 0))
    held = [np.pad(values, around, mode="edge") for values in (note.conditions, note.levels)]
    return Note(held[0], held[1], np.pad(note.known, around))


def _rows(notes: Sequence[Note], weights: Rows) -> Lesson:
    """Frames of which something is known, as a regression takes them: what is not known is filled in already."""
    voiced = [note.known.any(axis=1) for note in notes]
    frames = np.concatenate([note.conditions[h] for note, h in zip(notes, voiced, strict=True)])
    targets = np.concatenate([note.levels[h] for note, h in zip(notes, voiced, strict=True)])
    return Lesson(frames, targets, np.zeros(len(frames), np.intp), weights)
