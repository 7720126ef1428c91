"""Making of `samplegen/transcription/listener.npz`: a network that hears loops mixed of single drums.

Recorded drums whose licences allow it (`shared/data/drums`), and drums made by formulas (`synthetic`). Each loop is
drawn from its own number, so that any part of them can be made again alone.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from benchmarks import mixing
from benchmarks.common import DATA, ROOT
from samplegen import arrays
from samplegen.audio import onsets as audio_onsets
from samplegen.roles import ROLES
from samplegen.sequencer import timing
from samplegen.transcription import drum_classifier
from samplegen.transcription.drum_classifier import BLOCKS, HEADS, INNER, PLACE_FEATURES, WIDTH
from samplegen.transcription.features import FEATURE_COUNT, RATE, around

HOME = ROOT / "samplegen" / "transcription"
SCENES, EPOCHS, BATCH = 26_000, 9, 32
LENGTHS = (24, 40, 64, 96)  # moments that batches are filled up to
NEAR, BESIDE = 0.02, 0.035  # seconds: a stroke so near to a moment is heard at it; one between the two says nothing
N = len(ROLES)


class Lesson(NamedTuple):
    """Moments of a loop: features, places, and gains and whether they are known `(moments, roles)` side by side."""

    rows: np.ndarray
    places: np.ndarray
    wanted: np.ndarray


def teach() -> None:
    """Learn what is struck."""
    drums = mixing.bank(DATA / "drums")
    found = [lesson for number in range(SCENES) for lesson in lessons(drums, number)]
    arrays.write(HOME / "listener.npz", learned(found))


def lessons(drums: mixing.Bank, number: int) -> Iterator[Lesson]:
    """Examples of one loop; nothing, if it is silent."""
    rng = np.random.default_rng([2, number])
    scene = mixing.scene(drums, rng)
    if scene is None:
        return
    times, struck = _moments(scene, rng)
    gains, doubt = np.zeros((2, len(times), N), np.float32)
    top = max(gain for *_, gain in scene.strokes)
    for second, role, gain in scene.strokes:
        away = np.abs(times - second)
        gains[away < NEAR, role] = np.maximum(gains[away < NEAR, role], gain / top)
        doubt[(away >= NEAR) & (away < BESIDE), role] = 1
    rows = around(scene.samples, np.maximum(times, 0)).astype(np.float16)
    wanted = np.concatenate([np.sqrt(np.minimum(gains, 1)), 1 - doubt], axis=1).astype(np.float16)
    yield Lesson(rows, _places(scene, times, struck, rng), wanted)


def _places(scene: mixing.Scene, times: np.ndarray, struck: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Places in the bar; of some loops from a wrong start, at twice or half the tempo, or unknown."""
    chance, bpm = rng.random(), scene.pattern.tempo
    shift = 60 / bpm * int(rng.integers(1, 8)) if chance < 0.1 else 0.0
    found = drum_classifier.places(
        times + shift, struck, bpm * (2 if 0.1 < chance < 0.14 else 0.5 if chance < 0.18 else 1)
    )
    return found * np.append(np.full(PLACE_FEATURES - 1, not 0.18 < chance < 0.26), 1).astype(np.float32)


def _moments(scene: mixing.Scene, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Onsets, and steps without one, both a few milliseconds off; and which of the two they are."""
    pattern = scene.pattern
    onsets = audio_onsets.detect_onsets(scene.samples, RATE) / RATE
    steps = np.array([
        (bar * pattern.bar + timing.swing_beat(step * pattern.bar / pattern.steps, pattern)) * 60 / pattern.tempo
        for bar in range(pattern.bars) for step in range(pattern.steps)
    ])  # fmt: skip
    if len(onsets):
        steps = steps[np.abs(steps[:, None] - onsets).min(axis=1) > 0.03]
    onsets = onsets + rng.uniform(-0.003, 0.003, len(onsets))
    times = np.concatenate([onsets, steps + rng.uniform(-0.006, 0.006, len(steps))])
    order = np.argsort(times)[: LENGTHS[-1]]
    return times[order], (np.arange(len(times)) < len(onsets))[order]


def learned(found: list[Lesson], epochs: int = EPOCHS) -> list[np.ndarray]:
    """The arrays of `listening.shapes` after so many rounds."""
    some = np.concatenate([lesson.rows[::3] for lesson in found[::10]]).astype(np.float32)
    mean, spread = some.mean(axis=0), some.std(axis=0) + 0.3
    network, rng = _Network(), np.random.default_rng(3)
    steps = epochs * len(found) // BATCH
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps, warmup_target=1.5e-3, warmup_steps=300)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=1e-2, global_clipnorm=1.0), loss=_loss)
    for epoch in range(epochs):
        cost = [network.train_on_batch(*batch) for batch in _batches(found, mean, spread, rng)]
        print(f"round {epoch + 1}: {np.mean(cost):.4f}", flush=True)
    return [mean, spread, *(np.asarray(part) for layer in network.dense for part in layer.weights)]


def _batches(found: list[Lesson], mean: np.ndarray, spread: np.ndarray, rng: np.random.Generator):
    """Loops of like lengths together, filled up with moments that do not count."""
    sizes = np.array(LENGTHS)[np.searchsorted(LENGTHS, [len(lesson.rows) for lesson in found])]
    groups = {length: rng.permutation(np.flatnonzero(sizes == length)) for length in LENGTHS}
    cuts = [(part[at : at + BATCH], length) for length, part in groups.items() for at in range(0, len(part), BATCH)]
    for at in rng.permutation(len(cuts)):
        numbers, length = cuts[at]
        rows, places, wanted, there = (
            np.zeros((BATCH, length, size), np.float32) for size in (FEATURE_COUNT, PLACE_FEATURES, 2 * N, 1)
        )
        for place, number in enumerate(numbers):
            lesson = found[number]
            count = len(lesson.rows)
            rows[place, :count] = (lesson.rows - mean) / spread
            places[place, :count], wanted[place, :count], there[place, :count] = lesson.places, lesson.wanted, 1
        yield [rows, places, there[..., 0]], wanted


class _Network(keras.Model):
    """The network of `listening`, with noise; its weights come in the order of `listening.shapes`."""

    def __init__(self):
        super().__init__(name="listener")
        sizes = [INNER, WIDTH, WIDTH, *BLOCKS * (3 * WIDTH, WIDTH, INNER, WIDTH), 2 * N]
        self.dense = [keras.layers.Dense(size) for size in sizes]
        self.noise = keras.layers.GaussianNoise(0.1)
        self.drops = [keras.layers.Dropout(share) for share in (0.1, 0.2)]

    def call(self, seen, training=False):
        rows, places, there = seen
        first, second, third, *blocks, last = self.dense
        little, more = (partial(drop, training=training) for drop in self.drops)
        inner = ops.gelu(first(little(self.noise(rows, training=training))), approximate=False)
        values = second(more(inner)) + third(places)
        for ask, mix, widen, narrow in zip(*(blocks[part::4] for part in range(4)), strict=True):
            values = values + little(mix(_attended(ask(_normed(values)), there)))
            values = values + little(narrow(little(ops.gelu(widen(_normed(values)), approximate=False))))
        return last(_normed(values))


def _normed(values):
    centred = values - ops.mean(values, axis=-1, keepdims=True)
    return centred * ops.rsqrt(ops.mean(ops.square(centred), axis=-1, keepdims=True) + 1e-5)


def _attended(asked, there):
    """`listening._attended` of several loops; moments that are not `there` do not count."""
    parts = ops.reshape(asked, (BATCH, -1, 3, HEADS, WIDTH // HEADS))
    query, key, value = (ops.transpose(parts[:, :, part], (0, 2, 1, 3)) for part in range(3))
    alike = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / (WIDTH / HEADS) ** 0.5
    mixed = ops.matmul(ops.softmax(alike + (there[:, None, None, :] - 1) * 1e9), value)
    return ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (BATCH, -1, WIDTH))


def _loss(wanted, told):
    """Cross-entropy of what is struck where that is known, and squared error of its level."""
    level, known = wanted[..., :N], wanted[..., N:]
    struck = ops.cast(level > 0, "float32")
    logit, heard = told[..., :N], told[..., N:]
    entropy = ops.maximum(logit, 0) - logit * struck + ops.log1p(ops.exp(-ops.abs(logit)))
    error = ops.square(heard - level) * struck
    counted = ops.sum(ops.max(known, axis=-1))
    return (ops.sum(entropy * known) + 0.5 * ops.sum(error)) / counted
