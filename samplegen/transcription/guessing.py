"""What is struck in a loop of drums that nobody knows: the likely roles, at onsets and at steps beside them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from samplegen.audio.signals import Signal
from samplegen.roles import ROLES
from samplegen.transcription.grid import Times
from samplegen.transcription.lanes import Bars, Stroke
from samplegen.transcription.listening import Table, listen

_SURE = 0.55  # odds from which a drum is struck ...
_ALONE = 0.5  # ... and one at least where no onset says that something is ...
_AT_ONSET = 0.05  # ... or does say so: what is missed would leave a step empty
_BESIDE = 0.03  # seconds; a step without an onset so near is listened to on its own


def strokes(heard: Signal, onsets: Times, bars: Bars, seconds: float) -> Iterator[Stroke]:
    """What is struck, role by role, in a loop at `features.RATE` of so many seconds with onsets in seconds."""
    moments = _moments(onsets, bars, seconds)
    at_onset = np.isin(moments, onsets)
    struck = listen(heard, np.maximum(moments, 0), at_onset, bars.grid.bpm)
    for role, moment in np.argwhere(_sure(struck.odds, at_onset).T > 0).tolist():
        velocity = min(127, max(1, round(127 * float(struck.levels[moment, role]))))
        yield Stroke(float(moments[moment]), ROLES[role], velocity)


def _sure(odds: Table, onset: NDArray[np.bool_]) -> Table:
    """The odds of what is struck, 0 elsewhere: at moments at which anything is, all that is sure, and the likeliest."""
    highest = odds.max(axis=1, keepdims=True)
    something = highest >= np.where(onset, _AT_ONSET, _ALONE)[:, None]
    kept: Table = odds * (something & ((odds >= _SURE) | (odds == highest)))
    return kept


def _moments(onsets: Times, bars: Bars, seconds: float) -> Times:
    """Onsets, and the steps of the grid that have none beside them."""
    steps = bars.grid.times(bars.count)
    steps = steps[steps < seconds - _BESIDE]
    alone = np.abs(steps[:, None] - onsets).min(axis=1) > _BESIDE
    return np.sort(np.concatenate([onsets, steps[alone]]))
