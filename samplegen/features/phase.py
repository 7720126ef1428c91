"""Phase for magnitudes: the step from a spectrogram back to sound.

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

_BUCKETS = 256  # the queue is a row of loudness classes instead of a heap: pushing and popping cost O(1)
_BUCKET_DB = 0.5
_REACH_DB = _BUCKETS * _BUCKET_DB - 28.0  # 100 dB under the peak nothing is heard: the phase there is random
_DEEPEST = int(_REACH_DB / _BUCKET_DB) - 1  # the class of what is not heard
_NEVER = -1


def integrate(magnitudes: Magnitudes, gamma: float, hop: int, n_fft: int, *, seed: int = 0) -> Magnitudes:
    """Phases `(frames, bins)` in radians for the magnitudes `(frames, bins)` of a Gaussian-window STFT.

    Args:
        magnitudes: linear, non-negative.
        gamma: the window's time-frequency ratio in samples squared: `exp(-pi t^2 / gamma)`.
        hop, n_fft: samples between frames, and in one.
        seed: of the phases where nothing is heard.
    """
    phases = np.random.default_rng(seed).uniform(-np.pi, np.pi, magnitudes.shape).astype(np.float32)
    top = float(magnitudes.max(initial=0.0))
    if top > 0.0:
        levels = np.log(np.maximum(magnitudes / top, 10 ** (-_REACH_DB / 20))).astype(np.float32)
        _integrate(levels, phases, gamma / (hop * n_fft), 2 * np.pi * hop / n_fft)
    return phases


@numba.njit(cache=True, nogil=True, fastmath=True)
def _integrate(levels: Magnitudes, phases: Magnitudes, ratio: float, advance: float) -> None:
    """Fill `phases` in place. `ratio` is gamma / (hop n_fft); `advance` the phase step of bin 1 a frame."""
    frames, bins = levels.shape
    size = frames * bins
    classes = _classes(levels.reshape(-1))
    head = np.full(_BUCKETS, _NEVER, np.int32)  # the last cell pushed to each loudness class ...
    link = np.full(size, _NEVER, np.int32)  # ... and the one pushed before it
    done = np.zeros(size, np.bool_)
    for start in _by_loudness(classes):  # an island starts where it is loudest
        if done[start]:
            continue
        done[start] = True
        phases[start // bins, start % bins] = 0.0
        loudest = classes[start]
        head[loudest], link[start] = start, _NEVER
        while loudest < _DEEPEST:
            cell = head[loudest]
            if cell == _NEVER:
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
                if done[near] or classes[near] >= _DEEPEST:
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
    """The loudness class of each cell of `(cells,)`, 0 the loudest."""
    per_level = 20.0 / np.log(10.0) / _BUCKET_DB
    classes = np.empty(len(levels), np.int16)
    for cell in range(len(levels)):
        classes[cell] = min(int(-levels[cell] * per_level), _DEEPEST)
    return classes


@numba.njit(cache=True, nogil=True)
def _by_loudness(classes: NDArray[np.int16]) -> NDArray[np.int32]:
    """The cells that are heard, the loudest classes first (a counting sort)."""
    place = np.zeros(_DEEPEST + 2, np.int32)
    for loudness in classes:
        place[loudness + 1] += 1
    place = np.cumsum(place)
    order = np.empty(place[_DEEPEST], np.int32)
    for cell in range(len(classes)):
        if classes[cell] < _DEEPEST:
            order[place[classes[cell]]] = cell
            place[classes[cell]] += 1
    return order


@numba.njit(cache=True, nogil=True, inline="always")
def _along_time(levels: Magnitudes, t: int, f: int, ratio: float, advance: float) -> float:
    """Phase gained from one frame to the next: the bin's own turn, bent by the slope over frequency."""
    low, high = max(f - 1, 0), min(f + 1, levels.shape[1] - 1)
    return advance * f + (levels[t, high] - levels[t, low]) / (high - low) / ratio


@numba.njit(cache=True, nogil=True, inline="always")
def _along_bins(levels: Magnitudes, t: int, f: int, ratio: float) -> float:
    """Phase gained from one bin to the next: minus the slope over time."""
    early, late = max(t - 1, 0), min(t + 1, levels.shape[0] - 1)
    return -(levels[late, f] - levels[early, f]) / max(late - early, 1) * ratio  # one frame alone has no slope


@numba.njit(cache=True, nogil=True, fastmath=True)
def accelerate_griffin_lim(estimate: Spectrum, before: Spectrum, magnitudes: Magnitudes, momentum: float) -> None:
    """One step of the fast Griffin-Lim algorithm, in place (Perraudin, Balazs, Sondergaard 2013).

    `estimate` is the consistent spectrum of the last round: it is pushed on past `before` (which
    takes its place) and given the `magnitudes` that are wanted.
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
    """Turn every odd bin by half a turn, in place: from phases at a frame's start to phases at its centre, and back."""
    for t in range(spectrum.shape[0]):
        for f in range(1, spectrum.shape[1], 2):
            spectrum[t, f] = -spectrum[t, f]
