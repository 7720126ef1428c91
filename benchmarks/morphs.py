"""What lies between two sounds: kicks whose true middle is known, and real pairs that have none.

Kicks have five parameters (two frequencies, the fall from one to the other, decay, drive); an autoencoder with a
small code learns 200 of them, and the middles of 250 other pairs are compared with the kick of the mean parameters:
root mean square difference of levels over the cells of a map, averaged over the pairs, in dB.

Of real pairs, within a role and across two, the middle should be one sound: the best non-negative mix of the two
ends leaves more of it than of a crossfade, and at least half of what it leaves of a third sound of the role. It should
be as plausible as real ones (the classifier's surest role), and the way there smooth (embeddings).
"""

import os

import numpy as np
import tensorflow as tf
from scipy.optimize import nnls

from benchmarks.common import MACHINES, Figures
from samplegen import audio, classifier, interpolation, loops, maps, roles, store
from samplegen.audio import Signal
from samplegen.maps import LEVEL, Map, MapConfig
from samplegen.nets import autoencoder
from samplegen.nets.reconstructing import Reconstructing
from samplegen.store import Model

STEPS = int(os.environ.get("BENCH_STEPS", "6000"))  # of learning kicks
LOW, HIGH = np.log([150, 40, 0.010, 0.08, 1.0]), np.log([400, 80, 0.060, 0.40, 5.0])  # Hz, Hz, s, s, drive
TRAINED, PAIRS = 200, 250
KICKS = {"code": 8, "widths": (96, 64, 48, 32)}
REAL_PAIRS, PATH = 16, 9  # of each sort; sounds of a path
MODES = ("slerp", "lerp", "envelope", "crossfade")
CONFIG = MapConfig()


def run() -> Figures:
    """Both parts; the real pairs through the shipped starter."""
    return _kicks() | _pairs(store.load("starter"))


def kick(place: np.ndarray) -> Signal:
    """The kick at a place `(5,)` in 0..1 of its parameters' logarithms."""
    high, low, fall, decay, drive = np.exp(LOW + place * (HIGH - LOW))
    time = np.arange(CONFIG.samples) / CONFIG.stft.rate
    phase = 2 * np.pi * (low * time + (high - low) * fall * (1 - np.exp(-time / fall)))
    return (np.tanh(drive * np.sin(phase) * np.exp(-time / decay)) / np.tanh(drive)).astype(np.float32)


def _kicks() -> Figures:
    rng = np.random.default_rng(0)
    train, one, other = (rng.random((count, 5)) for count in (TRAINED, PAIRS, PAIRS))
    seen, a, b, true = (_maps([kick(p) for p in places]) for places in (train, one, other, (one + other) / 2))
    encoder, decoder = _learned(seen)
    codes = [encoder.predict(x, verbose=0) for x in (a, b)]
    middles = {
        "an end": a,
        "crossfade": _maps([(kick(p) + kick(q)) / 2 for p, q in zip(one, other, strict=True)]),
        "mean of levels": (a + b) / 2,
        "envelope": np.stack([interpolation.envelope(x, y, 0.5) for x, y in zip(a, b, strict=True)]),
        "autoencoder": decoder.predict((codes[0] + codes[1]) / 2, verbose=0),
    }
    return {f"kicks, {name} off the true middle (dB)": _off(middle, true) for name, middle in middles.items()}


def _learned(seen: Map) -> list:
    tf.random.set_seed(1)
    learner = Reconstructing(lambda: autoencoder.network(autoencoder.Config(CONFIG, **KICKS)), seed=1)
    step, rng = tf.function(learner.train_step), np.random.default_rng(1)
    for _ in range(STEPS):
        step((seen[rng.choice(len(seen), 16)], np.zeros((16, len(roles.ROLES)), np.float32)))
    return [learner.result.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER)]


def _maps(sounds: list[Signal]) -> Map:
    return np.stack([maps.encode(sound, CONFIG) for sound in sounds])


def _off(pictures: Map, true: Map) -> float:
    apart = CONFIG.floor_db * (pictures - true)[..., LEVEL]
    return float(np.sqrt((apart**2).mean(axis=(1, 2))).mean())


def _pairs(model: Model) -> Figures:
    rng, figures = np.random.default_rng(5), Figures()
    groups = {role: sorted((MACHINES / role).glob("*")) for role in ("kick", "snare", "closed-hat", "clap", "mid-tom")}
    for sort in ("within a role", "across roles"):
        chosen = [_chosen(groups, rng, across=sort != "within a role") for _ in range(REAL_PAIRS)]
        for mode in MODES:
            rows = [_measured(model, three, mode) for three in chosen]
            for name, value in zip(NAMES, np.mean(rows, axis=0), strict=True):
                figures[f"{sort}, {mode}: {name}"] = float(value)
    return figures


NAMES = (
    "what a mix of the ends leaves, over that of a third sound",
    "sureness of a role, over that of the ends",
    "share of steps that go forward",
    "longest step over the mean",
)


def _chosen(groups: dict, rng: np.random.Generator, *, across: bool) -> list[Signal]:
    """Two sounds, and a third of the second's role."""
    first, second = rng.choice(list(groups), 2, replace=False)
    first = first if across else second
    paths = [rng.choice(groups[first]), *rng.choice(groups[second], 2, replace=False)]
    sounds = [audio.read(path, CONFIG.stft.rate)[0] for path in paths]
    return [sound[loops.onset(sound, CONFIG.stft.rate) :] for sound in sounds]


def _measured(model: Model, three: list[Signal], mode: str) -> list[float]:
    path = _maps(interpolation.interpolate(model, three[:2], steps=PATH, mode=mode).sounds)
    ends, third = _maps(three[:2]), _maps(three[2:])[0]
    heard = classifier.hear(np.concatenate([path, ends]), CONFIG)
    way = heard.embeddings[PATH - 1] - heard.embeddings[0]
    forward = np.diff(heard.embeddings[:PATH], axis=0) @ way
    lengths = np.linalg.norm(np.diff(heard.embeddings[:PATH], axis=0), axis=1)
    sure = heard.roles.max(axis=1)
    left = _left(path[PATH // 2], ends) / max(_left(third, ends), 1e-6)
    return [left, sure[PATH // 2] / sure[PATH:].mean(), float((forward > 0).mean()), lengths.max() / lengths.mean()]


def _left(picture: Map, ends: Map) -> float:
    """The share of a sound's magnitudes that the best non-negative mix of the ends' does not explain."""
    linear = [10 ** (-CONFIG.floor_db / 20 * (p[..., LEVEL].ravel() - 1.0)) * (p[..., LEVEL].ravel() > 0)
              for p in (*ends, picture)]  # fmt: skip
    return nnls(np.stack(linear[:2], axis=1), linear[2])[1] / np.linalg.norm(linear[2])
