"""Half an hour of training on drum machines, then 500 sounds against machines that the model never saw.

The folder is split by machine, the name before `_`. Figures are measured on rendered sound: drawn
with the natural mix of roles, inverted, finished, analysed again, and embedded by the shipped classifier.
Beside each stands the same figure for real training sounds.
"""

import os
import tempfile
from pathlib import Path

from benchmarks.common import MACHINES, Figures
from samplegen.data import dataset
from samplegen.data.dataset import Dataset
from samplegen.evaluation import metrics_table
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.generation import generate, sample
from samplegen.models.model import Model
from samplegen.training import train
from samplegen.training.budget import Budget

MINUTES = float(os.environ.get("BENCH_MINUTES", "30"))
TESTED = 0.25  # share of sounds whose machines are kept out
ROLE = "classifier hears the role asked for"
SPLIT = 11  # seed of the machines kept out; changed once figures of one split have guided a choice
COUNT = 500


def run() -> Figures:
    """Train from an empty cache, draw, compare."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAMPLEGEN_CACHE"] = folder
        data = dataset.scan(MACHINES, SpectrogramConfig())
        seen, unseen = (data.subset(part) for part in data.split(TESTED, seed=SPLIT))
        model = train.train("dcgan", seen, Path(folder) / "bench", budget=Budget(minutes=MINUTES), seed=1)
        found = measure(model, seen, unseen)
        del os.environ["SAMPLEGEN_CACHE"]
    return {"minutes": MINUTES, "steps": model.card.training["steps"]} | found


def measure(model: Model, seen: Dataset, unseen: Dataset, *, seed: int = 5) -> Figures:
    """Figures of `COUNT` drawn sounds against the `unseen` real ones, and of the `seen` ones for comparison."""
    sounds = generate.generate(model, COUNT, role=sample.NATURAL, seed=seed, rate=seen.config.stft.rate)
    drawn = metrics_table.sound_features([s.samples for s in sounds], [s.role for s in sounds], seen.config)
    learned, real = metrics_table.folder_features(seen), metrics_table.folder_features(unseen)
    found: Figures = dict(metrics_table.compute_metrics(drawn, real, learned.descriptors))
    beside = metrics_table.compute_metrics(learned, real)
    found["... on real sounds of unseen machines"] = metrics_table.compute_metrics(real, real)[ROLE]
    return found | {f"{name} of real training sounds": value for name, value in beside.items() if name != ROLE}
