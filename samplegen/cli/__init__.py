"""The command line: parse, call the library, print. The only room that prints, shows progress or exits.

Exit codes: 0 done, 1 it cannot be done (one sentence on stderr), 2 the command was misspelt, 130 interrupted.
"""

from collections.abc import Callable

from samplegen.cli import startup
from samplegen.cli.app import app
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

COMMANDS: dict[str, Callable[..., None]] = {
    "train": train.train,
    "generate": generate.generate,
    "interpolate": interpolate.interpolate,
    "vary": interpolate.vary,
    "convert": convert.convert,
    "evaluate": evaluate.evaluate,
    "compare": evaluate.compare,
    "pack": pack.pack,
    "check": check.check,
    "verify": verify.verify,
    "slice": slice_,
    "lofi": lofi.lofi,
    "open": open_,
    "sequence": sequence.sequence,
    "styles": styles.styles,
    "transcribe": transcribe.transcribe,
    "remix": transcribe.remix,
    "list": show.list_,
    "show": show.show,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def main() -> None:
    """The program `samplegen`."""
    startup.quieten()
    app()
