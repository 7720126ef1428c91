"""Fundamental frequency of a take, tracked in stretches by one of `TRACKERS`.

Probabilistic YIN (Mauch and Dixon 2014), by librosa, is always there; of quarters of a semitone in place of tenths,
which make it several times faster, and cost 3 cents. Where a sound is to be made at that very pitch, `refine_pitch`
gives the rest by the phases of the harmonics.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

import librosa
import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.errors import OptionError

Pitch = NDArray[np.float32]  # (frames,) in Hz, 0 where there is none
Tracker = Callable[[Signal, tuple[float, float]], Pitch]  # of samples, from the lowest pitch to the highest

RATE = 16_000  # Hz, at which pitch is tracked
HOP = 160  # samples between frames: 10 ms
VOICE_RANGE_HZ = (60.0, 800.0)  # Hz, from the lowest fundamental to the highest
INSTRUMENT_RANGE_HZ = (60.0, 2100.0)
_WINDOW_SAMPLES = 1024
_RESOLUTION_SEMITONES = 0.25  # semitones
_STRETCH, _MARGIN = 3000, 50  # frames at a time, and around them
_HARMONICS = 8  # that a pitch is refined by
_PHASE_STEP_SAMPLES = (
    16  # samples between the two looks at a harmonic's phase: so few that it cannot turn by half a period more
)
_PERIODS, _SHORTEST = 4.0, 320  # of the fundamental under a window, and samples
_MIN_CONFIDENCE = 0.5  # confidence of SwiftF0 from which on there is a pitch
_MAX_REFINEMENT_SEMITONES = 0.6  # semitones that refining moves a pitch


PYIN, SWIFT = "pyin", "swift-f0"


def track(
    samples: Signal, *, limits: tuple[float, float] = VOICE_RANGE_HZ, refine: bool = False, tracker: str = PYIN
) -> Pitch:
    """The fundamental `(frames,)` in Hz of a mono take `(n,)` at `RATE`, 0 where unvoiced; frame t is at t * HOP."""

    def read(start: int, stop: int) -> Signal:
        return samples[start * HOP : stop * HOP]

    return track_stretches(-(-len(samples) // HOP) + 1, read, limits=limits, refine=refine, tracker=tracker)


def track_stretches(  # noqa: PLR0913
    frames: int,
    read: Callable[[int, int], Signal],
    *,
    limits: tuple[float, float] = VOICE_RANGE_HZ,
    refine: bool = False,
    tracker: str = PYIN,
    note: Callable[[Signal, Pitch], None] | None = None,
) -> Pitch:
    """Track pitch as `track` does, of a take that `read(start, stop)` gives from one frame to another.

    `tracker` is a key of `TRACKERS`; `note` is shown each stretch of samples with its pitch.

    Raises:
        OptionError: a tracker that there is not, or that is not installed.
    """
    if tracker not in TRACKERS:
        raise OptionError(f"there is no tracker {tracker!r:.40}; choose {' or '.join(TRACKERS)}")
    pitch = np.zeros(frames, np.float32)
    for start in range(0, frames, _STRETCH):
        before, stop = max(start - _MARGIN, 0), min(start + _STRETCH, frames)
        samples = read(before, stop + _MARGIN)
        found = TRACKERS[tracker](samples, limits)
        found = refine_pitch(samples, found) if refine else found
        if note:
            note(samples, found)
        kept = found[start - before : stop - before]
        pitch[start : start + len(kept)] = kept
    return pitch


def refine_pitch(samples: Signal, pitch: Pitch) -> Pitch:
    """A pitch `(frames,)` to the cent, by how far the phases of its harmonics turn between two moments.

    The harmonics' instantaneous frequencies (Flanagan and Golden 1966) are averaged by their powers. Frames that
    would move too far keep what they have.
    """
    padded = np.pad(samples, RATE // 10)
    found = _refine_frames(np.ascontiguousarray(padded, np.float32), RATE // 10, pitch.astype(np.float64))
    near = (pitch > 0) & (np.abs(12 * np.log2(np.maximum(found, 1) / np.maximum(pitch, 1))) < _MAX_REFINEMENT_SEMITONES)
    return np.where(near, found, pitch).astype(np.float32)


@numba.njit(cache=True, nogil=True)
def _refine_frames(samples: Signal, begin: int, pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    found = pitch.copy()
    for frame in range(len(pitch)):
        if not pitch[frame] > 0:
            continue
        size = max(int(_PERIODS * RATE / pitch[frame]), _SHORTEST)
        first = begin + frame * HOP - size // 2
        if first < _PHASE_STEP_SAMPLES or first + size + _PHASE_STEP_SAMPLES > len(samples):
            continue
        weights, total = 0.0, 0.0
        for harmonic in range(1, _HARMONICS + 1):
            if harmonic * pitch[frame] > 0.45 * RATE:
                break
            turn = 2 * np.pi * harmonic * pitch[frame] / RATE
            before = component(samples, first - _PHASE_STEP_SAMPLES // 2, size, turn)
            after = component(samples, first + _PHASE_STEP_SAMPLES // 2, size, turn)
            apart = np.angle(after * before.conjugate() * np.exp(-1j * turn * _PHASE_STEP_SAMPLES))
            power = abs(before * after)
            total += power * harmonic * (harmonic * pitch[frame] + apart / _PHASE_STEP_SAMPLES * RATE / (2 * np.pi))
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


def fit_length(pitch: Pitch, frames: int) -> Pitch:
    """The same with so many frames: cut, or unvoiced at the end."""
    return np.pad(pitch[:frames], (0, max(frames - len(pitch), 0)))


def median(pitch: Pitch) -> float:
    """The median in Hz of the voiced frames, 0 where there are none."""
    voiced = pitch[pitch > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0


def _pyin(samples: Signal, limits: tuple[float, float]) -> Pitch:
    if len(samples) < _WINDOW_SAMPLES or not samples.any():
        return np.zeros(-(-len(samples) // HOP) + 1, np.float32)
    pitch, voiced, _ = librosa.pyin(
        samples,
        fmin=limits[0],
        fmax=limits[1],
        sr=RATE,
        frame_length=_WINDOW_SAMPLES,
        hop_length=HOP,
        resolution=_RESOLUTION_SEMITONES,
    )
    return np.where(voiced, np.nan_to_num(pitch), 0).astype(np.float32)


def _swift(samples: Signal, limits: tuple[float, float]) -> Pitch:
    """SwiftF0 (Nieradzik 2025), a small network, whose frames of 16 ms are read at ours."""
    try:
        network = import_module("swift_f0").SwiftF0(spin=False)
    except ImportError as error:
        why = "is not installed; pip install 'samplegen[pitch]' brings it, or choose pyin"
        raise OptionError(f"the tracker {SWIFT} {why}") from error
    times = np.arange(-(-len(samples) // HOP) + 1) * (HOP / RATE)
    if not samples.any():
        return np.zeros(len(times), np.float32)
    found = network.detect(samples, RATE, *limits)
    voiced = found.confidence >= _MIN_CONFIDENCE
    if not voiced.any():
        return np.zeros(len(times), np.float32)
    octaves = np.interp(times, found.timestamps[voiced], np.log2(found.pitch_hz[voiced]))
    nearest = np.clip(np.rint(times / (found.timestamps[1] if len(voiced) > 1 else 1)), 0, len(voiced) - 1)
    return np.where(voiced[nearest.astype(int)], 2**octaves, 0).astype(np.float32)


TRACKERS: Mapping[str, Tracker] = {PYIN: _pyin, SWIFT: _swift}
