"""`samplegen train` for kinds that are trained on a folder of sounds: generators and the role classifier."""

import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from samplegen.cli.output import current_console
from samplegen.cli.train_options import LOOP_SECONDS, OUT, TRAINING_MINUTES, Request, SoundOptions, check_target
from samplegen.errors import OptionError
from samplegen.models.registry import KINDS, ROLE_CLASSIFIER
from samplegen.settings import check_range

if TYPE_CHECKING:
    from samplegen import SpectrogramConfig
    from samplegen.models.model import Model
    from samplegen.training.budget import Budget

RATE_RANGE_HZ = (16_000, 48_000)  # those of `samplegen.features.stft.StftConfig`


def train(request: Request, options: SoundOptions) -> None:
    """Train a model and print what came of it."""
    console, kind = current_console(), kind_of(request.kind)
    workplace, sizes = _check(request, options), _sizes(options.size)
    from samplegen import scan
    from samplegen.cli.views import tables

    config = _spectrogram(kind, options)
    with tables.progress(console, "Reading") as progress:
        data = scan(request.folders[0], config, whole=options.whole_loops, strict=options.strict, progress=progress)
    for part in tables.ingested(data.report):
        console.aside.print(part)
    with console.busy():
        from samplegen.cli.views.training import follow
        from samplegen.training import tensorboard, train
    with follow(console, data, workplace / "previews") as view:
        board = request.target.with_name(f"{request.target.name}.tensorboard")
        if options.tensorboard and not request.resume:
            rmtree(board, ignore_errors=True)
        report = tensorboard.tensorboard(board, view, previews=workplace / "previews") if options.tensorboard else view
        model = train.train(
            kind, data, request.target, budget=_budget(options), seed=request.seed, sizes=sizes,
            licence=request.licence, credits=request.credits, command=_command(request, options),
            resume=request.resume, force=request.force, report=report,
        )  # fmt: skip
    result = _result(model, view.notes, data.report.skipped)
    console.result(result, [model.folder], lambda: _shown(model, result))


def kind_of(command: str) -> str:
    """Return the kind that a sub-command trains, as cards call it."""
    return ROLE_CLASSIFIER if command == "role-classifier" else command


def _command(request: Request, options: SoundOptions) -> str:
    rate = options.rate if options.rate != KINDS[kind_of(request.kind)].rate else None
    return request.command(
        minutes=options.minutes,
        steps=options.steps,
        rate=rate,
        whole_loops=options.whole_loops,
        size=options.size,
        strict=options.strict,
    )


def _budget(options: SoundOptions) -> "Budget":
    from samplegen.training.budget import Budget

    given = options.minutes or options.steps
    return Budget(options.minutes, options.steps) if given else Budget(TRAINING_MINUTES)


def _check(request: Request, options: SoundOptions) -> Path:
    """Refuse what is seen to be wrong before anything is read; return the folder of the training's checkpoints."""
    if options.minutes is not None and options.steps is not None:
        raise OptionError("give either --minutes or --steps, not both")
    if options.tensorboard and not find_spec("tensorboard"):
        raise OptionError("TensorBoard is not installed; pip install 'samplegen[tensorboard]' brings it")
    check_range(options.rate, RATE_RANGE_HZ, "--rate", unit=" Hz")
    check_range(1.0 if options.minutes is None else options.minutes, (0.01, 100_000), "--minutes")
    check_range(1 if options.steps is None else options.steps, (1, 10**9), "--steps")
    return check_target(request)


def _sizes(words: Sequence[str]) -> dict[str, Any]:
    """Parse settings such as `code=8` or `widths=64,48`: numbers, or lists where there is a comma."""
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


def _spectrogram(kind: str, options: SoundOptions) -> "SpectrogramConfig":
    """Return the spectrograms that a kind is trained on: as long as a one-shot or, with steps as long, a loop."""
    from samplegen import SpectrogramConfig, StftConfig

    config = SpectrogramConfig(stft=StftConfig.at(options.rate), **KINDS[kind].spectrogram)
    return config.with_steps(round(config.steps * LOOP_SECONDS / config.seconds)) if options.whole_loops else config


def _result(model: "Model", notes: list[str], skipped: list[tuple[str, str]]) -> dict[str, Any]:
    training = model.card.training
    best = next((row["distance"] for row in training["history"] if row["step"] == training["best_step"]), math.nan)
    return {
        "model": str(model.folder), "name": model.name, "kind": model.card.kind, "hash": model.card.hash,
        **{key: training[key] for key in ("seed", "sounds", "steps", "best_step", "minutes")},
        "best_distance": best, "figures": model.card.figures, "notes": notes, "skipped": [list(row) for row in skipped],
    }  # fmt: skip


def _shown(model: "Model", result: dict[str, Any]) -> Any:
    from samplegen.cli.views import tables

    learned = f"{result['sounds']} sounds in {result['steps']} steps, {result['minutes']:.1f} minutes"
    kept = f"step {result['best_step']}, distance {result['best_distance']:.3g}"
    previews, name = model.folder / "previews", model.name if model.folder.parent == OUT else model.folder
    yield tables.facts({
        "model": model.folder, "learned": learned, "kept": kept, "previews": previews if previews.is_dir() else None,
        **{figure: f"{value:.3g}" for figure, value in result["figures"].items()},
        "to hear it": f"samplegen generate {name}" if model.kind.draws else None,
    })  # fmt: skip
