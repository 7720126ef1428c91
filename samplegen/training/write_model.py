"""Write a trained model: the checks before its training, and the card and the folder after it, for every kind."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

from samplegen import files
from samplegen.arrays import Array
from samplegen.errors import DataError, OptionError
from samplegen.files import check_name
from samplegen.models import store
from samplegen.models.architecture import Config
from samplegen.models.card import Card, check_card
from samplegen.models.model import Fingerprints, Model
from samplegen.training.workplace import Workplace

MAX_SEED = 2**32 - 1  # of NumPy's and Keras's global generators
_LIBRARIES = ("tensorflow", "keras", "numpy", "librosa")


@dataclass(frozen=True)
class Destination:
    """The folder that a model is written to, and the part of its card that the user decides.

    Args:
        kind: a key of `samplegen.models.registry.KINDS`.
        folder: its last part is the model's name. Checkpoints lie in `folder.training` beside it until the model is
            whole.
        licence, credits, command: for the card: of the training sounds, and the command that was typed.
        force: replace a model of that name.
    """

    kind: str
    folder: Path
    licence: str = ""
    credits: tuple[str, ...] = ()
    command: str = ""
    force: bool = False

    def card(self, **facts: Any) -> Card:
        """Return the card of a model that is written here."""
        return Card(
            self.kind, weights="", licence=self.licence, credits=self.credits, command=self.command,
            **{"config": {}} | facts,
        )  # fmt: skip


@dataclass(frozen=True)
class Trained:
    """A network that is trained, as it is written.

    Args:
        config: of its kind.
        weights: in the order of the network's own.
        facts: of the training, for the card.
        metrics: of the network, for the card.
        fingerprints, encoder, directions, previews: as `store.save` takes them.
    """

    config: Config
    weights: Sequence[Array]
    facts: Mapping[str, Any]
    metrics: Mapping[str, float] = field(default_factory=dict)
    fingerprints: Fingerprints | None = None
    encoder: Sequence[Array] | None = None
    directions: Sequence[Array] | None = None
    previews: Path | None = None


def open_workplace(destination: Destination, *, seed: int, resume: bool = False) -> Workplace:
    """Check what can be checked before a training, and return its workplace.

    What an earlier training left there is still to be cleared, once the sounds have been read.

    Raises:
        OptionError, OutputError: a seed or name that cannot be used, or a name that is taken.
        ModelError: credits and the like that no card can hold.
        DataError: nothing to resume.
    """
    if not 0 <= seed <= MAX_SEED:
        raise OptionError(f"the seed {seed} cannot be used; choose one from 0 to {MAX_SEED}")
    folder = destination.folder
    check_name(folder.name, "model name")
    files.refuse_existing(folder, force=destination.force)
    check_card(destination.card())
    workplace = Workplace(folder.with_name(f"{folder.name}.training"), resume)
    if resume and not workplace.folder.is_dir():
        raise DataError(f"there is no checkpoint in {workplace.folder} to resume from; train anew without --resume")
    return workplace


def write_model(destination: Destination, trained: Trained, workplace: Workplace) -> Model:
    """Write a trained model whole, remove its workplace, and return it as it is read again.

    Raises:
        OutputError: no room, or a folder that has come to be in the meantime.
        ModelError: a card that could not be read again.
    """
    facts = dict(trained.facts) | {"versions": {name: version(name) for name in _LIBRARIES}}
    card = destination.card(config=asdict(trained.config), training=facts, figures=dict(trained.metrics))
    store.save(
        destination.folder, card, trained.weights, fingerprints=trained.fingerprints,
        encoder=trained.encoder, directions=trained.directions, previews=trained.previews,
        force=destination.force,
    )  # fmt: skip
    rmtree(workplace.folder, ignore_errors=True)
    return store.read(destination.folder)
