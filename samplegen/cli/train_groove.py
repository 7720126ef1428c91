"""`samplegen train groove`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from samplegen.cli.output import current_console
from samplegen.cli.train_options import Request, check_target

if TYPE_CHECKING:
    from samplegen.models.model import Model


def train(request: Request, *, strict: bool) -> None:
    """Train a model and print what came of it."""
    console = current_console()
    check_target(request)
    with console.busy():
        from samplegen.grooves import train
    from samplegen.cli.views import tables

    with tables.progress(console, "Reading") as progress:
        model = train.train_groove(
            request.folders[0], request.target, strict=strict, seed=request.seed, licence=request.licence,
            credits=request.credits, command=request.command(strict=strict), force=request.force,
            resume=request.resume, progress=progress, report=console.note,
        )  # fmt: skip
    facts = model.card.training
    for note in facts["notes"]:
        console.note(note)
    names = {"model": str(model.folder), "name": model.name, "kind": "groove", "hash": model.card.hash}
    kept = {key: facts[key] for key in ("seed", "patterns", "bars", "meters", "steps", "best_step", "notes", "skipped")}
    console.result(names | kept | {"figures": model.card.figures}, [model.folder], lambda: _learned(model))


def _learned(model: "Model") -> Iterator[Any]:
    from samplegen.cli.views import tables

    facts = model.card.training
    meters = ", ".join(f"{count} in {meter}" for meter, count in facts["meters"].items())
    yield from tables.rows(("skipped", "because it"), facts["skipped"], shown=tables.SHOWN // 3)
    yield tables.facts({
        "model": model.folder, "learned": f"{facts['patterns']} patterns, {facts['bars']} bars: {meters}",
        "kept": f"step {facts['best_step']}", "previews": model.folder / "previews",
        **{figure: f"{value:.3g}" for figure, value in model.card.figures.items()},
        "to hear it": f"samplegen sequence starter --groove {model.name}",
    })  # fmt: skip
