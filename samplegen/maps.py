"""Sound <-> map: the small picture of fixed size that the convolutional networks see and draw.

A map is `(steps, bands, 2)` float32 in 0..1. Its cells tile the spectrogram: one frame and one bin
each at the attack and in the bass, wider and wider toward the tail and the treble, so that few of
them hold a second and a half with an attack of 3 ms. Channel `LEVEL` is a cell's mean power, from
`floor_db` to 0 dB under the loudest cell. Channel `GRAIN` is how much the power varies inside the
cell, 0 for a tone and 1 for noise: a mean alone would come back as a smooth, synthetic tail.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samplegen import spectral
from samplegen.errors import ModelError
from samplegen.phase import Magnitudes
from samplegen.settings import check, limits
from samplegen.spectral import Signal, Stft

Map = NDArray[np.float32]
Edges = NDArray[np.intp]

LEVEL, GRAIN = 0, 1
CHANNELS = 2
ITERATIONS = 3  # of Griffin-Lim: ten instead bring a drawn map no nearer, and cost half as much again
_TINY = 1e-12  # power: keeps logarithms finite, far under any floor
_SILENT = -110.0  # dB, of the loudest cell: far under what the quietest one-shot of a file reaches
_CALIBRATION = 8  # stretches of white noise that the grain is measured against


@dataclass(frozen=True)
class MapConfig:
    """Everything that decides a map: the transform, the cells, the length in seconds and the range in dB."""

    stft: Stft = field(default_factory=Stft)
    steps: int = field(default=64, metadata=limits(16, 256))
    bands: int = field(default=64, metadata=limits(16, 256))
    seconds: float = field(default=1.5, metadata=limits(0.25, 10.0))
    floor_db: float = field(default=-80.0, metadata=limits(-120.0, -40.0))

    def __post_init__(self) -> None:
        check(self)
        if self.steps > self.stft.frames(self.samples) or self.bands > self.stft.bins:
            raise ModelError(f"{self.steps} x {self.bands} cells are more than the spectrogram has")

    @property
    def samples(self) -> int:
        """Samples of the longest sound that a map holds."""
        return round(self.seconds * self.stft.rate)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a map."""
        return self.steps, self.bands, CHANNELS


class _Tiles(NamedTuple):
    """The tiling of one configuration: cell edges in frames and bins, and the way back from cell centres."""

    time: Edges  # (steps + 1,)
    band: Edges  # (bands + 1,)
    to_frames: Map  # (frames, steps)
    to_bins: Map  # (bands, bins)


def encode(samples: Signal, config: MapConfig) -> Map:
    """Map of a waveform `(n,)` at `config.stft.rate` with its attack at sample 0; what is too long is left out."""
    picture = np.zeros(config.shape, np.float32)
    power, tiles = _power(samples, config)
    mean = _decibels(_pool(power, tiles))
    level = np.clip(1 - (mean - mean.max()) / config.floor_db, 0, 1) * (mean.max() > _SILENT)
    spread = mean - _pool(_decibels(power), tiles)
    noise = _noise_spread(config)[: len(spread)]
    grain = np.sqrt(np.clip(spread / np.maximum(noise, 0.1), 0, 1)) * (noise > 0.1) * (level > 0)
    picture[: len(level), :, LEVEL] = level
    picture[: len(level), :, GRAIN] = grain
    return picture


def decode(pictures: Iterable[Map], config: MapConfig, *, seed: int = 0, iterations: int = ITERATIONS) -> list[Signal]:
    """Waveforms of maps, each `(n,)` with the loudest cell at full level and no longer than it sounds.

    The same maps and seed give the same samples; the seed draws the noise inside the grainy cells.
    """

    def one(numbered: tuple[int, Map]) -> Signal:
        number, picture = numbered
        magnitudes = _magnitudes(picture, config, np.random.default_rng((seed, number)))
        samples = min(config.samples, max(len(magnitudes) - 1, 1) * config.stft.hop)
        return spectral.invert(magnitudes, config.stft, samples, iterations=iterations, seed=seed)

    return spectral.spread(one, enumerate(pictures))


def conversion(source: MapConfig, target: MapConfig) -> tuple[Map, Map]:
    """Matrices that turn maps of one configuration into those of another: `steps @ map @ bands`.

    `(target.steps, source.steps)` and `(source.bands, target.bands)`: each cell takes the mean of what
    the source's cells say over its own time and frequencies, and nothing where they do not reach.
    """
    one, other = _tiles(source), _tiles(target)
    hop, other_hop = (config.stft.hop / config.stft.rate for config in (source, target))
    width, other_width = (config.stft.rate / config.stft.n_fft for config in (source, target))
    return _refit(one.time * hop, other.time * other_hop), _refit(one.band * width, other.band * other_width).T


def _refit(source: NDArray[Any], target: NDArray[Any]) -> Map:
    """Matrix `(target cells, source cells)`: the share of each target cell that each source cell covers."""
    begins, ends = np.maximum(source[:-1], target[:-1, None]), np.minimum(source[1:], target[1:, None])
    return (np.maximum(ends - begins, 0) / np.diff(target)[:, None]).astype(np.float32)


def _power(samples: Signal, config: MapConfig) -> tuple[Magnitudes, _Tiles]:
    """Power `(frames, bins)` of a sound, and the tiles that it reaches into."""
    spectrum = spectral.analyse(samples[: config.samples], config.stft)
    tiles = _tiles(config)
    used = min(int(np.searchsorted(tiles.time, len(spectrum))), config.steps)
    tiles = tiles._replace(time=tiles.time[: used + 1])
    power = np.zeros((tiles.time[-1], config.stft.bins), np.float32)
    spectrum = spectrum[: len(power)]
    power[: len(spectrum)] = spectrum.real**2 + spectrum.imag**2
    return power, tiles


def _magnitudes(picture: Map, config: MapConfig, rng: np.random.Generator) -> Magnitudes:
    """Linear magnitudes `(frames, bins)` of a map: smooth between the cells' centres, grainy inside them."""
    tiles = _tiles(config)
    sounding = np.flatnonzero(picture[:, :, LEVEL].any(axis=1))
    used = int(sounding[-1]) + 1 if len(sounding) else 1
    frames = tiles.time[used]
    level, grain = (tiles.to_frames[:frames] @ picture[:, :, channel] @ tiles.to_bins for channel in (LEVEL, GRAIN))
    floor = np.float32(10 ** (config.floor_db / 20))
    linear = np.maximum(floor ** (1 - level) - floor, 0)  # a floor left in would be heard as a hiss
    return linear * _texture(np.clip(grain, 0, 1), config, rng)


def _texture(grain: Map, config: MapConfig, rng: np.random.Generator) -> Magnitudes:
    """What white noise multiplies magnitudes by, to the power of `grain`; its mean power in every cell is 1."""
    noise = rng.standard_normal(len(grain) * config.stft.hop).astype(np.float32)
    power, tiles = _power(noise, config)
    power /= _repeat(_pool(power, tiles), tiles)  # what varies from cell to cell is the level's to say
    power = (np.maximum(power, _TINY)[: len(grain)]) ** grain
    padded = np.ones((tiles.time[-1], config.stft.bins), np.float32)
    padded[: len(power)] = power
    return np.sqrt(padded / _repeat(_pool(padded, tiles), tiles))[: len(grain)]


def _pool(values: Magnitudes, tiles: _Tiles) -> Map:
    """Mean of `(frames, bins)` over each cell."""
    sums = np.add.reduceat(np.add.reduceat(values, tiles.time[:-1], axis=0), tiles.band[:-1], axis=1)
    sizes = np.outer(np.diff(tiles.time), np.diff(tiles.band)).astype(np.float32)
    return (sums / sizes).astype(np.float32, copy=False)


def _repeat(cells: Map, tiles: _Tiles) -> Magnitudes:
    return np.repeat(np.repeat(cells, np.diff(tiles.time), axis=0), np.diff(tiles.band), axis=1)


def _decibels(power: Magnitudes) -> Magnitudes:
    return 10 * np.log10(power + np.float32(_TINY))


@cache
def _tiles(config: MapConfig) -> _Tiles:
    time = _edges(config.stft.frames(config.samples), config.steps)
    band = _edges(config.stft.bins, config.bands)
    return _Tiles(time, band, _between(time), _between(band).T)


@cache
def _noise_spread(config: MapConfig) -> Map:
    """How far white noise's mean of decibels lies under the decibels of its mean, `(steps, bands)`."""
    rng = np.random.default_rng(0)
    total = np.zeros(config.shape[:2], np.float32)
    for _ in range(_CALIBRATION):
        power, tiles = _power(rng.standard_normal(config.samples).astype(np.float32), config)
        total[: len(tiles.time) - 1] += _decibels(_pool(power, tiles)) - _pool(_decibels(power), tiles)
    total /= _CALIBRATION
    return total


def _edges(fine: int, cells: int) -> Edges:
    """Borders `(cells + 1,)` of cells over 0..fine, each wider than the last by one ratio, the first 1 wide."""
    low, high = 1.0, 2.0
    for _ in range(60):  # bisection for the ratio whose geometric series adds up to `fine`
        ratio = (low + high) / 2
        low, high = (ratio, high) if np.sum(ratio ** np.arange(cells)) < fine else (low, ratio)
    return np.rint(np.concatenate([[0], np.cumsum(low ** np.arange(cells))])).astype(np.intp)


def _between(edges: Edges) -> Map:
    """Matrix `(edges[-1], cells)` that interpolates linearly between the cells' centres."""
    centres = (edges[:-1] + edges[1:] - 1) / 2
    fine = np.arange(edges[-1])
    return np.stack([np.interp(fine, centres, cell) for cell in np.eye(len(centres))], axis=1).astype(np.float32)
