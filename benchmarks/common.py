"""Parts that the benchmarks share: where real sounds are, how figures are kept, how a thing is timed."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from samplegen.audio import onsets, reading, signals

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
MACHINES = DATA / "machines"

Figures = dict[str, float | str]


def seconds(work: Callable[[], object], *, times: int = 3) -> float:
    """Least wall time of several runs, which is the one that other programs disturbed least."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)


def drums(count: int, rate: int, length: float, lead: float) -> np.ndarray:
    """`count` real one-shots `(count, n)` at peak 1 with `lead` seconds of silence before each onset."""
    files = sorted(MACHINES.glob("*/*.flac"))
    chosen = np.random.default_rng(0).permutation(len(files))[:count]
    batch = np.zeros((count, round(length * rate)), np.float32)
    start = round(lead * rate)
    for row, index in zip(batch, chosen, strict=True):
        samples, _ = reading.read_audio(files[index], rate)
        samples = samples[onsets.find_onset(samples, rate) :][: len(row) - start]
        row[start : start + len(samples)] = samples / signals.peak(samples)
    return batch
