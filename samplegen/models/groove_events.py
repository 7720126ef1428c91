"""Event tokens of a groove: a hit or rest of each drum at a step, as integers to predict and as features to read.

A row is `(16, 3)`, a drum of `samplegen.roles.ROLES` each: its velocity, 0 for a rest, else 1 and its place in
`VELOCITIES`; its places in `TIMINGS` and in `RATCHETS`.
"""

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.roles import ROLES

Events = NDArray[np.integer]  # (..., 16, 3)

VELOCITIES = (30, 45, 60, 70, 80, 90, 100, 120)  # those that the notation has letters for
TIMINGS = (-0.45, -0.32, -0.22, -0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.22, 0.32, 0.45)  # sixteenths late
RATCHETS = (1, 2, 3, 4)
ON_TIME = TIMINGS.index(0.0)
REST = (0, ON_TIME, 0)
EVENT_FEATURES = 4  # numbers that describe an event
PARTS = (1, len(VELOCITIES), len(TIMINGS), len(RATCHETS))  # logits of a drum: struck, and of what kind
LAGS = 3  # rows of the past that the network reads: the one before, and those one and two bars before

_FORCE = np.array([0, *VELOCITIES], np.float32) / 127
_LATE = np.array(TIMINGS, np.float32) * 2


def rests(steps: int) -> NDArray[np.int8]:
    """Return events without a hit."""
    return np.tile(np.array(REST, np.int8), (steps, len(ROLES), 1))


def event_features(events: Events) -> Rows:
    """Return events `(..., 16, 3)` as numbers `(..., 16, EVENT_FEATURES)`: struck, how hard, how late, if repeated."""
    struck = events[..., 0] > 0
    numbers = [struck, _FORCE[events[..., 0]], struck * _LATE[events[..., 1]], struck & (events[..., 2] > 0)]
    return np.stack(numbers, axis=-1).astype(np.float32)


def past(features: Rows, at: NDArray[np.integer], bar: int) -> Rows:
    """Return the rows before each of some steps `(n, len(at), ...)`, out of features `(n, steps, 16, ...)`."""
    flat = features.reshape(*features.shape[:2], -1)
    parts = []
    for lag in (1, bar, 2 * bar):
        known = (at >= lag).astype(np.float32)[:, None]
        parts += [flat[:, np.maximum(at - lag, 0)] * known, np.tile(known, (len(features), 1, 1))]
    return np.concatenate(parts, axis=-1)
