"""Models, packs and sounds by the names that a user types."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import samplegen
from samplegen.cli.output import Console
from samplegen.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from samplegen.data.dataset import Dataset


def pack_folder(what: str) -> Path:
    """The folder of a pack, by its name or path; `DataError` where there is none."""
    kind, path = found(what)
    if kind != "pack":
        raise DataError(f"{path} is a {kind}; give the name or folder of a pack")
    return path


MODELS, PACKS = Path("models"), Path("packs")
_SHIPPED_PACKS = Path(samplegen.__file__).parents[1] / "packs"  # a checkout's


def found(what: str) -> tuple[str, Path]:
    """Find "model", "pack" or "sound" by name or path: a file, else a model or pack so named, else a path."""
    path = Path(what)
    if path.is_file():
        return "sound", path
    named = [] if len(path.parts) != 1 or path.is_absolute() else _named(path.name)
    for place in [*named, path]:
        for file, kind in (("card.json", "model"), ("pack.json", "pack")):
            if (place / file).is_file():
                return kind, place
    raise DataError(f"there is no model, pack or sound file {what!r}; samplegen list shows what there is")


def found_pack(what: str) -> Path:
    """The folder of a pack, by its name or path. Raises `DataError` where there is none."""
    named = [folder for folder in packs() if folder.name == what]
    for place in [*named, Path(what)]:
        if (place / "pack.json").is_file():
            return place
    near = did_you_mean(what, [folder.name for folder in packs()])
    there = "samplegen list shows what there is, samplegen generate makes one"
    raise DataError(f"there is no pack {what!r}{near}; {there}")


def _named(name: str) -> list[Path]:

    from samplegen.models import library

    return [folder for folder in (*library.listed(), *packs()) if folder.name == name]


def packs() -> list[Path]:
    """Folders of all packs; of two with one name the user's."""
    found: dict[str, Path] = {}
    for place in (PACKS, _SHIPPED_PACKS):
        for manifest in sorted(place.glob("*/pack.json")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return list(found.values())


def predicted_roles(data: "Dataset", indices: list[int], console: Console) -> Iterator[str]:
    """The role that each of some sounds is heard as."""
    if not indices:
        return
    with console.busy():
        from samplegen.models.classify import classify_roles
        from samplegen.roles import ROLES
    with console.busy(f"Listening to {len(indices)} sounds"):
        for block in data.blocks(indices):
            odds = classify_roles(block, data.config).roles
            yield from (ROLES[best] for best in odds.argmax(axis=1))
