"""The parts of a kind of network: its configuration, and the functions that build Keras networks from it.

This file imports neither Keras nor NumPy, so that the registry of kinds does not either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

Config = Any  # the frozen dataclass of a kind, checked by `samplegen.settings`


class Generator(Protocol):
    """A network that draws: spectrograms `(n, steps, bands, 2)` from latents `(n, latent)` and roles `(n, 16)`."""

    def predict(self, x: "list[Rows]", batch_size: int = 32, verbose: int = 0) -> "Rows":
        """Return a spectrogram for each latent and role."""


class Network(Protocol):
    """A Keras model, as far as samplegen uses one."""

    weights: list[Any]
    inputs: list[Any]
    outputs: list[Any]

    def __call__(self, x: Any, *, training: bool = False) -> Any:
        """Return the output tensors for input tensors."""

    def predict(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """Return the output arrays for input arrays, block by block."""

    def get_layer(self, name: str) -> Any:
        """Return a layer, or a network inside, by its name."""

    def get_weights(self) -> list[Any]:
        """Return all weights as arrays."""

    def set_weights(self, weights: Any) -> None:
        """Replace all weights."""


def whole(network: Network) -> Network:
    """Return the network itself: the generator of a kind that is nothing else."""
    return network


@dataclass(frozen=True)
class Codes:
    """Functions of a kind whose sounds have codes `(n, code)`, between which other sounds lie.

    Args:
        mapper: returns the network from `[latents, roles]` to codes.
        decoder: returns the network from codes to spectrograms.
        encoder: returns the network from spectrograms to codes.
        average: returns means `(n, code)` of the codes of `count` training sounds each, for role vectors `(n, 16)`,
            where the network keeps such codes.
    """

    mapper: Callable[[Network], Network]
    decoder: Callable[[Network], Network]
    encoder: Callable[[Network, Config], Network]
    average: "Callable[[Network, Rows, int, np.random.Generator], Rows] | None" = None


@dataclass(frozen=True)
class Architecture:
    """A configuration, and what is built from it.

    Args:
        config: a frozen dataclass.
        network: builds the network that a trained model consists of.
        discriminator: builds the network that a GAN learns against.
        generator: returns the part of a network from latents and roles to spectrograms.
        codes: functions of its codes, for a kind that has codes.
    """

    config: type[Any]
    network: Callable[[Config], Network]
    discriminator: Callable[[Config], Network] | None = None
    generator: Callable[[Network], Generator] = whole
    codes: Codes | None = None
