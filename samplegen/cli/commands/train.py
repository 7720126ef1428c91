"""`samplegen train`: a new model from a folder of sounds, takes or patterns."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from samplegen import files
from samplegen.cli.commands import grooves, train_converter, train_generator
from samplegen.cli.commands.train_generator import LOOP, MINUTES
from samplegen.cli.options import Force, Json, Quiet, Seed, draw_seed
from samplegen.cli.output import Voice
from samplegen.cli.train_request import RATE, Training
from samplegen.conversion.registry import CONVERTERS
from samplegen.errors import OptionError
from samplegen.models.registry import GROOVE, KINDS
from samplegen.packs import names

LEARNERS: Mapping[str, Callable[[Training], None]] = {  # others: `generators.learn`
    **dict.fromkeys(CONVERTERS, train_converter.learn),
    GROOVE: grooves.learn,
}
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
    size: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="Setting of the network, as code=8 or widths=64,48,32,24; give it once for each."
        ),
    ] = None,
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
    if kind not in KINDS:
        raise OptionError(f"there is no kind {kind!r} to train; there are {', '.join(KINDS)}")
    options = {
        "pairs": pairs, "minutes": minutes, "steps": steps, "rate": None if rate == RATE else rate,
        "whole_loops": whole_loops, "size": size or None, "resume": resume, "strict": strict,
        "tensorboard": tensorboard,
    }  # fmt: skip
    given = {key: value for key, value in options.items() if value is not None and value is not False}
    learn = LEARNERS.get(kind, train_generator.learn)
    learn(
        Training(
            kind, (folder, second) if second else (folder,), into / _name(name, seed, resume), given, licence,
            tuple(credit or ()), seed or 0, Voice(quiet, as_json), force,
        )
    )  # fmt: skip


def _name(name: str | None, seed: int | None, resume: bool) -> str:
    if name is None and resume:
        raise OptionError("say which training to resume: --name NAME")
    return files.check_name(name or names.pack_name(draw_seed() if seed is None else seed), "model name")
