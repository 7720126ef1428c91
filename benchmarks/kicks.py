"""Kicks whose true middle is known, and how far off it is what each model and mode puts there.

A kick has five parameters: two frequencies, the fall from one to the other, decay, drive. Each model learns 200
of them; between the two of 250 other pairs the truth is the kick of the mean parameters. Differences are of the
levels of maps, in dB, averaged over the pairs: root mean square over all cells, beside it mean absolute over the
cells in which either end or the truth sounds. What a model or a map can reach at all is told by the true middle itself:
as the model brings it back, and as a waveform made of its map is seen again. What 200 kicks can tell of another one is
told by a regression that is given what no model knows, the parameters.

An autoencoder with clocks also learns from each kick changed both ways (`samplegen.opposites`: speed, bend of the
pitch, decay and drive, which are much of what a kick varies by), on maps whose steps are evenly spaced as well.

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
import tensorflow as tf

from benchmarks.common import Figures
from samplegen import maps, mixes, opposites, projection, roles, store
from samplegen.audio import Signal
from samplegen.maps import LEVEL, Map, MapConfig
from samplegen.nets import KINDS, Kind, adversarial, reconstructing
from samplegen.store import Card, Model

LOW, HIGH = np.log([150, 40, 0.010, 0.08, 1.0]), np.log([400, 80, 0.060, 0.40, 5.0])  # Hz, Hz, s, s, drive
SEED, TRAINED, PAIRS = 0, 200, 250
BATCH, SEARCHED = 16, 40
KERNEL, RIDGE = 0.7, 0.01  # of the regression: the best of 18 on seed 7
BLUR = 0.02  # of codes of kicks, which are less different from each other than drums are
CONFIGS = {spacing: MapConfig(spacing=spacing) for spacing in ("widening", "even")}
CODE, WIDTHS = 8, (96, 64, 48, 32)
CLOCKS = {"code": CODE, "units": 96, "clocks": 16}
FAST, SLOWER, PARTS = 4e-3, 0.6, 10  # rate of learning with clocks, falling to its hundredth in `PARTS` of the steps


class Row(NamedTuple):
    """A model to measure."""

    kind: str
    sizes: dict[str, Any]
    steps: int
    spacing: str = "widening"
    opposites: int = 0  # pairs of opposite changes of each kick


MODELS = {
    "autoencoder, LSTM": Row("autoencoder", {"code": CODE}, 2000),
    "autoencoder, convolutions": Row("autoencoder", {"code": CODE, "widths": WIDTHS}, 4000),
    "autoencoder, clocks": Row("autoencoder", CLOCKS, 10_000, opposites=5),
    "even: autoencoder, clocks": Row("autoencoder", CLOCKS, 10_000, "even", opposites=5),
    "even: autoencoder, clocks, without opposites": Row("autoencoder", CLOCKS, 10_000, "even"),
    "dcgan": Row("dcgan", {"latent": CODE, "widths": WIDTHS}, 800),
    "lstmgan": Row("lstmgan", {"latent": CODE}, 800),
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
    config: MapConfig

    def off(self, name: str, pictures: Map) -> Figures:
        """How far pictures are off the true middles, by both measures."""
        apart = self.config.floor_db * (pictures - self.true)[..., LEVEL]
        sounding = np.max([self.one, self.other, self.true], axis=0)[..., LEVEL] > 0
        absolute = (np.abs(apart) * sounding).sum(axis=(1, 2)) / sounding.sum(axis=(1, 2))
        return {
            f"{name} (dB)": float(np.sqrt((apart**2).mean(axis=(1, 2))).mean()),
            f"{name}, absolute (dB)": float(absolute.mean()),
        }


def run() -> Figures:
    """Without a model first, then model by model; of every spacing that a model is measured on."""
    figures: Figures = {}
    for spacing, config in CONFIGS.items():
        names = [name for name in NAMES if MODELS[name].spacing == spacing]
        if names:
            train, pairs = material(SEED, config=config)
            figures |= {f"{spacing}: {row}": value for row, value in _all_off(pairs, _plain(pairs)).items()}
        for name in names:
            figures |= {f"{name}: {row}": value for row, value in of_model(name, train, pairs).items()}
    return figures


def of_model(name: str, train: list[Signal], pairs: Pairs) -> Figures:
    """Figures of one model, taught here and now."""
    row = MODELS[name]
    row = row._replace(steps=int(STEPS or row.steps))
    with tempfile.TemporaryDirectory() as folder:
        model = _learned(train, Path(folder) / "model", row)
        return {"steps": row.steps} | _all_off(pairs, _middles(model, pairs))


def kick(place: np.ndarray) -> Signal:
    """The kick at a place `(5,)` in 0..1 of its parameters' logarithms."""
    high, low, fall, decay, drive = np.exp(LOW + place * (HIGH - LOW))
    time = np.arange(CONFIGS["even"].samples) / CONFIGS["even"].stft.rate
    phase = 2 * np.pi * (low * time + (high - low) * fall * (1 - np.exp(-time / fall)))
    return (np.tanh(drive * np.sin(phase) * np.exp(-time / decay)) / np.tanh(drive)).astype(np.float32)


def material(seed: int, count: int = PAIRS, *, config: MapConfig) -> tuple[list[Signal], Pairs]:
    """Kicks to learn from, and pairs; other seeds than `SEED` are there to choose by."""
    rng = np.random.default_rng(seed)
    train, one, other = (rng.random((size, 5)) for size in (TRAINED, count, count))
    middle, seen = (one + other) / 2, [kick(p) for p in train]
    faded = [(kick(p) + kick(q)) / 2 for p, q in zip(one, other, strict=True)]
    ends_and_middle = (_maps([kick(p) for p in places], config) for places in (one, other, middle))
    regressed = _regression(train, _maps(seen, config), middle)
    return seen, Pairs(*ends_and_middle, _maps(faded, config), regressed, config)


def _plain(pairs: Pairs) -> Iterator[tuple[str, Map]]:
    """Middles that need no model."""
    yield "an end", pairs.one
    yield "crossfade", pairs.crossfade
    yield "mean of levels", (pairs.one + pairs.other) / 2
    yield "envelope", _mixed(mixes.envelope, pairs.one, pairs.other)
    yield "regression on the true parameters", pairs.regressed
    yield (
        "the true middle, from its map to a waveform and back",
        _maps(maps.decode(pairs.true, pairs.config), pairs.config),
    )


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


def _learned(sounds: list[Signal], folder: Path, row: Row) -> Model:
    """A model of a kind that has learned these kicks, and nothing else."""
    keras.utils.set_random_seed(1)
    kind, rng = KINDS[row.kind], np.random.default_rng(1)
    config = kind.config(CONFIGS[row.spacing], **row.sizes)
    learner = LEARNERS[kind.teacher](kind, config)
    step, role = tf.function(learner.train_step), np.tile(roles.one_hot("kick"), (BATCH, 1))
    seen = _maps(sounds, config.map)
    both = (
        np.stack([opposites.pairs(sound, config.map, row.opposites, rng) for sound in sounds]) if row.opposites else ()
    )
    for number in range(1, row.steps + 1):
        chosen = rng.choice(len(seen), BATCH)
        changed = both[chosen, rng.choice(row.opposites, BATCH)].swapaxes(0, 1) if row.opposites else ()
        step((seen[chosen], role, *changed))
        if number % max(row.steps // PARTS, 1) == 0 and "clocks" in row.sizes:
            learner.slow_down(SLOWER)
    net = learner.result
    guesser = kind.of_codes("teach_guesser")(net, config, most=row.steps) if kind.guessed else None
    weights = [[weight.numpy() for weight in part.weights] if part else [] for part in (net, guesser)]
    store.save(folder, Card(row.kind, asdict(config), ""), weights[0], guesser=weights[1])
    return store.read(folder)


def _reconstructing(kind: Kind, config: Any) -> Any:
    rate, blur = (FAST, 0.0) if config.clocks else (reconstructing.LEARNING_RATE, BLUR)
    return reconstructing.Reconstructing(lambda: kind.network(config), augmented=0.0, blur=blur, rate=rate, seed=1)


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


def _maps(sounds: list[Signal], config: MapConfig) -> Map:
    return np.stack([maps.encode(sound, config) for sound in sounds])
