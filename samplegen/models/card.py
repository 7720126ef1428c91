"""A model's card: `card.json`, all that there is to know of a model without loading its network."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samplegen import settings
from samplegen.arrays import reading_untrusted
from samplegen.errors import ModelError
from samplegen.files import sha256_bytes

FORMAT = 1
CARD = "card.json"
_MAX_CARD_BYTES = 4_000_000  # a training of days writes 100 kB

if TYPE_CHECKING:
    Object = dict[str, Any]  # of JSON
else:
    Object = dict  # `settings` compares a value's type with it, which parameters would forbid


@dataclass(frozen=True)
class Card:
    """The facts of a model. `training` and `figures` are for readers."""

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
        """Identity of the model: kind, configuration and weights, as 16 hexadecimal digits."""
        text = json.dumps([self.kind, self.config, self.weights], sort_keys=True)
        return sha256_bytes(text.encode())[:16]


def read_card(folder: Path) -> Card:
    """Return the card of the model in `folder`.

    Raises:
        ModelError: it is missing, not a card, or of a later format.
    """
    path = folder / CARD
    with reading_untrusted(path, largest=_MAX_CARD_BYTES):
        data = json.loads(path.read_text("utf-8"))
        number = data.get("format", FORMAT) if isinstance(data, dict) else FORMAT
        if number != FORMAT:  # first, as a later format may have other settings
            raise ModelError(f"it has format {number!r:.20}; this version of samplegen reads format {FORMAT}")
        return settings.build(Card, data)


def check_card(card: Card) -> Card:
    """Return a card as it is read again once it is written.

    Raises:
        ModelError: it could not be read again.
    """
    return settings.build(Card, asdict(card))


def to_json(card: Card) -> str:
    """Return the text of a card's file."""
    return json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n"
