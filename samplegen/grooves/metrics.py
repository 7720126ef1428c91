"""Metrics of a groove model: bits that held-out patterns take, beside those that counting takes."""

from collections.abc import Sequence

import numpy as np

from samplegen.grooves import baselines, learner
from samplegen.grooves.learner import Batch
from samplegen.grooves.split import Split
from samplegen.models.architecture import Network

Metrics = dict[str, float]


def bits(network: Network, held_out: Sequence[Batch]) -> Metrics:
    """Return bits a step: of everything, and of what is struck and how hard; and of the timing of a hit."""
    parts = [[float(np.sum(part)) for part in learner.spent(network, batch)] for batch in held_out]
    hits, kinds, timing, ratchets = np.sum(parts, axis=0).tolist()
    steps = sum(float(batch.counted.any(axis=-1).sum()) for batch in held_out)
    struck = sum(float((batch.strokes[..., 0] > 0).sum()) for batch in held_out)
    return {
        "all": (hits + kinds + timing + ratchets) / steps,
        "struck": (hits + kinds) / steps,
        "when": timing / struck,
    }


def card_metrics(network: Network, split: Split, held_out: Sequence[Batch]) -> Metrics:
    """Return the metrics of a network for its card."""
    spent = bits(network, held_out)
    values = {
        "bits per step held out, what is struck and how hard": spent["struck"],
        "... by a chain of first order": baselines.by_last(split.train, split.held_out),
        "... by how often each is at its place in the bar": baselines.by_place(split.train, split.held_out),
        "bits per hit held out, when exactly": spent["when"],
    }
    return {name: round(value, 3) for name, value in values.items()}
