"""Which drums are struck at a moment of a loop, and how hard: a small network over `features`.

A perceptron of two hidden layers, one output a role and one for its level; several drums may be struck at once. It
learned from loops mixed of single drums, whose licences `listener.json` names (`python -m benchmarks.teach listener`).
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from samplegen import arrays
from samplegen.audio import Signal
from samplegen.roles import ROLES
from samplegen.transcription.features import SIZE, around

HIDDEN = (320, 192)
_WEIGHTS = Path(__file__).with_name("listener.npz")
_BLOCK = 1024  # moments at a time

Table = NDArray[np.float32]


class Struck(NamedTuple):
    """Odds of each role at each moment, 0..1, and the square root of its gain beside the loop's loudest hit, 0..1."""

    odds: Table
    levels: Table


@cache
def _layers() -> list[Table]:
    """Mean and spread of the features, then weights and offsets of each layer."""
    sizes = [SIZE, *HIDDEN, 2 * len(ROLES)]
    shapes = [shape for a, b in pairwise(sizes) for shape in ((a, b), (b,))]
    return arrays.read(_WEIGHTS, [(SIZE,), (SIZE,), *shapes])


def listen(samples: Signal, times: NDArray[np.float64]) -> Struck:
    """Which roles are struck at `times` in seconds of a loop at `features.RATE`: tables `(moments, roles)`."""
    rows = around(samples, times)
    out = np.concatenate([_network(rows[at : at + _BLOCK]) for at in range(0, len(rows), _BLOCK)])
    odds = 1 / (1 + np.exp(-np.clip(out[:, : len(ROLES)], -30, 30)))
    return Struck(odds.astype(np.float32), np.clip(out[:, len(ROLES) :], 0, 1))


def _network(rows: Table) -> Table:
    mean, spread, *layers = _layers()
    values: Table = (rows - mean) / spread
    for index in range(0, len(layers), 2):
        values = values @ layers[index] + layers[index + 1]
        if index + 2 < len(layers):
            values = _gelu(values)
    return values


def _gelu(values: Table) -> Table:
    """Gaussian error linear unit."""
    bent: Table = values * np.float32(0.5) * (1 + erf(values / np.float32(np.sqrt(2))))
    return bent
