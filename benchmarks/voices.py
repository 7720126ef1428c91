"""Voices turned into each other, on sentences that were held out: real speakers, six directions or all twelve.

For each direction a model learns from the takes of all sentences but the last three, and these are converted and
measured against the target speaker's own (`samplegen.conversion.metrics` defines the figures). Identity is the take
as it is; another voice is that of a third speaker. The figures are means over directions, and the worst of them.
"""

import os
import tempfile
import time
from itertools import combinations, permutations
from pathlib import Path

import numpy as np

from benchmarks.common import DATA, Figures
from samplegen.audio import reading
from samplegen.conversion import alignment, features, results, takes
from samplegen.conversion.train import train_converter
from samplegen.conversion.voice import evaluate

VOICES = DATA / "voice"
HELD = 3  # sentences
DIRECTIONS = permutations if os.environ.get("BENCH_DIRECTIONS") == "all" else combinations


def run() -> Figures:
    """Learn, convert and measure each direction; then align two takes of 20 minutes."""
    speakers = sorted(path for path in VOICES.iterdir() if path.is_dir())
    done = [direction(*pair, speakers) for pair in DIRECTIONS(speakers, 2)]
    gains = [rows["identity"]["distortion"] - rows["converted"]["distortion"] for rows, _ in done]
    figures: Figures = {"directions": len(done), "distortion under identity, least (dB)": min(gains)}
    for name in ("distortion", "correlation", "variance", "spectral", "pitch_correlation", "pitch_error"):
        for row in done[0][0]:
            figures[f"{name}, {row}"] = float(np.mean([rows[row][name] for rows, _ in done]))
    worst = min(rows["converted"]["variance"] for rows, _ in done)
    rise = min(rows["converted"]["correlation"] - rows["identity"]["correlation"] for rows, _ in done)
    figures |= {"variance, least": worst, "correlation above identity, least": rise}
    figures["learning a direction, longest (s)"] = max(seconds for _, seconds in done)
    return figures | long_takes(speakers)


def direction(source: Path, target: Path, speakers: list[Path]) -> tuple[results.Rows, float]:
    """Figures of a direction, and how long learning it took."""
    pairs = takes.find_pairs(source, target)
    other = next(path for path in speakers if path not in (source, target))
    names = {pair.name for pair in pairs[-HELD:]}
    others = [pair for pair in takes.find_pairs(other, target) if pair.name in names]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "pairs.csv"
        table.write_text("".join(f"{pair.source.name},{pair.target.name}\n" for pair in pairs[:-HELD]))
        began = time.perf_counter()
        model = train_converter("voice", (source, target), Path(folder) / "model", options={"table": table}, seed=1)
        spent = time.perf_counter() - began
        return evaluate.measure_pairs(model, pairs[-HELD:], others=others), spent


def long_takes(speakers: list[Path]) -> Figures:
    """Two takes of 20 minutes of the same sentences, again and again."""
    stft = features.stft_config(16_000)
    names = sorted(path.name for path in speakers[1].iterdir())
    whole = []
    for speaker in speakers[1:3]:
        once = np.concatenate([reading.read_audio(speaker / name, 16_000)[0] for name in names])
        whole.append(np.tile(once, 20)[: 1200 * 16_000])
    alignment.align(*(features.log_mel(take[:160_000], stft) for take in whole))  # compiles
    began = time.perf_counter()
    found = alignment.align(*(features.log_mel(take, stft) for take in whole))
    return {"two takes of 20 minutes aligned (s)": time.perf_counter() - began, "... score": found.score}
