"""Output: results to stdout, progress and notes to stderr, less or nothing of them on demand."""

import json
import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich import console as rich_console


@dataclass(frozen=True)
class Console:
    """The output of a command: `quiet` gives one line about the result, `as_json` the result as JSON."""

    quiet: bool = False
    as_json: bool = False

    @cached_property
    def silent(self) -> bool:
        """Return whether progress and notes are left out."""
        return self.quiet or self.as_json

    @cached_property
    def aside(self) -> "rich_console.Console":
        """The console of stderr; it prints nothing where progress and notes are left out."""
        from rich.console import Console

        return Console(stderr=True, quiet=self.silent, highlight=False)

    def note(self, text: str) -> None:
        """Print one line beside the result."""
        if not self.silent:
            self.aside.print(plain(text), markup=False, soft_wrap=True)

    def result(
        self, data: Any, brief: Iterable[object], shown: Callable[[], Iterable["rich_console.RenderableType"]]
    ) -> None:
        """Print the result: as JSON, as lines in brief, or as `shown`."""
        if self.as_json:
            typer.echo(json.dumps(_finite(data), indent=1))
        elif self.quiet:
            for line in brief:
                typer.echo(plain(line))
        else:
            self._show(shown())

    def _show(self, parts: Iterable["rich_console.RenderableType"]) -> None:
        from rich.console import Console

        console = Console(highlight=False)
        for part in parts:
            console.print(part, markup=False, soft_wrap=isinstance(part, str))

    def busy(self, text: str = "Loading TensorFlow") -> AbstractContextManager[object]:
        """Show a moving line on the terminal until the block ends."""
        moving = not self.silent and self.aside.is_terminal
        return self.aside.status(text) if moving else nullcontext()


_current = [Console()]  # one program runs at a time


def set_console(console: Console) -> None:
    """Use a console for the command that runs next."""
    _current[0] = console


def current_console() -> Console:
    """Return the console of the command that runs."""
    return _current[0]


def counted(count: int, thing: str) -> str:
    """Return a number with its noun: "1 sound", "2 sounds"."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def plain(value: object) -> str:
    """Return untrusted text that is safe to print: what would steer a terminal or cannot be encoded is spelled out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))


def _finite(data: Any) -> Any:
    """Return the same with null for every number that JSON does not know."""
    if isinstance(data, dict):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
