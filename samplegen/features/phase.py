"""Phase reconstruction: from magnitudes back to sound.

Arrays are `(frames, bins)`, one sound at a time; magnitudes linear, phases in radians relative to
the centre of each frame. Phase gradient heap integration (Prusa, Balazs, Sondergaard: "A
Noniterative Method for Reconstruction of Phase from STFT Magnitude", 2017): for a Gaussian window
the gradient of the phase is that of the log magnitude turned by a right angle, so the phase is
integrated along it from the loudest cells outward.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Magnitudes = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

_BUCKETS = 256  # loudness classes instead of a heap: to push and to pop cost O(1)
_BUCKET_DB = 0.5
_REACH_DB = _BUCKETS * _BUCKET_DB - 28.0  # 100 dB under the peak is inaudible: the phase there is random
_INAUDIBLE = int(_REACH_DB / _BUCKET_DB) - 1  # the softest class
_NO_CELL = -1


def integrate(magnitudes: Magnitudes, gamma: float, hop: int, n_fft: int, *, seed: int = 0) -> Magnitudes:
    """Return phases `(frames, bins)` in radians for the magnitudes `(frames, bins)` of a Gaussian-window STFT.

    Args:
        magnitudes: linear, non-negative.
        gamma: the window's time-frequency ratio in samples squared: `exp(-pi t^2 / gamma)`.
        hop: samples between frames.
        n_fft: samples in a frame.
        seed: of the phases of inaudible cells.
    """
    phases = np.random.default_rng(seed).uniform(-np.pi, np.pi, magnitudes.shape).astype(np.float32)
    top = float(magnitudes.max(initial=0.0))
    if top > 0.0:
        levels = np.log(np.maximum(magnitudes / top, 10 ** (-_REACH_DB / 20))).astype(np.float32)
        _integrate(levels, phases, gamma / (hop * n_fft), 2 * np.pi * hop / n_fft)
    return phases


@numba.njit(cache=True, nogil=True, fastmath=True)
def _integrate(levels: Magnitudes, phases: Magnitudes, ratio: float, advance: float) -> None:
    """Fill `phases` in place; `ratio` is gamma / (hop n_fft), `advance` the phase step of bin 1 in a frame."""
    frames, bins = levels.shape
    size = frames * bins
    classes = _classes(levels.reshape(-1))
    head = np.full(_BUCKETS, _NO_CELL, np.int32)  # the last cell pushed to each loudness class ...
    link = np.full(size, _NO_CELL, np.int32)  # ... and the one pushed before it
    done = np.zeros(size, np.bool_)
    for start in _by_loudness(classes):  # an island starts where it is loudest
        if done[start]:
            continue
        done[start] = True
        phases[start // bins, start % bins] = 0.0
        loudest = classes[start]
        head[loudest], link[start] = start, _NO_CELL
        while loudest < _INAUDIBLE:
            cell = head[loudest]
            if cell == _NO_CELL:
                loudest += 1
                continue
            head[loudest] = link[cell]
            t, f = cell // bins, cell % bins
            for direction in range(4):
                u = t + (direction == 0) - (direction == 1)
                g = f + (direction == 2) - (direction == 3)
                if u < 0 or g < 0 or u >= frames or g >= bins:
                    continue
                near = u * bins + g
                if done[near] or classes[near] >= _INAUDIBLE:
                    continue
                if direction < 2:
                    step = 0.5 * (_along_time(levels, t, f, ratio, advance) + _along_time(levels, u, f, ratio, advance))
                    phases[u, g] = phases[t, f] + (u - t) * step
                else:
                    step = 0.5 * (_along_bins(levels, t, f, ratio) + _along_bins(levels, t, g, ratio))
                    phases[u, g] = phases[t, f] + (g - f) * step
                done[near] = True
                link[near], head[classes[near]] = head[classes[near]], near
                loudest = min(loudest, classes[near])


@numba.njit(cache=True, nogil=True)
def _classes(levels: Magnitudes) -> NDArray[np.int16]:
    """Return the loudness class of each cell, `(cells,)`; 0 is the loudest."""
    per_level = 20.0 / np.log(10.0) / _BUCKET_DB
    classes = np.empty(len(levels), np.int16)
    for cell in range(len(levels)):
        classes[cell] = min(int(-levels[cell] * per_level), _INAUDIBLE)
    return classes


@numba.njit(cache=True, nogil=True)
def _by_loudness(classes: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return the audible cells, the loudest classes first (counting sort)."""
    place = np.zeros(_INAUDIBLE + 2, np.int32)
    for loudness in classes:
        place[loudness + 1] += 1
    place = np.cumsum(place)
    order = np.empty(place[_INAUDIBLE], np.int32)
    for cell in range(len(classes)):
        if classes[cell] < _INAUDIBLE:
            order[place[classes[cell]]] = cell
            place[classes[cell]] += 1
    return order


@numba.njit(cache=True, nogil=True, inline="always")
def _along_time(levels: Magnitudes, t: int, f: int, ratio: float, advance: float) -> float:
    """Return the phase step to the next frame: that of the bin's frequency, corrected by the slope over frequency."""
    low, high = max(f - 1, 0), min(f + 1, levels.shape[1] - 1)
    return advance * f + (levels[t, high] - levels[t, low]) / (high - low) / ratio


@numba.njit(cache=True, nogil=True, inline="always")
def _along_bins(levels: Magnitudes, t: int, f: int, ratio: float) -> float:
    """Return the phase step to the next bin: minus the slope over time."""
    early, late = max(t - 1, 0), min(t + 1, levels.shape[0] - 1)
    return -(levels[late, f] - levels[early, f]) / max(late - early, 1) * ratio  # one frame alone has no slope


@numba.njit(cache=True, nogil=True, fastmath=True)
def accelerate_griffin_lim(estimate: Spectrum, before: Spectrum, magnitudes: Magnitudes, momentum: float) -> None:
    """Take one step of the fast Griffin-Lim algorithm, in place (Perraudin, Balazs, Sondergaard 2013).

    Args:
        estimate: consistent spectrum of the last round; it moves on past `before` and gets the `magnitudes`.
        before: that of the round before; it becomes the `estimate` as it was.
        magnitudes: target, `(frames, bins)`.
        momentum: how far the step goes on, in steps.
    """
    for t in range(estimate.shape[0]):
        for f in range(estimate.shape[1]):
            now = estimate[t, f]
            ahead = now + momentum * (now - before[t, f])
            before[t, f] = now
            size = np.sqrt(ahead.real * ahead.real + ahead.imag * ahead.imag) + np.float32(1e-12)
            estimate[t, f] = ahead * (magnitudes[t, f] / size)


@numba.njit(cache=True, nogil=True)
def flip_odd_bins(spectrum: Spectrum) -> None:
    """Negate every odd bin, in place: from phases relative to the start of a frame to phases relative to its centre."""
    for t in range(spectrum.shape[0]):
        for f in range(1, spectrum.shape[1], 2):
            spectrum[t, f] = -spectrum[t, f]
