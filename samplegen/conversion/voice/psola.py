"""A voice moved to another pitch, its formants left where they are (TD-PSOLA; Moulines and Charpentier 1990).

Marks lie a period apart where a take is voiced, found from one to the next by correlation, and 5 ms apart elsewhere.
Two periods around each are a grain; the grains are laid out again at other distances. Positions are in samples of
the whole take, so that any part of it can be made on its own.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.conversion.pitch import Pitch

Places = NDArray[np.float64]

UNVOICED_PERIOD_SECONDS = 0.005  # seconds between marks
_PERIOD_TOLERANCE = 0.2  # of a period that the next may be off
_CORRELATION_RATE = 22_050  # Hz that are enough for a correlation


@dataclass(frozen=True)
class Marks:
    """Places `(marks,)` of grains in a take, and whether each is voiced."""

    places: Places
    voiced: NDArray[np.bool_]


@dataclass(frozen=True)
class Layout:
    """Layout of grains: the place of each `(grains,)`, and its mark."""

    places: Places
    marks: NDArray[np.int32]


class Marker:
    """Marks a take part by part."""

    def __init__(self, pitch: Pitch, rate: int) -> None:
        self.pitch, self.rate = pitch, rate
        self.places, self.voiced = [np.zeros(1)], [np.zeros(1, np.bool_)]

    def read(self, samples: Signal, begin: int, stop: int) -> None:
        """Go on up to sample `stop`; `samples` start at `begin`, a period before the last mark, and end beyond it."""
        first, voiced = self.places[-1][-1], self.voiced[-1][-1]
        found = _follow(samples, begin, self.pitch, self.rate, first, voiced, stop)
        if len(found[0]):
            self.places.append(found[0])
            self.voiced.append(found[1])

    def marks(self) -> Marks:
        """Return all of them."""
        return Marks(np.concatenate(self.places), np.concatenate(self.voiced))


def lay_out(marks: Marks, ratio: float) -> Layout:
    """Grains at distances by which voiced parts sound `ratio` times as high."""
    return Layout(*_lay_out(marks.places, marks.voiced, ratio))


def overlap_add(samples: Signal, begin: int, marks: Marks, layout: Layout, ratio: float) -> Signal:
    """The part of a take that `samples`, from sample `begin` on, become; its first and last 50 ms miss grains."""
    start, stop = np.searchsorted(layout.places, (begin, begin + len(samples)))
    places, which = layout.places[start:stop], layout.marks[start:stop]
    return _overlap_add(samples, begin, marks.places, marks.voiced, places, which, ratio**-0.5)


@numba.njit(cache=True, nogil=True)
def _follow(samples, begin, pitch, rate, first, voiced, stop):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Marks after `first` and before `stop`."""
    places, flags = [np.float64(x) for x in range(0)], [x > 0 for x in range(0)]
    stride, place = max(1, rate // _CORRELATION_RATE), first
    while True:
        frame = min(int(place / rate * 100 + 0.5), len(pitch) - 1)
        height = pitch[frame]
        if height <= 0:
            place, voiced = place + UNVOICED_PERIOD_SECONDS * rate, False
        else:
            period = rate / height
            place = _next(samples, begin, place, period, stride) if voiced else _peak(samples, begin, place, period)
            voiced = True
        if place >= stop:
            return np.array(places), np.array(flags)
        places.append(place)
        flags.append(voiced)


@numba.njit(cache=True, nogil=True)
def _peak(samples, begin, place, period):  # type: ignore[no-untyped-def]
    """The largest sample of the period that begins half a period after a place."""
    start = max(int(place + 0.5 * period) - begin, 0)
    stop = min(int(start + period) + 1, len(samples))
    best = start
    for index in range(start, stop):
        if abs(samples[index]) > abs(samples[best]):
            best = index
    return float(best + begin) if stop > start else place + period


@numba.njit(cache=True, nogil=True, fastmath=True)
def _next(samples, begin, place, period, stride):  # type: ignore[no-untyped-def]
    """About a period on, where the take is most like what it was here."""
    half, slack, here = int(period / 2), int(_PERIOD_TOLERANCE * period) + 1, int(place + 0.5) - begin
    centre = int(place + period + 0.5) - begin
    if here - half < 0 or centre + slack + half + 1 >= len(samples):
        return place + period
    likeness = np.zeros(2 * slack + 1)
    for shift in range(2 * slack + 1):
        product, energy = 0.0, 1e-12
        there = centre + shift - slack
        for offset in range(-half, half + 1, stride):
            product += samples[here + offset] * samples[there + offset]
            energy += samples[there + offset] * samples[there + offset]
        likeness[shift] = product / np.sqrt(energy)
    best = np.argmax(likeness)
    exact = 0.0
    if 0 < best < 2 * slack:
        left, middle, right = likeness[best - 1], likeness[best], likeness[best + 1]
        exact = 0.5 * (left - right) / min(left - 2 * middle + right, -1e-12)
    return begin + centre + best - slack + exact + (place - begin - here)


@numba.njit(cache=True, nogil=True)
def _lay_out(places, voiced, ratio):  # type: ignore[no-untyped-def]
    """New places, each with the mark that is nearest to it in the take."""
    found, which = [np.float64(x) for x in range(0)], [np.int32(x) for x in range(0)]
    place, mark = places[0], 0
    while mark < len(places) - 1:
        found.append(place)
        which.append(np.int32(mark))
        distance = places[mark + 1] - places[mark]
        place += distance / ratio if voiced[mark] and voiced[mark + 1] else distance
        while mark < len(places) - 1 and abs(places[mark + 1] - place) <= abs(places[mark] - place):
            mark += 1
    return np.array(found), np.array(which)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _overlap_add(samples, begin, places, voiced, laid, which, level):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Grains under Hann windows that reach to the marks beside theirs, read between samples by cubic polynomials."""
    overlap_add = np.zeros(len(samples), np.float32)
    for grain in range(len(laid)):
        mark = which[grain]
        before = places[mark] - places[max(mark - 1, 0)] if mark else places[1] - places[0]
        after = places[min(mark + 1, len(places) - 1)] - places[mark] if mark + 1 < len(places) else before
        loud = level if voiced[mark] else 1.0
        shift = places[mark] - laid[grain]
        for index in range(max(int(laid[grain] - before) + 1 - begin, 0),
                           min(int(laid[grain] + after) + 1 - begin, len(samples))):  # fmt: skip
            from_centre = index + begin - laid[grain]
            reach = before if from_centre < 0 else after
            source = index + shift
            low = int(np.floor(source))
            if 1 <= low < len(samples) - 2 and abs(from_centre) < reach:
                part = source - low
                a, b, c, d = samples[low - 1], samples[low], samples[low + 1], samples[low + 2]
                value = b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)))
                overlap_add[index] += loud * value * (0.5 + 0.5 * np.cos(np.pi * from_centre / reach))
    return overlap_add
