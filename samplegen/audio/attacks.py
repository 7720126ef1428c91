"""When exactly a sound begins, and whether it rises again: the compiled half of `samplegen.audio.onsets`.

An attack is the point that best parts a stretch of the waveform into a quiet and a loud piece, in its
power or in that of its differences (Maeda's AIC picker of seismology, 1985). Everything here lets go
of the interpreter; what looks at one signal can look at many in one call, which is then long enough
for threads to profit.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.audio.signals import Signal

Spans = NDArray[np.int64]  # (n, 2): from the first sample to behind the last
SearchSizes = tuple[int, int, int, int]  # `sizes`, in samples

SILENT_POWER = 1e-6  # power (-60 dB) below which differences do not count

_LEAD, _ATTACK = 0.2, 0.005  # a one-shot's first loud sample has this level; its attack peaks this much later
_SEARCH, _PAD = 0.1, 0.005  # its start is looked for this far back, and this much silence imagined before the file

_BLOCK = 0.005  # the level that tells loops is the largest value in a block
_REST = 16  # blocks (0.08 s) after the first loud one in which nothing is another hit
_LAST, _NEXT = 8, 4  # blocks compared: 0.04 s, longer than half a period at 15 Hz, against the next 0.02 s
_LOUD, _AGAIN = 0.1, 2.2  # another hit is this loud (-20 dB) and this many times as loud as what it rises from
_FAINT = 0.03  # steps this small beside the largest sample (-30 dB) are those of 8 bits, not a hit's


def search_sizes(rate: int) -> SearchSizes:
    """The lengths that are looked at, in samples at `rate` Hz: block, search, peak of the attack, silence."""
    block, search, peaking, silence = (round(seconds * rate) for seconds in (_BLOCK, _SEARCH, _ATTACK, _PAD))
    return max(1, block), search, peaking + 1, silence


@numba.njit(cache=True, nogil=True)
def survey_spans(samples: Signal, spans: Spans, sizes: SearchSizes) -> Spans:
    """Of each stretch whether it rises again, and where it begins if not, `(n, 2)`."""
    looks = np.empty((len(spans), 2), np.int64)
    for i in range(len(spans)):
        part = samples[spans[i, 0] : spans[i, 1]]
        looks[i, 0] = rises_again(part, sizes[0])
        looks[i, 1] = find_onset(part, sizes)
    return looks


@numba.njit(cache=True, nogil=True)
def find_onset(samples: Signal, sizes: SearchSizes) -> int:
    """Where the attack of the one hit in a one-shot begins; 0 where there is no sound."""
    _, search, peaking, pad = sizes
    loud, top = _loud(samples, _LEAD)
    if top == 0.0:
        return 0
    start, stop = max(0, loud - search), min(len(samples), loud + peaking)
    return min(loud, pick_attack(samples, start, stop, pad if start == 0 else 0, SILENT_POWER * top**2))


@numba.njit(cache=True, nogil=True)
def pick_attack(samples: Signal, start: int, stop: int, silence: int, floor: float) -> int:
    """Where the power of `samples[start:stop]`, after `silence` zeros, most likely changes."""
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
    """Energy of the samples and of their differences, in which treble is not masked by bass, `(2,)`."""
    energies = np.zeros(2)
    for at in range(start, stop):
        energies[0] += float(samples[at]) ** 2
        energies[1] += (float(samples[at]) - last) ** 2
        last = samples[at]
    return energies


@numba.njit(cache=True, nogil=True, fastmath=True)
def _loud(samples: Signal, share: float) -> tuple[int, float]:
    """Where the samples first reach a share of their peak, and that peak."""
    top = np.float32(0)
    for sample in samples:
        top = max(top, abs(sample))
    for at in range(len(samples)):
        if abs(samples[at]) >= share * top:
            return at, float(top)
    return 0, 0.0


@numba.njit(cache=True, nogil=True, fastmath=True)
def rises_again(samples: Signal, block: int) -> bool:
    """Whether the samples or their differences rise anew; the level is the largest of each whole block."""
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
    return _rise(levels, 0.0) or _rise(steps, _FAINT * levels.max())


@numba.njit(cache=True, nogil=True)
def _rise(levels: Signal, least: float) -> bool:
    """Whether the levels `(blocks,)` rise `_AGAIN`-fold to a loud value, `least` at least, well after the first one."""
    loud = max(_LOUD * levels.max(), least)
    first = int(np.argmax(levels >= loud))
    for at in range(first + _REST, len(levels) - _NEXT + 1):
        now, before = levels[at : at + _NEXT].max(), levels[at - _LAST : at].max()
        if now >= loud and now >= _AGAIN * before:
            return True
    return False
