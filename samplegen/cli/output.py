"""Where output goes: results to stdout, progress and notes to stderr, less or nothing of them if so asked."""

import json
import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


@dataclass(frozen=True)
class Voice:
    """How a command speaks: `quiet` gives one line about the result, `as_json` the result as JSON."""

    quiet: bool = False
    as_json: bool = False

    @cached_property
    def silent(self) -> bool:
        """Whether progress and notes are unwanted."""
        return self.quiet or self.as_json

    @cached_property
    def aside(self) -> "Console":
        """The console of stderr; it swallows everything where nothing is wanted."""
        from rich.console import Console

        return Console(stderr=True, quiet=self.silent, highlight=False)

    def note(self, text: str) -> None:
        """One line beside the result."""
        if not self.silent:
            self.aside.print(plain(text), markup=False, soft_wrap=True)

    def result(self, data: Any, brief: Iterable[object], shown: Callable[[], Iterable["RenderableType"]]) -> None:
        """What the command was for: as `data`, as lines in brief, or as `shown`."""
        if self.as_json:
            typer.echo(json.dumps(_finite(data), indent=1))
        elif self.quiet:
            for line in brief:
                typer.echo(plain(line))
        else:
            self._show(shown())

    def _show(self, parts: Iterable["RenderableType"]) -> None:
        from rich.console import Console

        console = Console(highlight=False)
        for part in parts:
            console.print(part, markup=False, soft_wrap=isinstance(part, str))

    def busy(self, text: str = "Loading TensorFlow") -> AbstractContextManager[object]:
        """A line that moves on the terminal while something goes on, and is gone after."""
        moving = not self.silent and self.aside.is_terminal
        return self.aside.status(text) if moving else nullcontext()


def plain(value: object) -> str:
    """Text of anyone's, safe to print: what would steer a terminal or cannot be encoded is spelled out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))


def _finite(data: Any) -> Any:
    """The same with null for every number that JSON does not know."""
    if isinstance(data, dict):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
