"""N-gram baselines of grooves: counts of what a drum does at a place of the bar, or after its last event.

Bits per step: what it takes on the mean to tell which of the drums that play are struck, and how hard.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from samplegen.grooves.encoding import Piece
from samplegen.models.groove import MAX_BAR_STEPS
from samplegen.models.groove_events import VELOCITIES
from samplegen.roles import ROLES
from samplegen.training import ngram_baseline

_SYMBOLS = len(VELOCITIES) + 1  # what a drum does: rest, or a velocity
_BEGIN_SYMBOL = _SYMBOLS

Pairs = NDArray[np.integer]


def by_place(train: Sequence[Piece], held: Sequence[Piece]) -> float:
    """Bits per step of the pieces `held`, told by what each drum does at that place of the bars in `train`."""
    return _bits(train, held, _places, MAX_BAR_STEPS * len(ROLES))


def by_last(train: Sequence[Piece], held: Sequence[Piece]) -> float:
    """Return bits a step as `by_place`, of a first-order chain: from what the same drum did one step before."""
    return _bits(train, held, _lasts, (_SYMBOLS + 1) * len(ROLES))


def _bits(train: Sequence[Piece], held: Sequence[Piece], states: Callable[[Piece], Pairs], count: int) -> float:
    known, held_out = (np.concatenate([_pairs(piece, states(piece)) for piece in some]) for some in (train, held))
    return ngram_baseline.cross_entropy(known, held_out, (count, _SYMBOLS)) / sum(len(piece.strokes) for piece in held)


def _pairs(piece: Piece, states: Pairs) -> Pairs:
    """Return what is known `(steps, 16)` and what each drum that plays does, `(events, 2)`."""
    kit = piece.heading.kit
    return np.stack([states[:, kit].ravel(), piece.strokes[:, kit, 0].ravel()], axis=1)


def _places(piece: Piece) -> Pairs:
    at = np.arange(len(piece.strokes)) % piece.heading.bar
    places: Pairs = at[:, None] * len(ROLES) + np.arange(len(ROLES))
    return places


def _lasts(piece: Piece) -> Pairs:
    before = np.pad(piece.strokes[:-1, :, 0].astype(int), ((1, 0), (0, 0)), constant_values=_BEGIN_SYMBOL)
    lasts: Pairs = before * len(ROLES) + np.arange(len(ROLES))
    return lasts
