"""`samplegen train` and `samplegen evaluate` for models that convert takes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samplegen.cli.output import Console, current_console
from samplegen.cli.train_options import Request, check_target
from samplegen.conversion.registry import CONVERTERS

if TYPE_CHECKING:
    from samplegen.conversion.results import ConverterEvaluation
    from samplegen.models.model import Model


def train(request: Request, spelled: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Train a model and print what came of it.

    Args:
        request: kind, folders, and where the model is written.
        spelled: options as the command line calls them, for the card.
        arguments: the same as the kind's function calls them; None and False are left out.
    """
    console = current_console()
    check_target(request)
    with console.busy():
        from samplegen.conversion import train
    from samplegen.cli.views import tables

    options = {name: value for name, value in arguments.items() if value is not None and value is not False}
    with tables.progress(console, "Listening") as progress:
        model = train.train_converter(
            request.kind, request.folders, request.target, options=options, seed=request.seed,
            licence=request.licence, credits=request.credits, command=request.command(**spelled),
            force=request.force, resume=request.resume, progress=progress,
        )  # fmt: skip
    learned = model.card.training
    for note in learned["notes"]:
        console.note(note)
    facts = {key: value for key, value in learned.items() if key not in ("folder", "versions")}
    names = {"model": str(model.folder), "name": model.name, "kind": request.kind, "hash": model.card.hash}
    console.result(names | facts | {"figures": model.card.figures}, [model.folder], lambda: _learned(model))


def judge(what: str, source: Path, target: Path, other: Path | None, console: Console) -> None:
    """`samplegen evaluate` for a model that converts."""
    with console.busy():
        model = loaded(what)
        work = CONVERTERS[model.card.kind].evaluate
    from samplegen.cli.views import tables

    with tables.progress(console, "Converting") as progress:
        judged = work(model, source, target, other=other, progress=progress)
    result = {"model": str(model.folder), "pairs": judged.takes, "measures": judged.measures, "rows": judged.rows}
    first = next(iter(judged.rows.values()))[next(iter(judged.measures))]
    console.result(result, [f"{first:.2f}"], lambda: _judged(judged))


def loaded(name: str) -> "Model":
    """A model that converts takes, by its name or folder."""
    from samplegen.conversion import convert
    from samplegen.models import store

    model = store.load(name)
    convert.check_converts(model)
    return model


def _learned(model: "Model") -> Iterator[Any]:
    from samplegen.cli.views import tables

    row, figures = CONVERTERS[model.card.kind], model.card.figures
    yield tables.facts({
        "model": model.folder, "learned": row.summary.format(**model.card.training),
        **{name.replace("_", " "): f"{value:.2f} {row.units.get(name, '')}" for name, value in figures.items()},
        "to hear it": f"samplegen convert TAKE.wav {model.name} --out FILE.wav",
    })  # fmt: skip


def _judged(judged: "ConverterEvaluation") -> Iterator[Any]:
    from samplegen.cli.views import tables

    yield tables.Rows(
        ("takes", *(name.replace("_", " ") for name in judged.measures)),
        [[row, *(f"{values[name]:.2f}" for name in judged.measures)] for row, values in judged.rows.items()],
    )
    for row in judged.rows:
        yield tables.sentence(f"{row}: {judged.meanings[row]}")
