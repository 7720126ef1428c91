"""Reading the folder of drum machines: our scan against a plain loop of librosa, in files per second."""

import os
import tempfile
from statistics import median

import librosa

from benchmarks.common import MACHINES, Figures, seconds
from samplegen.data import dataset
from samplegen.features.spectrogram import SpectrogramConfig

_TURNS = 9


def run() -> Figures:
    """Ratios of times; every first scan starts from an empty cache."""
    files = sorted(MACHINES.glob("*/*.flac"))

    def plain() -> None:
        for path in files:
            samples, rate = librosa.load(path)
            librosa.feature.melspectrogram(y=samples, sr=rate)

    def scan() -> None:
        dataset.scan(MACHINES, SpectrogramConfig())

    def turn() -> tuple[float, float, float]:
        """Times of a loop, of a scan with an empty cache, and of another one after it."""
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SAMPLEGEN_CACHE"] = folder
            return seconds(plain, times=1), seconds(scan, times=1), seconds(scan, times=1)

    turn()  # compiles and loads
    # In turn, for a shared machine is faster at one time than at another.
    loop, first, second = map(median, zip(*(turn() for _ in range(_TURNS)), strict=True))
    del os.environ["SAMPLEGEN_CACHE"]
    return {
        "files": len(files),
        "files per second, scan over librosa loop": loop / first,
        "time, second scan over first": second / first,
    }
