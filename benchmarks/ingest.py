"""Reading the folder of drum machines: our scan against a plain loop of librosa, in files per second."""

import os
import tempfile
from statistics import median

import librosa

from benchmarks.common import MACHINES, Figures, seconds
from samplegen import dataset
from samplegen.maps import MapConfig

_ROUNDS = 5


def run() -> Figures:
    """Ratios of times; every first scan starts from an empty cache."""
    files = sorted(MACHINES.glob("*/*.flac"))

    def plain() -> None:
        for path in files:
            samples, rate = librosa.load(path)
            librosa.feature.melspectrogram(y=samples, sr=rate)

    def scan() -> None:
        dataset.scan(MACHINES, MapConfig())

    def first() -> None:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SAMPLEGEN_CACHE"] = folder
            scan()

    first()  # compiles and loads
    # In turn, for a shared machine is faster at one time than at another.
    rounds = [(seconds(plain, times=1), seconds(first, times=1)) for _ in range(_ROUNDS)]
    fresh = min(scan for _, scan in rounds)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SAMPLEGEN_CACHE"] = folder
        scan()
        again = seconds(scan)
    del os.environ["SAMPLEGEN_CACHE"]
    return {
        "files": len(files),
        "files per second, scan over librosa loop": median(loop / scan for loop, scan in rounds),
        "time, second scan over first": again / fresh,
    }
