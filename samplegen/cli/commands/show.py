"""`samplegen list` and `samplegen show`: what there is, and what it is made of. Nothing here needs TensorFlow."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from samplegen.cli import complete
from samplegen.cli.lookup import MODELS, found, packs
from samplegen.cli.options import Force
from samplegen.cli.output import current_console
from samplegen.errors import SamplegenError

_MODEL_COLUMNS = ("model", "kind", "sounds", "minutes", "MB", "hash", "folder")
_PACK_COLUMNS = ("pack", "sounds", "seed", "model", "folder")


def list_() -> None:
    """List the models and packs in ./models and ./packs, and those that come along.

    --json gives: models (name, folder, kind, sounds, minutes, bytes, hash), packs (name, folder, sounds, seed, model);
    of a broken one name, folder and fault; stopped (names of trainings to resume).
    """

    console = current_console()
    from samplegen.models import library

    models = [_row(folder, _model) for folder in library.listed()]
    made = [_row(folder, _pack) for folder in packs()]
    stopped = sorted(folder.stem for folder in MODELS.glob("*.training") if folder.is_dir())
    result = {"models": models, "packs": made, "stopped": stopped}
    console.result(result, [thing["folder"] for thing in (*models, *made)], lambda: _listing(models, made, stopped))


def show(
    what: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|PACK|FILE",
            help="Name or folder of a model or pack, or a sound file.",
            autocompletion=complete.MODEL_OR_PACK,
        ),
    ],
    *,
    png: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", help="PNG file to draw its spectrogram, or a sheet of its sounds, into. Default: none."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Show what a model, a pack or a sound file is made of.

    --json gives type (model, pack or sound), path, png and: of a model its card, of a pack its manifest, of a sound
    rate in Hz, seconds, peak_dbfs, role (by its name), loop, onsets in seconds.
    """
    from samplegen.cli.views import pages

    console = current_console()
    kind, path = found(what)
    page = pages.PAGES[kind](path)
    if png:
        from samplegen.features import images

        images.save_png(page.picture(), png, force=force)
    result = {"type": page.type, "path": str(page.path), **page.data, "png": str(png) if png else None}
    console.result(result, [page.path], lambda: page.shown(png))


def _row(folder: Path, look: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Return what there is to list of a model or pack, or what is wrong with it."""
    try:
        return {"name": folder.name, "folder": str(folder)} | look(folder)
    except (SamplegenError, OSError) as error:
        return {"name": folder.name, "folder": str(folder), "fault": str(error)}


def _model(folder: Path) -> dict[str, Any]:

    from samplegen.models.card import read_card

    card = read_card(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    learned = {key: card.training.get(key) for key in ("sounds", "minutes")}
    return {"kind": card.kind, **learned, "bytes": size, "hash": card.hash}


def _pack(folder: Path) -> dict[str, Any]:
    from samplegen.kits.manifest import read_pack

    manifest = read_pack(folder)
    return {"sounds": len(manifest["sounds"]), "seed": manifest["seed"], "model": manifest["model"]}


def _listing(models: list[dict[str, Any]], packs: list[dict[str, Any]], stopped: list[str]) -> Any:
    from samplegen.cli.views import tables

    good = [
        thing | {"MB": f"{thing['bytes'] / 1e6:.1f}", "model": thing["name"]} for thing in models if "hash" in thing
    ]
    yield from tables.rows(_MODEL_COLUMNS, [[model.get(key) or "" for key in _MODEL_COLUMNS] for model in good])
    good = [thing | {"pack": thing["name"]} for thing in packs if "seed" in thing]
    yield from tables.rows(_PACK_COLUMNS, [[pack.get(key) for key in _PACK_COLUMNS] for pack in good])
    for broken in (thing for thing in (*models, *packs) if "fault" in thing):
        yield tables.sentence(f"{broken['name']} is broken: {broken['fault']}")
    if not packs:
        yield tables.sentence("no packs yet; samplegen generate makes one")
    for name in stopped:
        yield tables.sentence(
            f"{name} is a training that was stopped; samplegen train with --name {name} --resume goes on"
        )
