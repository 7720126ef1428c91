"""How an autoencoder learns: from sounds that are changed a little, through codes that are blurred a little.

The blur makes neighbours in the space of codes sound alike, so that codes can be drawn and mixed
(Poole et al., "Analyzing noise in autoencoders and deep networks", 2014). Sounds come with opposite changes of
themselves (`samplegen.opposites`), and the mean of the codes of these has to bring back the sound: so what lies halfway
between two codes is taught, too.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops, random

from samplegen.features.spectrogram import GRAIN, LEVEL
from samplegen.models import autoencoder, blocks
from samplegen.nets import augment, averaging

Tensor = Any

AUGMENTED = 0.5  # share of sounds that each change touches
BLUR = 0.1  # standard deviation added to codes
TIGHT = 0.003  # weight of the codes' squares: without it codes grow until nothing is blurred
GRAINY = 0.15  # weight of the grain beside the level
_TINY = 1e-6  # under the root, which has no slope at 0
LEARNING_RATE = 2e-3


class Reconstructing(averaging.Averaged):
    """An autoencoder and its average.

    A batch is maps `(b, steps, bands, 2)`, roles `(b, 16)`, not looked at, maps of these sounds changed, and of them
    changed the other way.

    Args:
        build: makes a fresh one.
        augmented: share of sounds that each change touches; 0 where the sounds are all alike and the changes not of
            their kind, for which a small code has no room.
        blur: standard deviation added to codes.
        seed: of everything random in a step.
    """

    def __init__(
        self,
        build: Callable[[], keras.Model],
        *,
        augmented: float = AUGMENTED,
        blur: float = BLUR,
        seed: int = 0,
    ) -> None:
        super().__init__(build, _optimizer(), seed=seed)
        self.augmented, self.blur = augmented, blur
        self.encoder, self.decoder = (self.net.get_layer(name) for name in (autoencoder.ENCODER, autoencoder.DECODER))

    def train_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        """One step; how far sounds come back from what they were, and how large codes are."""
        sounds, _, *changed = batch
        maps = augment.shift_bands(sounds, self.random, self.augmented)
        maps = ops.clip(augment.bend_levels(maps, self.random, self.augmented), 0.0, 1.0)
        with tf.GradientTape() as tape:
            code = _with_middles(self.encoder(ops.concatenate([maps, *changed]), training=True))
            again = self.decoder(code + self.blur * random.normal(ops.shape(code), seed=self.random), training=True)
            error = _error(ops.concatenate([maps, *changed, sounds]), again)
            size = ops.mean(ops.square(code))
            loss = error + TIGHT * size
        self.descend(tape, loss)
        return {"error": error, "size": size}


def _optimizer() -> keras.optimizers.Optimizer:
    """Muon inside the network, Adam at its edges.

    Steps that move a layer in all its directions alike learn the fine detail of maps in a fraction of Adam's steps
    (Jordan et al. 2024; for networks that paint from places, McGinnis et al. 2025, arXiv 2512.14366).
    """
    edges = [blocks.Edge.__name__.lower()]
    return keras.optimizers.Muon(
        LEARNING_RATE, clipnorm=1.0, weight_decay=None, adam_weight_decay=None, exclude_layers=edges
    )


def _with_middles(code: Tensor) -> Tensor:
    """Codes of sounds, changed ones and the opposite ones, and behind them what lies halfway between the opposites."""
    _, one, other = ops.split(code, 3)
    return ops.concatenate([code, (one + other) / 2])


def _error(maps: Tensor, again: Tensor) -> Tensor:
    """Mean over sounds of the root mean square difference of levels, and of the grain's where there is a level.

    The root for each sound, or the few that are far off would be all that is learned from; the square in it, since a
    mean of plain differences leaves edges of sounds, which are few cells, to the last.
    """
    apart = maps - again
    levels = ops.sqrt(ops.mean(ops.square(apart[..., LEVEL]), axis=(1, 2)) + _TINY)
    return ops.mean(levels) + GRAINY * ops.mean(ops.abs(apart[..., GRAIN]) * maps[..., LEVEL])
