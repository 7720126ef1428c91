"""How a `nets.voice` network learns: the regression is solved, the autoencoder above it trained, the stretch measured.

How long the autoencoder trains is decided on whole takes that are held out in turn, as frames of one take are too
alike to tell. Where they gain nothing, or there is one take only, it stays out.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from samplegen.conversion.regression import Lesson, predict, solve
from samplegen.models import fourier_features, voice
from samplegen.models.voice import Config
from samplegen.training.ema import Averaged

STEPS, EVERY, BATCH, FOLDS = 300, 20, 128, 3
RESTORED = 0.75  # of the spread that the target has and means of many frames lose, as an exponent
LEARNING_RATE = 3e-3
_AVERAGING = 0.98  # of the weights, per step
_LARGEST = 3.0  # times that anything is stretched


class Transforming(Averaged):
    """A net learning what its regression leaves over."""

    def __init__(self, config: Config, lesson: Lesson, *, seed: int = 0) -> None:
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=1e-2)
        super().__init__(lambda: voice.network(config), optimizer, seed=seed, share=_AVERAGING)
        solve(self.net, lesson)
        self.average.set_weights(self.net.get_weights())

    @tf.function(reduce_retracing=True)
    def learn(self, frames: tf.Tensor, targets: tf.Tensor) -> None:
        """One step on a batch."""
        with tf.GradientTape() as tape:
            missed = ops.sum((self.net(frames, training=True) - targets) ** 2, axis=-1)
            loss = ops.mean(missed) + sum(self.net.losses)
        self.descend(tape, loss)


def teach(config: Config, lesson: Lesson, *, seed: int = 0) -> tuple[keras.Model, dict[str, float]]:
    """A network that has learned, and what is to be told: the steps, and errors in dB of takes that were held out.

    The errors are the root mean squares of the constant mean, the regression and both together, where there were
    takes to hold out.
    """
    keras.utils.set_random_seed(seed)
    steps, figures = _chosen(config, lesson, seed)
    learner = Transforming(config, lesson, seed=seed)
    _train(learner, lesson, steps, np.random.default_rng((seed, 2)))
    _stretch(learner.result, lesson)
    return learner.result, {"steps": steps} | figures


def _chosen(config: Config, lesson: Lesson, seed: int) -> tuple[int, dict[str, float]]:
    """How many steps help takes that are held out, in turn."""
    names = np.unique(lesson.takes)
    folds = min(FOLDS, len(names))
    if folds < 2:
        return 0, {}
    lost, mean = np.zeros(STEPS // EVERY + 1), 0.0
    for fold in range(folds):
        held = np.isin(lesson.takes, names[fold::folds])
        rest, tested = lesson.only(~held), lesson.only(held)
        learner = Transforming(config, rest, seed=seed)
        rng = np.random.default_rng((seed, 2))
        for point in range(len(lost)):
            _train(learner, rest, EVERY if point else 0, rng)
            lost[point] += ((predict(learner.result, tested.frames) - tested.targets) ** 2).sum()
        mean += ((rest.targets.mean(axis=0) - tested.targets) ** 2).sum()
    best, each = int(lost.argmin()), len(lesson.takes)
    errors = {"mean": mean, "regression": lost[0], "both": lost[best]}
    return best * EVERY, {f"held_out_{name}": round(float(np.sqrt(e / each)), 3) for name, e in errors.items()}


def _train(learner: Transforming, lesson: Lesson, steps: int, rng: np.random.Generator) -> None:
    for _ in range(steps):
        chosen = rng.integers(len(lesson.frames), size=BATCH)
        learner.learn(tf.constant(lesson.frames[chosen]), tf.constant(lesson.targets[chosen]))


def _stretch(net: keras.Model, lesson: Lesson) -> None:
    """Give back a part of the spread that was lost."""
    predicted = predict(net, lesson.frames)
    middle = predicted.mean(axis=0)
    lost = lesson.targets.std(axis=0) / np.maximum(predicted.std(axis=0), 1e-3)
    scale = np.clip(lost**RESTORED, 1.0, _LARGEST)
    net.get_layer(fourier_features.STRETCHING).set_weights([middle, scale, middle])
