"""Augmentation of spectrograms inside the training step, so that 200 sounds are enough to learn from.

Every function takes and gives spectrograms `(b, steps, bands, 2)` and draws one change for each sound from
`seed`, a `keras.random.SeedGenerator`. Differentiable, so that a discriminator can see generated
sounds through the same changes as real ones (DiffAugment, Zhao et al. 2020).
"""

from typing import Any

from keras import ops, random

Tensor = Any
Seed = Any  # a keras.random.SeedGenerator

MAX_BAND_SHIFT = 2  # cells up or down: about a tone in the treble, 80 Hz in the bass
MAX_LEVEL = 0.08  # share of the whole range, everywhere
MAX_DECAY = 0.25  # ... at the end of time
MAX_TILT = 0.12  # ... between the outer bands
HOLE_SHARE = 0.25  # of either side
_FADE_IN = 8.0  # changes of level leave silence silent: they grow to full size over the lowest eighth of the range


def augment(spectrograms: Tensor, seed: Seed, share: float) -> Tensor:
    """Make each change for `share` of the sounds: pitch, level with decay and tilt, and a hole."""
    spectrograms = shift_bands(spectrograms, seed, share)
    spectrograms = bend_levels(spectrograms, seed, share)
    return cut_hole(spectrograms, seed, share)


def shift_bands(spectrograms: Tensor, seed: Seed, share: float) -> Tensor:
    """Move the spectrogram up or down by up to `MAX_BAND_SHIFT` bands, silence coming in."""
    count, bands = ops.shape(spectrograms)[0], spectrograms.shape[2]
    move = ops.round(random.uniform((count, 1), -MAX_BAND_SHIFT - 0.5, MAX_BAND_SHIFT + 0.5, seed=seed))
    move = move * _some((count, 1), seed, share)
    source = ops.arange(bands, dtype="float32")[None] - move
    inside = ops.cast((source >= 0) & (source < bands), spectrograms.dtype)[:, None, :, None]
    index = ops.cast(ops.clip(source, 0, bands - 1), "int32")[:, None, :, None]
    return ops.take_along_axis(spectrograms, ops.broadcast_to(index, ops.shape(spectrograms)), axis=2) * inside


def bend_levels(spectrograms: Tensor, seed: Seed, share: float) -> Tensor:
    """Make sounds louder or quieter, longer or shorter, brighter or darker."""
    count, (steps, bands) = ops.shape(spectrograms)[0], spectrograms.shape[1:3]
    time, band = ops.linspace(0.0, 1.0, steps)[None, :, None], ops.linspace(-0.5, 0.5, bands)[None, None]
    bend = sum(
        ramp * _some((count, 1, 1), seed, share) * random.uniform((count, 1, 1), -most, most, seed=seed)
        for ramp, most in ((1.0, MAX_LEVEL), (time, MAX_DECAY), (band, MAX_TILT))
    )
    level = spectrograms[..., 0]
    return ops.stack([level + bend * ops.minimum(level * _FADE_IN, 1.0), spectrograms[..., 1]], axis=-1)


def cut_hole(spectrograms: Tensor, seed: Seed, share: float) -> Tensor:
    """Silence one rectangle of cells (cutout, DeVries & Taylor 2017)."""
    count = ops.shape(spectrograms)[0]
    inside = _some((count, 1, 1, 1), seed, share)
    for axis in (1, 2):
        place = ops.reshape(
            ops.linspace(0.0, 1.0, spectrograms.shape[axis]), [-1 if a == axis else 1 for a in range(4)]
        )
        centre = random.uniform((count, 1, 1, 1), seed=seed)
        inside = inside * ops.cast(ops.abs(place - centre) < HOLE_SHARE / 2, "float32")
    return spectrograms * (1.0 - inside)


def _some(shape: tuple[Any, ...], seed: Seed, share: float) -> Tensor:
    """Return 1 for about `share` of the entries, else 0."""
    return ops.cast(random.uniform(shape, seed=seed) < share, "float32")
