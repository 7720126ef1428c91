"""The kinds of network: one file each, one row each. Importing this loads no Keras; using a row does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of model: where its `Config` and network are, what it is for, and whether it draws maps from latents."""

    module: str
    builder: str
    about: str
    draws: bool = False

    @property
    def config(self) -> type:
        """Its frozen configuration."""
        return import_module(self.module).Config

    @property
    def network(self) -> Callable[[Any], Any]:
        """Function from a configuration to the Keras network that a trained model consists of."""
        return getattr(import_module(self.module), self.builder)


KINDS: Mapping[str, Kind] = {
    "dcgan": Kind("samplegen.nets.dcgan", "generator", "draws one-shots by role", draws=True),
    "hearing": Kind("samplegen.nets.hearing", "network", "tells the role of a sound"),
}
