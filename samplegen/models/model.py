"""A trained model: its folder and card, and the parts that are read from disk once they are used.

An untrusted model runs nothing of its author's: the network is built from a configuration that has been checked,
and the arrays must have exactly the shapes that it needs.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from samplegen import arrays
from samplegen.arrays import Rows, reading_untrusted
from samplegen.errors import ModelError
from samplegen.files import sha256
from samplegen.models.architecture import Codes, Config, Generator, Network
from samplegen.models.card import Card
from samplegen.models.registry import KINDS, Kind

WEIGHTS, FINGERPRINTS = "weights.npz", "fingerprints.npz"
ENCODER = "guesser.npz"  # of codes; its name since the first version
DIRECTIONS = "knobs.npz"  # once "directions.npz", of other descriptors
_MAX_FINGERPRINT_BYTES = 1 << 28


@dataclass(frozen=True)
class Fingerprints:
    """The sounds that a model was trained on: names, and descriptors `(n, d)` to find copies by."""

    names: tuple[str, ...]
    descriptors: Rows


@dataclass(frozen=True)
class Model:
    """A trained model. Its networks and fingerprints are loaded at first use, and raise `ModelError` if damaged."""

    folder: Path
    card: Card
    config: Config

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def kind(self) -> Kind:
        """The row of the registry."""
        return KINDS[self.card.kind]

    @cached_property
    def network(self) -> Network:
        """The network with its weights."""
        path = self.folder / WEIGHTS
        with reading_untrusted(path):
            same = sha256(path) == self.card.weights
        if not same:
            raise ModelError(f"{path} is not the file that its card describes; get the model anew")
        network = self.kind.network(self.config)
        load_weights(network, path)
        return network

    @cached_property
    def generator(self) -> Generator:
        """The part of the network from latents and roles to spectrograms, for a kind that draws from latents."""
        return self.kind.generator(self.network)

    @cached_property
    def code_mapper(self) -> Network:
        """The network from latents and roles to codes, for a kind that has codes; else `ModelError`."""
        return self._codes.mapper(self.network)

    @cached_property
    def decoder(self) -> Network:
        """The network from codes to spectrograms, likewise."""
        return self._codes.decoder(self.network)

    @cached_property
    def encoder(self) -> Network | None:
        """The network from spectrograms to codes, for a kind that has codes; None where none was trained."""
        kind, path = self.kind, self.folder / ENCODER
        if not kind.mix or (kind.inverted and not path.is_file()):
            return None
        encoder = kind.codes.encoder(self.network, self.config)
        if kind.inverted:
            load_weights(encoder, path)
        return encoder

    def average_codes(self, roles: Rows, count: int, rng: np.random.Generator) -> Rows:
        """Return means of the codes of `count` real sounds each, for role vectors `(n, 16)`."""
        average = self._codes.average
        if not average:
            raise ModelError(f"{self.folder} is a model of kind {self.card.kind}, which keeps no codes of real sounds")
        return average(self.network, roles, count, rng)

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """The sounds that the model was trained on."""
        return read_fingerprints(self.folder / FINGERPRINTS)

    @property
    def _codes(self) -> Codes:
        if self.kind.mix:
            return self.kind.codes
        able = ", ".join(name for name, row in KINDS.items() if row.mix)
        reason = f"{self.folder} is a model of kind {self.card.kind}, between whose sounds there is nothing"
        raise ModelError(f"{reason}; use one of {able}")


def load_weights(network: Network, path: Path) -> None:
    """Read a file of weights into a network. Raises `ModelError` where they do not fit."""
    network.set_weights(arrays.read(path, [tuple(weight.shape) for weight in network.weights]))


def read_fingerprints(path: Path) -> Fingerprints:
    """Return the fingerprints in a file. Raises `ModelError` where it holds anything else."""
    names, rows = arrays.read_named(path, ("names", "descriptors"), largest=_MAX_FINGERPRINT_BYTES)
    with reading_untrusted(path):
        paired = rows.ndim == 2 and names.shape == rows.shape[:1]
        if (names.dtype.kind, rows.dtype.kind) != ("U", "f") or not paired or not rows.size:
            raise ModelError("it does not hold one row of numbers for each name")
        if not np.isfinite(rows := rows.astype(np.float32)).all():
            raise ModelError("it holds what is no number")
        return Fingerprints(tuple(map(str, names)), rows)


def write_fingerprints(path: Path, fingerprints: Fingerprints) -> None:
    """Write fingerprints to a file."""
    names = [name.encode("utf-8", "replace").decode() for name in fingerprints.names]
    np.savez_compressed(path, names=np.array(names), descriptors=fingerprints.descriptors.astype(np.float16))
