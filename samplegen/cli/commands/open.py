"""`samplegen open`: a pack's audition page in the browser."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from samplegen.cli import complete
from samplegen.cli.lookup import found, packs
from samplegen.cli.output import current_console
from samplegen.errors import DataError

PAGE = "index.html"  # samplegen.packs.page's name for it; that room is slow to import


def open_(
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Name or folder of a pack.", autocompletion=complete.PACK)
    ],
) -> None:
    """Open a pack's page in the browser: pads, sequencer, and a map of its sounds.

    --json gives: page (path), opened (whether a browser was found).
    """
    page = _page(pack)
    console = current_console()
    opened = webbrowser.open(page.resolve().as_uri())
    if not opened:
        console.note("no browser was found here; open this file in one:")
    console.result({"page": str(page), "opened": opened}, [page], lambda: [str(page)])


def _page(pack: str) -> Path:
    named = [folder for folder in packs() if folder.name == pack]  # a model may have the same name
    kind, folder = ("pack", named[0]) if named else found(pack)
    if kind != "pack":
        raise DataError(f"{pack} is a {kind}; only packs have a page, and samplegen list names them")
    page = folder / PAGE
    if not page.is_file():
        raise DataError(f"{folder} has no page {PAGE}; make the pack again, with --force in its place")
    return page
