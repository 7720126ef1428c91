"""Model folders: the user's own in `models/`, and those that are shipped with samplegen."""

import os
from pathlib import Path

from samplegen.errors import ModelError, did_you_mean
from samplegen.models.card import CARD

MODELS = Path("models")
SHIPPED = Path(__file__).parents[1] / "starters"  # where the wheel has them ...
CHECKOUT = Path(__file__).parents[2] / "models"  # ... and where a checkout does


def find(name: str | Path) -> Path:
    """Return the folder of a model: a path as it is, else `models/name`, else the shipped one of that name.

    Raises:
        ModelError: there is none; the message names those there are.
    """
    path = Path(name)
    bare = len(path.parts) == 1 and not path.is_absolute()
    places = [MODELS / path, CHECKOUT / path, SHIPPED / path, path] if bare else [path]
    for place in places:
        if _has_card(place):
            return place
    names = sorted({place.name for place in listed()})
    known = f"{'is' if len(names) == 1 else 'are'} {', '.join(names) or 'none'}"
    raise ModelError(f"there is no model {str(name)!r:.80}; there {known}{did_you_mean(str(name), names)}")


def shipped(name: str) -> Path:
    """Return the folder of a model that comes with samplegen, whatever the user calls theirs."""
    return next((place / name for place in (CHECKOUT, SHIPPED) if _has_card(place / name)), SHIPPED / name)


def listed() -> list[Path]:
    """List the folders of all models: those in `models/`, then the shipped ones that it does not hold."""
    found: dict[str, Path] = {}
    for place in (MODELS, CHECKOUT, SHIPPED):
        for card in sorted(place.glob(f"*/{CARD}")):
            found.setdefault(card.parent.name, card.parent)
    return list(found.values())


def _has_card(folder: Path) -> bool:
    return os.path.isfile(folder / CARD)  # noqa: PTH113 - unlike Path.is_file it raises nothing, whatever the name
