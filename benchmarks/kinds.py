"""Every kind of generator on the same sounds for the same time: how good, how fast, how large.

Each learns from three quarters of the drum machines, split as in `benchmarks.learning`, whose figures are taken
against the others. Seconds of drawing are for 500 sounds from roles to finished waveforms, without start-up.
`BENCH_KINDS=lstmgan,charlstm` measures some of them, `BENCH_MINUTES` sets the minutes of training of each.
"""

import os
import tempfile
from pathlib import Path

from benchmarks import learning
from benchmarks.common import MACHINES, Figures, seconds
from samplegen.data import dataset
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.generation import generate, sample
from samplegen.models.model import WEIGHTS
from samplegen.models.registry import KINDS
from samplegen.training import train as training_train
from samplegen.training.budget import Budget

MINUTES = float(os.environ.get("BENCH_MINUTES", "20"))
GENERATORS = os.environ.get("BENCH_KINDS", ",".join(name for name, kind in KINDS.items() if kind.draws)).split(",")
COUNT = 500


def run() -> Figures:
    """Figures of all kinds, one after the other, each from an empty cache."""
    figures: Figures = {}
    for kind in GENERATORS:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SAMPLEGEN_CACHE"] = folder
            figures |= {f"{kind}: {name}": value for name, value in _of(kind, Path(folder) / kind).items()}
            del os.environ["SAMPLEGEN_CACHE"]
    return figures


def _of(kind: str, folder: Path) -> Figures:
    own, plain = (dataset.scan(MACHINES, SpectrogramConfig(**cells)) for cells in (KINDS[kind].spectrogram, {}))
    train, held = plain.split(learning.TESTED, seed=learning.SPLIT)
    model = training_train.train(kind, own.subset(train), folder, budget=Budget(minutes=MINUTES), seed=1)
    spent = seconds(lambda: generate.generate(model, COUNT, role=sample.NATURAL), times=2)
    found = learning.measure(model, plain.subset(train), plain.subset(held))
    return {
        "minutes": model.card.training["minutes"],
        "steps": model.card.training["steps"],
        **{name: value for name, value in found.items() if "real" not in name},
        f"seconds for {COUNT} sounds": spent,
        "megabytes of weights": (folder / WEIGHTS).stat().st_size / 1e6,
        **model.card.figures,
    }
