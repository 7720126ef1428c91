"""Reference of the commands, from the Typer app."""

from collections.abc import Iterator
from enum import EnumMeta
from itertools import groupby
from pathlib import Path
from typing import Any

import typer
from tables import plain, table

from samplegen.cli import app

EXIT_CODES = (
    ("0", "done"),
    ("1", "it cannot be done; one sentence on stderr says why. `check` and `verify`: something failed"),
    ("2", "the command, an option or an argument is misspelt or missing"),
    ("130", "stopped by Ctrl-C; nothing half-done is left behind, and a training keeps what it learned"),
)
VALUES = {int: "INT", float: "NUMBER", str: "TEXT", Path: "PATH"}  # type of an option -> shown


def page() -> Iterator[str]:
    """Yield the page: options of the program, exit codes, then each command with its arguments and options."""
    program = typer.main.get_command(app)
    yield "# Commands\n"
    yield "`samplegen` alone lists the commands, `samplegen COMMAND --help` explains one.\n"
    yield "## For every command\n"
    yield from _options(program)
    yield "`--quiet`, `--json` and `--verbose` work before or after the command. After `--install-completion`, the Tab"
    yield "key completes commands, options, and the names of models, packs, roles, styles and presets.\n"
    yield "## Exit codes\n"
    yield from table(("code", "meaning"), EXIT_CODES)
    for panel, rows in groupby(program.commands.items(), lambda row: row[1].rich_help_panel):
        yield f"## {panel}\n"
        for name, command in rows:
            yield from _command(command, f"samplegen {name}", "###")


def _command(command: Any, path: str, heading: str) -> Iterator[str]:
    """Yield a command, then the commands inside it."""
    inner = getattr(command, "commands", {})
    yield f"{heading} {path}\n"
    yield f"```text\n{' '.join([path, *(['COMMAND'] if inner else _usage(command))])}\n```\n"
    yield f"{plain(command.help or '')}\n"
    yield from _options(command)
    for name, one in inner.items():
        yield from _command(one, f"{path} {name}", f"{heading}#")


def _usage(command: Any) -> list[str]:
    """List the arguments of a command; those that may be left out stand in brackets."""
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    names = [_name(one) if one.required else f"[{_name(one).strip('[]')}]" for one in arguments]
    return [*names, "[OPTIONS]"]


def _name(argument: Any) -> str:
    return argument.metavar or argument.name.upper()


def _options(command: Any) -> Iterator[str]:
    """Yield the tables of arguments and options."""
    shown = [parameter for parameter in command.params if not parameter.hidden]
    for kind in ("argument", "option"):
        if rows := [_row(one, kind) for one in shown if one.param_type_name == kind]:
            yield from table((kind, "meaning", "default"), rows)


def _row(parameter: Any, kind: str) -> tuple[str, str, str]:
    spelled = _name(parameter) if kind == "argument" else ", ".join([*parameter.opts, *parameter.secondary_opts])
    value = "" if kind == "argument" or parameter.is_flag else f" {parameter.metavar or _type(parameter)}"
    default = getattr(parameter.default, "value", parameter.default)
    shown = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
    return f"`{spelled}{value}`", plain(parameter.help or ""), shown


def _type(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    return "|".join(one.value for one in kind) if isinstance(kind, EnumMeta) else VALUES.get(kind, "VALUE")
