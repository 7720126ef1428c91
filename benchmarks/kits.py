"""500 sounds of a second written as packs: memory, and the work of it in times of writing their WAV files alone.

Work is processor time: such packs wait for the disk for longer than they compute, and how long is up to the disk.
"""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import Figures
from samplegen.audio.sounds import Origin, Sound
from samplegen.kits.formats import FORMATS, PackOptions
from samplegen.packs.write import write_pack
from samplegen.roles import ROLES

COUNT, RATE = 500, 44_100
ORIGIN = Origin(1, "none", "", "", "CC0 1.0")


def run() -> Figures:
    """A ratio for each format and for all together to the pack without kits, least of three runs each."""
    rng, decay = np.random.default_rng(0), np.exp(-4 * np.arange(RATE) / RATE)
    sounds = [
        Sound((0.9 * rng.uniform(-1, 1, RATE) * decay).astype(np.float32), ROLES[number % len(ROLES)], {})
        for number in range(COUNT)
    ]
    with tempfile.TemporaryDirectory() as folder:

        def written(*formats: str) -> float:
            options = PackOptions(formats)
            spent = []
            for _ in range(3):
                began = time.process_time()
                write_pack(sounds, Path(folder) / "pack", origin=ORIGIN, options=options, force=True)
                spent.append(time.process_time() - began)
            return min(spent)

        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        everything = written(*FORMATS)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
        alone = written()
        ratios: Figures = {f"{name} over the WAV files alone": written(name) / alone for name in FORMATS}
    return ratios | {
        "all formats over the WAV files alone": everything / alone,
        "all formats (processor seconds)": everything,
        "memory that writing takes beside the sounds (MB)": grown / 1024,
    }
