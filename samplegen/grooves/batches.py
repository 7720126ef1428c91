"""Stretches of patterns to learn from: begun at any bar, at other tempi and velocities, with drums muted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.grooves.encoding import Events, TrainingPattern
from samplegen.grooves.learner import Batch
from samplegen.models import groove
from samplegen.models.groove import GrooveContext
from samplegen.models.groove_events import EVENT_FEATURES, LAGS, REST, VELOCITIES, event_features, past
from samplegen.roles import ROLES

BATCH_SIZE = 16  # stretches
STRETCH_STEPS = 64  # sixteenths of each: four bars of four four
_TEMPO_OCTAVES = 0.06  # octaves that a tempo is moved by, standard deviation
_VELOCITY_SHIFT_SHARE = 0.3  # share of stretches in which a drum is a little louder or softer
_MUTED_DRUM_SHARE = 0.12  # ... in which a drum is left out
_HIDDEN_HISTORY_SHARE = 0.25  # ... that hide what was played one and two bars before
_LAG_WIDTH = EVENT_FEATURES * len(ROLES) + 1  # numbers that say what was played some time before
_BARS_BEFORE = slice(_LAG_WIDTH, LAGS * _LAG_WIDTH)  # of what is seen

Rng = np.random.Generator


def random_batch(patterns: Sequence[TrainingPattern], rng: Rng) -> Batch:
    """Return a batch of stretches, every pattern as likely."""
    rows = [_stretch(patterns[index], rng) for index in rng.integers(len(patterns), size=BATCH_SIZE)]
    return _stack([_row(*row, forget=rng.random() < _HIDDEN_HISTORY_SHARE) for row in rows], STRETCH_STEPS)


def whole_patterns(patterns: Sequence[TrainingPattern]) -> list[Batch]:
    """Pieces once from their beginning to their end, those of a length together."""
    ordered = sorted(patterns, key=lambda pattern: len(pattern.events))
    groups = [ordered[at : at + BATCH_SIZE] for at in range(0, len(ordered), BATCH_SIZE)]
    return [
        _stack([_row(pattern.context, pattern.events, pattern.fills) for pattern in group], len(group[-1].events))
        for group in groups
    ]


def _stretch(pattern: TrainingPattern, rng: Rng) -> tuple[GrooveContext, Events, NDArray[np.bool_]]:
    """Rotate a pattern: it begins at another of its bars, and goes round again."""
    bar = pattern.context.bar
    count = -(-STRETCH_STEPS // bar)
    order = (rng.integers(pattern.bars) + np.arange(count)) % pattern.bars
    events = pattern.events.reshape(pattern.bars, bar, len(ROLES), 3)[order].reshape(-1, len(ROLES), 3)
    context = replace(pattern.context, tempo=_shift_tempo(pattern.context.tempo, rng))
    context, events = _mute_drum(context, events, rng)
    return context, _shift_velocity(events, rng), pattern.fills[order]


def _shift_tempo(tempo: float, rng: Rng) -> float:
    return float(np.clip(tempo * 2 ** (_TEMPO_OCTAVES * rng.standard_normal()), 20, 999))


def _mute_drum(context: GrooveContext, events: Events, rng: Rng) -> tuple[GrooveContext, Events]:
    """Without some of the drums, but never without all."""
    kept = context.kit & (rng.random(len(ROLES)) >= _MUTED_DRUM_SHARE)
    if not kept.any():
        return context, events
    events = np.where(kept[:, None], events, REST).astype(np.int8)
    return replace(context, drums=int(kept @ 2 ** np.arange(len(ROLES)))), events


def _shift_velocity(events: Events, rng: Rng) -> Events:
    moves = rng.choice((-1, 1), len(ROLES)) * (rng.random(len(ROLES)) < _VELOCITY_SHIFT_SHARE)
    changed = events.copy()
    moved = np.clip(events[..., 0] + moves, 1, len(VELOCITIES))
    changed[..., 0] = np.where(events[..., 0] > 0, moved, 0)
    return changed


def _row(context: GrooveContext, events: Events, fills: NDArray[np.bool_], *, forget: bool = False) -> tuple[Rows, ...]:
    numbers = event_features(events)
    before = past(numbers[None], np.arange(len(events)), context.bar)[0]
    before[:, _BARS_BEFORE] *= not forget
    seen = np.concatenate([before, groove.conditions(context, fills)], axis=1)
    counted = np.tile(context.kit.astype(np.float32), (len(events), 1))
    return seen, numbers, events.astype(np.int32), counted


def _stack(rows: Sequence[tuple[Rows, ...]], steps: int) -> Batch:
    """Rows cut to so many steps, or filled with steps that do not count."""
    return Batch(*(np.stack([_fit_length(row[part], steps) for row in rows]) for part in range(len(Batch._fields))))


def _fit_length(row: Rows, steps: int) -> Rows:
    return np.pad(row[:steps], [(0, max(0, steps - len(row)))] + [(0, 0)] * (row.ndim - 1))
