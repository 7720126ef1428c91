"""The Char-LSTM against chains that count, on drum machines it never heard, and what its temperature does.

The folder is split by machine, the name before `_`. Bits per frame are what it takes to tell the codes of
the next frame, or the end, of an unseen sound; a chain of first order and plain counts of the same codes
stand beside. Diversity is the mean distance, as the shipped classifier hears them, between sounds
that were drawn for the same role at one temperature, none of them anew.
"""

import os
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import MACHINES, Figures
from samplegen.data import dataset
from samplegen.data.dataset import Dataset
from samplegen.features import metrics
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.generation import autoregressive, sample
from samplegen.models import classify
from samplegen.models.model import Model
from samplegen.models.registry import KINDS
from samplegen.models.token_sampling import TokenSampler
from samplegen.training import language_model, train, training_set
from samplegen.training.budget import Budget

MINUTES = float(os.environ.get("BENCH_MINUTES", "20"))
TESTED = 0.25  # share of sounds whose machines are kept out
SPLIT = 12  # seed of the machines kept out
TEMPERATURES = (0.5, 0.7, 0.85, 1.0, 1.15, 1.3)
EACH = 120  # sounds drawn for each of `ROLES` at each temperature
ROLES = ("kick", "snare", "closed-hat", "open-hat", "clap")


def run() -> Figures:
    """Train from an empty cache, tell, draw."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAMPLEGEN_CACHE"] = folder
        data = dataset.scan(MACHINES, SpectrogramConfig(**KINDS["charlstm"].spectrogram))
        seen, unseen = data.split(TESTED, seed=SPLIT)
        model = train.train("charlstm", data.subset(seen), Path(folder) / "m", budget=Budget(MINUTES), seed=1)
        figures = measure(model, data, seen, unseen)
        del os.environ["SAMPLEGEN_CACHE"]
    return {"minutes": MINUTES, "steps": model.card.training["steps"]} | figures


def measure(model: Model, data: Dataset, seen: dataset.Indices, unseen: dataset.Indices) -> Figures:
    """Figures of a model that learned from the sounds `seen`."""
    whole = training_set.prepare(data, seed=1, previews=Path(), by_ear=True)
    lesson = training_set.TrainingSet(data, whole.roles, seen, unseen, whole.sampling_weights, 1, Path())
    figures: Figures = {name.replace("held out", "of unseen machines"): value
                        for name, value in language_model.card_metrics(lesson, model.network).items()}  # fmt: skip
    began = time.perf_counter()
    sample.draw(model, sample.role_vectors(model, 500, sample.NATURAL), seed=1)
    figures["500 maps drawn, misheard ones anew (s)"] = time.perf_counter() - began
    return figures | {f"diversity at temperature {t}": diversity(model, data.config, t) for t in TEMPERATURES}


def diversity(model: Model, config: SpectrogramConfig, temperature: float) -> float:
    """Mean distance between two sounds of one role."""
    return float(np.mean([_spread(model, config, role, temperature) for role in ROLES]))


def _spread(model: Model, config: SpectrogramConfig, role: str, temperature: float) -> float:
    vectors, rng = sample.role_vectors(model, EACH, role), np.random.default_rng(2)
    drawn = autoregressive.sample_spectrograms(
        model.network, vectors, TokenSampler(temperature), rng, steps=config.steps
    )
    rows = classify.classify_roles(drawn, config).embeddings
    return float(metrics.distances(rows, rows)[np.triu_indices(EACH, 1)].mean())
