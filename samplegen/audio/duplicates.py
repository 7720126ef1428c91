"""Duplicates: sounds of the same bytes, or copies that differ in level, start, bit depth or a little noise.

A fingerprint `(bins,)` is the magnitude spectrum of the beginning of a sound, so that neither its gain nor its exact
start count. Two takes of one drum have different ones, as their noise differs.
"""

import numpy as np

from samplegen.arrays import Rows, Signal
from samplegen.audio.signals import peak

MIN_COPY_COSINE = 0.997  # of the fingerprints of copies; two settings of one 808 kick reach 0.996
_WINDOW_SECONDS = 0.2  # of a sound from its hit on
_HIT_LEVEL = 0.03  # of the peak
_FINGERPRINT_BINS = 2200  # of 5 Hz: up to 11 kHz, which a copy at 22.05 kHz has, too
_BLOCK_SOUNDS = 512  # compared with all others at a time


def fingerprint(samples: Signal, rate: int) -> Rows:
    """Return the fingerprint of a mono sound `(n,)` at `rate` Hz: `(2200,)` of length 1, or all 0 for silence."""
    hit = int(np.argmax(np.abs(samples) > _HIT_LEVEL * peak(samples)))
    size = round(_WINDOW_SECONDS * rate)
    spectrum = np.abs(np.fft.rfft(samples[hit : hit + size], size))[:_FINGERPRINT_BINS]
    rising = spectrum * np.arange(len(spectrum))  # or the bass would decide alone
    padded = np.pad(rising, (0, _FINGERPRINT_BINS - len(rising)))
    return np.asarray(padded / max(float(np.linalg.norm(padded)), 1e-12), np.float32)


def find_copies(prints: Rows) -> list[tuple[int, int, float]]:
    """List the copies among fingerprints `(n, bins)`: index, index of the first one it copies, and cosine."""
    found = []
    for at in range(0, len(prints), _BLOCK_SOUNDS):
        likeness = np.tril(prints[at : at + _BLOCK_SOUNDS] @ prints.T, at - 1)  # only with those before
        for row in np.flatnonzero((likeness >= MIN_COPY_COSINE).any(axis=1)).tolist():
            first = int(np.argmax(likeness[row] >= MIN_COPY_COSINE))
            found.append((at + row, first, float(likeness[row, first])))
    return found
