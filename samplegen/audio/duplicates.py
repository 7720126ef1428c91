"""Sounds that are there twice: the same bytes, or copies that differ in level, start, depth or a little noise.

A fingerprint `(bins,)` is the magnitude spectrum of how a sound begins, so that neither its gain nor its exact
start count. Two takes of one drum differ in it, as their noise does.
"""

import numpy as np
from numpy.typing import NDArray

from samplegen.audio.signals import Signal, peak

MIN_COPY_COSINE = (
    0.997  # cosine of two fingerprints from which on they are one sound; settings of one 808 kick reach 0.996
)
_SECONDS = 0.2  # from the hit on
_HIT = 0.03  # of the peak
_BINS = 2200  # of 5 Hz: up to 11 kHz, which a copy at 22.05 kHz has, too
_BLOCK = 512  # sounds compared with all others at a time

Fingerprints = NDArray[np.float32]


def fingerprint(samples: Signal, rate: int) -> Fingerprints:
    """What a mono sound `(n,)` at `rate` Hz is known by: `(2200,)` float32 of length 1, or all 0 for silence."""
    hit = int(np.argmax(np.abs(samples) > _HIT * peak(samples)))
    size = round(_SECONDS * rate)
    spectrum = np.abs(np.fft.rfft(samples[hit : hit + size], size))[:_BINS]
    rising = spectrum * np.arange(len(spectrum))  # else the bass would decide alone
    padded = np.pad(rising, (0, _BINS - len(rising)))
    return np.asarray(padded / max(float(np.linalg.norm(padded)), 1e-12), np.float32)


def find_copies(prints: Fingerprints) -> list[tuple[int, int, float]]:
    """Of fingerprints `(n, bins)` every one that is a copy: its index, that of the first one it copies, the cosine."""
    found = []
    for at in range(0, len(prints), _BLOCK):
        likeness = np.tril(prints[at : at + _BLOCK] @ prints.T, at - 1)  # only with those before
        for row in np.flatnonzero((likeness >= MIN_COPY_COSINE).any(axis=1)).tolist():
            first = int(np.argmax(likeness[row] >= MIN_COPY_COSINE))
            found.append((at + row, first, float(likeness[row, first])))
    return found
