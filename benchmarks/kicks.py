"""Kicks whose true middle is known, and how far off it is what each model and mode puts there.

A kick has five parameters: two frequencies, the fall from one to the other, decay, drive. Each model learns 200
of them; between the two of 250 other pairs the truth is the kick of the mean parameters. Differences are of levels, in
dB, averaged over the pairs: root mean square over all cells of the models' maps, which are short at the attack, and
mean absolute over evenly spaced ones of 23 ms, in which either end or the truth sounds. What a model or a map can reach
at all is told by the true middle itself: as the model brings it back, and as a waveform made of its map is seen again.
What 200 kicks can tell of another one is told by a regression that is given what no model knows, the parameters.

All learn as `samplegen train` teaches them, but an autoencoder with less noise in its codes and no changes of maps, and
GANs without a listener, as all are kicks. An autoencoder learns from each kick changed both ways, too
(`samplegen.training.augment_audio`: speed, bend of the pitch, decay and drive, which are much of what kicks vary by).

`BENCH_STEPS` sets the steps of learning of all models, `BENCH_KICKS="dcgan;lstmgan"` measures some of them.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from benchmarks.common import Figures
from samplegen import roles
from samplegen.arrays import Signal
from samplegen.features import spectrogram
from samplegen.features.spectrogram import LEVEL, Spectrogram, SpectrogramConfig
from samplegen.generation import blending, inversion
from samplegen.models import store
from samplegen.models.card import Card
from samplegen.models.model import Model
from samplegen.models.registry import KINDS, Kind
from samplegen.training import augment_audio, autoencoding, gan, loop
from samplegen.training import inversion as training_inversion
from samplegen.training.budget import Budget
from samplegen.training.learner import prefer_latest
from samplegen.training.methods import METHODS
from samplegen.training.workplace import Workplace

LOW, HIGH = np.log([150, 40, 0.010, 0.08, 1.0]), np.log([400, 80, 0.060, 0.40, 5.0])  # Hz, Hz, s, s, drive
SEED, TRAINED, PAIRS = 0, 200, 250
SEARCHED = 40  # steps for a code
KERNEL, RIDGE = 0.7, 0.01  # of the regression: the best of 18 on seed 7
BLUR = 0.02  # of codes of kicks, which are less different from each other than drums are
CONFIG, EVEN = SpectrogramConfig(), SpectrogramConfig(spacing="even")
CODE, WIDTHS = 8, (96, 64, 48, 32)


class Row(NamedTuple):
    """A model to measure."""

    kind: str
    sizes: dict[str, Any]
    steps: int


MODELS = {
    "autoencoder, LSTM": Row("autoencoder", {"code": CODE}, 2400),
    "autoencoder, convolutions": Row("autoencoder", {"code": CODE, "widths": WIDTHS}, 2400),
    "dcgan": Row("dcgan", {"latent": CODE, "widths": WIDTHS}, 800),
    "lstmgan": Row("lstmgan", {"latent": CODE}, 800),
}
STEPS = os.environ.get("BENCH_STEPS")
NAMES = os.environ["BENCH_KICKS"].split(";") if "BENCH_KICKS" in os.environ else list(MODELS)


@dataclass(frozen=True)
class Pairs:
    """Maps of both ends, of the kicks between them, of the crossfades, and what a regression says from the truth."""

    one: Spectrogram
    other: Spectrogram
    true: Spectrogram
    crossfade: Spectrogram
    regressed: Spectrogram

    def off(self, name: str, pictures: Spectrogram) -> Figures:
        """Distances of spectrograms from the true middles, by both measures."""
        apart = CONFIG.floor_db * (pictures - self.true)[..., LEVEL]
        one, other, true, found = map(_evenly, (self.one, self.other, self.true, pictures))
        sounding = np.max([one, other, true], axis=0) > 0
        absolute = (np.abs(found - true) * sounding).sum(axis=(1, 2)) / sounding.sum(axis=(1, 2))
        return {
            f"{name} (dB)": float(np.sqrt((apart**2).mean(axis=(1, 2))).mean()),
            f"{name}, in even cells (dB)": float(-CONFIG.floor_db * absolute.mean()),
        }


def run() -> Figures:
    """Without a model first, then model by model."""
    train, pairs = material(SEED)
    figures = _all_off(pairs, _plain(pairs))
    for name in NAMES:
        figures |= {f"{name}: {row}": value for row, value in of_model(name, train, pairs).items()}
    return figures


def of_model(name: str, train: list[Signal], pairs: Pairs) -> Figures:
    """Figures of one model, taught here and now."""
    row = MODELS[name]
    row = row._replace(steps=int(STEPS or row.steps))
    with tempfile.TemporaryDirectory() as folder:
        model = _learned(train, Path(folder), row)
        return {"steps": row.steps} | _all_off(pairs, _middles(model, pairs))


def kick(place: np.ndarray) -> Signal:
    """The kick at a place `(5,)` in 0..1 of its parameters' logarithms."""
    high, low, fall, decay, drive = np.exp(LOW + place * (HIGH - LOW))
    time = np.arange(CONFIG.samples) / CONFIG.stft.rate
    phase = 2 * np.pi * (low * time + (high - low) * fall * (1 - np.exp(-time / fall)))
    return (np.tanh(drive * np.sin(phase) * np.exp(-time / decay)) / np.tanh(drive)).astype(np.float32)


def material(seed: int, count: int = PAIRS) -> tuple[list[Signal], Pairs]:
    """Kicks to learn from, and pairs; other seeds than `SEED` are there to choose by."""
    rng = np.random.default_rng(seed)
    train, one, other = (rng.random((size, 5)) for size in (TRAINED, count, count))
    middle, seen = (one + other) / 2, [kick(p) for p in train]
    faded = [(kick(p) + kick(q)) / 2 for p, q in zip(one, other, strict=True)]
    ends_and_middle = (_maps([kick(p) for p in places]) for places in (one, other, middle))
    return seen, Pairs(*ends_and_middle, _maps(faded), _regression(train, _maps(seen), middle))


def _plain(pairs: Pairs) -> Iterator[tuple[str, Spectrogram]]:
    """Middles that need no model."""
    yield "an end", pairs.one
    yield "crossfade", pairs.crossfade
    yield "mean of levels", (pairs.one + pairs.other) / 2
    yield "envelope", _mixed(blending.envelope, pairs.one, pairs.other)
    yield "regression on the true parameters", pairs.regressed
    yield "the true middle, from its map to a waveform and back", _maps(spectrogram.decode(pairs.true, CONFIG))


def _middles(model: Model, pairs: Pairs) -> Iterator[tuple[str, Spectrogram]]:
    """Middles of a model by all modes that mix codes, and the true ones as it brings them back."""
    one, other, true = (_codes(model, pictures, SEARCHED) for pictures in (pairs.one, pairs.other, pairs.true))
    for mode, mix in blending.CODE_BLENDS.items():
        yield mode, inversion.decode_codes(model, _mixed(mix, one, other))
    yield "the true middle itself", inversion.decode_codes(model, true)
    guessed = (_codes(model, pictures, 0) for pictures in (pairs.one, pairs.other))
    yield "lerp, of guesses without a search", inversion.decode_codes(model, _mixed(blending.lerp, *guessed))


def _all_off(pairs: Pairs, middles: Iterator[tuple[str, Spectrogram]]) -> Figures:
    figures: Figures = {}
    for name, pictures in middles:
        figures |= pairs.off(name, pictures)
    return figures


def _codes(model: Model, pictures: Spectrogram, steps: int) -> np.ndarray:
    parts = np.array_split(pictures, -(-len(pictures) // 64))
    return np.concatenate([inversion.invert(model, part, steps=steps).codes for part in parts])


def _mixed(mix: Callable[..., Any], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.stack([mix(*pair, 0.5) for pair in zip(one, other, strict=True)]).astype(np.float32)


def _learned(sounds: list[Signal], folder: Path, row: Row) -> Model:
    """A model of a kind that has learned these kicks, and nothing else."""
    keras.utils.set_random_seed(1)
    kind, seen = KINDS[row.kind], _maps(sounds)
    config, method = kind.config(CONFIG, **row.sizes), METHODS[kind.training]
    role = np.tile(roles.one_hot("kick"), (method.batch_size, 1))

    def batch(step: int) -> tuple[Any, ...]:
        chosen = np.random.default_rng((1, step)).choice(len(seen), method.batch_size)
        return seen[chosen], role, *(_changed(sounds, chosen, step) if kind.training == "autoencoding" else ())

    learned = loop.fit(
        LEARNERS[kind.training](kind, config), batch, prefer_latest,
        budget=Budget(steps=row.steps), workplace=Workplace(folder), schedule=method.schedule,
    )  # fmt: skip
    net = kind.network(config)
    net.set_weights(learned.best)
    encoder = (
        training_inversion.train_encoder(net, config, max_steps=row.steps).get_weights() if kind.inverted else None
    )
    store.save(folder / "model", Card(row.kind, asdict(config), ""), learned.best, encoder=encoder)
    return store.read(folder / "model")


def _changed(sounds: list[Signal], chosen: np.ndarray, step: int) -> np.ndarray:
    """Opposite changes `(2, n, steps, bands, 2)` of the chosen sounds."""
    rng = np.random.default_rng((2, step))
    return np.stack([augment_audio.pair(sounds[index], CONFIG, rng) for index in chosen], axis=1)


def _reconstructing(kind: Kind, config: Any) -> Any:
    return autoencoding.AutoencoderLearner(lambda: kind.network(config), augmented=0.0, noise=BLUR, seed=1)


def _adversarial(kind: Kind, config: Any) -> Any:
    nets = (kind.network, kind.discriminator)
    return gan.GanLearner(lambda: tuple(build(config) for build in nets), config.latent, seed=1)


def _regression(seen: np.ndarray, pictures: Spectrogram, places: np.ndarray) -> Spectrogram:
    """Maps of the kicks at `places` `(n, 5)` by kernel ridge regression from those seen, with Gaussian kernels."""
    flat, mean = pictures.reshape(len(seen), -1), pictures.mean(axis=0)
    weights = np.linalg.solve(_near(seen, seen) + RIDGE * np.eye(len(seen)), flat - mean.ravel())
    return np.clip((_near(places, seen) @ weights).reshape(-1, *mean.shape) + mean, 0, 1).astype(np.float32)


def _near(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.exp(-((some[:, None] - others) ** 2).sum(axis=-1) / (2 * KERNEL**2))


LEARNERS = {"autoencoding": _reconstructing, "gan": _adversarial}


def _maps(sounds: list[Signal]) -> Spectrogram:
    return np.stack([spectrogram.encode(sound, CONFIG) for sound in sounds])


def _evenly(pictures: Spectrogram) -> np.ndarray:
    """Levels `(n, steps, bands)` of maps in evenly spaced cells, each by the mean power in it."""
    steps, bands = spectrogram.conversion_matrices(CONFIG, EVEN)
    power = np.where(pictures[..., LEVEL] > 0, 10 ** (-CONFIG.floor_db / 10 * (pictures[..., LEVEL] - 1)), 0)
    even = steps @ power @ bands
    level = 1 - 10 / CONFIG.floor_db * np.log10(np.maximum(even / even.max(axis=(1, 2), keepdims=True), 1e-12))
    return np.clip(level, 0, 1)
