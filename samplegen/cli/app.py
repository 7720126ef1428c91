"""The program that the commands belong to: its own options, and how it fails."""

import logging
import os
import sys
import traceback
import warnings
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from samplegen import __version__
from samplegen.cli.output import Console, set_console
from samplegen.errors import SamplegenError

DEBUG = "SAMPLEGEN_DEBUG"  # set to 1 in the environment, every failure shows where it came from
INTERRUPTED = 130  # 128 + SIGINT, as shells count
QUIET, AS_JSON, VERBOSE = ("--quiet", "-q"), ("--json",), ("--verbose",)


class Program(TyperGroup):
    """The program: options that work before and after a command, and one sentence on stderr for a failure."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the program's own options out of the words, wherever they stand before `--`."""
        end = args.index("--") if "--" in args else len(args)
        own = {word for word in args[:end] if word in (*QUIET, *AS_JSON, *VERBOSE)}
        set_console(Console(bool(own & {*QUIET}), bool(own & {*AS_JSON})))
        if own & {*VERBOSE}:
            os.environ[DEBUG] = "1"
        return super().parse_args(ctx, [word for word in args[:end] if word not in own] + args[end:])

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise  # not failures: typer ends the program
        except KeyboardInterrupt:
            _fail("stopped; nothing half-done was left behind", INTERRUPTED)
        except SamplegenError as error:
            _fail(str(error))
        except OSError as error:
            _fail(f"{error.filename or 'the system'}: {error.strerror or error}")
        except MemoryError:
            _fail("there is not enough memory for this; ask for less at a time")
        except Exception as error:
            if hasattr(error, "exit_code"):
                raise  # typer's own, about an option or argument
            what = f"{type(error).__name__}: {error}".partition("\n")[0]
            _fail(f"this should not happen ({what}); please report it, with what --verbose makes it print")


def debugging() -> bool:
    """Return whether failures show where they come from, and libraries may log."""
    return os.environ.get(DEBUG) == "1"


def _fail(sentence: str, code: int = 1) -> NoReturn:
    if debugging():
        traceback.print_exc()
    typer.echo(f"samplegen: {sentence}", err=True)
    raise typer.Exit(code)


def _version(requested: bool) -> None:
    if requested:
        typer.echo(f"samplegen {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 it cannot be done, 2 misspelt, 130 stopped by Ctrl-C.",
)


@app.callback()
def samplegen(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
    quiet: Annotated[bool, typer.Option(*QUIET, help="Print only the path or name of the result.")] = False,
    as_json: Annotated[bool, typer.Option(*AS_JSON, help="Print the result as JSON, and nothing else.")] = False,
    verbose: Annotated[bool, typer.Option(*VERBOSE, help="Show where an error comes from.")] = False,
) -> None:
    """Turn a folder of drum loops into new instruments.

    Begin with these three:

    `samplegen generate` makes a pack of new drums with the model that comes along.

    `samplegen open PACK` plays it in your browser.

    `samplegen train dcgan FOLDER --name mine` learns from your own sounds.

    `--quiet`, `--json` and `--verbose` work before or after every command.
    """


def quieten_libraries() -> None:
    """Once, before anything heavy is imported: leave stderr to the program, and let no odd name crash a print."""
    if not (debugging() or {*VERBOSE} & {*sys.argv}):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        warnings.simplefilter("ignore")
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)
        _keep_stderr()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _keep_stderr() -> None:
    """Give Python a stderr of its own and point file descriptor 2 nowhere.

    TensorFlow's libraries log into it as they load, and an mp3 decoder does about damaged files, whatever is set.
    """
    sys.stderr.flush()
    own, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    sys.stderr = open(own, "w", encoding=sys.stderr.encoding, buffering=1)  # noqa: SIM115, PTH123
    os.dup2(nowhere, 2)
    os.close(nowhere)
