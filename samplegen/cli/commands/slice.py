"""`samplegen slice`: loops cut into one-shots."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen import files
from samplegen.cli.options import Force
from samplegen.cli.output import current_console

if TYPE_CHECKING:
    from samplegen.data.dataset import Dataset
from samplegen.cli.lookup import predicted_roles
from samplegen.settings import check_range


def slice_(
    folder: Annotated[Path, typer.Argument(help="Folder of loops and one-shots, of any depth and format.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write the one-shots to, one folder a role.")],
    rate: Annotated[
        int | None, typer.Option(help="Sampling rate of the files in Hz, 4000 to 768000. Default: that of each source.")
    ] = None,
    force: Force = False,
) -> None:
    """Cut the loops of a folder into one-shots, sorted by role.

    The role is the one that folder or file names tell; of a sound without, the one that it is heard as.

    --json gives: folder (the result's), sounds (file, source, start and end in seconds, role), skipped (file and
    reason).
    """
    console = current_console()
    files.refuse_existing(out, force=force)
    from samplegen import SpectrogramConfig, scan, write_slices
    from samplegen.audio import signals
    from samplegen.cli.views import tables

    if rate is not None:
        check_range(rate, signals.RATE_RANGE_HZ, "--rate", unit=" Hz")

    with tables.progress(console, "Reading") as progress:
        data = scan(folder, SpectrogramConfig(), progress=progress)
    roles = [sound.role for sound in data.sounds]
    nameless = [index for index, role in enumerate(roles) if role is None]
    for index, role in zip(nameless, predicted_roles(data, nameless, console), strict=True):
        roles[index] = role
    with console.busy("Writing"):
        sounds = write_slices(data, out, rate=rate, roles=roles, force=force)
    result = {"folder": str(out), "sounds": sounds, "skipped": [list(row) for row in data.report.skipped]}
    console.result(result, [out], lambda: _shown(out, data, sounds))


def _shown(out: Path, data: "Dataset", sounds: list[dict[str, Any]]) -> Any:
    from samplegen.cli.views import tables

    yield from tables.ingested(data.report)
    counts = Counter(str(sound["role"]) for sound in sounds)
    yield from tables.rows(("role", "sounds"), counts.most_common())
    yield tables.sentence(f"{len(sounds)} sounds are in {out}")
