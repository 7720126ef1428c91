"""Options of `samplegen train`, and the request that they make."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from samplegen import files
from samplegen.cli.options import draw_seed, spelled
from samplegen.errors import DataError, OptionError, OutputError
from samplegen.packs import names

RATE_HZ = 22_050
TRAINING_MINUTES = 20.0  # where neither minutes nor steps are given
LOOP_SECONDS = 8.0  # of a loop that is learned whole: four bars at 120 bpm
OUT = Path("models")

Sounds = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Folder of loops and one-shots, of any depth and format.")
]
Name = Annotated[str | None, typer.Option(help="Name of the model. Default: two words drawn from the seed.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder that the model's folder is made in.")]
Licence = Annotated[str, typer.Option(metavar="TEXT", help="Licence of the training sounds, for the card.")]
Credit = Annotated[
    list[str] | None, typer.Option(metavar="TEXT", help="Whom to credit, for the card; give it once for each.")
]
Minutes = Annotated[
    float | None,
    typer.Option(show_default=False, help=f"How long to train, in minutes. Default: {TRAINING_MINUTES:g}."),
]
Steps = Annotated[
    int | None, typer.Option(show_default=False, help="How long to train, in steps, in place of minutes.")
]
Rate = Annotated[int, typer.Option(help="Sampling rate that the model hears and draws at, in Hz, 16000 to 48000.")]
WholeLoops = Annotated[
    bool,
    typer.Option(
        "--whole-loops", help=f"Learn loops whole, up to {LOOP_SECONDS:g} s of each; else they are cut at their hits."
    ),
]
Size = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Setting of the network, as code=8 or widths=64,48,32,24; give it once for each."
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the training of that name that was stopped.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Stop at the first file that cannot be used; else it is skipped.")
]
Tensorboard = Annotated[
    bool, typer.Option("--tensorboard", help="Log losses, distance and previews for TensorBoard beside the model.")
]


@dataclass(frozen=True)
class Request:
    """A kind of model to train on folders, and where and with what card it is written."""

    kind: str
    folders: tuple[Path, ...]
    target: Path
    licence: str
    credits: tuple[str, ...]
    seed: int
    force: bool
    resume: bool

    def command(self, **options: Any) -> str:
        """Return the command line that does the same again; `options` are those that decide what the model becomes."""
        return spelled(
            "train", self.kind, *self.folders, defaults={"rate": RATE_HZ, "seed": 0}, name=self.target.name, **options,
            licence=self.licence, credit=self.credits, seed=self.seed,
        )  # fmt: skip


@dataclass(frozen=True)
class SoundOptions:
    """The options of networks that are trained on a folder of sounds."""

    minutes: float | None
    steps: int | None
    rate: int
    size: tuple[str, ...]
    strict: bool
    tensorboard: bool
    whole_loops: bool = False


def request(  # noqa: PLR0917
    kind: str,
    folders: tuple[Path, ...],
    name: str | None,
    out: Path,
    licence: str,
    credit: list[str] | None,
    seed: int | None,
    force: bool,
    *,
    resume: bool = False,
) -> Request:
    """Return the request of a command; a name is drawn from the seed where none is given.

    Raises:
        OptionError: a name that no model can have, or none where a training is resumed.
    """
    if name is None and resume:
        raise OptionError("say which training to resume: --name NAME")
    drawn = name or names.pack_name(draw_seed() if seed is None else seed)
    target = out / files.check_name(drawn, "model name")
    return Request(kind, folders, target, licence, tuple(credit or ()), seed or 0, force, resume)


def check_target(request: Request) -> Path:
    """Refuse a model that is there, a stopped training or the lack of one; return the folder of checkpoints."""
    target = request.target
    files.refuse_existing(target, force=request.force)
    workplace = target.with_name(f"{target.name}.training")
    if workplace.exists() and not (request.resume or request.force):
        raise OutputError(f"a training of {target.name} was stopped; go on with --resume or start anew with --force")
    if request.resume and not workplace.exists():
        raise DataError(f"there is no stopped training {workplace} to resume; leave out --resume")
    return workplace
