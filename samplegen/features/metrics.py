"""How good generated sounds are: distances between sets of sounds, and the test for copies.

Sets are rows of numbers, `(n, d)`: embeddings of `samplegen.models.classify` or descriptors.
Every figure means something only beside the same figure for real sounds held out.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from samplegen.features.spectrogram import LEVEL, Spectrogram

Rows = NDArray[np.float32]
Signal = NDArray[np.float32]

NEIGHBOUR_COUNT = 5
PRINCIPAL_DIMENSIONS = 16  # dimensions in which a few hundred sounds still say where their Gaussian lies
SAME_SOUND_DISTANCE = (
    0.02  # share of a descriptor's length: two encodings of a sound differ by 0.004 to 0.03, two sounds by 0.1
)
_LOW = 12  # DCT coefficients kept along each axis of a descriptor
COPY_DISTANCE = 0.5  # share of the distance between neighbouring training sounds
FINGERPRINT_SIZE = _LOW**2  # numbers of a descriptor
_QUIET = 0.25  # levels below this share of the range (-60 dB) count as silence, or hiss would hide a copy
_SIZES = (256, 512, 2048)  # samples of the windows of a log-spectral distance
_BLOCK = 1024  # rows compared at a time


def fingerprints(pictures: Spectrogram) -> Rows:
    """Fingerprints `(n, 144)` of maps: the low corner of the level's cosine transform over time and bands."""
    level = np.maximum(pictures[..., LEVEL] - _QUIET, 0)
    corner = scipy.fft.dctn(level, axes=(1, 2), norm="ortho")[:, :_LOW, :_LOW]
    return np.ascontiguousarray(corner.reshape(len(corner), -1), np.float32)


def log_spectral_distance(one: Signal, other: Signal) -> float:
    """Multi-resolution log-spectral distance of two sounds `(n,)`, in dB; 0 where they are the same.

    Mean absolute difference of log magnitudes, floored 80 dB under the loudest cell of the first, at three resolutions
    (after the multi-scale spectral loss of Engel et al., "DDSP", 2020).
    """
    return float(np.mean([_log_distance(one, other, size) for size in _SIZES]))


def _log_distance(one: Signal, other: Signal, size: int) -> float:
    first, second = (_magnitudes(samples, size) for samples in (one, other))
    floor = max(float(first.max()) * 1e-4, 1e-12)
    return float(np.abs(20 * np.log10(np.maximum(first, floor) / np.maximum(second, floor))).mean())


def _magnitudes(samples: Signal, size: int) -> Rows:
    """Magnitudes of Hann windows of `size` samples at a quarter of it, the first and last centred on the ends."""
    padded = np.pad(samples, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4]
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    return np.abs(scipy.fft.rfft(frames * window, axis=-1))


def distances(one: Rows, other: Rows) -> Rows:
    """Euclidean distance `(n, m)` of each row of `one` to each of `other`."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    return np.sqrt(np.maximum(squares, 0))


def nearest(rows: Rows, among: Rows) -> tuple[NDArray[np.intp], Rows]:
    """Index `(n,)` of the row of `among` that is nearest to each of `rows`, and its distance `(n,)`."""
    blocks = (distances(rows[at : at + _BLOCK], among) for at in range(0, len(rows), _BLOCK))
    index = np.concatenate([block.argmin(axis=1) for block in blocks])
    return index, np.linalg.norm(rows - among[index], axis=1)  # anew: the fast way cannot tell 0 from 0.02


def find_known(rows: Rows, among: Rows) -> NDArray[np.bool_]:
    """Which descriptors `(n,)` are those of a sound that is also among the others, if in another encoding."""
    return nearest(rows, among)[1] <= SAME_SOUND_DISTANCE * np.linalg.norm(rows, axis=1)


def are_copies(rows: Rows, training: Rows) -> bool:
    """Whether rows are mostly copies: known, or far nearer to training rows than these are to each other.

    Unlike `novelty` this needs no other real sounds, which may be of quite another kind.
    """
    some = training[:: -(-len(training) // (_BLOCK // 4))]
    spacing = np.partition(distances(some, training), 1, axis=1)[:, 1] if len(training) > 1 else np.zeros(1)
    away = np.median(nearest(rows, training)[1])
    return bool(away < COPY_DISTANCE * np.median(spacing) or find_known(rows, training).mean() > 0.5)


def density_and_coverage(real: Rows, fake: Rows, *, k: int = NEIGHBOUR_COUNT) -> tuple[float, float]:
    """How densely fakes lie where real sounds do, and the share of real sounds with a fake near (Naeem et al. 2020).

    A real sound's neighbourhood reaches to its `k`-th nearest other real sound.
    """
    reach = np.sort(distances(real, real), axis=1)[:, min(k, len(real) - 1), None]
    inside = distances(real, fake) < reach
    return float(inside.sum(axis=0).mean() / k), float(inside.any(axis=1).mean())


def kernel_distance(real: Rows, fake: Rows) -> float:
    """Squared maximum mean discrepancy, Gaussian kernel of the real sounds' median distance, unbiased, in 1/1000.

    About 0 for two draws from one distribution, at any number of sounds (Gretton et al. 2012; KAD, Chung et al. 2025).
    """
    within, across, fakes = distances(real, real), distances(real, fake), distances(fake, fake)
    width = 2 * float(np.median(within[np.triu_indices(len(real), 1)])) ** 2 + 1e-12

    def mean(distance: Rows, *, same: bool) -> float:
        kernel = np.exp(-(distance.astype(np.float64) ** 2) / width)
        return float((kernel.sum() - same * len(kernel)) / (kernel.size - same * len(kernel)))

    return 1000 * (mean(within, same=True) + mean(fakes, same=True) - 2 * mean(across, same=False))


def frechet_distance(real: Rows, fake: Rows) -> float:
    """Frechet distance of the two Gaussians fitted to the rows; biased upward under a few hundred of them."""
    ours, theirs = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (real, fake))
    roots = np.sqrt(np.maximum(np.linalg.eigvals(ours @ theirs).real, 0))  # of which the matrix root's trace is the sum
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(ours + theirs) - 2 * roots.sum())


def principal_axes(rows: Rows, *, dimensions: int = PRINCIPAL_DIMENSIONS) -> Rows:
    """Axes `(d, dimensions)` along which centred rows differ most, the first most of all; never more than there are."""
    axes: Rows = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2]
    return axes[:dimensions].T


def diversity(rows: Rows) -> float:
    """Mean distance between any two different rows; 0 where all are the same."""
    return float(distances(rows, rows)[np.triu_indices(len(rows), 1)].mean())


def novelty(generated: Rows, training: Rows, held_out: Rows) -> float:
    """Median distance of generated sounds to their nearest training sound, over that of held-out real ones.

    At least 0.8 is new, near 0 is a copy; copies score best on every distance above.
    """
    new, real = (float(np.median(nearest(rows, training)[1])) for rows in (generated, held_out))
    return new / max(real, 1e-9)
