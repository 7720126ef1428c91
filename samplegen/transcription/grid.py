"""The steps that onsets fall on: sixteenths or triplets, straight or swung, and where the first one lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

STRAIGHT, TRIPLETS = 4, 3  # steps a beat
_ORIGIN_SECONDS = 0.03  # seconds; a loop whose first hit lies so near to its start begins on a beat
_STEP_SPREAD_SECONDS = 0.02  # seconds beside a step that count as played on it
_SWING_PERCENTS = {
    16: tuple(range(50, 69)),
    8: tuple(range(56, 69)),
}  # per cent that are tried, by the notes that swing
_SWING_COST = 0.05  # that swing, or triplets, must be better by
_METERS = ((4, (4, 4)), (3, (3, 4)), (5, (5, 4)), (7, (7, 4)))  # beats that a whole loop is a multiple of -> meter
_WHOLE_BEATS_TOLERANCE = 0.0025  # of its length, so near to whole beats a loop lasts them


@dataclass(frozen=True)
class Grid:
    """Steps a beat, swing in per cent of the notes that swing, and the first step in seconds (less than a step)."""

    bpm: float
    per_beat: int = STRAIGHT
    swing: int = 50
    swing_grid: int = 16
    origin: float = 0.0

    @property
    def step(self) -> float:
        """Seconds a step lasts."""
        return 60 / self.bpm / self.per_beat

    def times(self, count: int) -> Times:
        """Return the time of each of the first `count` steps, in seconds."""
        pair = 2 if self.swing_grid == 16 else 4  # steps
        number = np.arange(count, dtype=np.float64)
        first, share = number // pair * pair, self.swing / 100
        within = (number - first) / pair
        bent = np.where(within < 0.5, 2 * within * share, share + (2 * within - 1) * (1 - share))
        return self.origin + self.step * (number if self.per_beat != STRAIGHT else first + pair * bent)


def fit(onsets: Times, seconds: float, bpm: float) -> Grid:
    """The grid that onsets, in seconds, lie nearest to; a plain one where others are hardly better."""
    whole = whole_beats(seconds, bpm) is not None and len(onsets) > 0 and onsets[0] < _ORIGIN_SECONDS
    straight = Grid(bpm, origin=0.0 if whole else _origin(onsets, 60 / bpm / STRAIGHT))
    swung = [
        Grid(bpm, STRAIGHT, s, of, straight.origin) for of, shares in _SWING_PERCENTS.items() for s in shares if s > 50
    ]
    triplets = Grid(bpm, TRIPLETS, origin=0.0 if whole else _origin(onsets, 60 / bpm / TRIPLETS))
    plain = _fitness(straight, onsets, seconds)
    best = max([*swung, triplets], key=lambda grid: _fitness(grid, onsets, seconds))
    return best if _fitness(best, onsets, seconds) > plain + _SWING_COST else straight


def nearest(grid: Grid, onsets: Times, count: int) -> NDArray[np.int64]:
    """The number of the step that each onset is nearest to, `count` and more for those of the next round."""
    steps = grid.times(count + 1)
    found: NDArray[np.int64] = np.abs(onsets[:, None] - steps).argmin(axis=1)
    return found


def whole_beats(seconds: float, bpm: float) -> int | None:
    """Return how many beats a loop lasts, if that is a whole number."""
    beats = round(seconds * bpm / 60)
    return beats if beats and abs(60 * beats / bpm / seconds - 1) < _WHOLE_BEATS_TOLERANCE else None


def meter(beats: int | None) -> tuple[int, int]:
    """The meter of a loop of so many beats; four four where nothing speaks for another."""
    return next((meter for of, meter in _METERS if beats and beats % of == 0), (4, 4))


def _fitness(grid: Grid, onsets: Times, seconds: float) -> float:
    """Return how near onsets lie to the grid, 0..1."""
    steps = grid.times(int(seconds / grid.step) + 2)
    away = np.abs(onsets[:, None] - steps).min(axis=1)
    return float(np.exp(-((away / _STEP_SPREAD_SECONDS) ** 2)).mean())


def _origin(onsets: Times, step: float) -> float:
    """Return where steps lie beside the start of the file: the mean on a circle."""
    turn = np.exp(2j * np.pi * onsets / step).mean()
    return float(np.angle(turn) / (2 * np.pi) * step)
