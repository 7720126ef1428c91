"""Flow matching: a velocity network learns the straight way from noise to the codes of a folder's sounds.

The codec stays as it is: its encoder makes codes once, of every sound and of changes of it, and a step costs no more
than a few small matrices. So two minutes are thousands of steps.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, random

from samplegen.arrays import Rows
from samplegen.errors import ModelError
from samplegen.models import codec, flow, store
from samplegen.models.registry import Kind
from samplegen.training import ema
from samplegen.training.draw_distance import distance_of_draws
from samplegen.training.learner import Batches, Setup
from samplegen.training.training_set import TrainingSet, paired_batches

Tensor = Any
CODEC = "codec"  # the shipped model whose codes are learned
LEARNING_RATE = 1e-3
EMA_DECAY = 0.998
ANY_ROLE_SHARE = 0.1  # of sounds whose role is hidden, so that the network also knows what drums are on the whole
VARIANTS = 2_000  # codes to learn at least, of sounds and their changes: a network this size learns fewer by heart
MAX_CHANGES = 8  # pairs of a sound
_ENCODED_TOGETHER = 32


class FlowLearner(ema.EmaLearner):
    """A flow, and the EMA of its weights; a batch is the numbers of codes `(b,)`.

    Args:
        build: makes a fresh flow, with the codec in it.
        codes: `(n, latent)`, of spread 1.
        roles: of these, `(n, 16)`.
        seed: of everything random in a step.
    """

    def __init__(self, build: Callable[[], keras.Model], codes: Rows, roles: Rows, *, seed: int = 0) -> None:
        super().__init__(build, keras.optimizers.Adam(LEARNING_RATE), seed=seed, decay=EMA_DECAY)
        self.velocity = self.net.get_layer(flow.PATH).velocity
        self.codes, self.roles = tf.constant(codes), tf.constant(roles)

    def train_step(self, batch: tuple[Tensor]) -> dict[str, Tensor]:
        """Make one step; return the squared error of the velocity."""
        codes, roles = tf.gather(self.codes, batch[0]), tf.gather(self.roles, batch[0])
        count = ops.shape(codes)[0]
        known = random.uniform((count, 1), seed=self.random) >= ANY_ROLE_SHARE
        time = ops.sigmoid(random.normal((count, 1), seed=self.random))  # the middle of the path is learned most
        noise = random.normal(ops.shape(codes), seed=self.random)
        place, target = (1 - time) * noise + time * codes, codes - noise
        with tf.GradientTape() as tape:
            ahead = self.velocity([place, time, roles * ops.cast(known, "float32")], training=True)
            error = ops.mean(ops.square(ahead - target))
        self.descend(tape, error)
        return {"error": error}


def set_up(training_set: TrainingSet, kind: Kind, config: Any) -> Setup:
    """Return a flow, measured by how its draws lie among the training sounds, and how many of these are met."""
    trained = shipped_codec(config)
    codes, owners = encode_variants(training_set, trained)

    def build() -> keras.Model:
        net = kind.network(config)
        for part in (codec.ENCODER, codec.DECODER):
            net.get_layer(part).set_weights(trained.get_layer(part).get_weights())
        net.get_layer(flow.SCALE).fit(codes)
        return net

    scale = build().get_layer(flow.SCALE)
    learner = FlowLearner(build, np.asarray(scale.undo(codes)), training_set.roles[owners], seed=training_set.seed)
    distance = distance_of_draws(training_set, config, training_set.train, covering=True)
    return learner, lambda network, step: distance(flow.generator(network), step)


def shipped_codec(config: flow.Config) -> keras.Model:
    """Return the network of the shipped codec.

    Raises:
        ModelError: the configuration has another codec in mind.
    """
    model = store.load(CODEC, kind=CODEC)
    own = model.config
    if (own.map, own.code, own.widths) != (config.map, config.code, config.widths):
        raise ModelError("the codec has other sizes than this model; train with its own rate, map, code and widths")
    return model.network


def count_variants(training_set: TrainingSet) -> int:
    """Return how many codes `encode_variants` makes: of each sound one, and of changed ones as many as are needed."""
    return len(training_set.train) + 2 * _ENCODED_TOGETHER * _steps(training_set)


def encode_variants(training_set: TrainingSet, network: keras.Model) -> tuple[Rows, Rows]:
    """Return codes `(n, *code_shape)` of the training sounds and of changes of them, and which sound each is of."""
    encoder, chosen = network.get_layer(codec.ENCODER), training_set.train
    codes = [encoder.predict(block, verbose=0) for block in training_set.blocks(chosen)]
    owners, batch = [chosen], paired_batches(training_set, _ENCODED_TOGETHER)
    for step in range(_steps(training_set)):
        _, _, *changed = batch(step)
        codes += [encoder.predict(spectrograms, verbose=0) for spectrograms in changed]
        owners += [training_set.chosen(step, _ENCODED_TOGETHER)] * 2
    return np.concatenate(codes), np.concatenate(owners)


def numbered_batches(training_set: TrainingSet, size: int) -> Batches:
    """Return batches of the numbers of codes: as many come from each sound."""
    count = count_variants(training_set)
    return lambda step: (np.random.default_rng((training_set.seed, 6, step)).integers(0, count, size),)


def _steps(training_set: TrainingSet) -> int:
    """Return how many batches of pairs of changed sounds are encoded."""
    sounds = len(training_set.train)
    pairs = min(MAX_CHANGES * sounds, max(0, VARIANTS - sounds)) // 2
    return -(-pairs // _ENCODED_TOGETHER)
