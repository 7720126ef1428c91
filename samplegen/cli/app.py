"""The program that the commands belong to: what it is called, and how it fails."""

import os
import traceback
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from samplegen import __version__
from samplegen.errors import SamplegenError

DEBUG = "SAMPLEGEN_DEBUG"  # set to 1 in the environment, every failure shows where it came from
INTERRUPTED = 130  # 128 + SIGINT, as shells count


class Program(TyperGroup):
    """Turns what goes wrong inside any command into one sentence on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
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
            _fail(f"this should not happen ({what}); please report it, with what {DEBUG}=1 makes it print")


def debugging() -> bool:
    """Whether the user wants to see where failures and log lines come from."""
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
)


@app.callback()
def samplegen(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Turn a folder of drum loops into new instruments.

    `samplegen generate` makes a pack with the model that comes along;
    `samplegen train dcgan FOLDER --name mine` learns from your own sounds.
    """
