"""The moving average of a network's weights: what is kept of a training that never comes to rest."""

from typing import Any

import keras
from keras import ops

AVERAGING = 0.999  # of the weights, per step


def follow(average: keras.Model, net: keras.Model, steps: Any) -> None:
    """Move the average toward the net, faster while there is little to average; `steps` have been done."""
    keep = ops.minimum(AVERAGING, (1.0 + steps) / (10.0 + steps))
    for slow, fast in zip(average.variables, net.variables, strict=True):
        slow.assign(keep * slow + (1.0 - keep) * fast)
