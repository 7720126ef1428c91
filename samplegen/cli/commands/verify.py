"""`samplegen verify`: a pack in the programs that people will open it with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli import complete
from samplegen.cli.lookup import pack_folder
from samplegen.cli.output import current_console

if TYPE_CHECKING:
    from samplegen.packs.players.verify import PlayerResult


def verify(
    what: Annotated[
        str, typer.Argument(metavar="PACK", help="Name or folder of a pack.", autocompletion=complete.PACK)
    ],
) -> None:
    """Open a pack in real players, importers and validators: those that are installed here.

    The others are named, with how to install them. Exits 1 where one rejects something.

    --json gives: pack (its folder), passed, clients (name, proves, verdict: accepts, rejects, not installed or nothing
    to read, files: how many it reads, reasons, install).
    """
    console = current_console()
    folder = pack_folder(what)
    from samplegen.packs.players import verify as players_verify

    with console.busy("Verifying"):
        results = players_verify.verify_pack(folder)
    rejecting = [one.player.name for one in results if one.status == players_verify.REJECTED]
    result = {"pack": str(folder), "passed": not rejecting, "clients": [_row(one) for one in results]}
    console.result(result, rejecting or [folder], lambda: _shown(folder, results))
    if rejecting:
        raise typer.Exit(1)


def _row(result: "PlayerResult") -> dict[str, Any]:
    player = result.player
    row = {"name": player.name, "proves": player.proves, "verdict": result.status, "files": result.files}
    return row | {"reasons": list(result.reasons), "install": player.source}


def _shown(folder: Path, results: Sequence["PlayerResult"]) -> Any:
    from samplegen.cli.views import tables
    from samplegen.packs.players.verify import ACCEPTED, MISSING, REJECTED

    content = [(one.player.name, one.status, one.files or "", one.player.reads, one.player.proves) for one in results]
    yield from tables.rows(("client", "verdict", "files", "reads", "proves"), content)
    yield from (tables.sentence(f"{one.player.name}: {reason}") for one in results for reason in one.reasons)
    if missing := [one.player.source for one in results if one.status == MISSING]:
        yield tables.sentence(f"to ask the others, too: {'; '.join(missing)}")
    accepted, judging = (sum(one.status in words for one in results) for words in ({ACCEPTED}, {ACCEPTED, REJECTED}))
    yield tables.sentence(f"{accepted} of {judging} installed clients accept {folder}")
