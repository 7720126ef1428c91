"""Sound <-> warped log-spectrogram, the small spectrogram of fixed size that the networks see and draw.

A spectrogram is `(steps, bands, channels)` float32 in 0..1. Its cells tile the STFT: one frame and one bin each at the
attack and in the bass, wider and wider toward the tail and the treble, so that few of them hold a second and a half
with an attack of 3 ms. With the spacing "even" all steps are equally long, for networks that go from step to step,
and sounds of any length. Channel `LEVEL` is the mean power of a cell, from `floor_db` to 0 dB under the loudest cell.
Channel `NOISINESS` is how much the power varies inside the cell, 0 for a tone and 1 for noise: a mean alone would come
back as a smooth, synthetic tail. A third channel, `TONALITY`, where there is one, is the same at all steps of a band:
whether what varies inside its cells is noise or partials (`samplegen.features.tonality`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal, Spans
from samplegen.audio import parallel
from samplegen.errors import ModelError
from samplegen.features import tonality
from samplegen.features.phase import Magnitudes, Spectrum
from samplegen.features.stft import StftConfig, analyse, reconstruct, transform_spans
from samplegen.features.tiling import SPACINGS, Cells, Edges, Tiling, interpolate, make_tiling, pool, shape_noise
from samplegen.settings import check_fields, limits

Spectrogram = NDArray[np.float32]

WIDENING, EVEN = "widening", "even"
LEVEL, NOISINESS, TONALITY = 0, 1, 2
CHANNELS = 2  # of the networks that draw spectrograms themselves
GRIFFIN_LIM_ITERATIONS = 3  # ten bring a generated sound no nearer, and cost half as much again
MAX_STEP_FRAMES = 1 << 23  # steps times frames: bounds the work that an untrusted card can demand
_DB_PER_NEPER = 10 / np.log(10)  # of power
_SILENT_DB = -110.0  # level of the loudest cell: far under that of the quietest one-shot of a file
_MIN_NOISE_SPREAD_DB = 0.1  # in a cell where white noise varies less, noise and tone look the same
_BATCH_FRAMES = 512  # transformed together: 1 MB of them, small enough to be handed out again by malloc
_MIN_EXCITED = 0.5  # noisiness from which on phases are those of the noise: partials ring through all frames
_CALIBRATION_NOISES = 8  # stretches of white noise that noisiness is measured against


@dataclass(frozen=True)
class SpectrogramConfig:
    """Settings of a spectrogram: transform, cells, length in seconds and range in dB.

    Raises:
        ModelError: a value out of its limits, or more cells than the STFT has.

    Example:
        >>> from samplegen import SpectrogramConfig
        >>> SpectrogramConfig().shape
        (64, 64, 2)
        >>> SpectrogramConfig(seconds=1.0).samples
        22050
    """

    stft: StftConfig = field(default_factory=StftConfig)
    steps: int = field(default=64, metadata=limits(16, 4096))
    bands: int = field(default=64, metadata=limits(16, 256))
    seconds: float = field(default=1.5, metadata=limits(0.25, 10.0))
    floor_db: float = field(default=-80.0, metadata=limits(-120.0, -40.0))
    spacing: str = WIDENING  # of the cells in time: a key of `tiling.SPACINGS`
    channels: int = field(default=CHANNELS, metadata=limits(CHANNELS, 3))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.spacing not in SPACINGS:
            raise ModelError(f"there is no spacing {self.spacing!r:.40}; there are {', '.join(SPACINGS)}")
        if self.steps > self.stft.frames(self.samples) or self.bands > self.stft.bins:
            raise ModelError(f"{self.steps} x {self.bands} cells are more than the spectrogram has")
        if self.steps * self.stft.frames(self.samples) > MAX_STEP_FRAMES:
            raise ModelError(f"{self.steps} steps are too many for {self.seconds:g} seconds")

    @property
    def samples(self) -> int:
        """Samples of the longest sound that a spectrogram holds."""
        return round(self.seconds * self.stft.rate)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a spectrogram: `(steps, bands, channels)`."""
        return self.steps, self.bands, self.channels

    def with_steps(self, steps: int) -> "SpectrogramConfig":
        """Return the configuration of a spectrogram of another number of steps, equally long; only if "even"."""
        return self if steps == self.steps else replace(self, steps=steps, seconds=self.seconds * steps / self.steps)


def encode(samples: Signal, config: SpectrogramConfig) -> Spectrogram:
    """Encode a waveform `(n,)` at `config.stft.rate`, its attack at sample 0; an end that is too long is cut off."""
    (spectrogram,) = next(encode_all(samples, np.array([[0, len(samples)]]), config))
    return spectrogram


def encode_all(samples: Signal, spans: Spans, config: SpectrogramConfig) -> Iterator[Spectrogram]:
    """Encode several spans `(n, 2)` of the samples, as `encode` does each; yield batches `(some, *config.shape)`.

    Together, short sounds need few compiled calls, which are long enough for threads to let each other work. A batch
    holds about `_BATCH_FRAMES` frames, or one sound that has more.
    """
    spans = np.stack((spans[:, 0], np.minimum(spans[:, 1], spans[:, 0] + config.samples)), axis=1)
    rows = np.cumsum((spans[:, 1] - spans[:, 0]) // config.stft.hop + 2)
    for some in filter(len, np.split(spans, np.flatnonzero(np.diff(rows // _BATCH_FRAMES)) + 1)):
        spectrograms = np.zeros((len(some), *config.shape), np.float32)
        _fill(spectrograms, _cells(samples, some, config), _noise_spread(config), config.floor_db)
        if config.channels > TONALITY:
            for spectrogram, (start, stop) in zip(spectrograms, some, strict=True):
                bands = tonality.measure(samples[start:stop], config.stft.rate, _centres(config))
                spectrogram[..., TONALITY] = bands * (spectrogram[..., LEVEL] > 0)
        yield spectrograms


def decode(
    spectrograms: Iterable[Spectrogram],
    config: SpectrogramConfig,
    *,
    seed: int = 0,
    iterations: int = GRIFFIN_LIM_ITERATIONS,
) -> list[Signal]:
    """Return waveforms `(n,)` of spectrograms, each with its loudest cell at full level, and as long as it sounds.

    The same spectrograms and seed give the same samples; the seed draws the noise inside the noisy cells.
    """

    def decode_one(numbered: tuple[int, Spectrogram]) -> Signal:
        number, spectrogram = numbered
        magnitudes, excitation = _magnitudes(spectrogram, config, np.random.default_rng((seed, number)))
        samples = min(config.samples, max(len(magnitudes) - 1, 1) * config.stft.hop)
        return reconstruct(magnitudes, config.stft, samples, iterations=iterations, seed=seed, excitation=excitation)

    return parallel.map(decode_one, enumerate(spectrograms))


def conversion_matrices(source: SpectrogramConfig, target: SpectrogramConfig) -> tuple[Spectrogram, Spectrogram]:
    """Return the matrices that convert spectrograms of one configuration to another: `steps @ spectrogram @ bands`.

    Their shapes are `(target.steps, source.steps)` and `(source.bands, target.bands)`. Each cell takes the mean of the
    source's cells over its own time and frequencies, and nothing where they do not reach.
    """
    one, other = _tiling(source), _tiling(target)
    hop, other_hop = (config.stft.hop / config.stft.rate for config in (source, target))
    width, other_width = (config.stft.rate / config.stft.n_fft for config in (source, target))
    return _refit(one.time * hop, other.time * other_hop), _refit(one.band * width, other.band * other_width).T


def _refit(source: NDArray[Any], target: NDArray[Any]) -> Spectrogram:
    """Return the share of each target cell that each source cell covers, `(target cells, source cells)`."""
    begins, ends = np.maximum(source[:-1], target[:-1, None]), np.minimum(source[1:], target[1:, None])
    return (np.maximum(ends - begins, 0) / np.diff(target)[:, None]).astype(np.float32)


def _cells(samples: Signal, spans: Spans, config: SpectrogramConfig) -> tuple[Cells, Cells, Edges]:
    """Measure the cells of n sounds.

    Returns:
        Mean power in dB, `(n, steps, bands)`; how far the mean of decibels lies under it, the same shape; and how many
        steps each sound has, `(n,)`.
    """
    tiling = _tiling(config)
    spectrum, borders = transform_spans(samples, spans, config.stft, tiling.measured)
    mean, logarithm = pool(spectrum, borders, tiling.time_measured, tiling.band)
    level = 10 * np.log10(mean)
    used = np.searchsorted(tiling.time_measured, np.diff(borders))
    return level, level - _DB_PER_NEPER * logarithm, np.minimum(used, config.steps)


@numba.njit(cache=True, nogil=True)
def _fill(spectrograms: Spectrogram, cells: tuple[Cells, Cells, Edges], noise: Cells, floor_db: float) -> None:
    """Fill empty spectrograms from cells in dB and their spread against that of white noise; silence stays empty."""
    level, spread, used = cells
    for sound in range(len(spectrograms)):
        loudest = level[sound, : used[sound]].max()
        if loudest <= _SILENT_DB:
            continue
        for i in range(used[sound]):
            for j in range(level.shape[2]):
                height = 1 - (level[sound, i, j] - loudest) / floor_db
                if height > 0:
                    spectrograms[sound, i, j, LEVEL] = height
                    if noise[i, j] > _MIN_NOISE_SPREAD_DB:
                        share = min(max(spread[sound, i, j] / noise[i, j], 0.0), 1.0)
                        spectrograms[sound, i, j, NOISINESS] = np.sqrt(share)


def _magnitudes(
    spectrogram: Spectrogram, config: SpectrogramConfig, rng: np.random.Generator
) -> tuple[Magnitudes, Spectrum | None]:
    """Return linear magnitudes `(frames, bins)` of a spectrogram: smooth between the centres of cells, noisy inside.

    Beside them the noise whose phases are to be kept, 0 where none are; None for a spectrogram without tonality.
    """
    tiling = _tiling(config)
    sounding = np.flatnonzero(spectrogram[:, :, LEVEL].any(axis=1))
    used = int(sounding[-1]) + 1 if len(sounding) else 1
    frames = tiling.time[used]
    level, noisiness = (
        interpolate(spectrogram[:, :, c], tiling.frames[:frames], tiling.bins) for c in (LEVEL, NOISINESS)
    )
    floor = np.float32(10 ** (config.floor_db / 20))
    linear = np.maximum(np.exp((1 - level) * np.log(floor)) - floor, 0)  # a floor left in would hiss
    white = rng.standard_normal((frames - 1) * config.stft.hop, np.float32)
    if config.channels > TONALITY:
        white = tonality.excitation(_mean_tonality(spectrogram), config.stft.rate, _centres(config), white)
    noise = analyse(white, config.stft)
    magnitudes = linear * shape_noise(noise, np.clip(noisiness, 0, 1), tiling.time[: used + 1], tiling.band)
    return magnitudes, noise * (noisiness > _MIN_EXCITED) if config.channels > TONALITY else None


def _mean_tonality(spectrogram: Spectrogram) -> tonality.Bands:
    """Return the tonality of each band `(bands,)`, where it is loud."""
    weight = spectrogram[..., LEVEL]
    return (spectrogram[..., TONALITY] * weight).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-3)


def _tiling(config: SpectrogramConfig) -> Tiling:
    return make_tiling(config.stft.frames(config.samples), config.stft.bins, config.steps, config.bands, config.spacing)


@cache
def _centres(config: SpectrogramConfig) -> NDArray[np.float64]:
    """Return the centres of the bands in Hz, `(bands,)`."""
    edges = _tiling(config).band
    return (edges[:-1] + edges[1:]) / 2 * config.stft.rate / config.stft.n_fft


@cache
def _noise_spread(config: SpectrogramConfig) -> Cells:
    """Return how far the mean of white noise's decibels lies under the decibels of its mean, `(steps, bands)`."""
    rng = np.random.default_rng(0)
    noises = (rng.standard_normal(config.samples).astype(np.float32) for _ in range(_CALIBRATION_NOISES))
    whole = np.array([[0, config.samples]])
    spread: Cells = np.mean([_cells(noise, whole, config)[1][0] for noise in noises], axis=0)
    return spread
