"""Making of `samplegen/transcription/tempo.json`: weights of the features of a tempo.

They learn from loops mixed of single drums, each as a clip and cut to whole bars; from shipped patterns at other tempi
than the benchmark's; and from every second track of `shared/data/tracks`. What short loops lose that would be cut in
mid-bar (`tempo.penalty`) was chosen on `shared/data/loops`, which nothing else was fitted to.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

from benchmarks import mixing, transcription
from benchmarks.common import DATA, ROOT
from samplegen.arrays import Signal
from samplegen.audio import reading, signals
from samplegen.sequencer import rack, styles
from samplegen.transcription import tempo
from samplegen.transcription.features import RATE
from samplegen.transcription.tempo import Weights
from samplegen.transcription.tempo_features import CANDIDATES_BPM, Numbers, describe, envelopes

FILE = ROOT / "samplegen" / "transcription" / "tempo.json"
SCENES, RENDERED = 650, 400
MIXTURES, ROUNDS, RIDGE = 8, 100, 20.0
SHARES = {"track": 4.0, "rendered": 2.0, "usual": 4.0, "any": 0.6}  # clips near their usual tempo, and others
_SPREAD = 0.005  # of a tempo: so near candidates count as right
_EVERY = 2  # candidates of which one is learned from
Row = tuple[Signal, float, float]  # samples at `RATE`, bpm, and how much it counts


def teach() -> None:
    """Fit the weights and write them."""
    rows = [*tracks(), *rendered(), *clips()]
    numbers = np.stack([described(samples) for samples, _, _ in rows])
    bpm, shares = (np.array([row[at] for row in rows]) for at in (1, 2))
    FILE.write_text(json.dumps(card(fitted(numbers, bpm, shares)), indent=0) + "\n", "utf-8")


def card(weights: Weights) -> dict[str, object]:
    """Content of `tempo.json`."""
    about = f"fitted to {SCENES} mixed loops, {RENDERED} rendered patterns and every second track; ridge {RIDGE:g}"
    said = {"about": about, "command": "python -m benchmarks.teach tempo"}
    return said | {name: np.round(part, 4).tolist() for name, part in weights._asdict().items()}


def described(samples: Signal) -> Numbers:
    """`pulses.describe` of a loop, in single precision."""
    return describe(envelopes(samples), len(samples) / RATE).astype(np.float32)


def fitted(numbers: Numbers, bpm: Numbers, shares: Numbers) -> Weights:
    """The weights at which the odds of the candidates near the true tempo of each loop are highest.

    Args:
        numbers: of each loop, `(loops, candidates, numbers)`.
        bpm: the true tempi.
        shares: how much each loop counts.
    """
    mean, spread = numbers.mean(axis=(0, 1)), numbers.std(axis=(0, 1)) + 1e-6
    seen = ((numbers[:, ::_EVERY] - mean) / spread).astype(np.float32)
    wanted = np.exp(-(np.log(CANDIDATES_BPM[::_EVERY] / bpm[:, None]) ** 2) / 2 / _SPREAD**2) + 1e-9
    wanted /= wanted.sum(axis=1, keepdims=True)
    flat, width = seen.reshape(-1, seen.shape[2]), seen.shape[2]
    sizes = np.cumsum([width * MIXTURES, MIXTURES, MIXTURES])

    def parts(vector: Numbers) -> Weights:
        mixing, *others = np.split(vector, sizes)
        return Weights(mixing.reshape(width, MIXTURES), *others)

    def cost(vector: Numbers) -> tuple[float, Numbers]:
        by = parts(vector.astype(np.float32))
        bent = np.tanh(flat @ by.mixing + by.offsets)
        odds = softmax((bent @ by.mixed + flat @ by.direct).reshape(wanted.shape), axis=1)
        away = (shares[:, None] * (odds - wanted)).astype(np.float32).ravel()
        inner = np.outer(away, by.mixed) * (1 - bent**2)
        slopes = (flat.T @ inner, inner.sum(axis=0), away @ bent, away @ flat)
        slope = np.concatenate([part.ravel() for part in slopes]) + 2 * RIDGE * vector
        return -(shares[:, None] * wanted * np.log(odds + 1e-12)).sum() + RIDGE * (vector**2).sum(), slope

    start = np.random.default_rng(0).normal(0, 0.05, sizes[-1] + width)
    found = parts(minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x)
    mixing = found.mixing / spread[:, None]
    return Weights(mixing, found.offsets - mean @ mixing, found.mixed, found.direct / spread)


def tracks() -> Iterator[Row]:
    """Every second track, the others of which stand apart."""
    for path in sorted((DATA / "tracks").glob("*.ogg"))[::2]:
        yield reading.read_audio(path, RATE)[0], float(path.stem.split("_")[0]), SHARES["track"]


def rendered() -> Iterator[Row]:
    """Shipped patterns at any tempo from 60 to 180, of about 8 s in whole bars; every second one humanised."""
    starter = rack.load(ROOT / "packs" / "starter")
    for number in range(RENDERED):
        rng = np.random.default_rng([77, number])
        bpm = float(rng.uniform(60, 180))
        pattern = styles.style_pattern(transcription.NAMES[int(rng.integers(len(transcription.NAMES)))])
        bars = max(1, min(8, round(8 * bpm / 60 / pattern.bar)))
        feel = {"humanize": 0.3 * (number % 2), "seed": number}
        samples, _ = transcription.rendered(replace(pattern, tempo=bpm, bars=bars), starter, **feel)
        yield signals.resample(samples, starter.rate, RATE), bpm, SHARES["rendered"]


def clips() -> Iterator[Row]:
    """Mixed loops, each as a clip, and cut to a few bars."""
    drums = mixing.bank(DATA / "drums")
    for number in range(SCENES):
        rng = np.random.default_rng([11, number])
        scene = mixing.scene(drums, rng)
        for samples in _cuts(scene, rng) if scene else ():
            if len(samples) >= tempo.MIN_SECONDS * RATE:
                yield samples, scene.pattern.tempo, SHARES["usual" if scene.usual else "any"]


def _cuts(scene: mixing.Scene, rng: np.random.Generator) -> Iterator[Signal]:
    chance, samples, length = rng.random(), scene.samples, len(scene.samples)
    if chance < 0.45:
        start = int(rng.uniform(0, 0.2) * length) * (rng.random() < 0.4)
        yield samples[start:][: int(rng.integers(4, 9)) * RATE]
    elif chance < 0.6:
        yield samples[int(rng.uniform(0, 0.3) * length) :][: int(length * rng.uniform(0.5, 0.7))]
    else:
        yield samples
    beats = scene.pattern.bar * 2.0 ** int(rng.choice([0, 0, 1, 1, 2, 3]))
    yield samples[: round(60 / scene.pattern.tempo * RATE * beats)]
