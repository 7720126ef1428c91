"""What `samplegen train` does for kinds that learn from a folder of sounds: those that draw them, and the hearing."""

import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from samplegen import files
from samplegen.cli.options import within
from samplegen.cli.train_request import RATE, Training
from samplegen.errors import DataError, OptionError, OutputError
from samplegen.models.registry import KINDS

if TYPE_CHECKING:
    from samplegen import SpectrogramConfig
    from samplegen.models.model import Model

MODELS = Path("models")
MINUTES = 20.0
LOOP = 8.0  # seconds of a loop that is learned whole: four bars at 120 bpm
RATES = (16_000, 48_000)  # Hz, those of `samplegen.features.stft.StftConfig`
OPTIONS = ("minutes", "steps", "rate", "whole_loops", "size", "resume", "strict", "tensorboard")


def learn(training: Training) -> None:
    """`samplegen train` for these kinds."""
    training.check(("FOLDER",), OPTIONS)
    workplace, sizes = _check(training), _sizes(training.options.get("size", ()))
    kind, voice, options = training.kind, training.voice, training.options
    whole, strict, resume = (options.get(name, False) for name in ("whole_loops", "strict", "resume"))
    from samplegen import scan
    from samplegen.cli.views import tables

    cells = _cells(kind, options.get("rate", RATE), whole)
    with tables.progress(voice, "Reading") as progress:
        data = scan(training.folders[0], cells, whole=whole, strict=strict, progress=progress)
    for part in tables.ingested(data.report):
        voice.aside.print(part)
    with voice.busy():
        from samplegen.cli.views.training import follow
        from samplegen.training import tensorboard, train
    with follow(voice, data, workplace / "previews") as view:
        board = training.target.with_name(f"{training.target.name}.tensorboard")
        if options.get("tensorboard") and not resume:
            rmtree(board, ignore_errors=True)
        report = (
            tensorboard.tensorboard(board, view, previews=workplace / "previews")
            if options.get("tensorboard")
            else view
        )
        model = train.train(
            kind, data, training.target, budget=_budget(options), seed=training.seed, sizes=sizes,
            licence=training.licence, credits=training.credits, command=training.command, resume=resume,
            force=training.force, report=report,
        )  # fmt: skip
    result = _result(model, view.notes, data.report.skipped)
    voice.result(result, [model.folder], lambda: _shown(model, result))


def _budget(options: Mapping[str, Any]) -> Any:
    from samplegen.training.budget import Budget

    minutes, steps = options.get("minutes"), options.get("steps")
    return Budget(minutes, steps) if minutes or steps else Budget(MINUTES)


def _check(training: Training) -> Path:
    """Refuse what can be seen to be wrong before anything is read; the folder of the training's checkpoints."""
    _check_options(training.kind, training.options)
    target, resume = training.target, training.options.get("resume", False)
    files.refuse_existing(target, force=training.force)
    workplace = target.with_name(f"{target.name}.training")
    if workplace.exists() and not (resume or training.force):
        raise OutputError(f"a training of {target.name} was stopped; go on with --resume or start anew with --force")
    if resume and not workplace.exists():
        raise DataError(f"there is no stopped training {workplace} to resume; leave out --resume")
    return workplace


def _check_options(kind: str, options: Mapping[str, Any]) -> None:
    if {"minutes", "steps"} <= options.keys():
        raise OptionError("give either --minutes or --steps, not both")
    if "whole_loops" in options and KINDS[kind].spectrogram.get("spacing") != "even":
        of_loops = ", ".join(name for name, row in KINDS.items() if row.spectrogram.get("spacing") == "even")
        raise OptionError(f"a {kind} learns one-shots only; --whole-loops is for {of_loops}")
    if "tensorboard" in options and not find_spec("tensorboard"):
        raise OptionError("TensorBoard is not installed; pip install 'samplegen[tensorboard]' brings it")
    within(options.get("rate", RATE), *RATES, "--rate", " Hz")
    within(options.get("minutes", 1.0), 0.01, 100_000, "--minutes")
    within(options.get("steps", 1), 1, 10**9, "--steps")


def _sizes(words: Sequence[str]) -> dict[str, Any]:
    """Settings from words such as `code=8` or `widths=64,48`: numbers, or lists of them where there is a comma."""
    sizes = dict[str, Any]()
    for name, equals, value in (word.partition("=") for word in words):
        try:
            numbers = [int(number) for number in value.split(",") if number]
        except ValueError:
            numbers = []
        if not (name and equals and numbers):
            raise OptionError(
                f"--size takes a setting and whole numbers, as code=8 or widths=64,48, not {name}{equals}{value}"
            )
        sizes[name] = numbers if "," in value else numbers[0]
    return sizes


def _cells(kind: str, rate: int, whole: bool) -> "SpectrogramConfig":
    """The maps that a kind learns from: as long as a one-shot or, with steps as long, a loop."""
    from samplegen import SpectrogramConfig, StftConfig

    cells = SpectrogramConfig(stft=StftConfig.at(rate), **KINDS[kind].spectrogram)
    return cells.lasting(round(cells.steps * LOOP / cells.seconds)) if whole else cells


def _result(model: "Model", notes: list[str], skipped: list[tuple[str, str]]) -> dict[str, Any]:
    options = model.card.training
    best = next((row["distance"] for row in options["history"] if row["step"] == options["best_step"]), math.nan)
    return {
        "model": str(model.folder), "name": model.name, "kind": model.card.kind, "hash": model.card.hash,
        **{key: options[key] for key in ("seed", "sounds", "steps", "best_step", "minutes")},
        "best_distance": best, "figures": model.card.figures, "notes": notes, "skipped": [list(row) for row in skipped],
    }  # fmt: skip


def _shown(model: "Model", result: dict[str, Any]) -> Any:
    from samplegen.cli.views import tables

    learned = f"{result['sounds']} sounds in {result['steps']} steps, {result['minutes']:.1f} minutes"
    kept = f"step {result['best_step']}, distance {result['best_distance']:.3g}"
    previews, name = model.folder / "previews", model.name if model.folder.parent == MODELS else model.folder
    yield tables.facts({
        "model": model.folder, "learned": learned, "kept": kept, "previews": previews if previews.is_dir() else None,
        **{figure: f"{value:.3g}" for figure, value in result["figures"].items()},
        "to hear it": f"samplegen generate {name}" if model.kind.draws else None,
    })  # fmt: skip
