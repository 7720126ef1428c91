"""Train a timbre network: the regression is solved, the convolutions above it are trained.

How long they train is decided on notes that are held out in turn. Where these gain nothing, or there is one note only,
the convolutions stay out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.conversion import regression
from samplegen.conversion.regression import TrainingFrames
from samplegen.conversion.timbre.conditioning import predict
from samplegen.models import timbre
from samplegen.models.architecture import Network
from samplegen.models.timbre import REACH, Config
from samplegen.training import checkpoints
from samplegen.training.budget import Budget
from samplegen.training.cross_validation import Fold, choose_steps
from samplegen.training.ema import EmaLearner
from samplegen.training.events import Report, ignore
from samplegen.training.learner import Batches, Metrics, prefer_latest
from samplegen.training.loop import fit
from samplegen.training.workplace import Workplace, opened

Spans = list[tuple[int, slice]]  # of a batch: the note, and the frames of it

MAX_STEPS, STEPS_PER_MEASUREMENT, BATCH_SPANS, MAX_FOLDS = 400, 50, 16, 3
SPAN_FRAMES = 40  # of a stretch that is learned from
PENALTY = 100.0  # on the regression's weights
LEARNING_RATE = 2e-3
EMA_DECAY = 0.98  # a run is short


@dataclass(frozen=True)
class TrainingNote:
    """A recording: conditions `(n, inputs)`, measured levels `(n, outputs)`, and which of these are known."""

    conditions: Rows
    levels: Rows
    known: NDArray[np.bool_]

    def padded(self) -> "TrainingNote":
        """Return the note with its ends held still beyond themselves, as `predict` has them, and unknown there."""
        around = ((max(REACH, SPAN_FRAMES),) * 2, (0, 0))
        conditions, levels = (np.pad(values, around, mode="edge") for values in (self.conditions, self.levels))
        return TrainingNote(conditions, levels, np.pad(self.known, around))

    def error(self, levels: Rows) -> float:
        """Return the sum of squared errors of levels where they are known."""
        return float((((levels - self.levels) ** 2)[self.known]).sum())


class TimbreLearner(EmaLearner):
    """A timbre network that learns what its regression leaves over; a batch is conditions, levels, what is known."""

    def __init__(self, config: Config, notes: Sequence[TrainingNote], weights: Rows, *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-2)
        super().__init__(lambda: timbre.network(config), optimizer, seed=seed, decay=EMA_DECAY)
        regression.solve(self.net, _frames(notes, weights), PENALTY)
        self.average.set_weights(self.net.get_weights())

    def train_step(self, batch: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Make one step; return the squared error of what is known."""
        conditions, levels, known = batch
        with tf.GradientTape() as tape:
            error = known * (self.net(conditions, training=True) - levels) ** 2
            loss = ops.sum(error) / ops.maximum(ops.sum(known), 1.0)
        self.descend(tape, loss)
        return {"loss": loss}


def train_network(  # noqa: PLR0913
    config: Config,
    notes: Sequence[TrainingNote],
    weights: Rows,
    *,
    seed: int = 0,
    steps: int | None = None,
    workplace: Workplace | None = None,
    report: Report = ignore,
) -> tuple[Network, Metrics]:
    """Return a trained network; its steps, and errors in dB of notes that were held out.

    The errors are the root mean squares of the constant mean, the regression and both together, where there were
    notes to hold out and the number of steps is not given.

    Args:
        config: of the network.
        notes: recordings.
        weights: how much each condition counts.
        seed: of everything random.
        steps: to train; by default as many as help notes that are held out in turn.
        workplace: of the checkpoints; by default a temporary folder.
        report: takes every event.

    Raises:
        KeyboardInterrupt: the user stopped it.
    """
    keras.utils.set_random_seed(seed)
    arrays = [part for note in notes for part in (note.conditions, note.levels, note.known)]
    identity, errors = checkpoints.identity("timbre", seed, asdict(config), *arrays), Metrics()
    with opened(workplace) as place:
        if steps is None:
            steps, errors = _steps(config, notes, weights, seed, identity, place, report)
        learner = TimbreLearner(config, notes, weights, seed=seed)
        if steps:
            run = fit(
                learner, _batches(notes, steps, seed), prefer_latest, budget=Budget(steps=steps),
                workplace=place.stage("all"), identity=identity, report=report,
            )  # fmt: skip
            if run.stopped:
                raise KeyboardInterrupt
    return learner.result, {"steps": steps} | errors


def _steps(  # noqa: PLR0913, PLR0917
    config: Config,
    notes: Sequence[TrainingNote],
    weights: Rows,
    seed: int,
    identity: str,
    workplace: Workplace,
    report: Report,
) -> tuple[int, Metrics]:
    """Return how many steps help notes that are held out, in turn."""
    if len(notes) < 2:
        return 0, {}
    return choose_steps(
        _folds(config, notes, weights, seed), max_steps=MAX_STEPS, every=STEPS_PER_MEASUREMENT,
        count=sum(int(note.known.sum()) for note in notes), workplace=workplace, identity=identity, report=report,
    )  # fmt: skip


def _folds(config: Config, notes: Sequence[TrainingNote], weights: Rows, seed: int) -> Iterator[Fold]:
    folds, order = min(MAX_FOLDS, len(notes)), np.random.default_rng((seed, 3)).permutation(len(notes))
    for fold in range(folds):
        held_out = [notes[i] for i in order[fold::folds]]
        rest = [notes[i] for number, i in enumerate(order) if number % folds != fold]

        def error(network: Network, held_out: Sequence[TrainingNote] = held_out) -> float:
            return sum(note.error(predict(network, note.conditions)) for note in held_out)

        mean = _frames(rest, weights).targets.mean(axis=0)
        learner = TimbreLearner(config, rest, weights, seed=seed)
        yield Fold(learner, _batches(rest, MAX_STEPS, seed), error, sum(note.error(mean) for note in held_out))


def _batches(notes: Sequence[TrainingNote], steps: int, seed: int) -> Batches:
    """Return random stretches for every step; one stream of random numbers decides all of them."""
    padded = [note.padded() for note in notes]
    spans = list(_spans([len(note.conditions) for note in padded], steps, np.random.default_rng((seed, 2))))

    def batch(step: int) -> tuple[tf.Tensor, ...]:
        cut = [(padded[i].conditions[s], padded[i].levels[s], padded[i].known[s]) for i, s in spans[step]]
        return tuple(tf.constant(np.stack(parts), tf.float32) for parts in zip(*cut, strict=True))

    return batch


def _spans(lengths: Sequence[int], steps: int, rng: np.random.Generator) -> Iterator[Spans]:
    """Yield notes and stretches of them for each step, every stretch as likely."""
    sizes = np.array(lengths) - SPAN_FRAMES + 1
    for _ in range(steps):
        chosen = rng.choice(len(sizes), BATCH_SPANS, p=sizes / sizes.sum())
        starts = [rng.integers(sizes[index]) for index in chosen]
        yield [(int(i), slice(start, start + SPAN_FRAMES)) for i, start in zip(chosen, starts, strict=True)]


def _frames(notes: Sequence[TrainingNote], weights: Rows) -> TrainingFrames:
    """Return frames of which something is known, as a regression takes them: the unknown is filled in already."""
    voiced = [note.known.any(axis=1) for note in notes]
    frames = np.concatenate([note.conditions[v] for note, v in zip(notes, voiced, strict=True)])
    targets = np.concatenate([note.levels[v] for note, v in zip(notes, voiced, strict=True)])
    return TrainingFrames(frames, targets, np.zeros(len(frames), np.intp), weights)
