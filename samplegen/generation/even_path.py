"""Perceptually even paths: sounds of a fine path to keep, so that every step sounds equally large.

Equal steps of a code do not sound equal: a network stands still in one place and leaps in another
(Laine, "Feature-based metrics for exploring the latent space of generative models", 2018).
"""

import numpy as np
from numpy.typing import NDArray

from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import classify

Rows = NDArray[np.floating]
Places = NDArray[np.intp]

_SHAPE_WEIGHT = 2.0  # of the spectrogram's shape, against the embedding of the role classifier
_COST_POWER = 8  # of a step's length: high, so that the longest step counts
_BACKWARD_COST = 1e9  # of a step away from the end: more than any leap


def evenly_spaced(spectrograms: Spectrogram, config: SpectrogramConfig, steps: int) -> Places:
    """Return places of `steps` sounds in a path `(n, steps, bands, 2)`, rising, the first and last among them.

    The longest step is nearly as short as it can be. Each leads from the first sound toward the last, by the embeddings
    of the role classifier, where there are such steps.

    Args:
        spectrograms: of the finished sounds, at least `steps`.
        config: of these spectrograms.
        steps: sounds to keep, two or more.
    """
    embeddings = _from_end_to_end(classify.classify_roles(spectrograms, config).embeddings)
    shape = _from_end_to_end(metrics.fingerprints(spectrograms))
    along = embeddings @ (embeddings[-1] - embeddings[0])
    features = np.concatenate([embeddings, _SHAPE_WEIGHT * shape], axis=1)
    cost = metrics.distances(features, features).astype(np.float64) ** _COST_POWER
    cost += _BACKWARD_COST * (along <= along[:, None])
    cost[np.tril_indices(len(cost))] = np.inf
    return _cheapest(cost, steps)


def _from_end_to_end(rows: Rows) -> Rows:
    """Scale rows to the distance between the first and the last."""
    return rows / max(float(np.linalg.norm(rows[-1] - rows[0])), 1e-6)


def _cheapest(cost: NDArray[np.float64], steps: int) -> Places:
    """Return `steps` places from the first to the last whose steps `cost[from, to]` have the least sum."""
    spent, before = cost[0], []
    for _ in range(steps - 2):
        ways = spent[:, None] + cost
        before.append(ways.argmin(axis=0))
        spent = ways.min(axis=0)
    places = [len(cost) - 1]
    for last in reversed(before):
        places.append(int(last[places[-1]]))
    return np.array([0, *reversed(places)])
