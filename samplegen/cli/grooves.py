"""Patterns drawn by a model, for `samplegen sequence --groove`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli import complete
from samplegen.cli.output import Console
from samplegen.cli.pattern_source import word
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.grooves.generate import GeneratedGroove
    from samplegen.models.model import Model
    from samplegen.sequencer.pattern import Pattern

Groove = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL", help="Model of kind groove that draws. Default: none.", autocompletion=complete.MODEL
    ),
]
Temperature = Annotated[
    float | None, typer.Option(help="Of --groove: 0 (the likeliest always) to 2 (odd). Default: 1, as learned.")
]
TopP = Annotated[
    float | None,
    typer.Option(help="Of --groove: only the likeliest that together have this share of the odds. Default: 1."),
]
Meter = Annotated[
    str | None, typer.Option(help="Of --groove: a meter that it learned, such as 7/8. Default: that of any pattern.")
]


@dataclass(frozen=True)
class Source:
    """A pattern drawn by a model, and how."""

    model: "Model"
    drawn: "GeneratedGroove"
    temperature: float
    seed: int

    @property
    def played(self) -> tuple[str, "Pattern", tuple[str, ...]]:
        """Return a name for its files, the pattern, and warnings, as `pattern_source.source` does."""
        return f"{word(self.model.name)}-{self.seed}", self.drawn.pattern, ()

    @property
    def data(self) -> dict[str, Any]:
        """Return the data of --json."""
        near = self.drawn.nearest
        nearest = {"nearest": near.name, "distance": near.distance, "copy": near.copy, "copied_bars": near.copied_bars}
        return {
            "model": str(self.model.folder),
            "hash": self.model.card.hash,
            "temperature": self.temperature,
        } | nearest

    @property
    def sentence(self) -> str:
        """Return a sentence for a reader."""
        near = self.drawn.nearest
        if near.copy:
            return f"this is a copy of the training pattern {near.name}; another seed or more temperature draws others"
        hits = f"{100 * (1 - near.distance):.0f} % of the hits of both are the same"
        bars = f", {near.copied_bars} of {near.bars} bars are one of its" if near.copied_bars else ""
        return f"no copy: the nearest training pattern is {near.name}, distance {near.distance:.2f} ({hits}{bars})"


def source(
    name: str | None,
    choice: Mapping[str, Any],
    *,
    tempo: float | None,
    bars: int | None,
    fill: bool,
    seed: int,
    console: Console,
) -> Source | None:
    """The pattern that `--groove` asks for, if it does; `choice` are the options that need it."""
    given = {key: value for key, value in choice.items() if value is not None}
    if name is None:
        for key in given:
            raise OptionError(f"--{key.replace('_', '-')} is for --groove MODEL, which draws the pattern")
        return None
    with console.busy():
        from samplegen.grooves import generate
        from samplegen.models import store
        from samplegen.models.registry import GROOVE

        model = store.load(name, kind=GROOVE)
        settings = {
            "meter": _meter(given.pop("meter", None)),
            "tempo": tempo,
            "bars": bars or generate.DEFAULT_BARS,
            **given,
        }
        options = generate.GrooveOptions(**settings, fill=fill)
        return Source(model, generate.generate_groove(model, options, seed=seed), options.temperature, seed)


def _meter(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", text)
    if not found:
        raise OptionError(f"--meter is {text!r}; give one such as 4/4 or 7/8")
    return int(found[1]), int(found[2])
