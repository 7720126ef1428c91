"""Train a voice network: the regression is solved, the autoencoder above it trained, the stretch measured.

How long the autoencoder trains is decided on whole takes that are held out in turn, as frames of one take are too
alike to say. Where they gain nothing, or there is one take only, it stays out.
"""

from collections.abc import Iterator
from dataclasses import asdict

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from samplegen.conversion.regression import TrainingFrames, predict, solve
from samplegen.models import fourier_features, voice
from samplegen.models.architecture import Network
from samplegen.models.voice import Config
from samplegen.training import checkpoints
from samplegen.training.budget import Budget
from samplegen.training.cross_validation import Fold, choose_steps
from samplegen.training.ema import EmaLearner
from samplegen.training.events import Report, ignore
from samplegen.training.learner import Batches, Metrics, prefer_latest
from samplegen.training.loop import fit
from samplegen.training.workplace import Workplace, opened

MAX_STEPS, STEPS_PER_MEASUREMENT, BATCH_FRAMES, MAX_FOLDS = 300, 20, 128, 3
STRETCH_EXPONENT = 0.75  # of the spread that the target has and means of many frames lose
MAX_STRETCH = 3.0  # times that anything is stretched
LEARNING_RATE = 3e-3
EMA_DECAY = 0.98  # a run is short


class VoiceLearner(EmaLearner):
    """A voice network that learns what its regression leaves over; a batch is frames and targets."""

    def __init__(self, config: Config, pairs: TrainingFrames, *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-2)
        super().__init__(lambda: voice.network(config), optimizer, seed=seed, decay=EMA_DECAY)
        solve(self.net, pairs)
        self.average.set_weights(self.net.get_weights())

    def train_step(self, batch: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Make one step; return the squared error, the divergence of the codes included."""
        frames, targets = batch
        with tf.GradientTape() as tape:
            error = ops.sum((self.net(frames, training=True) - targets) ** 2, axis=-1)
            loss = ops.mean(error) + sum(self.net.losses)
        self.descend(tape, loss)
        return {"loss": loss}


def train_network(
    config: Config, pairs: TrainingFrames, *, seed: int = 0, workplace: Workplace | None = None, report: Report = ignore
) -> tuple[Network, Metrics]:
    """Return a trained network; its steps, and errors in dB of takes that were held out.

    The errors are the root mean squares of the constant mean, the regression and both together, where there were
    takes to hold out.

    Args:
        config: of the network.
        pairs: frames of both voices.
        seed: of everything random.
        workplace: of the checkpoints; by default a temporary folder.
        report: takes every event.

    Raises:
        KeyboardInterrupt: the user stopped it.
    """
    keras.utils.set_random_seed(seed)
    identity = checkpoints.identity("voice", seed, asdict(config), pairs.frames, pairs.targets, pairs.takes)
    with opened(workplace) as place:
        steps, errors = _steps(config, pairs, seed, identity, place, report)
        learner = VoiceLearner(config, pairs, seed=seed)
        if steps:
            run = fit(
                learner, _batches(pairs, seed), prefer_latest, budget=Budget(steps=steps),
                workplace=place.stage("all"), identity=identity, report=report,
            )  # fmt: skip
            if run.stopped:
                raise KeyboardInterrupt
    _stretch(learner.result, pairs)
    return learner.result, {"steps": steps} | errors


def _steps(  # noqa: PLR0913, PLR0917
    config: Config, pairs: TrainingFrames, seed: int, identity: str, workplace: Workplace, report: Report
) -> tuple[int, Metrics]:
    """Return how many steps help takes that are held out, in turn."""
    if len(np.unique(pairs.takes)) < 2:
        return 0, {}
    return choose_steps(
        _folds(config, pairs, seed), max_steps=MAX_STEPS, every=STEPS_PER_MEASUREMENT, count=len(pairs.takes),
        workplace=workplace, identity=identity, report=report,
    )  # fmt: skip


def _folds(config: Config, pairs: TrainingFrames, seed: int) -> Iterator[Fold]:
    takes = np.unique(pairs.takes)
    folds = min(MAX_FOLDS, len(takes))
    for fold in range(folds):
        held_out = np.isin(pairs.takes, takes[fold::folds])
        rest, tested = pairs.only(~held_out), pairs.only(held_out)

        def error(network: Network, tested: TrainingFrames = tested) -> float:
            return float(((predict(network, tested.frames) - tested.targets) ** 2).sum())

        mean_error = float(((rest.targets.mean(axis=0) - tested.targets) ** 2).sum())
        yield Fold(VoiceLearner(config, rest, seed=seed), _batches(rest, seed), error, mean_error)


def _batches(pairs: TrainingFrames, seed: int) -> Batches:
    """Return random frames for every step; one stream of random numbers decides all of them."""
    chosen = np.random.default_rng((seed, 2)).integers(len(pairs.frames), size=(MAX_STEPS, BATCH_FRAMES))
    return lambda step: (tf.constant(pairs.frames[chosen[step]]), tf.constant(pairs.targets[chosen[step]]))


def _stretch(network: Network, pairs: TrainingFrames) -> None:
    """Give back a part of the spread that was lost."""
    predicted = predict(network, pairs.frames)
    middle = predicted.mean(axis=0)
    lost = pairs.targets.std(axis=0) / np.maximum(predicted.std(axis=0), 1e-3)
    scale = np.clip(lost**STRETCH_EXPONENT, 1.0, MAX_STRETCH)
    network.get_layer(fourier_features.STRETCHING).set_weights([middle, scale, middle])
