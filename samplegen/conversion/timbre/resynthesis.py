"""Levels of harmonics and noise that a timbre network answers with, for conditions of any number of frames."""

import numpy as np
from keras import ops

from samplegen.arrays import Rows
from samplegen.models.architecture import Network
from samplegen.models.timbre import REACH

BLOCK_FRAMES = 2000  # that are answered at a time


def predict(network: Network, conditions: Rows) -> Rows:
    """Return levels `(n, outputs)` for conditions `(n, inputs)`; the ends stand still beyond themselves.

    Worked off in blocks, whose borders do not show as each includes the frames that its own depend on.
    """
    padded = np.pad(conditions, ((REACH, REACH), (0, 0)), mode="edge")
    parts = [
        ops.convert_to_numpy(network(padded[None, start : start + BLOCK_FRAMES + 2 * REACH]))[0, REACH:-REACH]
        for start in range(0, len(conditions), BLOCK_FRAMES)
    ]
    return np.concatenate(parts)
