"""`samplegen train`: a new model from a folder of sounds."""

import math
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen import files, grooves, names
from samplegen.cli import converters
from samplegen.cli import grooves as cli_grooves
from samplegen.cli.options import Force, Json, Quiet, Seed, draw_seed, spelled, within
from samplegen.cli.output import Voice
from samplegen.conversion import CONVERTERS
from samplegen.errors import DataError, OptionError, OutputError
from samplegen.nets import KINDS

if TYPE_CHECKING:
    from samplegen.maps import MapConfig
    from samplegen.store import Model

MODELS = Path("models")
MINUTES, RATE = 20.0, 22_050
LOOP = 8.0  # seconds of a loop that is learned whole: four bars at 120 bpm
RATES = (16_000, 48_000)  # Hz, those of `samplegen.spectral.Stft`
DEFAULTS = {"rate": RATE, "seed": 0}
_KINDS = "; ".join(f"{name} {kind.about}" for name, kind in KINDS.items())


def train(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help=f"Kind of model: {_KINDS}.", autocompletion=lambda: list(KINDS))
    ],
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder of loops and one-shots, of any depth and format; for a groove of loops, MIDI and texts."
        ),
    ],
    second: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TARGET]", show_default=False, help="For a voice or beatbox: folder of what FOLDER's takes become."
        ),
    ] = None,
    *,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="For a voice: which take is a pair with which, a line each. Default: those of one name."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the model. Default: two words drawn from the seed.")] = None,
    minutes: Annotated[
        float | None, typer.Option(show_default=False, help=f"How long to train, in minutes. Default: {MINUTES:g}.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(show_default=False, help="How long to train, in steps, in place of minutes.")
    ] = None,
    rate: Annotated[
        int, typer.Option(help="Sampling rate that the model hears and draws at, in Hz, 16000 to 48000.")
    ] = RATE,
    whole_loops: Annotated[
        bool,
        typer.Option(
            "--whole-loops", help=f"Learn loops whole, up to {LOOP:g} s of each; else they are cut at their hits."
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the training of that name that was stopped.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first file that cannot be used; else it is skipped.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Log losses, distance and previews for TensorBoard beside the model.")
    ] = False,
    into: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that the model's folder is made in.")] = Path(
        "models"
    ),
    licence: Annotated[str, typer.Option(metavar="TEXT", help="Licence of the training sounds, for the card.")] = "",
    credit: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Whom to credit, for the card; give it once for each.")
    ] = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Train a model on a folder of sounds.

    Ctrl-C ends the training early and keeps what was learned. Without --seed it is 0, and a name is drawn.

    --json gives: model (its folder), name, kind, hash, seed, sounds, steps, best_step, best_distance, minutes, notes,
    figures (of some kinds), skipped (file and reason). Of a groove patterns, bars and meters in place of sounds.
    """
    voice = Voice(quiet, as_json)
    target = into / _name(name, seed, resume)
    if kind in CONVERTERS:
        options = {
            "pairs": pairs, "minutes": minutes, "steps": steps, "rate": None if rate == RATE else rate,
            "whole_loops": whole_loops, "resume": resume, "strict": strict, "tensorboard": tensorboard,
        }  # fmt: skip
        sources = (folder, second) if second else (folder,)
        converters.learn(kind, sources, target, options, seed or 0, licence, tuple(credit or ()), voice, force)
        return
    if second or pairs:
        raise OptionError(f"a {kind} learns from one folder; TARGET and --pairs are for {', '.join(CONVERTERS)}")
    if kind == grooves.KIND:
        _check_until_done(
            kind, minutes=minutes, steps=steps, whole_loops=whole_loops, resume=resume, tensorboard=tensorboard
        )
        cli_grooves.learn(folder, target, strict, licence, tuple(credit or ()), seed or 0, voice, force)
        return
    workplace = _check(kind, target, minutes, steps, rate, whole=whole_loops, resume=resume, force=force)
    seed = seed or 0
    command = spelled(
        "train", kind, folder, defaults=DEFAULTS, name=target.name, minutes=minutes, steps=steps, rate=rate,
        whole_loops=whole_loops, strict=strict, licence=licence, credit=credit, seed=seed,
    )  # fmt: skip
    from samplegen import scan
    from samplegen.cli import views

    with views.progress(voice, "Reading") as progress:
        data = scan(folder, _cells(kind, rate, whole_loops), whole=whole_loops, strict=strict, progress=progress)
    for part in views.ingested(data.report):
        voice.aside.print(part)
    with voice.busy():
        from samplegen import logs, recipes
        from samplegen.cli.live import follow
        from samplegen.training import Budget
    with follow(voice, data, workplace / "previews") as view:
        board = target.with_name(f"{target.name}.tensorboard")
        if tensorboard and not resume:
            rmtree(board, ignore_errors=True)
        report = logs.tensorboard(board, view, previews=workplace / "previews") if tensorboard else view
        model = recipes.train(
            kind, data, target, budget=Budget(minutes, steps) if minutes or steps else Budget(MINUTES), seed=seed,
            licence=licence, credits=tuple(credit or ()), command=command, resume=resume, force=force, report=report,
        )  # fmt: skip
    result = _result(model, view.notes, data.report.skipped)
    voice.result(result, [model.folder], lambda: _shown(model, result))


def _name(name: str | None, seed: int | None, resume: bool) -> str:
    if name is None and resume:
        raise OptionError("say which training to resume: --name NAME")
    return names.check_name(name or names.pack_name(draw_seed() if seed is None else seed), "model name")


def _check_until_done(kind: str, **options: object) -> None:
    """Refuse what is not for a kind that is done when it is."""
    for name, value in options.items():
        if value:
            raise OptionError(f"--{name.replace('_', '-')} is not for a {kind}, which learns until it is done")


def _check(
    kind: str,
    target: Path,
    minutes: float | None,
    steps: int | None,
    rate: int,
    *,
    whole: bool,
    resume: bool,
    force: bool,
) -> Path:
    """Refuse what can be seen to be wrong before anything is read; the folder of the training's checkpoints."""
    if kind not in KINDS:
        raise OptionError(f"there is no kind {kind!r} to train; there are {', '.join(KINDS)}")
    if minutes is not None and steps is not None:
        raise OptionError("give either --minutes or --steps, not both")
    if whole and KINDS[kind].cells.get("spacing") != "even":
        of_loops = ", ".join(name for name, row in KINDS.items() if row.cells.get("spacing") == "even")
        raise OptionError(f"a {kind} learns one-shots only; --whole-loops is for {of_loops}")
    within(rate, *RATES, "--rate", " Hz")
    within(1.0 if minutes is None else minutes, 0.01, 100_000, "--minutes")
    within(1 if steps is None else steps, 1, 10**9, "--steps")
    files.refuse_existing(target, force=force)
    workplace = target.with_name(f"{target.name}.training")
    if workplace.exists() and not (resume or force):
        raise OutputError(f"a training of {target.name} was stopped; go on with --resume or start anew with --force")
    if resume and not workplace.exists():
        raise DataError(f"there is no stopped training {workplace} to resume; leave out --resume")
    return workplace


def _cells(kind: str, rate: int, whole: bool) -> "MapConfig":
    """The maps that a kind learns from: as long as a one-shot or, with steps as long, a loop."""
    from samplegen import MapConfig, Stft

    cells = MapConfig(stft=Stft.at(rate), **KINDS[kind].cells)
    return cells.lasting(round(cells.steps * LOOP / cells.seconds)) if whole else cells


def _result(model: "Model", notes: list[str], skipped: list[tuple[str, str]]) -> dict[str, Any]:
    told = model.card.training
    best = next((row["distance"] for row in told["history"] if row["step"] == told["best_step"]), math.nan)
    return {
        "model": str(model.folder), "name": model.name, "kind": model.card.kind, "hash": model.card.hash,
        **{key: told[key] for key in ("seed", "sounds", "steps", "best_step", "minutes")},
        "best_distance": best, "figures": model.card.figures, "notes": notes, "skipped": [list(row) for row in skipped],
    }  # fmt: skip


def _shown(model: "Model", result: dict[str, Any]) -> Any:
    from samplegen.cli import views

    learned = f"{result['sounds']} sounds in {result['steps']} steps, {result['minutes']:.1f} minutes"
    kept = f"step {result['best_step']}, distance {result['best_distance']:.3g}"
    previews, name = model.folder / "previews", model.name if model.folder.parent == MODELS else model.folder
    yield views.facts({
        "model": model.folder, "learned": learned, "kept": kept, "previews": previews if previews.is_dir() else None,
        **{figure: f"{value:.3g}" for figure, value in result["figures"].items()},
        "to hear it": f"samplegen generate {name}" if KINDS[model.card.kind].draws else None,
    })  # fmt: skip
