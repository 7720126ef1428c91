"""How each kind of network is taught: who learns, from batches of what size, and what measures it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from samplegen import classifier, evaluation, plots
from samplegen.checkpoints import Learner
from samplegen.lessons import Lesson
from samplegen.maps import LEVEL
from samplegen.nets import Kind, adversarial, autoencoder, reconstructing, tagging
from samplegen.training import Measure

MEASURED = 400  # sounds drawn to measure a generator
MISHEARD = 20.0  # what all roles misheard add to the kernel distance, in the same thousandths
PREVIEWED = 32

Taught = tuple[Learner, Measure]


@dataclass(frozen=True)
class Teacher:
    """A way to teach: the function, sounds in a batch, and whether roles are also heard.

    If not `heard`, roles come by name alone, and rare ones are shown more often.
    """

    teach: Callable[[Lesson, Kind, Any], Taught]
    batch: int
    heard: bool = True


def teach_generator(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """A generator against a discriminator, measured by the kernel distance to held-out sounds and the roles misheard.

    Either alone is not enough: a generator resembles the whole of drums long before it knows them apart.
    """

    def build() -> tuple[keras.Model, keras.Model]:
        return kind.network(config), kind.part("discriminator")(config)

    listener = classifier.listener(config.map)
    learner = adversarial.Adversarial(build, config.latent, listener=listener, seed=lesson.seed)
    rng = np.random.default_rng((lesson.seed, 1))
    latents = rng.standard_normal((MEASURED, config.latent)).astype(np.float32)
    wanted = lesson.roles[rng.choice(lesson.judges, MEASURED)]
    real = classifier.hear(lesson.data.maps(lesson.judges), config.map).embeddings

    def measure(network: keras.Model, step: int) -> float:
        drawn = network.predict([latents, wanted], batch_size=64, verbose=0)
        plots.preview(drawn[:PREVIEWED], config.map, lesson.previews_of(step))
        heard = classifier.hear(drawn, config.map)
        misheard = float(np.mean(heard.roles.argmax(axis=1) != wanted.argmax(axis=1)))
        return evaluation.kernel_distance(real, heard.embeddings) + MISHEARD * misheard

    return learner, measure


def teach_listener(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """A role classifier, measured by the share of held-out sounds that it names wrong."""
    learner = tagging.Tagging(kind.network(config), seed=lesson.seed)
    judges, names = lesson.data.maps(lesson.judges), lesson.roles[lesson.judges].argmax(axis=1)

    def measure(network: keras.Model, _step: int) -> float:
        return float(np.mean(network.predict(judges, batch_size=128, verbose=0)[1].argmax(axis=1) != names))

    return learner, measure


def teach_autoencoder(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """An autoencoder, measured by how many decibels the levels of held-out sounds are off when they come back."""
    learner = reconstructing.Reconstructing(lambda: kind.network(config), seed=lesson.seed)
    encoder, decoder = (learner.result.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER))
    judges, draws = lesson.data.maps(lesson.judges), kind.drawer(learner.result)
    rng = np.random.default_rng((lesson.seed, 1))
    latents = rng.standard_normal((PREVIEWED, config.latent)).astype(np.float32)
    wanted = lesson.roles[rng.choice(lesson.judges, PREVIEWED)]

    def measure(network: keras.Model, step: int) -> float:
        codes = [encoder.predict(block, verbose=0) for block in lesson.blocks(lesson.train)]
        network.get_layer(autoencoder.DENSITY).fit(np.concatenate(codes), lesson.roles[lesson.train])
        plots.preview(draws.predict([latents, wanted], verbose=0), config.map, lesson.previews_of(step))
        again = decoder.predict(encoder.predict(judges, verbose=0), verbose=0)
        return float(-config.map.floor_db * np.abs(again - judges)[..., LEVEL].mean())

    return learner, measure


TEACHERS: Mapping[str, Teacher] = {
    "adversary": Teacher(teach_generator, batch=16),
    "itself": Teacher(teach_autoencoder, batch=16),
    "names": Teacher(teach_listener, batch=32, heard=False),
}
