"""`samplegen check`: is a pack fit to be given away."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli import complete
from samplegen.cli.output import current_console

if TYPE_CHECKING:
    from samplegen.packs.checks.table import Outcome
from samplegen.cli.lookup import pack_folder

_WORST = 3  # faults shown of each check


def check(
    what: Annotated[
        str, typer.Argument(metavar="PACK", help="Name or folder of a pack.", autocompletion=complete.PACK)
    ],
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair levels, offsets, starts and tails. Default: only look.")
    ] = False,
) -> None:
    """Check a pack: formats, levels, starts, tails, copies, names, files, hashes. Exits 1 where something fails.

    --fix finishes the sounds anew that are too loud, too soft, late, off centre or not faded, and writes them, the
    kits that hold them and the manifest, whole or not at all. Names stay, and nothing is deleted.

    --json gives: pack (its folder), passed, mended (paths of sounds), checks (name, measures, bound, looked, mends,
    failed: where and what, the worst first).
    """
    console = current_console()
    folder = pack_folder(what)
    with console.busy("Checking"):
        from samplegen.packs.checks import repair, table

        mended = repair.repair_pack(folder) if fix else []
        outcomes = table.check_pack(folder)
    failed = [one.check.name for one in outcomes if one.failed]
    result = {"pack": str(folder), "passed": not failed, "mended": mended, "checks": [_row(one) for one in outcomes]}
    console.result(result, failed or [folder], lambda: _shown(folder, outcomes, mended))
    if failed:
        raise typer.Exit(1)


def _row(outcome: "Outcome") -> dict[str, Any]:
    check = outcome.check
    row = {"name": check.name, "measures": check.measures, "bound": check.bound, "looked": outcome.checked}
    return row | {
        "mends": check.repairable,
        "failed": [{"where": one.where, "what": one.problem} for one in outcome.failed],
    }


def _shown(folder: Path, outcomes: Sequence["Outcome"], mended: Sequence[str]) -> Any:
    from samplegen.cli.views import tables

    passed = [(one, f"{one.checked - len(one.failed)} of {one.checked}") for one in outcomes]
    yield from tables.rows(
        ("check", "passed", "bound", "of"),
        [(one.check.name, text, one.check.bound, one.check.measures) for one, text in passed],
    )
    faults = [
        (one.check.name, Path(fault.where).name, fault.problem) for one in outcomes for fault in one.failed[:_WORST]
    ]
    yield from tables.rows(("failed", "file", "it"), faults)
    if mended:
        yield tables.sentence(f"{len(mended)} sounds were repaired")
    repairable = [one.check.name for one in outcomes if one.failed and one.check.repairable]
    if repairable:
        yield tables.sentence(f"--fix repairs: {', '.join(repairable)}")
    yield tables.sentence(f"{folder} {'fails' if faults else 'passes'}")
