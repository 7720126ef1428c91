"""Half an hour of training on drum machines, then 500 sounds against machines that the model never saw.

The folder is split by machine, the name before `_`. Figures are measured on rendered sound: drawn
with the natural mix of roles, inverted, analysed again, and embedded by the shipped classifier,
which has heard none of these machines. Beside each stands the same figure for real training sounds.
"""

import os
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import MACHINES, Figures
from samplegen import classifier, dataset, evaluation, maps, recipes, roles, sampling
from samplegen.dataset import Dataset
from samplegen.maps import MapConfig
from samplegen.store import Model
from samplegen.training import Budget

MINUTES = float(os.environ.get("BENCH_MINUTES", "30"))
TESTED = 0.25  # share of sounds whose machines are kept out
SPLIT = 11  # seed of the machines kept out; changed once figures of one split have guided a choice
COUNT = 500


def run() -> Figures:
    """Train from an empty cache, draw, compare."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAMPLEGEN_CACHE"] = folder
        data = dataset.scan(MACHINES, MapConfig())
        seen, unseen = (data.subset(part) for part in data.split(TESTED, seed=SPLIT))
        model = recipes.train("dcgan", seen, Path(folder) / "bench", budget=Budget(minutes=MINUTES), seed=1)
        figures = measure(model, seen, unseen)
        del os.environ["SAMPLEGEN_CACHE"]
    return {"minutes": MINUTES, "steps": model.card.training["steps"]} | figures


def measure(model: Model, seen: Dataset, unseen: Dataset, *, seed: int = 5) -> Figures:
    """Figures of `COUNT` drawn sounds against the `unseen` real ones, and of the `seen` ones for comparison."""
    vectors = sampling.wanted(model, COUNT, sampling.NATURAL, seed=seed)
    sounds = maps.decode(sampling.draw(model, vectors, seed=seed), model.config.map, seed=seed)
    drawn = np.stack([maps.encode(sound, seen.config) for sound in sounds])
    heard = {name: classifier.hear(m, seen.config) for name, m in
             (("drawn", drawn), ("seen", seen.maps()), ("unseen", unseen.maps()))}  # fmt: skip
    real = heard["unseen"].embeddings
    prints = [evaluation.descriptors(m) for m in (drawn, seen.maps(), unseen.maps())]
    figures: Figures = {"classifier hears the role asked for": _agreement(heard["drawn"].roles, vectors.argmax(axis=1))}
    named = [i for i, sound in enumerate(unseen.sounds) if sound.role]
    names = np.array([roles.INDEX[unseen.sounds[i].role or ""] for i in named])
    figures["... on real sounds of unseen machines"] = _agreement(heard["unseen"].roles[named], names)
    for name, label in (("drawn", ""), ("seen", " of real training sounds")):
        rows = heard[name].embeddings
        density, coverage = evaluation.density_and_coverage(real, rows)
        figures |= {f"density{label}": density, f"coverage{label}": coverage}
        figures[f"kernel distance{label}"] = evaluation.kernel_distance(real, rows)
        figures[f"Frechet distance{label}"] = evaluation.frechet_distance(real, rows)
    return figures | {"nearest-neighbour ratio": evaluation.novelty(*prints)}


def _agreement(odds: np.ndarray, names: np.ndarray) -> float:
    return float(np.mean(odds.argmax(axis=1) == names))
