"""What `samplegen train` and `samplegen evaluate` do for models that convert takes: the table's rows at work."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samplegen import files
from samplegen.cli.output import Voice
from samplegen.cli.train_request import Training
from samplegen.conversion.registry import CONVERTERS

if TYPE_CHECKING:
    from samplegen.conversion.results import Judged
    from samplegen.models.model import Model


def learn(training: Training) -> None:
    """`samplegen train` for a kind that converts takes."""
    kind, voice, row = training.kind, training.voice, CONVERTERS[training.kind]
    training.check(row.folders, row.options)
    files.refuse_existing(training.target, force=training.force)
    with voice.busy():
        from samplegen.conversion import train
    from samplegen.cli.views import tables

    options = {row.options[name]: value for name, value in training.options.items()}
    with tables.progress(voice, "Listening") as progress:
        model = train.train_converter(
            kind, training.folders, training.target, options=options, seed=training.seed, licence=training.licence,
            credits=training.credits, command=training.command, force=training.force, progress=progress,
        )  # fmt: skip
    learned = model.card.training
    for note in learned["notes"]:
        voice.note(note)
    facts = {key: value for key, value in learned.items() if key not in ("folder", "versions")}
    names = {"model": str(model.folder), "name": model.name, "kind": kind, "hash": model.card.hash}
    voice.result(names | facts | {"figures": model.card.figures}, [model.folder], lambda: _learned(model))


def judge(what: str, source: Path, target: Path, other: Path | None, voice: Voice) -> None:
    """`samplegen evaluate` for a model that converts."""
    with voice.busy():
        model = loaded(what)
        work = CONVERTERS[model.card.kind].evaluate
    from samplegen.cli.views import tables

    with tables.progress(voice, "Converting") as progress:
        judged = work(model, source, target, other=other, progress=progress)
    result = {"model": str(model.folder), "pairs": judged.takes, "measures": judged.measures, "rows": judged.rows}
    first = next(iter(judged.rows.values()))[next(iter(judged.measures))]
    voice.result(result, [f"{first:.2f}"], lambda: _judged(judged))


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
        "model": model.folder, "learned": row.learned.format(**model.card.training),
        **{name.replace("_", " "): f"{value:.2f} {row.units.get(name, '')}" for name, value in figures.items()},
        "to hear it": f"samplegen convert TAKE.wav {model.name} --out FILE.wav",
    })  # fmt: skip


def _judged(judged: "Judged") -> Iterator[Any]:
    from samplegen.cli.views import tables

    yield tables.Rows(
        ("takes", *(name.replace("_", " ") for name in judged.measures)),
        [[row, *(f"{values[name]:.2f}" for name in judged.measures)] for row, values in judged.rows.items()],
    )
    for row in judged.rows:
        yield tables.sentence(f"{row}: {judged.meanings[row]}")
