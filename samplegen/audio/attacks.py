"""Attack picking: when exactly a sound begins, and whether it rises again; compiled for `samplegen.audio.onsets`.

An attack is the point that best splits the waveform into a quiet and a loud part, in its power or in that of its
differences (Maeda's AIC picker of seismology, 1985). All functions let go of the interpreter. Those for one signal can
do many in one call, which is then long enough for threads to profit.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal, Spans

SearchSizes = tuple[int, int, int, int]  # as `search_sizes` returns them, in samples

SILENT_POWER = 1e-6  # (-60 dB) differences below it do not count

_START_LEVEL = 0.2  # of the peak (-14 dB): the first sample as loud belongs to the hit
_ATTACK_SECONDS = 0.005  # after it, the attack peaks
_SEARCH_SECONDS = 0.1  # before it, the attack is looked for
_PAD_SECONDS = 0.005  # of silence are imagined before the file

_BLOCK_SECONDS = 0.005  # the level that tells loops from one-shots is the largest value in a block
_REST_BLOCKS = 16  # after the first loud one (0.08 s) nothing is another hit
_BLOCKS_BEFORE, _BLOCKS_AFTER = 8, 4  # are compared: 0.04 s, longer than half a period at 15 Hz, and the next 0.02 s
_MIN_HIT_LEVEL = 0.1  # of the peak (-20 dB): another hit is as loud ...
_MIN_RISE = 2.2  # ... and as many times as loud as what it rises from
_MIN_STEP_LEVEL = 0.03  # of the largest sample (-30 dB): smaller steps are those of 8 bits, not those of a hit


def search_sizes(rate: int) -> SearchSizes:
    """Return the lengths of the search in samples at `rate` Hz: block, search, peak of the attack, silence."""
    block, search, peaking, silence = (
        round(seconds * rate) for seconds in (_BLOCK_SECONDS, _SEARCH_SECONDS, _ATTACK_SECONDS, _PAD_SECONDS)
    )
    return max(1, block), search, peaking + 1, silence


@numba.njit(cache=True, nogil=True)
def survey_spans(samples: Signal, spans: Spans, sizes: SearchSizes) -> Spans:
    """Return for each span whether it rises again (0 or 1), and where it begins if not, `(n, 2)`."""
    found = np.empty((len(spans), 2), np.int64)
    for i in range(len(spans)):
        part = samples[spans[i, 0] : spans[i, 1]]
        found[i, 0] = rises_again(part, sizes[0])
        found[i, 1] = find_onset(part, sizes)
    return found


@numba.njit(cache=True, nogil=True)
def find_onset(samples: Signal, sizes: SearchSizes) -> int:
    """Return where the attack of the one hit in a one-shot begins; 0 where there is no sound."""
    _, search, peaking, pad = sizes
    loud, top = _find_loud(samples, _START_LEVEL)
    if top == 0.0:
        return 0
    start, stop = max(0, loud - search), min(len(samples), loud + peaking)
    return min(loud, pick_attack(samples, start, stop, pad if start == 0 else 0, SILENT_POWER * top**2))


@numba.njit(cache=True, nogil=True)
def pick_attack(samples: Signal, start: int, stop: int, silence: int, floor: float) -> int:
    """Return where the power of `samples[start:stop]`, after `silence` zeros, most likely changes."""
    before = samples[start - 1] if start else np.float32(0)
    total = measure_energies(samples, start, stop, before)
    size = silence + stop - start
    below = np.zeros(2)
    best, lowest, last = start, np.inf, before
    for quiet in range(1, size):
        at = start + quiet - silence - 1
        if at >= start:
            below[0] += float(samples[at]) ** 2
            below[1] += (float(samples[at]) - last) ** 2
            last = samples[at]
        quieter, louder = 1.0, 1.0  # products of both views: half the logarithms
        for view in range(2):
            quieter *= below[view] / quiet + floor
            louder *= max(total[view] - below[view], 0.0) / (size - quiet) + floor
        cost = quiet * np.log(quieter) + (size - quiet) * np.log(louder)
        if cost < lowest:
            best, lowest = max(start, at + 1), cost
    return best


@numba.njit(cache=True, nogil=True)
def measure_energies(samples: Signal, start: int, stop: int, last: np.float32) -> NDArray[np.float64]:
    """Return the energy of the samples, and of their differences, where bass does not mask treble, `(2,)`."""
    energies = np.zeros(2)
    for at in range(start, stop):
        energies[0] += float(samples[at]) ** 2
        energies[1] += (float(samples[at]) - last) ** 2
        last = samples[at]
    return energies


@numba.njit(cache=True, nogil=True, fastmath=True)
def _find_loud(samples: Signal, share: float) -> tuple[int, float]:
    """Return where the samples first reach a share of their peak, and that peak."""
    top = np.float32(0)
    for sample in samples:
        top = max(top, abs(sample))
    for at in range(len(samples)):
        if abs(samples[at]) >= share * top:
            return at, float(top)
    return 0, 0.0


@numba.njit(cache=True, nogil=True, fastmath=True)
def rises_again(samples: Signal, block: int) -> bool:
    """Tell whether the samples or their differences rise anew; the level is the largest of each whole block."""
    count = len(samples) // block
    levels, steps = np.empty(count, np.float32), np.empty(count, np.float32)
    for number in range(count):
        part = samples[number * block : (number + 1) * block + 1]
        level, step = np.float32(0), np.float32(0)
        for at in range(block):
            level = max(level, abs(part[at]))
        for at in range(len(part) - 1):
            step = max(step, abs(part[at + 1] - part[at]))
        levels[number], steps[number] = level, step
    if count == 0 or levels.max() == 0.0:
        return False
    return _has_rise(levels, 0.0) or _has_rise(steps, _MIN_STEP_LEVEL * levels.max())


@numba.njit(cache=True, nogil=True)
def _has_rise(levels: Signal, least: float) -> bool:
    """Tell whether the levels `(blocks,)` rise `_MIN_RISE`-fold to a loud value, at least `least`, after a rest."""
    loud = max(_MIN_HIT_LEVEL * levels.max(), least)
    first = int(np.argmax(levels >= loud))
    for at in range(first + _REST_BLOCKS, len(levels) - _BLOCKS_AFTER + 1):
        now, before = levels[at : at + _BLOCKS_AFTER].max(), levels[at - _BLOCKS_BEFORE : at].max()
        if now >= loud and now >= _MIN_RISE * before:
            return True
    return False
