"""Training of a voice network: the regression is solved, the autoencoder above it trained, the stretch measured.

How long the autoencoder trains is decided on whole takes that are held out in turn, as frames of one take are too
alike to say. Where they gain nothing, or there is one take only, it stays out.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.models import fourier_features

PENALTY = 100.0  # on the regression's weights, for inputs of spread 1
_BLOCK_ROWS = 4096  # rows that are widened at a time


@dataclass(frozen=True)
class TrainingFrames:
    """Frames that say the same: of the source as described `(n, inputs)`, of the target `(n, outputs)`, and from which
    take `(n,)`; what each input counts for `(inputs,)`.
    """

    frames: Rows
    targets: Rows
    takes: NDArray[np.intp]
    weights: Rows

    def only(self, chosen: NDArray[np.bool_]) -> "TrainingFrames":
        """Some of the frames."""
        return TrainingFrames(self.frames[chosen], self.targets[chosen], self.takes[chosen], self.weights)


def predict(net: keras.Model, frames: Rows) -> Rows:
    """Return what a network makes of described frames, `(n, outputs)`."""
    parts = [net(frames[start : start + _BLOCK_ROWS]) for start in range(0, len(frames), _BLOCK_ROWS)]
    return np.concatenate([ops.convert_to_numpy(part) for part in parts])


def solve(net: keras.Model, training: TrainingFrames, penalty: float = PENALTY) -> None:
    """Fit the scaling and the regression of a net that has them and `Waves`, whatever it takes beside frames.

    Ridge, by normal equations that are summed up block by block.
    """
    spread = np.maximum(training.frames.std(axis=0), 1e-3)
    middle, centre = training.frames.mean(axis=0), training.targets.mean(axis=0)
    scaling, waves = net.get_layer(fourier_features.SCALING), net.get_layer(fourier_features.WAVES)
    scaling.set_weights([middle, training.weights / spread, np.zeros_like(middle)])
    frames = keras.Input(training.frames.shape[1:])
    widened = keras.Model(frames, waves(scaling(frames)))
    size = training.frames.shape[1] + waves.waves
    mean, products, goals = np.zeros(size), np.zeros((size, size)), np.zeros((size, training.targets.shape[1]))
    for start in range(0, len(training.frames), _BLOCK_ROWS):
        wide = predict(widened, training.frames[start : start + _BLOCK_ROWS]).astype(np.float64)
        mean += wide.sum(axis=0) / len(training.frames)
        products += wide.T @ wide
        goals += wide.T @ (training.targets[start : start + _BLOCK_ROWS] - centre)
    products -= len(training.frames) * np.outer(mean, mean)
    weights = np.linalg.solve(products + penalty * np.eye(size), goals)
    net.get_layer(fourier_features.REGRESSION).set_weights([weights, centre - mean @ weights])
