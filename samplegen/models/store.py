"""Read and write a model's folder: `card.json`, the weights as plain arrays, fingerprints, previews."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from samplegen import arrays, files, settings
from samplegen.arrays import Array, reading_untrusted
from samplegen.errors import ModelError
from samplegen.files import check_name, sha256
from samplegen.models import library
from samplegen.models.card import CARD, Card, check_card, read_card, to_json
from samplegen.models.model import (
    DIRECTIONS,
    ENCODER,
    FINGERPRINTS,
    WEIGHTS,
    Fingerprints,
    Model,
    write_fingerprints,
)
from samplegen.models.registry import KINDS


def load(name: str | Path, *, kind: str | None = None) -> Model:
    """Load a trained model by its name or folder.

    Card and configuration are checked at once, networks and arrays when they are used.

    Args:
        name: a folder, or the name of one in `models/`, or of a model that comes with samplegen.
        kind: the kind that is needed, if any.

    Raises:
        ModelError: there is no such model, it is damaged, or of another kind.

    Example:
        >>> model = samplegen.load("starter")
        >>> model.card.kind
        'dcgan'
    """
    return read(library.find(name), kind=kind)


def read(folder: Path, *, kind: str | None = None) -> Model:
    """Return the model in this very folder; as `load` in all else."""
    card = read_card(folder)
    if card.kind not in KINDS:
        raise ModelError(f"{folder} is of the unknown kind {card.kind!r:.40}; known are {', '.join(KINDS)}")
    if kind and card.kind != kind:
        raise ModelError(f"{folder} is a model of kind {card.kind}; this needs one of kind {kind}")
    with reading_untrusted(folder / CARD):
        return Model(folder, card, settings.build(KINDS[card.kind].config, card.config))


def save(  # noqa: PLR0913
    folder: Path,
    card: Card,
    weights: Sequence[Array],
    *,
    fingerprints: Fingerprints | None = None,
    encoder: Sequence[Array] | None = None,
    directions: Sequence[Array] | None = None,
    previews: Path | None = None,
    force: bool = False,
) -> Card:
    """Write a model, whole or not at all; the card comes back with the hash of its weights.

    Args:
        folder: its last part is the model's name.
        card: with any hash.
        weights: float32, in the order of the network's own.
        fingerprints: of the sounds that it was trained on.
        encoder: weights of the network from spectrograms to codes, where that is one of its own.
        directions: latent directions, where it has such.
        previews: a folder that is copied.
        force: replace a model of that name.

    Raises:
        OptionError, OutputError: a name that cannot be used, is in use, or no room.
        ModelError: a card that could not be read again.
    """
    check_name(folder.name, "model name")
    check_card(card)
    with files.whole_folder(folder, force=force) as part:
        arrays.write(part / WEIGHTS, weights)
        card = replace(card, weights=sha256(part / WEIGHTS))
        # a folder's name, in the command, need not be unicode
        (part / CARD).write_text(to_json(card), "utf-8", "replace")
        for name, content in {ENCODER: encoder, DIRECTIONS: directions}.items():
            if content is not None:
                arrays.write(part / name, content)
        if fingerprints:
            write_fingerprints(part / FINGERPRINTS, fingerprints)
        if previews and previews.is_dir():
            shutil.copytree(previews, part / "previews")
    return card


def add(model: Model, name: str, content: Sequence[Array]) -> None:
    """Write, or replace, arrays in a model's folder: `ENCODER` or `DIRECTIONS`."""
    with files.whole_file(model.folder / name, force=True) as part:
        arrays.write(part, content)
