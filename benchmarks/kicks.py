"""Kicks whose true middle is known, and how far off it is what each model and mode puts there.

A kick has five parameters: two frequencies, the fall from one to the other, decay, drive. Each model learns 200
of them; between the two of 250 other pairs the truth is the kick of the mean parameters. Differences are of the
levels of maps, in dB, averaged over the pairs: root mean square over all cells, beside it mean absolute over the
cells in which either end or the truth sounds. What a model or a map can reach at all is told by the true middle itself:
as the model brings it back, and as a waveform made of its map is seen again. What 200 kicks can tell of another one is
told by a regression that is given what no model knows, the parameters.

`BENCH_STEPS` sets the steps of learning of all models, `BENCH_KICKS="dcgan;lstmgan"` measures some of them.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import Figures
from samplegen import maps, mixes, projection, roles, store
from samplegen.audio import Signal
from samplegen.maps import LEVEL, Map, MapConfig
from samplegen.nets import KINDS, Kind, adversarial, reconstructing
from samplegen.store import Card, Model

LOW, HIGH = np.log([150, 40, 0.010, 0.08, 1.0]), np.log([400, 80, 0.060, 0.40, 5.0])  # Hz, Hz, s, s, drive
SEED, TRAINED, PAIRS = 0, 200, 250
BATCH, SEARCHED = 16, 40
KERNEL, RIDGE = 0.7, 0.01  # of the regression: the best of 18 on seed 7
BLUR = 0.02  # of codes of kicks, which are less different from each other than drums are
CONFIG = MapConfig()
CODE, WIDTHS = 8, (96, 64, 48, 32)
MODELS: dict[str, tuple[str, dict[str, Any], int]] = {  # kind, sizes, steps
    "autoencoder, LSTM": ("autoencoder", {"code": CODE}, 2000),
    "autoencoder, convolutions": ("autoencoder", {"code": CODE, "widths": WIDTHS}, 4000),
    "dcgan": ("dcgan", {"latent": CODE, "widths": WIDTHS}, 800),
    "lstmgan": ("lstmgan", {"latent": CODE}, 800),
}
STEPS = os.environ.get("BENCH_STEPS")
NAMES = os.environ["BENCH_KICKS"].split(";") if "BENCH_KICKS" in os.environ else list(MODELS)


@dataclass(frozen=True)
class Pairs:
    """Maps of both ends, of the kicks between them, of the crossfades, and what a regression says from the truth."""

    one: Map
    other: Map
    true: Map
    crossfade: Map
    regressed: Map

    def off(self, name: str, pictures: Map) -> Figures:
        """How far pictures are off the true middles, by both measures."""
        apart = CONFIG.floor_db * (pictures - self.true)[..., LEVEL]
        sounding = np.max([self.one, self.other, self.true], axis=0)[..., LEVEL] > 0
        absolute = (np.abs(apart) * sounding).sum(axis=(1, 2)) / sounding.sum(axis=(1, 2))
        return {
            f"{name} (dB)": float(np.sqrt((apart**2).mean(axis=(1, 2))).mean()),
            f"{name}, absolute (dB)": float(absolute.mean()),
        }


def run() -> Figures:
    """Without a model first, then model by model."""
    train, pairs = material(SEED)
    figures = _all_off(pairs, _plain(pairs))
    for name in NAMES:
        figures |= {f"{name}: {row}": value for row, value in of_model(name, train, pairs).items()}
    return figures


def of_model(name: str, train: Map, pairs: Pairs) -> Figures:
    """Figures of one model, taught here and now."""
    kind, sizes, usual = MODELS[name]
    steps = int(STEPS or usual)
    with tempfile.TemporaryDirectory() as folder:
        model = _learned(train, Path(folder) / "model", kind, sizes, steps)
        return {"steps": steps} | _all_off(pairs, _middles(model, pairs))


def kick(place: np.ndarray) -> Signal:
    """The kick at a place `(5,)` in 0..1 of its parameters' logarithms."""
    high, low, fall, decay, drive = np.exp(LOW + place * (HIGH - LOW))
    time = np.arange(CONFIG.samples) / CONFIG.stft.rate
    phase = 2 * np.pi * (low * time + (high - low) * fall * (1 - np.exp(-time / fall)))
    return (np.tanh(drive * np.sin(phase) * np.exp(-time / decay)) / np.tanh(drive)).astype(np.float32)


def material(seed: int, count: int = PAIRS) -> tuple[Map, Pairs]:
    """Maps to learn from, and pairs; other seeds than `SEED` are there to choose by."""
    rng = np.random.default_rng(seed)
    train, one, other = (rng.random((size, 5)) for size in (TRAINED, count, count))
    faded = [(kick(p) + kick(q)) / 2 for p, q in zip(one, other, strict=True)]
    middle, seen = (one + other) / 2, _maps([kick(p) for p in train])
    ends_and_middle = (_maps([kick(p) for p in places]) for places in (one, other, middle))
    return seen, Pairs(*ends_and_middle, _maps(faded), _regression(train, seen, middle))


def _plain(pairs: Pairs) -> Iterator[tuple[str, Map]]:
    """Middles that need no model."""
    yield "an end", pairs.one
    yield "crossfade", pairs.crossfade
    yield "mean of levels", (pairs.one + pairs.other) / 2
    yield "envelope", _mixed(mixes.envelope, pairs.one, pairs.other)
    yield "regression on the true parameters", pairs.regressed
    yield "the true middle, from its map to a waveform and back", _maps(maps.decode(pairs.true, CONFIG))


def _middles(model: Model, pairs: Pairs) -> Iterator[tuple[str, Map]]:
    """Middles of a model by all modes that mix codes, and the true ones as it brings them back."""
    one, other, true = (_codes(model, pictures, SEARCHED) for pictures in (pairs.one, pairs.other, pairs.true))
    for mode, mix in mixes.CODES.items():
        yield mode, projection.paint(model, _mixed(mix, one, other))
    yield "the true middle itself", projection.paint(model, true)
    guessed = (_codes(model, pictures, 0) for pictures in (pairs.one, pairs.other))
    yield "lerp, of guesses without a search", projection.paint(model, _mixed(mixes.lerp, *guessed))


def _all_off(pairs: Pairs, middles: Iterator[tuple[str, Map]]) -> Figures:
    figures: Figures = {}
    for name, pictures in middles:
        figures |= pairs.off(name, pictures)
    return figures


def _codes(model: Model, pictures: Map, steps: int) -> np.ndarray:
    parts = np.array_split(pictures, -(-len(pictures) // 64))
    return np.concatenate([projection.project(model, part, steps=steps).codes for part in parts])


def _mixed(mix: Callable[..., Any], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.stack([mix(*pair, 0.5) for pair in zip(one, other, strict=True)]).astype(np.float32)


def _learned(seen: Map, folder: Path, name: str, sizes: dict[str, Any], steps: int) -> Model:
    """A model of a kind that has learned the kicks seen, and nothing else."""
    keras.utils.set_random_seed(1)
    kind = KINDS[name]
    config = kind.config(CONFIG, **sizes)
    learner, rng = LEARNERS[kind.teacher](kind, config), np.random.default_rng(1)
    step, role = tf.function(learner.train_step), np.tile(roles.one_hot("kick"), (BATCH, 1))
    for _ in range(steps):
        step((seen[rng.choice(len(seen), BATCH)], role))
    net = learner.result
    guesser = kind.of_codes("teach_guesser")(net, config, most=steps) if kind.guessed else None
    weights = [[weight.numpy() for weight in part.weights] if part else [] for part in (net, guesser)]
    store.save(folder, Card(name, asdict(config), ""), weights[0], guesser=weights[1])
    return store.read(folder)


def _reconstructing(kind: Kind, config: Any) -> Any:
    return reconstructing.Reconstructing(lambda: kind.network(config), augmented=0.0, blur=BLUR, seed=1)


def _adversarial(kind: Kind, config: Any) -> Any:
    nets = (kind.network, kind.part("discriminator"))
    return adversarial.Adversarial(lambda: tuple(build(config) for build in nets), config.latent, seed=1)


def _regression(seen: np.ndarray, pictures: Map, places: np.ndarray) -> Map:
    """Maps of the kicks at `places` `(n, 5)` by kernel ridge regression from those seen, with Gaussian kernels."""
    flat, mean = pictures.reshape(len(seen), -1), pictures.mean(axis=0)
    weights = np.linalg.solve(_near(seen, seen) + RIDGE * np.eye(len(seen)), flat - mean.ravel())
    return np.clip((_near(places, seen) @ weights).reshape(-1, *mean.shape) + mean, 0, 1).astype(np.float32)


def _near(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.exp(-((some[:, None] - others) ** 2).sum(axis=-1) / (2 * KERNEL**2))


LEARNERS = {"itself": _reconstructing, "adversary": _adversarial}


def _maps(sounds: list[Signal]) -> Map:
    return np.stack([maps.encode(sound, CONFIG) for sound in sounds])
