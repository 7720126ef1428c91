"""The parts of a kind of network: its configuration, and the functions that build Keras networks from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

Rows = NDArray[np.float32]


def whole(network: "keras.Model") -> "keras.Model":
    """Return the network itself: the generator of a kind that is nothing else."""
    return network


@dataclass(frozen=True)
class Codes:
    """Functions of a kind whose sounds have codes, between which other sounds lie.

    `mapper(network)` builds the net from `[latent, role]` to codes, `decoder(network)` the one from codes to
    spectrograms, `encoder(network, config)` the one from spectrograms to codes. `average(network, roles, count, rng)`
    returns means of the codes of `count` training sounds each, `(n, code)`, for role vectors `(n, 16)`.
    """

    mapper: Callable[["keras.Model"], "keras.Model"]
    decoder: Callable[["keras.Model"], "keras.Model"]
    encoder: Callable[["keras.Model", Any], "keras.Model"]
    average: Callable[["keras.Model", Rows, int, np.random.Generator], Rows] | None = None


@dataclass(frozen=True)
class Architecture:
    """A configuration, a frozen dataclass, and what is built from it.

    `network(config)` builds the network that a trained model consists of, `discriminator(config)` the one that a
    GAN learns against; `generator(network)` is the part from latents and roles to spectrograms.
    """

    config: type[Any]
    network: Callable[[Any], "keras.Model"]
    discriminator: Callable[[Any], "keras.Model"] | None = None
    generator: Callable[["keras.Model"], "keras.Model"] = whole
    codes: Codes | None = None
