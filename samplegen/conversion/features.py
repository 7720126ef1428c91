"""Features of a take: log-mel levels, MFCC and loudness, on frames of the common transform.

A voice asks for longer windows than a drum: 40 ms smooth over the pulses of a low one. Every second frame of the
transform is enough to describe a voice, so there are two frame rates: 5 ms where sound is made, 10 ms here.
"""

from collections.abc import Iterator
from functools import cache

import numba
import numpy as np
import scipy.fft
from librosa import filters
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.features import stft as features_stft
from samplegen.features.phase import Spectrum
from samplegen.features.stft import REDUNDANCY, StftConfig

Levels = NDArray[np.float32]  # (frames, bands), dB

WINDOW_SECONDS = 0.04
BANDS = 80
FLOOR_DB = -100.0  # dB below full scale
FRAME_STRIDE = 2  # frame of the transform
_AUDIBLE_DB = 40.0  # below the loud frames of a take
_BLOCK_FRAMES = 512  # frames whose spectra are in memory at a time


def stft_config(rate: int) -> StftConfig:
    """The transform for takes at `rate` Hz: a frame about every 5 ms."""
    return StftConfig(rate, 2 * REDUNDANCY * round(WINDOW_SECONDS * rate / (2 * REDUNDANCY)))


@cache
def filterbank(stft: StftConfig, bands: int) -> tuple[Levels, NDArray[np.int32]]:
    """Weights `(bands, bins)` of triangles even on the mel scale (Slaney), and the bins `(bands, 2)` each lies between.

    The weights of a band sum to 1, so that its level is the mean power in it.
    """
    weights: Levels = filters.mel(sr=stft.rate, n_fft=stft.n_fft, n_mels=bands)
    weights = (weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)
    edges = [(np.flatnonzero(row)[0], np.flatnonzero(row)[-1] + 1) if row.any() else (0, 0) for row in weights]
    return weights, np.array(edges, np.int32)


def frame_count(samples: int, stft: StftConfig) -> int:
    """Frames of features that a take of so many samples has; frame t is centred on sample t * hop * EVERY."""
    return -(-stft.frames(samples) // FRAME_STRIDE)


def log_mel(samples: Signal, stft: StftConfig, bands: int = BANDS) -> Levels:
    """Levels `(frames, bands)` in dB of a mono take `(n,)`; full scale is a sine of amplitude 1 in one bin.

    Worked off in blocks, so that a long take needs room for its levels only.
    """
    return np.concatenate([mel_levels(spectrum, stft, bands) for spectrum in _spectra(samples, stft)])


def mel_levels(spectrum: Spectrum, stft: StftConfig, bands: int = BANDS) -> Levels:
    """Levels `(frames, bands)` in dB of a spectrum `(frames, bins)`."""
    mel = _pooled(spectrum, *filterbank(stft, bands))
    mel *= np.float32((2 / features_stft.window(stft).sum()) ** 2)
    return 10 * np.log10(np.maximum(mel, 10 ** (FLOOR_DB / 10)), dtype=np.float32)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _pooled(spectrum: Spectrum, weights: Levels, edges: NDArray[np.int32]) -> Levels:
    """Weighted sums of the power; a compiled loop over the triangles, as BLAS would multiply mostly zeros."""
    pooled = np.zeros((len(spectrum), len(weights)), np.float32)
    for frame in range(len(spectrum)):
        for band in range(len(weights)):
            for item in range(edges[band, 0], edges[band, 1]):
                value = spectrum[frame, item]
                pooled[frame, band] += weights[band, item] * (value.real * value.real + value.imag * value.imag)
    return pooled


def cepstra(levels: Levels, number: int, *, zeroth: bool = False) -> Levels:
    """MFCC `(frames, number)` from the first on: an orthonormal DCT of the levels over the bands; or with the zeroth.

    Divided by the root of the number of bands, so that the Euclidean distance of two frames is the root mean square
    of the difference of their smoothed levels, in dB.
    """
    transformed: Levels = scipy.fft.dct(levels, axis=-1, norm="ortho")[:, 0 if zeroth else 1 : number + 1]
    return transformed / np.float32(np.sqrt(levels.shape[-1]))


def smooth_levels(shape: Levels, bands: int = BANDS) -> Levels:
    """Back from cepstra with the zeroth `(frames, n)` to levels `(frames, bands)`."""
    full = np.zeros((len(shape), bands), np.float32)
    full[:, : shape.shape[1]] = shape * np.float32(np.sqrt(bands))
    levels: Levels = scipy.fft.idct(full, axis=-1, norm="ortho", overwrite_x=True)
    return levels


def moving_average(values: Levels, reach: int) -> Levels:
    """Each column of `(frames, n)` averaged over `reach` frames to each side, under a Hann window."""
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    window = np.hanning(2 * reach + 3)[1:-1]
    parts = (weight * padded[start : start + len(values)] for start, weight in enumerate(window / window.sum()))
    return sum(parts, np.zeros(values.shape)).astype(np.float32)


def slopes(values: Levels, reach: int = 3) -> Levels:
    """Return how fast each column of `(frames, n)` rises, a frame: by regression over `reach` frames to each side."""
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    weights = np.arange(-reach, reach + 1) / (2 * sum(step**2 for step in range(1, reach + 1)))
    parts = (weight * padded[start : start + len(values)] for start, weight in enumerate(weights))
    return sum(parts, np.zeros(values.shape)).astype(np.float32)


def loudness(levels: Levels) -> NDArray[np.float32]:
    """Level `(frames,)` in dB of the mean power of all bands."""
    return 10 * np.log10(np.mean(10 ** (levels / 10), axis=-1), dtype=np.float32)


def audible(loud: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the frames `(frames,)` that sound: within 40 dB of the loud ones, and well above the quietest."""
    top, bottom = np.percentile(loud, (95, 5))
    if top <= FLOOR_DB + _AUDIBLE_DB:
        return np.zeros(len(loud), np.bool_)
    lowest = top - _AUDIBLE_DB
    return loud > (max(lowest, bottom + 0.25 * (top - bottom)) if top - bottom > 20 else lowest)


def _spectra(samples: Signal, stft: StftConfig) -> Iterator[Spectrum]:
    """The spectrum block by block: each with the samples that its windows reach, so that no frame differs."""
    hop, frames = FRAME_STRIDE * stft.hop, frame_count(len(samples), stft)
    lead = REDUNDANCY // (2 * FRAME_STRIDE)
    for start in range(0, frames, _BLOCK_FRAMES):
        before, stop = min(lead, start), min(start + _BLOCK_FRAMES, frames)
        part = samples[(start - before) * hop : (stop - 1) * hop + stft.n_fft // 2]
        yield features_stft.transform(part, stft, every=FRAME_STRIDE)[before : before + stop - start]
