"""A model's folder: `card.json`, the weights as plain arrays, the training sounds' fingerprints, previews.

Loading a stranger's model runs nothing of theirs: the network is built from a configuration that
has been checked, and the arrays must have exactly the shapes that it asks for.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samplegen import arrays, files, settings
from samplegen.arrays import Array, reading_untrusted
from samplegen.errors import ModelError
from samplegen.files import check_name
from samplegen.models.registry import KINDS, Kind

FORMAT = 1
CARD, WEIGHTS, FINGERPRINTS, GUESSER = "card.json", "weights.npz", "fingerprints.npz", "guesser.npz"
DIRECTIONS = "knobs.npz"  # once "directions.npz", of descriptors that were others
_LARGEST_CARD, _LARGEST_FINGERPRINTS = 4_000_000, 1 << 28  # bytes
SHIPPED = Path(__file__).parents[1] / "starters"  # where the wheel has them ...
_CHECKOUT = Path(__file__).parents[2] / "models"  # ... and where a checkout does

if TYPE_CHECKING:
    Object = dict[str, Any]  # of JSON
else:
    Object = dict  # `settings` asks whether a value is one, which parameters would forbid


@dataclass(frozen=True)
class Card:
    """What there is to know of a model without loading it. `training` and `figures` are for readers."""

    kind: str
    config: Object
    weights: str  # SHA-256 of the weights' file
    format: int = FORMAT
    licence: str = ""
    credits: tuple[str, ...] = ()
    command: str = ""
    training: Object = field(default_factory=dict)
    figures: Object = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """What identifies the model: kind, configuration and weights, 16 hexadecimal digits."""
        text = json.dumps([self.kind, self.config, self.weights], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Fingerprints:
    """The sounds that a model learned from: names, and descriptors `(n, d)` to find copies by."""

    names: tuple[str, ...]
    descriptors: NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """A trained model: its folder and card, and what is read from disk once it is asked for."""

    folder: Path
    card: Card
    config: Any  # the frozen Config of its kind

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @cached_property
    def network(self) -> Any:
        """The Keras network with its weights. Raises `ModelError` where they do not fit."""
        path = self.folder / WEIGHTS
        with reading_untrusted(path):
            same = _sha256(path) == self.card.weights
        if not same:
            raise ModelError(f"{path} is not the file that its card describes; get the model anew")
        network = KINDS[self.card.kind].network(self.config)
        network.set_weights(arrays.read(path, [tuple(w.shape) for w in network.weights]))
        return network

    @cached_property
    def drawer(self) -> Any:
        """The part of the network that goes from latents and roles to maps, for a kind that draws."""
        return KINDS[self.card.kind].drawer(self.network)

    @cached_property
    def coder(self) -> Any:
        """The network from latents and roles to codes, for a kind that has them; else `ModelError`."""
        return self._kind_with_codes.of_codes("coder")(self.network)

    @cached_property
    def painter(self) -> Any:
        """The network from codes to maps, likewise."""
        return self._kind_with_codes.of_codes("painter")(self.network)

    @property
    def _kind_with_codes(self) -> Kind:
        kind = KINDS[self.card.kind]
        if not kind.codes:
            able = ", ".join(name for name, row in KINDS.items() if row.codes)
            what = f"{self.folder} is a model of kind {self.card.kind}, between whose sounds there is nothing"
            raise ModelError(f"{what}; use one of {able}")
        return kind

    @cached_property
    def guesser(self) -> Any:
        """The network from maps to codes, for a kind that has them; None where none was taught."""
        kind, path = KINDS[self.card.kind], self.folder / GUESSER
        if not kind.codes or (kind.guessed and not path.is_file()):
            return None
        network = kind.of_codes("guesser")(self.network, self.config)
        if kind.guessed:
            network.set_weights(arrays.read(path, [tuple(w.shape) for w in network.weights]))
        return network

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """The sounds that the model learned from."""
        path = self.folder / FINGERPRINTS
        names, rows = arrays.read_named(path, ("names", "descriptors"), largest=_LARGEST_FINGERPRINTS)
        with reading_untrusted(path):
            paired = rows.ndim == 2 and names.shape == rows.shape[:1]
            if (names.dtype.kind, rows.dtype.kind) != ("U", "f") or not paired or not rows.size:
                raise ModelError("it does not hold one row of numbers for each name")
            if not np.isfinite(rows := rows.astype(np.float32)).all():
                raise ModelError("it holds what is no number")
            return Fingerprints(tuple(map(str, names)), rows)


def find(name: str | Path, *, folder: Path = Path("models")) -> Path:
    """The folder of a model: a path as it is, else `folder/name`, else the shipped one of that name.

    Raises:
        ModelError: there is none; names those there are.
    """
    path = Path(name)
    bare = len(path.parts) == 1 and not path.is_absolute()
    places = [folder / path, _CHECKOUT / path, SHIPPED / path, path] if bare else [path]
    for place in places:
        if _has_card(place):
            return place
    there = sorted({found.name for found in listed(folder)})
    known = f"{'is' if len(there) == 1 else 'are'} {', '.join(there) or 'none'}"
    raise ModelError(f"there is no model {str(name)!r:.80}; there {known}")


def shipped(name: str) -> Path:
    """The folder of a model that comes with samplegen, whatever the user calls theirs."""
    return next((place / name for place in (_CHECKOUT, SHIPPED) if _has_card(place / name)), SHIPPED / name)


def listed(folder: Path = Path("models")) -> list[Path]:
    """Folders of all models: those in `folder`, then the shipped ones that it does not hold."""
    found: dict[str, Path] = {}
    for place in (folder, _CHECKOUT, SHIPPED):
        for card in sorted(place.glob(f"*/{CARD}")):
            found.setdefault(card.parent.name, card.parent)
    return list(found.values())


def read_card(folder: Path) -> Card:
    """The card of the model in `folder`. Raises `ModelError` where it is missing or not a card."""
    path = folder / CARD
    with reading_untrusted(path, largest=_LARGEST_CARD):
        data = json.loads(path.read_text("utf-8"))
        version = data.get("format", FORMAT) if isinstance(data, dict) else FORMAT
        if version != FORMAT:  # first, as a later format may have other settings
            raise ModelError(f"it has format {version!r:.20}; this version of samplegen reads format {FORMAT}")
        return settings.build(Card, data)


def load(name: str | Path, *, kind: str | None = None) -> Model:
    """The model of that name or path, its card and configuration checked; `kind` is the one needed, if any."""
    return read(find(name), kind=kind)


def read(folder: Path, *, kind: str | None = None) -> Model:
    """As `load`, of a model in this very folder."""
    card = read_card(folder)
    if card.kind not in KINDS:
        raise ModelError(f"{folder} is of the unknown kind {card.kind!r:.40}; known are {', '.join(KINDS)}")
    if kind and card.kind != kind:
        raise ModelError(f"{folder} is a model of kind {card.kind}; this needs one of kind {kind}")
    with reading_untrusted(folder / CARD):
        return Model(folder, card, settings.build(KINDS[card.kind].config, card.config))


def checked(card: Card) -> Card:
    """A card that can be read again once it is written, else `ModelError`."""
    return settings.build(Card, asdict(card))


def save(  # noqa: PLR0913
    folder: Path,
    card: Card,
    weights: Sequence[Array],
    *,
    fingerprints: Fingerprints | None = None,
    guesser: Sequence[Array] | None = None,
    directions: Sequence[Array] | None = None,
    previews: Path | None = None,
    force: bool = False,
) -> Card:
    """Write a model, whole or not at all; the card comes back with the hash of its weights.

    Args:
        folder: its last part is the model's name.
        card: with any hash.
        weights: float32, in the order of the network's own.
        fingerprints: of the sounds that it learned from.
        directions: of its knobs, where it has such.
        guesser: weights of the network that guesses codes, where that is one of its own.
        previews: a folder that is copied.
        force: replace a model of that name.

    Raises:
        OptionError, OutputError: a name that cannot be used, is in use, or no room.
        ModelError: a card that could not be read again.
    """
    check_name(folder.name, "model name")
    checked(card)
    with files.whole_folder(folder, force=force) as part:
        arrays.write(part / WEIGHTS, weights)
        card = Card(**(vars(card) | {"weights": _sha256(part / WEIGHTS)}))
        text = json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n"
        (part / CARD).write_text(text, "utf-8", "replace")  # a folder's name, in the command, need not be unicode
        if fingerprints:
            _write_fingerprints(part / FINGERPRINTS, fingerprints)
        if guesser:
            arrays.write(part / GUESSER, guesser)
        if directions is not None:
            arrays.write(part / DIRECTIONS, directions)
        if previews and previews.is_dir():
            shutil.copytree(previews, part / "previews")
    return card


def add(model: Model, name: str, content: Sequence[Array]) -> None:
    """Write, or replace, arrays in a model's folder: `GUESSER` or `DIRECTIONS`."""
    with files.whole_file(model.folder / name, force=True) as part:
        arrays.write(part, content)


def _write_fingerprints(path: Path, fingerprints: Fingerprints) -> None:
    names = [name.encode("utf-8", "replace").decode() for name in fingerprints.names]
    np.savez_compressed(path, names=np.array(names), descriptors=fingerprints.descriptors.astype(np.float16))


def _has_card(folder: Path) -> bool:
    return os.path.isfile(folder / CARD)  # noqa: PTH113 - unlike Path.is_file it raises nothing, whatever the name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
