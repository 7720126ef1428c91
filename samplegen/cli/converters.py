"""What `samplegen train` and `samplegen evaluate` do for models that convert takes: the table's rows at work."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samplegen import files
from samplegen.cli.options import spelled
from samplegen.cli.output import Voice
from samplegen.conversion import CONVERTERS
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.conversion import Judged
    from samplegen.store import Model


def learn(  # noqa: PLR0917
    kind: str,
    sources: Sequence[Path],
    folder: Path,
    options: Mapping[str, Any],
    seed: int,
    licence: str,
    credits: tuple[str, ...],
    voice: Voice,
    force: bool,
) -> None:
    """`samplegen train` for a kind that converts takes; `options` by the names that the command line has for them."""
    row = CONVERTERS[kind]
    _check_learnt(kind, sources, options)
    files.refuse_existing(folder, force=force)
    command = spelled(
        "train", kind, *sources, defaults={"seed": 0}, name=folder.name, **options, licence=licence,
        credit=list(credits), seed=seed,
    )  # fmt: skip
    with voice.busy():
        from samplegen.conversion import models
    from samplegen.cli import views

    wanted = {row.options[name]: value for name, value in options.items() if value}
    with views.progress(voice, "Listening") as progress:
        model = models.train_converter(
            kind, sources, folder, options=wanted, seed=seed, licence=licence, credits=credits, command=command,
            force=force, progress=progress,
        )  # fmt: skip
    told = model.card.training
    for note in told["notes"]:
        voice.note(note)
    facts = {key: value for key, value in told.items() if key not in ("folder", "versions")}
    names = {"model": str(model.folder), "name": model.name, "kind": kind, "hash": model.card.hash}
    voice.result(names | facts | {"figures": model.card.figures}, [model.folder], lambda: _learned(model))


def _check_learnt(kind: str, sources: Sequence[Path], options: Mapping[str, Any]) -> None:
    """Refuse other folders than a kind learns from, and options that it does not know."""
    row = CONVERTERS[kind]
    if len(sources) != len(row.folders):
        count = {1: "one folder", 2: "two folders"}[len(row.folders)]
        raise OptionError(f"a {kind} learns from {count}: samplegen train {kind} {' '.join(row.folders)}")
    for name, value in options.items():
        if value and name not in row.options:
            known = f"; it knows --{', --'.join(row.options)}" if row.options else ""
            raise OptionError(f"--{name.replace('_', '-')} is not for a {kind}, which learns until it is done{known}")


def judge(what: str, source: Path, target: Path, other: Path | None, voice: Voice) -> None:
    """`samplegen evaluate` for a model that converts."""
    with voice.busy():
        model = loaded(what)
        work = CONVERTERS[model.card.kind].part("judge")
    from samplegen.cli import views

    with views.progress(voice, "Converting") as progress:
        judged = work(model, source, target, other=other, progress=progress)
    result = {"model": str(model.folder), "pairs": judged.takes, "measures": judged.measures, "rows": judged.rows}
    first = next(iter(judged.rows.values()))[next(iter(judged.measures))]
    voice.result(result, [f"{first:.2f}"], lambda: _judged(judged))


def loaded(name: str) -> "Model":
    """A model that converts takes, by its name or folder."""
    from samplegen import store
    from samplegen.conversion import models

    model = store.load(name)
    models.check_converts(model)
    return model


def _learned(model: "Model") -> Iterator[Any]:
    from samplegen.cli import views

    row, figures = CONVERTERS[model.card.kind], model.card.figures
    yield views.facts({
        "model": model.folder, "learned": row.learned.format(**model.card.training),
        **{name.replace("_", " "): f"{value:.2f} {row.units.get(name, '')}" for name, value in figures.items()},
        "to hear it": f"samplegen convert TAKE.wav {model.name} --out FILE.wav",
    })  # fmt: skip


def _judged(judged: "Judged") -> Iterator[Any]:
    from samplegen.cli import views

    yield views.Rows(
        ("takes", *(name.replace("_", " ") for name in judged.measures)),
        [[row, *(f"{values[name]:.2f}" for name in judged.measures)] for row, values in judged.rows.items()],
    )
    for row in judged.rows:
        yield views.said(f"{row}: {judged.meanings[row]}")
