"""The fundamental frequency of a take: probabilistic YIN (Mauch and Dixon 2014), by librosa, in stretches.

Quarters of a semitone in place of tenths make it several times faster, and cost 3 cents. Where a sound is to be made
at that very pitch, `refined` gives the rest by the phases of the harmonics.
"""

from collections.abc import Callable

import librosa
import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.spectral import Signal

Pitch = NDArray[np.float32]  # (frames,) in Hz, 0 where there is none

RATE = 16_000  # Hz, at which pitch is heard
HOP = 160  # samples between frames: 10 ms
VOICE = (60.0, 800.0)  # Hz, from the lowest fundamental to the highest
INSTRUMENT = (60.0, 2100.0)
_WINDOW = 1024
_RESOLUTION = 0.25  # semitones
_STRETCH, _MARGIN = 3000, 50  # frames at a time, and around them
_HARMONICS = 8  # that a pitch is refined by
_STEP = 16  # samples between the two looks at a harmonic's phase: so few that it cannot turn by half a period more
_PERIODS, _SHORTEST = 4.0, 320  # of the fundamental under a window, and samples
_FARTHEST = 0.6  # semitones that refining moves a pitch


def track(samples: Signal, *, limits: tuple[float, float] = VOICE, refine: bool = False) -> Pitch:
    """The fundamental `(frames,)` in Hz of a mono take `(n,)` at `RATE`, 0 where unvoiced; frame t is at t * HOP."""
    frames = -(-len(samples) // HOP) + 1
    return stretches(frames, lambda start, stop: samples[start * HOP : stop * HOP], limits=limits, refine=refine)


def stretches(
    frames: int,
    read: Callable[[int, int], Signal],
    *,
    limits: tuple[float, float] = VOICE,
    refine: bool = False,
    note: Callable[[Signal, Pitch], None] | None = None,
) -> Pitch:
    """As `track`, of a take that `read(start, stop)` gives from one frame to another, as far as there is one.

    `note` is shown each stretch of samples with its pitch.
    """
    pitch = np.zeros(frames, np.float32)
    for start in range(0, frames, _STRETCH):
        before, stop = max(start - _MARGIN, 0), min(start + _STRETCH, frames)
        samples = read(before, stop + _MARGIN)
        found = _heard(samples, limits)
        found = refined(samples, found) if refine else found
        if note:
            note(samples, found)
        kept = found[start - before : stop - before]
        pitch[start : start + len(kept)] = kept
    return pitch


def refined(samples: Signal, pitch: Pitch) -> Pitch:
    """A pitch `(frames,)` to the cent, by how far the phases of its harmonics turn between two moments.

    The harmonics' instantaneous frequencies (Flanagan and Golden 1966) are averaged by their powers. Frames that
    would move too far keep what they have.
    """
    padded = np.pad(samples, RATE // 10)
    found = _refined(np.ascontiguousarray(padded, np.float32), RATE // 10, pitch.astype(np.float64))
    near = (pitch > 0) & (np.abs(12 * np.log2(np.maximum(found, 1) / np.maximum(pitch, 1))) < _FARTHEST)
    return np.where(near, found, pitch).astype(np.float32)


@numba.njit(cache=True, nogil=True)
def _refined(samples: Signal, begin: int, pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    found = pitch.copy()
    for frame in range(len(pitch)):
        if not pitch[frame] > 0:
            continue
        size = max(int(_PERIODS * RATE / pitch[frame]), _SHORTEST)
        first = begin + frame * HOP - size // 2
        if first < _STEP or first + size + _STEP > len(samples):
            continue
        weights, total = 0.0, 0.0
        for harmonic in range(1, _HARMONICS + 1):
            if harmonic * pitch[frame] > 0.45 * RATE:
                break
            turn = 2 * np.pi * harmonic * pitch[frame] / RATE
            before = component(samples, first - _STEP // 2, size, turn)
            after = component(samples, first + _STEP // 2, size, turn)
            apart = np.angle(after * before.conjugate() * np.exp(-1j * turn * _STEP))
            power = abs(before * after)
            total += power * harmonic * (harmonic * pitch[frame] + apart / _STEP * RATE / (2 * np.pi))
            weights += power * harmonic * harmonic
        if weights > 0:
            found[frame] = total / weights
    return found


@numba.njit(cache=True, nogil=True)
def component(samples: Signal, first: int, size: int, turn: float) -> complex:
    """Complex amplitude of the sine of `turn` radians a sample in the `size` samples from `first`, under a Hann window.

    Its phase is that at the first sample.
    """
    value, spin, step = 0j, 1 + 0j, np.exp(-1j * turn)
    swing, whole = np.exp(2j * np.pi / size), 0.0
    around = swing**0.5
    for index in range(size):
        weight = 0.5 - 0.5 * around.real
        value += weight * samples[first + index] * spin
        whole += weight
        spin *= step
        around *= swing
    return 2 * value / whole


def fitted(pitch: Pitch, frames: int) -> Pitch:
    """The same with so many frames: cut, or unvoiced at the end."""
    return np.pad(pitch[:frames], (0, max(frames - len(pitch), 0)))


def median(pitch: Pitch) -> float:
    """The median in Hz of the voiced frames, 0 where there are none."""
    voiced = pitch[pitch > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0


def _heard(samples: Signal, limits: tuple[float, float]) -> Pitch:
    if len(samples) < _WINDOW or not samples.any():
        return np.zeros(-(-len(samples) // HOP) + 1, np.float32)
    pitch, voiced, _ = librosa.pyin(
        samples, fmin=limits[0], fmax=limits[1], sr=RATE, frame_length=_WINDOW, hop_length=HOP, resolution=_RESOLUTION
    )
    return np.where(voiced, np.nan_to_num(pitch), 0).astype(np.float32)
