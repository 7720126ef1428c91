"""The command line: parse, call the library, print. The only package that prints, shows progress or exits.

Exit codes: 0 done, 1 it cannot be done (one sentence on stderr), 2 the command was misspelt, 130 interrupted.
"""

from collections.abc import Callable, Mapping

from samplegen.cli.app import app, quieten_libraries
from samplegen.cli.commands import (
    check,
    convert,
    evaluate,
    generate,
    interpolate,
    lofi,
    pack,
    sequence,
    show,
    styles,
    train,
    transcribe,
    verify,
)
from samplegen.cli.commands.open import open_
from samplegen.cli.commands.slice import slice_

PANELS: Mapping[str, Mapping[str, Callable[..., None]]] = {  # of the help -> commands
    "Make": {
        "generate": generate.generate,
        "interpolate": interpolate.interpolate,
        "vary": interpolate.vary,
        "convert": convert.convert,
        "remix": transcribe.remix,
    },
    "Play": {
        "sequence": sequence.sequence,
        "styles": styles.styles,
        "transcribe": transcribe.transcribe,
        "lofi": lofi.lofi,
        "open": open_,
    },
    "Packs": {
        "pack": pack.pack,
        "check": check.check,
        "verify": verify.verify,
        "list": show.list_,
        "show": show.show,
        "slice": slice_,
    },
    "Learn": {"evaluate": evaluate.evaluate, "compare": evaluate.compare},
}
COMMANDS = ("train", *(name for commands in PANELS.values() for name in commands))
for _panel, _commands in PANELS.items():
    if _panel == "Learn":
        app.add_typer(train.app, name="train", rich_help_panel=_panel)
    for _name, _command in _commands.items():
        app.command(_name, rich_help_panel=_panel)(_command)


def main() -> None:
    """Run the program `samplegen`."""
    quieten_libraries()
    app()
