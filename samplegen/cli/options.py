"""The options that every command takes, and what checks and spells out options."""

import secrets
import shlex
from collections.abc import Mapping
from typing import Annotated

import typer

MOST_SEEDS = 2**32  # what Keras takes
_DRAWN = 1_000_000  # seeds that are drawn stay short enough to be typed

Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=MOST_SEEDS - 1,
        metavar="INT",
        show_default=False,
        help="Number that decides everything random; the same gives the same. Default: 0, but generate draws one.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what stands where the result goes.")]


def draw_seed() -> int:
    """A seed for a run that was given none."""
    return secrets.randbelow(_DRAWN)


def spelled(command: str, *arguments: object, defaults: Mapping[str, object], **options: object) -> str:
    """The command line that does the same again; options at their default, None, False or empty are left out."""
    words = ["samplegen", command, *map(str, arguments)]
    for name, value in options.items():
        if value is True:
            words.append(_option(name))
        elif not (value is None or value is False or value == "" or value == defaults.get(name)):  # 0 is a seed
            values = value if isinstance(value, list | tuple) else [value]
            words += [word for item in values for word in (_option(name), str(item))]
    return shlex.join(words)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
