"""Sound <-> map: the small picture of fixed size that the networks see and draw.

A map is `(steps, bands, 2)` float32 in 0..1. Its cells tile the spectrogram: one frame and one bin
each at the attack and in the bass, wider and wider toward the tail and the treble, so that few of
them hold a second and a half with an attack of 3 ms. With the spacing "even" all cells are as long,
for networks that go from step to step, and sounds of any length. Channel `LEVEL` is a cell's mean power, from
`floor_db` to 0 dB under the loudest cell. Channel `GRAIN` is how much the power varies inside the
cell, 0 for a tone and 1 for noise: a mean alone would come back as a smooth, synthetic tail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from samplegen.audio import parallel
from samplegen.errors import ModelError
from samplegen.features import tiling as features_tiling
from samplegen.features.phase import Magnitudes
from samplegen.features.stft import Signal, Spans, StftConfig, analyse, reconstruct, transform_spans
from samplegen.features.tiling import Cells, Edges
from samplegen.settings import check_fields, limits

Spectrogram = NDArray[np.float32]

WIDENING, EVEN = "widening", "even"
LEVEL, NOISINESS = 0, 1
CHANNELS = 2
GRIFFIN_LIM_ITERATIONS = 3  # of Griffin-Lim: ten instead bring a drawn map no nearer, and cost half as much again
MAX_STEP_FRAMES = 1 << 23  # steps times frames: bounds the work that a stranger's card can ask for
_DECIBELS = 10 / np.log(10)  # in one neper of power
_SILENT = -110.0  # dB, of the loudest cell: far under what the quietest one-shot of a file reaches
_UNVARIED = 0.1  # dB: where noise spreads less, the cell is too small to tell it from a tone
_ROWS = 512  # frames that are transformed together: 1 MB of them, small enough to be handed out again by malloc
_CALIBRATION = 8  # stretches of white noise that the grain is measured against


@dataclass(frozen=True)
class SpectrogramConfig:
    """Everything that decides a map: the transform, the cells, the length in seconds and the range in dB."""

    stft: StftConfig = field(default_factory=StftConfig)
    steps: int = field(default=64, metadata=limits(16, 4096))
    bands: int = field(default=64, metadata=limits(16, 256))
    seconds: float = field(default=1.5, metadata=limits(0.25, 10.0))
    floor_db: float = field(default=-80.0, metadata=limits(-120.0, -40.0))
    spacing: str = WIDENING  # of the cells in time: a key of `samplegen.features.tiling.SPACINGS`

    def __post_init__(self) -> None:
        check_fields(self)
        if self.spacing not in features_tiling.SPACINGS:
            raise ModelError(
                f"there is no spacing {self.spacing!r:.40}; there are {', '.join(features_tiling.SPACINGS)}"
            )
        if self.steps > self.stft.frames(self.samples) or self.bands > self.stft.bins:
            raise ModelError(f"{self.steps} x {self.bands} cells are more than the spectrogram has")
        if self.steps * self.stft.frames(self.samples) > MAX_STEP_FRAMES:
            raise ModelError(f"{self.steps} steps are too many for {self.seconds:g} seconds")

    @property
    def samples(self) -> int:
        """Samples of the longest sound that a map holds."""
        return round(self.seconds * self.stft.rate)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a map."""
        return self.steps, self.bands, CHANNELS

    def lasting(self, steps: int) -> "SpectrogramConfig":
        """The configuration of maps of as many of these steps; another number only where they are evenly spaced."""
        return self if steps == self.steps else replace(self, steps=steps, seconds=self.seconds * steps / self.steps)


def encode(samples: Signal, config: SpectrogramConfig) -> Spectrogram:
    """Map of a waveform `(n,)` at `config.stft.rate` with its attack at sample 0; what is too long is left out."""
    (picture,) = next(encode_all(samples, np.array([[0, len(samples)]]), config))
    return picture


def encode_all(samples: Signal, spans: Spans, config: SpectrogramConfig) -> Iterator[Spectrogram]:
    """`encode` of several stretches `(n, 2)` of the samples: all their maps in batches `(some, *config.shape)`.

    Much of the work on short sounds would be getting to it; together they need few calls, and those are long
    enough for threads to let each other work. A batch holds some `_ROWS` frames, or one sound that has more.
    """
    spans = np.stack((spans[:, 0], np.minimum(spans[:, 1], spans[:, 0] + config.samples)), axis=1)
    rows = np.cumsum((spans[:, 1] - spans[:, 0]) // config.stft.hop + 2)
    for some in filter(len, np.split(spans, np.flatnonzero(np.diff(rows // _ROWS)) + 1)):
        pictures = np.zeros((len(some), *config.shape), np.float32)
        _draw(pictures, _cells(samples, some, config), _noise_spread(config), config.floor_db)
        yield pictures


def decode(
    pictures: Iterable[Spectrogram],
    config: SpectrogramConfig,
    *,
    seed: int = 0,
    iterations: int = GRIFFIN_LIM_ITERATIONS,
) -> list[Signal]:
    """Waveforms of maps, each `(n,)` with the loudest cell at full level and no longer than it sounds.

    The same maps and seed give the same samples; the seed draws the noise inside the grainy cells.
    """

    def one(numbered: tuple[int, Spectrogram]) -> Signal:
        number, picture = numbered
        magnitudes = _magnitudes(picture, config, np.random.default_rng((seed, number)))
        samples = min(config.samples, max(len(magnitudes) - 1, 1) * config.stft.hop)
        return reconstruct(magnitudes, config.stft, samples, iterations=iterations, seed=seed)

    return parallel.map(one, enumerate(pictures))


def conversion_matrices(source: SpectrogramConfig, target: SpectrogramConfig) -> tuple[Spectrogram, Spectrogram]:
    """Matrices that turn maps of one configuration into those of another: `steps @ map @ bands`.

    `(target.steps, source.steps)` and `(source.bands, target.bands)`: each cell takes the mean of what
    the source's cells say over its own time and frequencies, and nothing where they do not reach.
    """
    one, other = _tiling(source), _tiling(target)
    hop, other_hop = (config.stft.hop / config.stft.rate for config in (source, target))
    width, other_width = (config.stft.rate / config.stft.n_fft for config in (source, target))
    return _refit(one.time * hop, other.time * other_hop), _refit(one.band * width, other.band * other_width).T


def _refit(source: NDArray[Any], target: NDArray[Any]) -> Spectrogram:
    """Matrix `(target cells, source cells)`: the share of each target cell that each source cell covers."""
    begins, ends = np.maximum(source[:-1], target[:-1, None]), np.minimum(source[1:], target[1:, None])
    return (np.maximum(ends - begins, 0) / np.diff(target)[:, None]).astype(np.float32)


def _cells(samples: Signal, spans: Spans, config: SpectrogramConfig) -> tuple[Cells, Cells, Edges]:
    """Of each sound's cells: mean power in dB, how far the mean of decibels lies under it, and how many steps it has.

    `(n, steps, bands)`, the same, and `(n,)`.
    """
    tiling = _tiling(config)
    spectrum, borders = transform_spans(samples, spans, config.stft, tiling.seen)
    mean, logarithm = features_tiling.pool(spectrum, borders, tiling.time_seen, tiling.band)
    level = 10 * np.log10(mean)
    used = np.searchsorted(tiling.time_seen, np.diff(borders))
    return level, level - _DECIBELS * logarithm, np.minimum(used, config.steps)


@numba.njit(cache=True, nogil=True)
def _draw(pictures: Spectrogram, cells: tuple[Cells, Cells, Edges], noise: Cells, floor_db: float) -> None:
    """Fill empty maps, but for what is silent, from cells in dB, and the spread of each against that of noise."""
    level, spread, used = cells
    for sound in range(len(pictures)):
        loudest = level[sound, : used[sound]].max()
        if loudest <= _SILENT:
            continue
        for i in range(used[sound]):
            for j in range(level.shape[2]):
                height = 1 - (level[sound, i, j] - loudest) / floor_db
                if height > 0:
                    pictures[sound, i, j, LEVEL] = height
                    if noise[i, j] > _UNVARIED:
                        share = min(max(spread[sound, i, j] / noise[i, j], 0.0), 1.0)
                        pictures[sound, i, j, NOISINESS] = np.sqrt(share)


def _magnitudes(picture: Spectrogram, config: SpectrogramConfig, rng: np.random.Generator) -> Magnitudes:
    """Linear magnitudes `(frames, bins)` of a map: smooth between the cells' centres, grainy inside them."""
    tiling = _tiling(config)
    sounding = np.flatnonzero(picture[:, :, LEVEL].any(axis=1))
    used = int(sounding[-1]) + 1 if len(sounding) else 1
    frames = tiling.time[used]
    level, grain = (
        features_tiling.interpolate(picture[:, :, c], tiling.frames[:frames], tiling.bins) for c in (LEVEL, NOISINESS)
    )
    floor = np.float32(10 ** (config.floor_db / 20))
    linear = np.maximum(np.exp((1 - level) * np.log(floor)) - floor, 0)  # a floor left in would be heard as a hiss
    noise = analyse(rng.standard_normal((frames - 1) * config.stft.hop, np.float32), config.stft)
    return linear * features_tiling.shape_noise(noise, np.clip(grain, 0, 1), tiling.time[: used + 1], tiling.band)


def _tiling(config: SpectrogramConfig) -> features_tiling.Tiling:
    return features_tiling.make_tiling(
        config.stft.frames(config.samples), config.stft.bins, config.steps, config.bands, config.spacing
    )


@cache
def _noise_spread(config: SpectrogramConfig) -> Cells:
    """How far white noise's mean of decibels lies under the decibels of its mean, `(steps, bands)`."""
    rng = np.random.default_rng(0)
    noises = (rng.standard_normal(config.samples).astype(np.float32) for _ in range(_CALIBRATION))
    whole = np.array([[0, config.samples]])
    spread: Cells = np.mean([_cells(noise, whole, config)[1][0] for noise in noises], axis=0)
    return spread
