"""`samplegen verify`: a pack in the programs that people will open it with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli.lookup import pack_folder
from samplegen.cli.options import Force, Json, Quiet, Seed
from samplegen.cli.output import Voice

if TYPE_CHECKING:
    from samplegen.packs.players.verify import Opinion


def verify(
    what: Annotated[str, typer.Argument(metavar="PACK", help="Name or folder of a pack.")],
    *,
    seed: Seed = None,  # noqa: ARG001 - nothing here is random
    quiet: Quiet = False,
    as_json: Json = False,
    force: Force = False,  # noqa: ARG001 - nor written
) -> None:
    """Open a pack in real players, importers and validators: those that are installed here.

    The others are named, with how to install them. Exits 1 where one rejects something.

    --json gives: pack (its folder), passed, clients (name, proves, verdict: accepts, rejects, not installed or nothing
    to read, files: how many it reads, reasons, install).
    """
    voice = Voice(quiet, as_json)
    folder = pack_folder(what)
    from samplegen.packs.players import verify as players_verify

    with voice.busy("Verifying"):
        opinions = players_verify.verify_pack(folder)
    rejecting = [one.client.name for one in opinions if one.verdict == players_verify.REJECTED]
    result = {"pack": str(folder), "passed": not rejecting, "clients": [_row(one) for one in opinions]}
    voice.result(result, rejecting or [folder], lambda: _shown(folder, opinions))
    if rejecting:
        raise typer.Exit(1)


def _row(opinion: "Opinion") -> dict[str, Any]:
    client = opinion.client
    row = {"name": client.name, "proves": client.proves, "verdict": opinion.verdict, "files": opinion.files}
    return row | {"reasons": list(opinion.reasons), "install": client.source}


def _shown(folder: Path, opinions: Sequence["Opinion"]) -> Any:
    from samplegen.cli.views import tables
    from samplegen.packs.players.verify import ACCEPTED, MISSING, REJECTED

    content = [(one.client.name, one.verdict, one.files or "", one.client.reads, one.client.proves) for one in opinions]
    yield from tables.rows(("client", "verdict", "files", "reads", "proves"), content)
    yield from (tables.sentence(f"{one.client.name}: {reason}") for one in opinions for reason in one.reasons)
    if missing := [one.client.source for one in opinions if one.verdict == MISSING]:
        yield tables.sentence(f"to ask the others, too: {'; '.join(missing)}")
    accepted, judging = (sum(one.verdict in words for one in opinions) for words in ({ACCEPTED}, {ACCEPTED, REJECTED}))
    yield tables.sentence(f"{accepted} of {judging} installed clients accept {folder}")
