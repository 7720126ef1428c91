"""The parts that a kind of model consists of, and the types of a network as the rest of samplegen uses it.

This file imports no Keras: a row of `samplegen.models.registry.KINDS` loads it once the kind is used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from samplegen.errors import ModelError

if TYPE_CHECKING:  # NumPy, too, comes with a kind that is used
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
    """Return the network itself: it is its own generator."""
    return network


@dataclass(frozen=True)
class Architecture:
    """The functions of an architecture file.

    Args:
        config: its frozen configuration.
        network: builds what a trained model consists of, from a configuration.
        generator: returns the part of a network that draws, for a kind that draws from latents.
        discriminator: builds what a generator learns against, if it does.
    """

    config: type
    network: Callable[[Config], Network]
    generator: Callable[[Network], Generator] = whole
    discriminator: Callable[[Config], Network] | None = None


@dataclass(frozen=True)
class Codes:
    """The functions of a kind whose sounds have codes `(n, d)`, between which every point is a sound.

    Args:
        mapper: returns the network from `[latents, roles]` to codes.
        decoder: returns the network from codes to spectrograms.
        inversion_encoder: returns the network from spectrograms to codes.
        encoder_is_trained: whether the inversion encoder is a network of its own, trained once the model is.
        average: returns means of codes of real sounds, where the network keeps some.
    """

    mapper: Callable[[Network], Network]
    decoder: Callable[[Network], Network]
    inversion_encoder: Callable[[Network, Config], Network]
    encoder_is_trained: bool
    average: "Callable[[Network, Rows, int, np.random.Generator], Rows] | None" = None


@dataclass(frozen=True)
class Kind:
    """A row of the registry: the facts that need no Keras, and the functions that load the rest.

    Args:
        about: completes "a model of this kind ..." in the help.
        architecture: imports and returns the architecture.
        method: a key of `samplegen.training.methods.METHODS`; "" where `conversion` or `grooves` trains it.
        sampling: a key of `samplegen.generation.options.OPTIONS`, for a kind that draws sounds.
        spectrogram: settings of its spectrograms that are not the default.
        codes: imports and returns what knows its codes, if it has them.
        blending: a key of `samplegen.generation.blending.CODES`: how two codes are mixed by default.
    """

    about: str
    architecture: Callable[[], Architecture]
    method: str = ""
    sampling: str = ""
    spectrogram: Mapping[str, Any] = field(default_factory=dict)
    codes: Callable[[], Codes] | None = None
    blending: str = "slerp"

    @property
    def config(self) -> type:
        """The frozen configuration of the kind."""
        return self.architecture().config

    def network(self, config: Config) -> Network:
        """Build an untrained network."""
        return self.architecture().network(config)

    def discriminator(self, config: Config) -> Network:
        """Build the network that a generator of this kind learns against."""
        build = self.architecture().discriminator
        if not build:
            raise ModelError(f"a model that {self.about} has no discriminator to learn against")
        return build(config)

    def generator(self, network: Network) -> Generator:
        """Return the part of a network that draws from latents and roles."""
        return self.architecture().generator(network)
