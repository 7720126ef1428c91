"""Short-time Fourier transform (STFT) and its inverse, one configuration for every network.

Waveforms are `(n,)` float32 in -1..1 at `config.rate`; spectra `(frames, bins)`. The window is a Gaussian at redundancy
8, which the phase reconstruction of `samplegen.features.phase` needs.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numba
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from samplegen.arrays import Signal, Spans, Times
from samplegen.errors import ModelError
from samplegen.features import phase
from samplegen.features.phase import Magnitudes, Spectrum
from samplegen.settings import limits

REDUNDANCY = 8  # frames that overlap at any moment; at 4, phase reconstruction loses to Griffin-Lim
WINDOW_SECONDS = 512 / 22_050  # -30 dB of pre-echo; twice as long costs 8 dB of it
WINDOW_EDGE_LEVEL = 0.01  # of the Gaussian window at its ends
GRIFFIN_LIM_MOMENTUM = 0.99  # as Perraudin, Balazs and Sondergaard recommend
GRIFFIN_LIM_ITERATIONS = 10


@dataclass(frozen=True)
class StftConfig:
    """Settings of a short-time Fourier transform: sampling rate in Hz and window length in samples.

    Raises:
        ModelError: a window that no hop divides.

    Example:
        >>> from samplegen import StftConfig
        >>> StftConfig.at(44_100)
        StftConfig(rate=44100, n_fft=1024)
        >>> StftConfig().frames(22_050)
        346
    """

    rate: int = field(default=22_050, metadata=limits(16_000, 48_000))
    n_fft: int = field(default=512, metadata=limits(128, 4096))

    def __post_init__(self) -> None:
        if self.rate < 1 or self.n_fft < 1 or self.n_fft % (2 * REDUNDANCY):
            raise ModelError(
                f"no transform of {self.n_fft} samples at {self.rate} Hz: use a multiple of {2 * REDUNDANCY}"
            )

    @classmethod
    def at(cls, rate: int) -> "StftConfig":
        """Return the transform for sounds at `rate` Hz: a window of about 23 ms, short enough for a drum's attack."""
        return cls(rate, 2 * REDUNDANCY * round(WINDOW_SECONDS * rate / (2 * REDUNDANCY)))

    @property
    def hop(self) -> int:
        """Samples between frames."""
        return self.n_fft // REDUNDANCY

    @property
    def bins(self) -> int:
        """Number of frequencies in a frame, 0 to rate / 2."""
        return self.n_fft // 2 + 1

    @property
    def gamma(self) -> float:
        """Time-frequency ratio of the window `exp(-pi t^2 / gamma)`, in samples squared."""
        return float(-np.pi * self.n_fft**2 / (4 * np.log(WINDOW_EDGE_LEVEL)))

    def frames(self, samples: int) -> int:
        """Return the number of frames that cover so many samples; frame t is centred on sample t * hop."""
        return -(-samples // self.hop) + 1


@cache
def window(stft: StftConfig) -> Signal:
    """Return the Gaussian analysis window `(n_fft,)`, 1 at its centre `n_fft // 2`."""
    time = np.arange(stft.n_fft) - stft.n_fft // 2
    return np.exp(-np.pi * time**2 / stft.gamma).astype(np.float32)


def analyse(samples: Signal, stft: StftConfig) -> Spectrum:
    """Return the complex spectrum `(frames, bins)` of a waveform `(n,)`; phases relative to the centre of a frame."""
    spectrum = transform(samples, stft)
    phase.flip_odd_bins(spectrum)  # the transform counts from the start of a frame, where odd bins have the other sign
    return spectrum


def transform(samples: Signal, stft: StftConfig, *, every: int = 1) -> Spectrum:
    """Return the spectrum with phases relative to the start of a frame: cheaper than `analyse` where powers will do.

    With `every` k, of each k frames only the first is computed.
    """
    numbers = np.arange(0, stft.frames(len(samples)), every)
    return transform_spans(samples, np.array([[0, len(samples)]]), stft, numbers)[0]


def transform_spans(samples: Signal, spans: Spans, stft: StftConfig, numbers: Times) -> tuple[Spectrum, Times]:
    """Transform several spans `(n, 2)` of the samples, as `transform` does each.

    Args:
        samples: waveform `(n,)`.
        spans: from the first sample to behind the last.
        stft: of the spectra.
        numbers: which frames of each span are computed, ascending.

    Returns:
        The rows of all spans in one array, and its borders `(n + 1,)`: span i has the rows from border i to i + 1.
    """
    counts = np.searchsorted(numbers, [stft.frames(stop - start) for start, stop in spans.tolist()])
    borders = np.cumsum([0, *counts])
    frames = _frames(samples, spans, borders, window(stft), numbers * stft.hop)
    spectrum: Spectrum = scipy.fft.rfft(frames, axis=-1, overwrite_x=True)
    return spectrum, borders


@numba.njit(cache=True, nogil=True)
def _frames(samples: Signal, spans: Spans, borders: Times, window: Signal, centres: Times) -> Signal:
    """Return windowed frames `(rows, n_fft)`, centred on samples counted from the start of a span, in silence."""
    size = len(window)
    frames = np.empty((borders[-1], size), np.float32)
    for i in range(len(spans)):
        start, stop, first, count = spans[i, 0], spans[i, 1], borders[i], borders[i + 1] - borders[i]
        padded = np.zeros((centres[count - 1] if count else 0) + size, np.float32)
        stop = min(stop, start + len(padded) - size // 2)
        padded[size // 2 :][: stop - start] = samples[start:stop]
        for t in range(count):  # rows are taken out first: indices of two axes would keep this from being vectorised
            frame, part = frames[first + t], padded[centres[t] : centres[t] + size]
            for k in range(size):
                frame[k] = part[k] * window[k]
    return frames


def resynthesise(spectrum: Spectrum, stft: StftConfig, samples: int) -> Signal:
    """Return the waveform `(samples,)` whose spectrum is nearest to the one given (least squares)."""
    flipped = spectrum.copy()
    phase.flip_odd_bins(flipped)
    return _overlap_add(scipy.fft.irfft(flipped, stft.n_fft, axis=-1, overwrite_x=True), stft, samples)


def reconstruct(  # noqa: PLR0913
    magnitudes: Magnitudes,
    stft: StftConfig,
    samples: int,
    *,
    iterations: int = GRIFFIN_LIM_ITERATIONS,
    seed: int = 0,
    excitation: Spectrum | None = None,
) -> Signal:
    """Return a waveform `(samples,)` of magnitudes `(frames, bins)`: phase integration, then a few Griffin-Lim rounds.

    Silence stands in for frames that are missing at the end; surplus ones are left out. Where an `excitation`
    `(frames, bins)` is not 0, its phases stay in place of integrated ones.
    """
    frames = stft.frames(samples)
    magnitudes = _padded(magnitudes, frames)
    phases = phase.integrate(magnitudes, stft.gamma, stft.hop, stft.n_fft, seed=seed)
    spectrum = np.empty(magnitudes.shape, np.complex64)
    spectrum.real, spectrum.imag = magnitudes * np.cos(phases), magnitudes * np.sin(phases)
    if excitation is not None:
        excitation = _padded(excitation, frames)
        size = np.abs(excitation)
        np.copyto(spectrum, magnitudes * excitation / np.maximum(size, 1e-12), where=size > 0)
    before = spectrum.copy()
    for _ in range(iterations):
        spectrum = analyse(resynthesise(spectrum, stft, samples), stft)
        phase.accelerate_griffin_lim(spectrum, before, magnitudes, GRIFFIN_LIM_MOMENTUM)
    return resynthesise(spectrum, stft, samples)


def _padded(rows: NDArray[Any], frames: int) -> NDArray[Any]:
    return np.pad(rows[:frames], ((0, max(0, frames - len(rows))), (0, 0)))


def _overlap_add(windowed: Signal, stft: StftConfig, samples: int) -> Signal:
    """Add windowed frames `(frames, n_fft)` where they overlap, and divide by the sum of the windows."""
    windowed *= window(stft)
    frames, hop = len(windowed), stft.hop
    blocks = np.zeros((frames + REDUNDANCY - 1, hop), np.float32)
    for part in range(REDUNDANCY):
        blocks[part : part + frames] += windowed[:, part * hop : (part + 1) * hop]
    signal = blocks.reshape(-1) / _norm(stft, frames)
    return signal[stft.n_fft // 2 :][:samples]


@cache
def _norm(stft: StftConfig, frames: int) -> Signal:
    squares = (window(stft) ** 2).reshape(REDUNDANCY, stft.hop)
    blocks = np.zeros((frames + REDUNDANCY - 1, stft.hop), np.float32)
    for part in range(REDUNDANCY):
        blocks[part : part + frames] += squares[part]
    return np.maximum(blocks.reshape(-1), squares.max() * 1e-3)
