"""Dynamic time warping at several scales: what two sequences of frames have in common, in linear time and memory.

Both are halved until they are short, warped there in full, and the path is refined scale by scale within a band
around itself (FastDTW; Salvador and Chan 2007). Sequences are float32 `(frames, features)`.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.conversion import features
from samplegen.conversion.features import Levels

Frames = NDArray[np.float32]
Path = NDArray[np.int32]  # (steps, 2): a frame of each sequence, neither ever going back
_MAX_UNBANDED_FRAMES = 64  # frames that are warped in full
_RADIUS_FRAMES = 12  # frames on each side of the coarser path
_BOTH, _FIRST, _SECOND = 0, 1, 2  # which sequence has moved on to reach a cell


def dtw(first: Frames, second: Frames) -> Path:
    """The path of least Euclidean cost from the first frames of two sequences to their last, both at least one long."""
    scales = [(first, second)]
    while max(map(len, scales[-1])) > _MAX_UNBANDED_FRAMES and min(map(len, scales[-1])) > 1:
        scales.append((_half_rate(scales[-1][0]), _half_rate(scales[-1][1])))
    low, high = _full_band(*map(len, scales[-1]))
    path = _banded_dtw(*scales[-1], low, high)
    for one, other in reversed(scales[:-1]):
        low, high = _band_around(path, len(one), len(other), _RADIUS_FRAMES)
        path = _banded_dtw(one, other, low, high)
    return path


def _half_rate(frames: Frames) -> Frames:
    """Means of two frames each; the last may stand alone."""
    even = len(frames) // 2 * 2
    halves = (frames[:even:2] + frames[1:even:2]) * np.float32(0.5)
    return np.concatenate((halves, frames[even:]))


def _full_band(rows: int, columns: int) -> tuple[Path, Path]:
    return np.zeros(rows, np.int32), np.full(rows, columns, np.int32)


@numba.njit(cache=True, nogil=True)
def _band_around(path: Path, rows: int, columns: int, radius: int) -> tuple[Path, Path]:
    """For each row of the finer scale, its first column within the band and the one after its last."""
    low, high = np.full(rows, columns, np.int32), np.zeros(rows, np.int32)
    for step in range(len(path)):
        row, column = 2 * path[step, 0], 2 * path[step, 1]
        for near in range(max(row - radius, 0), min(row + radius + 2, rows)):
            low[near] = min(low[near], max(column - radius, 0))
            high[near] = max(high[near], min(column + radius + 2, columns))
    return low, high


@numba.njit(cache=True, nogil=True, fastmath=True)
def _banded_dtw(first: Frames, second: Frames, low: Path, high: Path) -> Path:
    """The cheapest path within a band; of each cell only a byte is kept, of the costs two rows."""
    rows, columns = len(first), len(second)
    starts = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        starts[row + 1] = starts[row] + high[row] - low[row]
    moves = np.empty(starts[rows], np.uint8)
    above, here = np.full(columns, np.inf, np.float32), np.full(columns, np.inf, np.float32)
    for row in range(rows):
        for column in range(low[row], high[row]):
            both = above[column - 1] if column > low[max(row - 1, 0)] and row else np.inf
            down = above[column] if row and low[row - 1] <= column < high[row - 1] else np.inf
            if row and not low[row - 1] < column + 1 <= high[row - 1] + 1:
                both = np.inf
            across = here[column - 1] if column > low[row] else np.inf
            if row == 0 and column == 0:
                both = 0.0
            move, cost = _BOTH, both
            if down < cost:
                move, cost = _FIRST, down
            if across < cost:
                move, cost = _SECOND, across
            moves[starts[row] + column - low[row]] = move
            distance = np.float32(0.0)
            for feature in range(first.shape[1]):
                difference = first[row, feature] - second[column, feature]
                distance += difference * difference
            here[column] = cost + np.sqrt(distance)
        above, here = here, above
    return _backtrack(moves, starts, low)


@numba.njit(cache=True, nogil=True)
def _backtrack(moves: NDArray[np.uint8], starts: NDArray[np.int64], low: Path) -> Path:
    """The path, from its end back to its beginning and then turned round."""
    row = len(low) - 1
    column = low[row] + starts[row + 1] - starts[row] - 1
    path = np.empty((row + column + 1, 2), np.int32)
    length = 0
    while True:
        path[length, 0], path[length, 1] = row, column
        length += 1
        if row == 0 and column == 0:
            return path[:length][::-1].copy()
        move = moves[starts[row] + column - low[row]]
        row -= move != _SECOND
        column -= move != _FIRST


MIN_SCORE = (
    0.52  # score: of 57 pairs of real takes by four speakers the lowest has .56, of 543 wrong ones the highest .48
)
_CEPSTRA = 5  # more would separate speakers, not phones
_MIN_WAIT_FRAMES = 4  # frames of one take for a single one of the other, from which on it waits


@dataclass(frozen=True)
class Alignment:
    """Frames of two takes, `(k, 2)` never going back, that say the same, and how well all of them fit: 0 to 1."""

    pairs: Path
    score: float


def align(first: Levels, second: Levels) -> Alignment:
    """Align two takes by their levels `(frames, bands)`; one without sound gives no pairs and a score of 0."""
    audible = [np.flatnonzero(features.audible(features.loudness(levels))) for levels in (first, second)]
    if min(map(len, audible)) < 2:
        return Alignment(np.zeros((0, 2), np.int32), 0.0)
    seen = [_frame_features(levels, frames) for levels, frames in zip((first, second), audible, strict=True)]
    path = dtw(seen[0], seen[1])
    kept = path[_advancing(path)]
    pairs = np.column_stack([frames[kept[:, take]] for take, frames in enumerate(audible)]).astype(np.int32)
    return Alignment(pairs, _score(seen[0], seen[1], path))


def _frame_features(levels: Levels, audible: NDArray[np.intp]) -> Levels:
    """Return features that separate phones, of the audible frames: cepstra and loudness, and the slopes of both.

    Less their mean, which is the speaker's, and all of one spread.
    """
    loud = features.loudness(levels)[:, None]
    seen = np.concatenate((features.cepstra(levels, _CEPSTRA), loud), axis=1)
    seen = np.concatenate((seen, features.slopes(seen)), axis=1)[audible]
    return (seen - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-6)


def _advancing(path: Path) -> NDArray[np.bool_]:
    """Return which steps are not in a run in which one take stands still for longer than `_MIN_WAIT_FRAMES`."""
    moving = np.ones(len(path), np.bool_)
    for take in range(2):
        _, run, length = np.unique(path[:, take], return_inverse=True, return_counts=True)
        moving &= length[run] <= _MIN_WAIT_FRAMES
    return moving


def _score(first: Levels, second: Levels, path: Path) -> float:
    """Mean correlation of what is seen of one take with what is seen of the other, along the path."""
    one, other = first[path[:, 0]], second[path[:, 1]]
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    spread = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    return float(np.clip(((one * other).sum(axis=0) / np.maximum(spread, 1e-6)).mean(), 0, 1))
