"""Metrics of generated sounds: distances between sets of sounds, and the test for copies.

Sets are rows of numbers, `(n, d)`: embeddings of `samplegen.models.classify`, or fingerprints. A metric means something
only beside the same metric of held-out real sounds.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from samplegen.arrays import Rows, Signal
from samplegen.features.spectrogram import LEVEL, Spectrogram

NEIGHBOUR_COUNT = 5
PRINCIPAL_DIMENSIONS = 16  # in as many, a few hundred sounds still determine a Gaussian
SAME_SOUND_DISTANCE = (
    0.02  # of a fingerprint's length: two encodings of a sound differ by 0.004 to 0.03, two sounds by 0.1
)
_DCT_COEFFICIENTS = 12  # kept along each axis of a fingerprint
COPY_DISTANCE = 0.5  # of that between neighbouring training sounds
FINGERPRINT_SIZE = _DCT_COEFFICIENTS**2
_SILENT_LEVEL = 0.25  # of the range (-60 dB): lower levels count as silence, or hiss would hide a copy
_WINDOW_SAMPLES = (256, 512, 2048)  # of a log-spectral distance
_BLOCK_ROWS = 1024  # compared at a time


def fingerprints(spectrograms: Spectrogram) -> Rows:
    """Return fingerprints `(n, 144)` of spectrograms: the low corner of the level's DCT over time and bands."""
    level = np.maximum(spectrograms[..., LEVEL] - _SILENT_LEVEL, 0)
    corner = scipy.fft.dctn(level, axes=(1, 2), norm="ortho")[:, :_DCT_COEFFICIENTS, :_DCT_COEFFICIENTS]
    return np.ascontiguousarray(corner.reshape(len(corner), -1), np.float32)


def log_spectral_distance(one: Signal, other: Signal) -> float:
    """Return the multi-resolution log-spectral distance of two sounds `(n,)`, in dB; 0 where they are the same.

    It is the mean absolute difference of log magnitudes at three resolutions, floored 80 dB under the loudest cell of
    the first (after the multi-scale spectral loss of Engel et al., "DDSP", 2020).
    """
    return float(np.mean([_log_distance(one, other, size) for size in _WINDOW_SAMPLES]))


def _log_distance(one: Signal, other: Signal, size: int) -> float:
    first, second = (_magnitudes(samples, size) for samples in (one, other))
    floor = max(float(first.max()) * 1e-4, 1e-12)
    return float(np.abs(20 * np.log10(np.maximum(first, floor) / np.maximum(second, floor))).mean())


def _magnitudes(samples: Signal, size: int) -> Rows:
    """Return magnitudes of Hann windows of `size` samples, a quarter of it apart, centred from end to end."""
    padded = np.pad(samples, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4]
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    return np.abs(scipy.fft.rfft(frames * window, axis=-1))


def distances(one: Rows, other: Rows) -> Rows:
    """Return the Euclidean distance `(n, m)` of each row of `one` to each of `other`."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    return np.sqrt(np.maximum(squares, 0))


def nearest(rows: Rows, among: Rows) -> tuple[NDArray[np.intp], Rows]:
    """Return the index `(n,)` of the row of `among` that is nearest to each of `rows`, and its distance `(n,)`."""
    blocks = (distances(rows[at : at + _BLOCK_ROWS], among) for at in range(0, len(rows), _BLOCK_ROWS))
    index = np.concatenate([block.argmin(axis=1) for block in blocks])
    return index, np.linalg.norm(rows - among[index], axis=1)  # again: the fast way cannot tell 0 from 0.02


def find_known(rows: Rows, among: Rows) -> NDArray[np.bool_]:
    """Tell which fingerprints `(n,)` are those of a sound that is also among the others, even in another encoding."""
    return nearest(rows, among)[1] <= SAME_SOUND_DISTANCE * np.linalg.norm(rows, axis=1)


def are_copies(rows: Rows, training: Rows) -> bool:
    """Tell whether rows are mostly copies: known, or far nearer to training rows than these are to each other.

    Unlike `novelty` it needs no other real sounds, which may be of quite another kind.
    """
    some = training[:: -(-len(training) // (_BLOCK_ROWS // 4))]
    spacing = np.partition(distances(some, training), 1, axis=1)[:, 1] if len(training) > 1 else np.zeros(1)
    away = np.median(nearest(rows, training)[1])
    return bool(away < COPY_DISTANCE * np.median(spacing) or find_known(rows, training).mean() > 0.5)


def density_and_coverage(real: Rows, fake: Rows, *, k: int = NEIGHBOUR_COUNT) -> tuple[float, float]:
    """Return the density of fakes where real sounds lie, and the share of real sounds with a fake near.

    After Naeem et al., "Reliable fidelity and diversity metrics", 2020. The neighbourhood of a real sound reaches to
    its `k`-th nearest other real sound.
    """
    reach = np.sort(distances(real, real), axis=1)[:, min(k, len(real) - 1), None]
    inside = distances(real, fake) < reach
    return float(inside.sum(axis=0).mean() / k), float(inside.any(axis=1).mean())


def recall(real: Rows, fake: Rows, *, k: int = NEIGHBOUR_COUNT) -> float:
    """Return the share of real sounds that lie among the fakes: nearer to one than its `k`-th nearest other fake is.

    After Kynkaanniemi et al., "Improved precision and recall metric for assessing generative models", 2019.
    """
    reach = np.sort(distances(fake, fake), axis=1)[:, min(k, len(fake) - 1), None]
    return float((distances(fake, real) < reach).any(axis=0).mean())


def kernel_distance(real: Rows, fake: Rows) -> float:
    """Return the unbiased squared maximum mean discrepancy in 1/1000; the Gaussian kernel has the real median distance.

    It is about 0 for two draws from one distribution, at any number of sounds (Gretton et al. 2012; KAD, Chung et al.
    2025).
    """
    within, across, fakes = distances(real, real), distances(real, fake), distances(fake, fake)
    width = 2 * float(np.median(within[np.triu_indices(len(real), 1)])) ** 2 + 1e-12

    def mean(distance: Rows, *, same: bool) -> float:
        kernel = np.exp(-(distance.astype(np.float64) ** 2) / width)
        return float((kernel.sum() - same * len(kernel)) / (kernel.size - same * len(kernel)))

    return 1000 * (mean(within, same=True) + mean(fakes, same=True) - 2 * mean(across, same=False))


def frechet_distance(real: Rows, fake: Rows) -> float:
    """Return the Frechet distance of the Gaussians fitted to the rows; biased upward under a few hundred of them."""
    ours, theirs = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (real, fake))
    # their sum is the trace of the matrix root
    roots = np.sqrt(np.maximum(np.linalg.eigvals(ours @ theirs).real, 0))
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(ours + theirs) - 2 * roots.sum())


def principal_axes(rows: Rows, *, dimensions: int = PRINCIPAL_DIMENSIONS) -> Rows:
    """Return the principal axes `(d, dimensions)` of rows, the strongest first; never more than there are."""
    axes: Rows = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2]
    return axes[:dimensions].T


def diversity(rows: Rows) -> float:
    """Return the mean distance between any two different rows; 0 where all are the same."""
    return float(distances(rows, rows)[np.triu_indices(len(rows), 1)].mean())


def novelty(generated: Rows, training: Rows, held_out: Rows) -> float:
    """Return the median distance of generated sounds to their nearest training sound, over that of held-out real ones.

    At least 0.8 is new, near 0 is a copy. Copies score best on every distance above.
    """
    new, real = (float(np.median(nearest(rows, training)[1])) for rows in (generated, held_out))
    return new / max(real, 1e-9)
