"""Pace: which sounds of a finely walked path to keep, so that one step is heard as large as the next.

Equal steps of a code are not heard as equal: a network stands still in one place and leaps in another
(Laine, "Feature-based metrics for exploring the latent space of generative models", 2018).
"""

import numpy as np
from numpy.typing import NDArray

from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import classify

Rows = NDArray[np.floating]
Places = NDArray[np.intp]

_SHAPE = 2.0  # weight of how a sound's map looks beside what the classifier hears
_POWER = 8  # of a step: high, so that the longest of them counts
_BACK = 1e9  # what a step costs that leads away from the end: more than any leap


def evenly_spaced(pictures: Spectrogram, config: SpectrogramConfig, steps: int) -> Places:
    """Places of `steps` sounds among those of a path `(n, steps, bands, 2)`, rising, the first and last among them.

    Their longest step is nearly as short as it can be, and each leads on, as the classifier hears it, from the
    first sound toward the last, where there are such steps.

    Args:
        pictures: of sounds as they will be heard, at least `steps`.
        config: of these maps.
        steps: sounds to keep, two or more.
    """
    embeddings = _from_end_to_end(classify.classify_roles(pictures, config).embeddings)
    shape = _from_end_to_end(metrics.descriptors(pictures))
    along = embeddings @ (embeddings[-1] - embeddings[0])
    features = np.concatenate([embeddings, _SHAPE * shape], axis=1)
    cost = metrics.distances(features, features).astype(np.float64) ** _POWER
    cost += _BACK * (along <= along[:, None])
    cost[np.tril_indices(len(cost))] = np.inf
    return _cheapest(cost, steps)


def _from_end_to_end(rows: Rows) -> Rows:
    """In units of the distance between the first and the last."""
    return rows / max(float(np.linalg.norm(rows[-1] - rows[0])), 1e-6)


def _cheapest(cost: NDArray[np.float64], steps: int) -> Places:
    """The way of `steps` places from the first to the last whose steps `cost[from, to]` sum up to least."""
    spent, before = cost[0], []
    for _ in range(steps - 2):
        ways = spent[:, None] + cost
        before.append(ways.argmin(axis=0))
        spent = ways.min(axis=0)
    places = [len(cost) - 1]
    for last in reversed(before):
        places.append(int(last[places[-1]]))
    return np.array([0, *reversed(places)])
