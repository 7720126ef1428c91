"""Augmentation of maps inside the training step: how 200 sounds are made to teach like more.

Every function takes and gives maps `(b, steps, bands, 2)` and draws one change for each sound from
`seed`, a `keras.random.SeedGenerator`. Differentiable, so that a discriminator can see generated
sounds through the same changes as real ones (DiffAugment, Zhao et al. 2020).
"""

from typing import Any

from keras import ops, random

Tensor = Any
Seed = Any  # a keras.random.SeedGenerator

BAND_SHIFT = 2  # cells up or down: about a tone in the treble, 80 Hz in the bass
LEVEL, DECAY, TILT = 0.08, 0.25, 0.12  # share of the whole range: at all, at the end of time, between the outer bands
HOLE = 0.25  # of either side
_FADE_IN = 8.0  # changes of level leave silence silent: they grow to full size over the lowest eighth of the range


def augment(maps: Tensor, seed: Seed, share: float) -> Tensor:
    """Each change for `share` of the sounds: pitch, level with decay and tilt, and a hole."""
    maps = shift_bands(maps, seed, share)
    maps = bend_levels(maps, seed, share)
    return cut_hole(maps, seed, share)


def shift_bands(maps: Tensor, seed: Seed, share: float) -> Tensor:
    """Move the picture up or down by up to `BAND_SHIFT` bands, silence coming in."""
    count, bands = ops.shape(maps)[0], maps.shape[2]
    move = ops.round(random.uniform((count, 1), -BAND_SHIFT - 0.5, BAND_SHIFT + 0.5, seed=seed))
    move = move * _some((count, 1), seed, share)
    source = ops.arange(bands, dtype="float32")[None] - move
    inside = ops.cast((source >= 0) & (source < bands), maps.dtype)[:, None, :, None]
    index = ops.cast(ops.clip(source, 0, bands - 1), "int32")[:, None, :, None]
    return ops.take_along_axis(maps, ops.broadcast_to(index, ops.shape(maps)), axis=2) * inside


def bend_levels(maps: Tensor, seed: Seed, share: float) -> Tensor:
    """Louder or quieter, longer or shorter, brighter or darker."""
    count, (steps, bands) = ops.shape(maps)[0], maps.shape[1:3]
    time, band = ops.linspace(0.0, 1.0, steps)[None, :, None], ops.linspace(-0.5, 0.5, bands)[None, None]
    bend = sum(
        ramp * _some((count, 1, 1), seed, share) * random.uniform((count, 1, 1), -most, most, seed=seed)
        for ramp, most in ((1.0, LEVEL), (time, DECAY), (band, TILT))
    )
    level = maps[..., 0]
    return ops.stack([level + bend * ops.minimum(level * _FADE_IN, 1.0), maps[..., 1]], axis=-1)


def cut_hole(maps: Tensor, seed: Seed, share: float) -> Tensor:
    """Silence one rectangle of cells (cutout, DeVries & Taylor 2017)."""
    count = ops.shape(maps)[0]
    inside = _some((count, 1, 1, 1), seed, share)
    for axis in (1, 2):
        place = ops.reshape(ops.linspace(0.0, 1.0, maps.shape[axis]), [-1 if a == axis else 1 for a in range(4)])
        centre = random.uniform((count, 1, 1, 1), seed=seed)
        inside = inside * ops.cast(ops.abs(place - centre) < HOLE / 2, "float32")
    return maps * (1.0 - inside)


def _some(shape: tuple[Any, ...], seed: Seed, share: float) -> Tensor:
    """1 for about `share` of the entries, else 0."""
    return ops.cast(random.uniform(shape, seed=seed) < share, "float32")
