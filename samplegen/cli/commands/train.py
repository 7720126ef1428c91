"""`samplegen train`: a new model from a folder of sounds, takes or patterns. One sub-command for each kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from samplegen.cli import train_converter, train_generator, train_groove
from samplegen.cli.options import Force, Seed
from samplegen.cli.train_options import (
    OUT,
    RATE_HZ,
    Credit,
    Licence,
    Minutes,
    Name,
    Out,
    Rate,
    Resume,
    Size,
    SoundOptions,
    Sounds,
    Steps,
    Strict,
    Tensorboard,
    WholeLoops,
    request,
)
from samplegen.models.registry import KINDS

RENAMED = {"hearing": "role-classifier"}  # what a command was once called


class SuggestingGroup(TyperGroup):
    """A group of commands that knows how commands were once called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; an old name brings the new one into the message."""
        try:
            return super().resolve_command(ctx, args)
        except Exception as error:
            if args and args[0] in RENAMED and hasattr(error, "message"):
                error.message = f"{error.message.rstrip('.')}. Did you mean '{RENAMED[args[0]]}'?"
            raise


app = typer.Typer(
    cls=SuggestingGroup,
    no_args_is_help=True,
    help="Train a model on your own sounds. Ctrl-C ends a training early and keeps what was learned.",
)

ONE_SHOT_KINDS = {  # command -> its help
    "dcgan": "Train a network that draws one-shots by role. The usual choice.",
    "lstmgan": "Train a network that draws one-shots, step by step.",
    "autoencoder": "Train a network that draws, and morphs one sound into another.",
    "flow": "Train a network that draws one-shots of the full band by role. Good after minutes.",
    "codec": "Train a network that turns drums of any kind into codes, which other networks learn.",
    "role-classifier": "Train a network that predicts the role of a sound, such as kick or snare.",
}
_JSON = """

--json gives: model (its folder), name, kind, hash, seed, sounds, steps, best_step, best_distance, minutes, notes,
figures (of some kinds), skipped (file and reason)."""


def _command(kind: str) -> Callable[..., None]:
    """Return the command of a kind that is trained on one-shots."""
    rate_hz = KINDS[train_generator.kind_of(kind)].rate

    def command(
        folder: Sounds,
        *,
        name: Name = None,
        minutes: Minutes = None,
        steps: Steps = None,
        rate: Rate = rate_hz,
        size: Size = None,
        resume: Resume = False,
        strict: Strict = False,
        tensorboard: Tensorboard = False,
        out: Out = OUT,
        licence: Licence = "",
        credit: Credit = None,
        seed: Seed = None,
        force: Force = False,
    ) -> None:
        options = SoundOptions(minutes, steps, rate, tuple(size or ()), strict, tensorboard)
        train_generator.train(request(kind, (folder,), name, out, licence, credit, seed, force, resume=resume), options)

    command.__doc__ = ONE_SHOT_KINDS[kind] + _JSON
    return command


for _kind in ONE_SHOT_KINDS:
    app.command(_kind)(_command(_kind))


@app.command()
def charlstm(
    folder: Sounds,
    *,
    name: Name = None,
    minutes: Minutes = None,
    steps: Steps = None,
    rate: Rate = RATE_HZ,
    whole_loops: WholeLoops = False,
    size: Size = None,
    resume: Resume = False,
    strict: Strict = False,
    tensorboard: Tensorboard = False,
    out: Out = OUT,
    licence: Licence = "",
    credit: Credit = None,
    seed: Seed = None,
    force: Force = False,
) -> None:
    """Train a network that writes one-shots or whole loops, frame by frame, and goes on from real ones.

    --json gives: as of the other kinds.
    """
    options = SoundOptions(minutes, steps, rate, tuple(size or ()), strict, tensorboard, whole_loops)
    train_generator.train(
        request("charlstm", (folder,), name, out, licence, credit, seed, force, resume=resume), options
    )


@app.command()
def voice(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder of takes of your voice, or one take.")],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="Folder of the same sentences in the other voice, or one take.")
    ],
    *,
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Which take is a pair with which, a line each. Default: those of one name."),
    ] = None,
    name: Name = None,
    out: Out = OUT,
    licence: Licence = "",
    credit: Credit = None,
    seed: Seed = None,
    resume: Resume = False,
    force: Force = False,
) -> None:
    """Train a network that turns one voice into another, from takes of the same sentences.

    --json gives: model (its folder), name, kind, hash, facts of the training, figures.
    """
    train_converter.train(
        request("voice", (source, target), name, out, licence, credit, seed, force, resume=resume),
        {"pairs": pairs},
        {"table": pairs},
    )


@app.command()
def timbre(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of notes or phrases of one instrument.")],
    *,
    name: Name = None,
    out: Out = OUT,
    licence: Licence = "",
    credit: Credit = None,
    seed: Seed = None,
    resume: Resume = False,
    force: Force = False,
) -> None:
    """Train a network that turns a take into an instrument that plays it. A minute of recordings is enough.

    --json gives: model (its folder), name, kind, hash, facts of the training, figures.
    """
    train_converter.train(request("timbre", (folder,), name, out, licence, credit, seed, force, resume=resume), {}, {})


@app.command()
def beatbox(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Folder of beatboxed or tapped hits by role, five or more of each.")
    ],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="Folder of drums, four or more of each of these roles.")
    ],
    *,
    minutes: Annotated[float | None, typer.Option(show_default=False, help="How long to train, in minutes.")] = None,
    steps: Annotated[
        int | None, typer.Option(show_default=False, help="How long to train, in steps. Default: 600.")
    ] = None,
    rate: Rate = RATE_HZ,
    strict: Strict = False,
    name: Name = None,
    out: Out = OUT,
    licence: Licence = "",
    credit: Credit = None,
    seed: Seed = None,
    resume: Resume = False,
    force: Force = False,
) -> None:
    """Train a network that turns beatboxed or tapped hits into drums.

    --json gives: model (its folder), name, kind, hash, facts of the training, figures.
    """
    options = {"minutes": minutes, "steps": steps, "rate": rate, "strict": strict}
    train_converter.train(
        request("beatbox", (source, target), name, out, licence, credit, seed, force, resume=resume), options, options
    )


@app.command()
def groove(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of drum loops, MIDI files and pattern texts.")
    ],
    *,
    strict: Strict = False,
    name: Name = None,
    out: Out = OUT,
    licence: Licence = "",
    credit: Credit = None,
    seed: Seed = None,
    resume: Resume = False,
    force: Force = False,
) -> None:
    """Train a network that plays drum patterns, learned from loops, MIDI and text.

    --json gives: model (its folder), name, kind, hash, seed, patterns, bars, meters, steps, best_step, notes, skipped,
    figures.
    """
    train_groove.train(
        request("groove", (folder,), name, out, licence, credit, seed, force, resume=resume), strict=strict
    )
