"""Stretches of pieces to learn from: begun at any bar, gone round, at other tempi, loudness and with drums left out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.grooves.encoding import Piece, Strokes
from samplegen.grooves.learner import Batch
from samplegen.models import groove
from samplegen.models.groove import Heading
from samplegen.models.groove_events import FACTS, LAGS, REST, VELOCITIES, facts, past
from samplegen.roles import ROLES

BATCH_SIZE = 16  # stretches
STRETCH_STEPS = 64  # sixteenths of each: four bars of four four
_TEMPO_OCTAVES = 0.06  # octaves that a tempo is moved by, standard deviation
_VELOCITY_SHIFT_SHARE = 0.3  # share of stretches in which a drum is a little louder or softer
_MUTED_DRUM_SHARE = 0.12  # ... in which a drum is left out
_HIDDEN_HISTORY_SHARE = 0.25  # ... that hide what was played one and two bars before
_LAG_WIDTH = FACTS * len(ROLES) + 1  # numbers that say what was played some time before
_BARS_BEFORE = slice(_LAG_WIDTH, LAGS * _LAG_WIDTH)  # of what is seen

Rng = np.random.Generator


def drawn(pieces: Sequence[Piece], rng: Rng) -> Batch:
    """A batch of stretches, every piece as likely."""
    rows = [_stretch(pieces[index], rng) for index in rng.integers(len(pieces), size=BATCH_SIZE)]
    return _stacked([_row(*row, forget=rng.random() < _HIDDEN_HISTORY_SHARE) for row in rows], STRETCH_STEPS)


def whole(pieces: Sequence[Piece]) -> list[Batch]:
    """Pieces once from their beginning to their end, those of a length together."""
    ordered = sorted(pieces, key=lambda piece: len(piece.strokes))
    groups = [ordered[at : at + BATCH_SIZE] for at in range(0, len(ordered), BATCH_SIZE)]
    return [
        _stacked([_row(piece.heading, piece.strokes, piece.fills) for piece in group], len(group[-1].strokes))
        for group in groups
    ]


def _stretch(piece: Piece, rng: Rng) -> tuple[Heading, Strokes, NDArray[np.bool_]]:
    """Rotate a pattern: it begins at another of its bars, and goes round again."""
    bar = piece.heading.bar
    count = -(-STRETCH_STEPS // bar)
    order = (rng.integers(piece.bars) + np.arange(count)) % piece.bars
    strokes = piece.strokes.reshape(piece.bars, bar, len(ROLES), 3)[order].reshape(-1, len(ROLES), 3)
    heading = replace(piece.heading, tempo=_moved(piece.heading.tempo, rng))
    heading, strokes = _thinned(heading, strokes, rng)
    return heading, _louder(strokes, rng), piece.fills[order]


def _moved(tempo: float, rng: Rng) -> float:
    return float(np.clip(tempo * 2 ** (_TEMPO_OCTAVES * rng.standard_normal()), 20, 999))


def _thinned(heading: Heading, strokes: Strokes, rng: Rng) -> tuple[Heading, Strokes]:
    """Without some of the drums, but never without all."""
    kept = heading.kit & (rng.random(len(ROLES)) >= _MUTED_DRUM_SHARE)
    if not kept.any():
        return heading, strokes
    strokes = np.where(kept[:, None], strokes, REST).astype(np.int8)
    return replace(heading, drums=int(kept @ 2 ** np.arange(len(ROLES)))), strokes


def _louder(strokes: Strokes, rng: Rng) -> Strokes:
    moves = rng.choice((-1, 1), len(ROLES)) * (rng.random(len(ROLES)) < _VELOCITY_SHIFT_SHARE)
    changed = strokes.copy()
    moved = np.clip(strokes[..., 0] + moves, 1, len(VELOCITIES))
    changed[..., 0] = np.where(strokes[..., 0] > 0, moved, 0)
    return changed


def _row(heading: Heading, strokes: Strokes, fills: NDArray[np.bool_], *, forget: bool = False) -> tuple[Rows, ...]:
    numbers = facts(strokes)
    before = past(numbers[None], np.arange(len(strokes)), heading.bar)[0]
    before[:, _BARS_BEFORE] *= not forget
    seen = np.concatenate([before, groove.conditions(heading, fills)], axis=1)
    counted = np.tile(heading.kit.astype(np.float32), (len(strokes), 1))
    return seen, numbers, strokes.astype(np.int32), counted


def _stacked(rows: Sequence[tuple[Rows, ...]], steps: int) -> Batch:
    """Rows cut to so many steps, or filled with steps that do not count."""
    return Batch(*(np.stack([_fitted(row[part], steps) for row in rows]) for part in range(len(Batch._fields))))


def _fitted(row: Rows, steps: int) -> Rows:
    return np.pad(row[:steps], [(0, max(0, steps - len(row)))] + [(0, 0)] * (row.ndim - 1))
