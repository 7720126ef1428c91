"""How each kind of network is taught: who learns, from batches of what size, what measures it, what else is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from samplegen import chains
from samplegen.checkpoints import Learner
from samplegen.features import images, metrics, spectrogram
from samplegen.features.spectrogram import LEVEL, Map, MapConfig
from samplegen.features.stft import Signal
from samplegen.generation import autoregressive
from samplegen.lessons import Batches, Lesson, batches_with_opposites
from samplegen.models import autoencoder, classify, codebook
from samplegen.models.registry import Kind
from samplegen.models.token_sampling import Choice
from samplegen.nets import adversarial, predicting, reconstructing, tagging
from samplegen.training import Measure

MEASURED = 400  # sounds drawn to measure a generator
MISHEARD = 20.0  # what all roles misheard add to the kernel distance, in the same thousandths
PREVIEWED = 32
JUDGED = 64  # held-out sounds that are listened to, where looking at maps does not do
_AT_ONCE = 64  # sounds that are measured in one go

Taught = tuple[Learner, Measure]
Told = dict[str, float]


@dataclass(frozen=True)
class Teacher:
    """A way to teach: the function, sounds in a batch, whether roles are also heard, and figures of the result.

    If not `heard`, roles come by name alone, and rare ones are shown more often. `cooling` lowers the learning rate
    toward the end. The figures stand on the card. `batches` makes what is learned from, of as many sounds a step.
    """

    teach: Callable[[Lesson, Kind, Any], Taught]
    batch: int
    heard: bool = True
    cooling: bool = False
    figures: Callable[[Lesson, keras.Model], Told] = lambda _lesson, _network: {}
    batches: Callable[[Lesson, int], Batches] = lambda lesson, size: lambda step: lesson.batch(step, size)


def teach_generator(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """A generator against a discriminator, measured by the kernel distance to held-out sounds and the roles misheard.

    Either alone is not enough: a generator resembles the whole of drums long before it knows them apart.
    """

    def build() -> tuple[keras.Model, keras.Model]:
        return kind.network(config), kind.part("discriminator")(config)

    listener = classify.listener(config.map)
    learner = adversarial.Adversarial(build, config.latent, listener=listener, seed=lesson.seed)
    rng = np.random.default_rng((lesson.seed, 1))
    latents = rng.standard_normal((MEASURED, config.latent)).astype(np.float32)
    wanted = lesson.roles[rng.choice(lesson.judges, MEASURED)]
    real = classify.hear(lesson.data.maps(lesson.judges), config.map).embeddings

    def measure(network: keras.Model, step: int) -> float:
        drawn = network.predict([latents, wanted], batch_size=64, verbose=0)
        images.preview(drawn[:PREVIEWED], config.map, lesson.previews_of(step))
        heard = classify.hear(drawn, config.map)
        misheard = float(np.mean(heard.roles.argmax(axis=1) != wanted.argmax(axis=1)))
        return metrics.kernel_distance(real, heard.embeddings) + MISHEARD * misheard

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
        images.preview(draws.predict([latents, wanted], verbose=0), config.map, lesson.previews_of(step))
        again = decoder.predict(encoder.predict(judges, verbose=0), verbose=0)
        return float(-config.map.floor_db * np.abs(again - judges)[..., LEVEL].mean())

    return learner, measure


def figures_of_autoencoder(lesson: Lesson, network: keras.Model) -> Told:
    """How far held-out sounds are off when they come back, beside those that only went through a map."""
    config, pictures = lesson.data.config, lesson.data.maps(lesson.judges[:JUDGED])
    encoder, decoder = (network.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER))
    again = decoder.predict(encoder.predict(pictures, verbose=0), verbose=0)
    real = [lesson.data.waveform(int(index)) for index in lesson.judges[:JUDGED]]
    told = {
        "level of held-out sounds, off by dB": float(-config.floor_db * np.abs(again - pictures)[..., LEVEL].mean()),
        "log-spectral distance of held-out sounds, dB": _apart(real, again, config),
        "... of their maps alone": _apart(real, pictures, config),
    }
    return {name: round(value, 3) for name, value in told.items()}


def _apart(real: list[Signal], pictures: Map, config: MapConfig) -> float:
    """Mean log-spectral distance of sounds to what maps sound like, both at peak 1 and as long as a map."""
    pairs = zip(real, spectrogram.decode(pictures, config), strict=True)
    return float(np.mean([metrics.log_spectral_distance(*(_whole(s, config) for s in pair)) for pair in pairs]))


def _whole(samples: Signal, config: MapConfig) -> Signal:
    piece = samples[: config.samples]
    return np.pad(piece, (0, config.samples - len(piece))) / max(float(np.abs(piece).max()), 1e-9)


def teach_writer(lesson: Lesson, kind: Kind, config: Any) -> Taught:
    """A language model of frames, measured by the bits that a frame of held-out sounds takes."""
    frames = np.concatenate([sound for block in lesson.blocks(lesson.train) for sound in codebook.sounding(block)])
    learner = predicting.Predicting(lambda: kind.network(config), frames, seed=lesson.seed)
    wanted = lesson.roles[np.random.default_rng((lesson.seed, 1)).choice(lesson.judges, PREVIEWED)]

    def measure(network: keras.Model, step: int) -> float:
        rng = np.random.default_rng((lesson.seed, 2))
        drawn = autoregressive.compose(network, wanted, Choice(), rng, steps=config.map.steps)
        images.preview(drawn, config.map, lesson.previews_of(step))
        return _bits(lesson, network)

    return learner, measure


def figures_of_writer(lesson: Lesson, network: keras.Model) -> Told:
    """Bits that a frame of held-out sounds takes: told by the network, and by chains that count the training sounds."""
    train, held = (
        [tokens for block in lesson.blocks(part) for tokens in codebook.spelled(network, block)]
        for part in (lesson.train, lesson.judges)
    )
    codes, whole = network.get_layer(codebook.NAME).codes.shape[1], lesson.data.config.steps
    told = {
        "bits per frame held out": _bits(lesson, network),
        "... by a chain of first order": chains.markov(train, held, codes=codes, whole=whole),
        "... by how often each frame is": chains.unigram(train, held, codes=codes, whole=whole),
    }
    return {name: round(value, 3) for name, value in told.items()}


def _bits(lesson: Lesson, network: keras.Model) -> float:
    """Bits that a frame of held-out sounds takes on the mean, ends counted as frames."""
    parts = np.array_split(lesson.judges, -(-len(lesson.judges) // _AT_ONCE))
    told = [predicting.told(network, lesson.data.maps(part), lesson.roles[part]) for part in parts]
    spent, events = (sum(float(np.sum(row[column])) for row in told) for column in (0, 1))
    return spent / events


TEACHERS: Mapping[str, Teacher] = {
    "adversary": Teacher(teach_generator, batch=16),
    "itself": Teacher(
        teach_autoencoder, batch=16, cooling=True, figures=figures_of_autoencoder, batches=batches_with_opposites
    ),
    "odds": Teacher(teach_writer, batch=16, figures=figures_of_writer),
    "names": Teacher(teach_listener, batch=32, heard=False),
}
