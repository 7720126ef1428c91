"""Waveform <-> spectrogram, one configuration for every network.

Waveforms are `(n,)` float32 in -1..1 at `config.rate`; spectra `(frames, bins)`. The window is a
Gaussian at redundancy 8, which the phase reconstruction of `samplegen.features.phase` needs.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


def map(work: Callable[[In], Out], items: Iterable[In]) -> list[Out]:
    """Map in threads, one a core: the transforms and the compiled loops let go of the interpreter."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, items))
