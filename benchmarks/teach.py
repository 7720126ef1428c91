"""Make the two files that transcription ships: `python -m benchmarks.teach tempo|listener`. Not a benchmark.

The listener learns from drums whose licences allow it (`shared/data/drums`), mixed into loops; in the run that is
shipped, the drums of 4,800 of 10,200 loops were varied in pitch alone. The weights of the tempo learn from such loops,
from rendered patterns and from every second track of `shared/data/tracks`; what short loops lose that would be cut in
mid-bar (`tempo._UNLIKELY`) was chosen on `shared/data/loops`.
"""

import json
import sys

import keras
import numpy as np
from scipy.optimize import minimize

from benchmarks import mixing, transcription
from benchmarks.common import DATA, ROOT
from samplegen import arrays, audio, loops
from samplegen.roles import ROLES
from samplegen.sequencer import rack, timing
from samplegen.transcription import listening, tempo
from samplegen.transcription.features import RATE, around

HOME = ROOT / "samplegen" / "transcription"
SCENES, EPOCHS, BATCH = 10_000, 9, 1024
NEAR, BESIDE = 0.02, 0.035  # seconds: a stroke so near to a moment is heard at it; one between the two says nothing
CLIPS = 650  # loops that the tempo learns from, three in ten cut to whole seconds, one in five to a bar or two
RIDGE = 0.5


def listener() -> None:
    """Learn what is struck."""
    drums, rng = mixing.bank(DATA / "drums"), np.random.default_rng(2)
    rows, gains, known = (np.concatenate(part) for part in zip(*_examples(drums, rng), strict=True))
    mean, spread = rows[::10].astype(np.float32).mean(axis=0), rows[::10].astype(np.float32).std(axis=0) + 0.3
    network = _network(rows.shape[1])
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(rows) // BATCH)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3), loss=_loss)
    wanted = np.concatenate([gains > 0, np.sqrt(np.minimum(gains, 1)), known], axis=1).astype(np.float32)
    for _ in range(EPOCHS):
        order = rng.permutation(len(rows))
        for at in range(0, len(rows), 64 * BATCH):
            part = np.sort(order[at : at + 64 * BATCH])
            network.fit((rows[part] - mean) / spread, wanted[part], batch_size=BATCH, verbose=2)
    arrays.write(HOME / "listener.npz", [mean, spread, *(np.asarray(weight) for weight in network.trainable_weights)])


def _examples(drums: mixing.Bank, rng: np.random.Generator):
    for _ in range(SCENES):
        scene = mixing.scene(drums, rng)
        if scene is None:
            continue
        times = _moments(scene, rng)
        gains, known = np.zeros((2, len(times), len(ROLES)), np.float32)
        top = max(gain for *_, gain in scene.strokes)
        for second, role, gain in scene.strokes:
            away = np.abs(times - second)
            gains[away < NEAR, role] = np.maximum(gains[away < NEAR, role], gain / top)
            known[(away >= NEAR) & (away < BESIDE), role] = 1
        yield around(scene.samples, np.maximum(times, 0)).astype(np.float16), gains, 1 - known


def _moments(scene: mixing.Scene, rng: np.random.Generator) -> np.ndarray:
    """Onsets, and steps without one, both a few milliseconds off."""
    pattern = scene.pattern
    onsets = loops.onsets(scene.samples, RATE) / RATE
    steps = np.array([
        (bar * pattern.bar + timing.swung(step * pattern.bar / pattern.steps, pattern)) * 60 / pattern.tempo
        for bar in range(pattern.bars) for step in range(pattern.steps)
    ])  # fmt: skip
    if len(onsets):
        steps = steps[np.abs(steps[:, None] - onsets).min(axis=1) > 0.03]
    steps = steps + rng.uniform(-0.006, 0.006, len(steps))
    return np.concatenate([onsets + rng.uniform(-0.003, 0.003, len(onsets)), steps])


def _network(size: int) -> keras.Model:
    seen = keras.Input((size,))
    values = keras.layers.Dropout(0.1)(keras.layers.GaussianNoise(0.1)(seen))
    for width, dropped in zip(listening.HIDDEN, (0.25, 0.15), strict=True):
        values = keras.layers.Dropout(dropped)(keras.layers.Dense(width, activation="gelu")(values))
    return keras.Model(seen, keras.layers.Dense(2 * len(ROLES))(values))


def _loss(wanted, told):
    """Cross-entropy of what is struck where that is known, and squared error of its level."""
    struck, level, known = (wanted[:, at : at + len(ROLES)] for at in range(0, 3 * len(ROLES), len(ROLES)))
    logit, heard = told[:, : len(ROLES)], told[:, len(ROLES) :]
    entropy = keras.ops.maximum(logit, 0) - logit * struck + keras.ops.log1p(keras.ops.exp(-keras.ops.abs(logit)))
    error = keras.ops.square(heard - level) * struck
    return keras.ops.mean(keras.ops.sum(entropy * known, 1)) + 0.5 * keras.ops.mean(keras.ops.sum(error, 1))


def tempi() -> None:
    """Fit the weights: the odds of the candidates near the true tempo, of each loop, as high as can be."""
    rows = [*_tracks(), *_rendered(), *_clips()]
    numbers = np.stack([tempo.describe(tempo.envelopes(s), len(s) / RATE) for s, _, _ in rows])
    wanted = np.exp(-(np.log(tempo.CANDIDATES / np.array([[bpm] for _, bpm, _ in rows])) ** 2) / 2 / 0.004**2) + 1e-12
    wanted /= wanted.sum(axis=1, keepdims=True)
    shares, spread = np.array([share for *_, share in rows]), numbers.std(axis=(0, 1)) + 1e-9
    numbers /= spread

    def cost(weights: np.ndarray):
        scores = numbers @ weights
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        slope = np.einsum("n,nc,ncf->f", shares, odds - wanted, numbers) + 2 * RIDGE * weights
        return -(shares[:, None] * wanted * np.log(odds + 1e-12)).sum() + RIDGE * (weights**2).sum(), slope

    found = minimize(cost, np.zeros(numbers.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x / spread
    rounded = [round(float(weight), 4) for weight in found]
    (HOME / "tempo.json").write_text(json.dumps({"weights": rounded}, indent=0) + "\n", "utf-8")


def _tracks():
    for path in sorted((DATA / "tracks").glob("*.ogg"))[::2]:
        yield audio.read(path, RATE)[0], float(path.stem.split("_")[0]), 6.0


def _rendered():
    starter = rack.load(ROOT / "packs" / "starter")
    for number in range(0, transcription.RENDERED, 2):
        samples, rate, bpm = transcription.played(number, starter)
        yield audio.resample(samples, rate, RATE), bpm, 1.0


def _clips():
    drums, rng, count = mixing.bank(DATA / "drums"), np.random.default_rng(11), 0
    while count < CLIPS:
        scene = mixing.scene(drums, rng)
        samples = _cut(scene, rng) if scene else np.zeros(0, np.float32)
        if len(samples) >= tempo.LEAST_SECONDS * RATE:
            count += 1
            yield samples, scene.pattern.tempo, 0.5


def _cut(scene: mixing.Scene, rng: np.random.Generator) -> np.ndarray:
    chance, samples = rng.random(), scene.samples
    if chance < 0.3:
        return samples[: int(rng.integers(4, 9)) * RATE]
    if chance < 0.36:
        return samples[int(rng.uniform(0, 0.3) * len(samples)) :][: int(len(samples) * rng.uniform(0.5, 0.7))]
    if chance < 0.75 and scene.pattern.meter == (4, 4):
        return samples[: round(60 / scene.pattern.tempo * RATE * (4 if rng.random() < 0.6 else 8))]
    return samples


if __name__ == "__main__":
    {"tempo": tempi, "listener": listener}[sys.argv[1]]()
