"""Metrics of a groove model: bits that held-out patterns take, beside those of n-gram baselines.

The baselines count what a drum does at a place of the bar, or after its last event. Bits per step: the mean cost of
predicting which of the drums that play are struck, and how hard.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from samplegen.grooves import learner
from samplegen.grooves.encoding import TrainingPattern
from samplegen.grooves.learner import Batch
from samplegen.grooves.split import Split
from samplegen.models.architecture import Network
from samplegen.models.groove import MAX_BAR_STEPS
from samplegen.models.groove_events import VELOCITIES
from samplegen.roles import ROLES
from samplegen.training import ngram_baseline

_SYMBOLS = len(VELOCITIES) + 1  # what a drum does: rest, or a velocity
_BEGIN_SYMBOL = _SYMBOLS

Metrics = dict[str, float]
Pairs = NDArray[np.integer]


def bits(network: Network, held_out: Sequence[Batch]) -> Metrics:
    """Return bits a step: of everything, and of what is struck and how hard; and of the timing of a hit."""
    parts = [[float(np.sum(part)) for part in learner.event_bits(network, batch)] for batch in held_out]
    hits, kinds, timing, ratchets = np.sum(parts, axis=0).tolist()
    steps = sum(float(batch.counted.any(axis=-1).sum()) for batch in held_out)
    struck = sum(float((batch.events[..., 0] > 0).sum()) for batch in held_out)
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
        "... by a chain of first order": bigram_bits(split.train, split.held_out),
        "... by how often each is at its place in the bar": position_bits(split.train, split.held_out),
        "bits per hit held out, when exactly": spent["when"],
    }
    return {name: round(value, 3) for name, value in values.items()}


def position_bits(train: Sequence[TrainingPattern], held_out: Sequence[TrainingPattern]) -> float:
    """Return bits per step of held-out patterns, by what each drum does at that place of the bars in `train`."""
    return _bits(train, held_out, _places, MAX_BAR_STEPS * len(ROLES))


def bigram_bits(train: Sequence[TrainingPattern], held_out: Sequence[TrainingPattern]) -> float:
    """Return bits a step as `position_bits`, of a first-order chain: from what the same drum did one step before."""
    return _bits(train, held_out, _lasts, (_SYMBOLS + 1) * len(ROLES))


def _bits(
    train: Sequence[TrainingPattern],
    held_out: Sequence[TrainingPattern],
    states: Callable[[TrainingPattern], Pairs],
    count: int,
) -> float:
    known, tested = (
        np.concatenate([_pairs(pattern, states(pattern)) for pattern in some]) for some in (train, held_out)
    )
    steps = sum(len(pattern.events) for pattern in held_out)
    return ngram_baseline.cross_entropy(known, tested, (count, _SYMBOLS)) / steps


def _pairs(pattern: TrainingPattern, states: Pairs) -> Pairs:
    """Return what is known `(steps, 16)` and what each drum that plays does, `(events, 2)`."""
    kit = pattern.context.kit
    return np.stack([states[:, kit].ravel(), pattern.events[:, kit, 0].ravel()], axis=1)


def _places(pattern: TrainingPattern) -> Pairs:
    at = np.arange(len(pattern.events)) % pattern.context.bar
    places: Pairs = at[:, None] * len(ROLES) + np.arange(len(ROLES))
    return places


def _lasts(pattern: TrainingPattern) -> Pairs:
    before = np.pad(pattern.events[:-1, :, 0].astype(int), ((1, 0), (0, 0)), constant_values=_BEGIN_SYMBOL)
    lasts: Pairs = before * len(ROLES) + np.arange(len(ROLES))
    return lasts
