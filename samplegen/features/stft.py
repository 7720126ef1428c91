"""Waveform <-> spectrogram, one configuration for every network.

Waveforms are `(n,)` float32 in -1..1 at `config.rate`; spectra `(frames, bins)`. The window is a
Gaussian at redundancy 8, which the phase reconstruction of `samplegen.features.phase` needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numba
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from samplegen.audio.parallel import map
from samplegen.errors import ModelError
from samplegen.features import phase
from samplegen.features.phase import Magnitudes, Spectrum
from samplegen.settings import limits

Signal = NDArray[np.float32]
Times = NDArray[np.int64]  # (n,)
Spans = NDArray[np.int64]  # (n, 2): from the first to behind the last
REDUNDANCY = 8  # frames that overlap at any moment; at 4 phase reconstruction loses to Griffin-Lim
WINDOW_SECONDS = 512 / 22_050  # -30 dB of pre-echo; twice as long costs 8 dB of it
WINDOW_EDGE_LEVEL = 0.01  # height of the Gaussian window at its ends
GRIFFIN_LIM_MOMENTUM = 0.99
GRIFFIN_LIM_ITERATIONS = 10


@dataclass(frozen=True)
class StftConfig:
    """A short-time Fourier transform: sampling rate in Hz and window length in samples."""

    rate: int = field(default=22_050, metadata=limits(16_000, 48_000))
    n_fft: int = field(default=512, metadata=limits(128, 4096))

    def __post_init__(self) -> None:
        if self.rate < 1 or self.n_fft < 1 or self.n_fft % (2 * REDUNDANCY):
            raise ModelError(
                f"no transform of {self.n_fft} samples at {self.rate} Hz: use a multiple of {2 * REDUNDANCY}"
            )

    @classmethod
    def at(cls, rate: int) -> "StftConfig":
        """The transform for sounds at `rate` Hz: a window of about 23 ms, short enough for a drum's attack."""
        return cls(rate, 2 * REDUNDANCY * round(WINDOW_SECONDS * rate / (2 * REDUNDANCY)))

    @property
    def hop(self) -> int:
        """Samples between frames."""
        return self.n_fft // REDUNDANCY

    @property
    def bins(self) -> int:
        """Frequencies in a frame, 0 to rate / 2."""
        return self.n_fft // 2 + 1

    @property
    def gamma(self) -> float:
        """The window's time-frequency ratio in samples squared: it is `exp(-pi t^2 / gamma)`."""
        return float(-np.pi * self.n_fft**2 / (4 * np.log(WINDOW_EDGE_LEVEL)))

    def frames(self, samples: int) -> int:
        """Frames that cover a sound of so many samples; frame t is centred on sample t * hop."""
        return -(-samples // self.hop) + 1


@cache
def window(stft: StftConfig) -> Signal:
    """The Gaussian analysis window `(n_fft,)`, 1 at its centre `n_fft // 2`."""
    time = np.arange(stft.n_fft) - stft.n_fft // 2
    return np.exp(-np.pi * time**2 / stft.gamma).astype(np.float32)


def analyse(samples: Signal, stft: StftConfig) -> Spectrum:
    """Complex spectrum `(frames, bins)` of a waveform `(n,)`; phases relative to each frame's centre."""
    spectrum = transform(samples, stft)
    phase.flip_odd_bins(
        spectrum
    )  # the transform counts from the frame's start; half a window later every odd bin is turned
    return spectrum


def transform(samples: Signal, stft: StftConfig, *, every: int = 1) -> Spectrum:
    """`analyse` with phases relative to each frame's start: cheaper where only the powers are wanted.

    With `every` k, of each k frames only the first.
    """
    numbers = np.arange(0, stft.frames(len(samples)), every)
    return transform_spans(samples, np.array([[0, len(samples)]]), stft, numbers)[0]


def transform_spans(samples: Signal, spans: Spans, stft: StftConfig, numbers: Times) -> tuple[Spectrum, Times]:
    """`transform` of several stretches `(n, 2)` of the samples: their rows in one array, and its borders `(n + 1,)`.

    Of the frames of each stretch those with these `numbers`, which ascend.
    """
    counts = np.searchsorted(numbers, [stft.frames(stop - start) for start, stop in spans.tolist()])
    borders = np.cumsum([0, *counts])
    frames = _frames(samples, spans, borders, window(stft), numbers * stft.hop)
    spectrum: Spectrum = scipy.fft.rfft(frames, axis=-1, overwrite_x=True)
    return spectrum, borders


@numba.njit(cache=True, nogil=True)
def _frames(samples: Signal, spans: Spans, borders: Times, window: Signal, centres: Times) -> Signal:
    """Windowed frames `(rows, n_fft)`, centred on samples counted from the stretch's first; silence is around it."""
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
    """Waveform `(samples,)` whose spectrum is nearest to the one given (least squares)."""
    turned = spectrum.copy()
    phase.flip_odd_bins(turned)
    return _overlap(scipy.fft.irfft(turned, stft.n_fft, axis=-1, overwrite_x=True), stft, samples)


def reconstruct(
    magnitudes: Magnitudes, stft: StftConfig, samples: int, *, iterations: int = GRIFFIN_LIM_ITERATIONS, seed: int = 0
) -> Signal:
    """Waveform `(samples,)` for magnitudes `(frames, bins)`: phase integration, then a few Griffin-Lim rounds.

    Silence stands in for frames that are missing at the end; those that are too many are left out.
    """
    frames = stft.frames(samples)
    magnitudes = np.pad(magnitudes[:frames], ((0, max(0, frames - len(magnitudes))), (0, 0)))
    phases = phase.integrate(magnitudes, stft.gamma, stft.hop, stft.n_fft, seed=seed)
    spectrum = np.empty(magnitudes.shape, np.complex64)
    spectrum.real, spectrum.imag = magnitudes * np.cos(phases), magnitudes * np.sin(phases)
    before = spectrum.copy()
    for _ in range(iterations):
        spectrum = analyse(resynthesise(spectrum, stft, samples), stft)
        phase.accelerate_griffin_lim(spectrum, before, magnitudes, GRIFFIN_LIM_MOMENTUM)
    return resynthesise(spectrum, stft, samples)


def invert_all(
    batch: Sequence[Magnitudes], stft: StftConfig, samples: Sequence[int], *, iterations: int = GRIFFIN_LIM_ITERATIONS
) -> list[Signal]:
    """`invert` for a batch, spread over the processor's cores."""
    return map(
        lambda pair: reconstruct(pair[0], stft, pair[1], iterations=iterations), zip(batch, samples, strict=True)
    )


def _overlap(cut: Signal, stft: StftConfig, samples: int) -> Signal:
    """Windowed overlap-add of frames `(frames, n_fft)`, divided by the windows' own sum."""
    cut *= window(stft)
    frames, hop = len(cut), stft.hop
    blocks = np.zeros((frames + REDUNDANCY - 1, hop), np.float32)
    for part in range(REDUNDANCY):
        blocks[part : part + frames] += cut[:, part * hop : (part + 1) * hop]
    signal = blocks.reshape(-1) / _norm(stft, frames)
    return signal[stft.n_fft // 2 :][:samples]


@cache
def _norm(stft: StftConfig, frames: int) -> Signal:
    squares = (window(stft) ** 2).reshape(REDUNDANCY, stft.hop)
    blocks = np.zeros((frames + REDUNDANCY - 1, stft.hop), np.float32)
    for part in range(REDUNDANCY):
        blocks[part : part + frames] += squares[part]
    return np.maximum(blocks.reshape(-1), squares.max() * 1e-3)
