"""Results of all installed players for a pack."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samplegen.kits.kit import Kit
from samplegen.kits.manifest import kits_in, read_pack
from samplegen.packs.players.run import Job, run
from samplegen.packs.players.table import PLAYERS, Player

ACCEPTED, REJECTED, MISSING, NOTHING = "accepts", "rejects", "not installed", "nothing to read"


@dataclass(frozen=True)
class PlayerResult:
    """Result of one player for a pack: one of the words above, number of files read, and reasons for a rejection."""

    player: Player
    status: str
    files: int = 0
    reasons: tuple[str, ...] = ()


def verify_pack(folder: Path | str) -> list[PlayerResult]:
    """Open a pack in every player, in the order of `PLAYERS`; those that are not installed are listed as such.

    Raises:
        DataError: no pack, or a manifest that cannot be used.

    Example:
        >>> import samplegen
        >>> {one.player.name: one.status for one in samplegen.verify_pack("my-pack")}  # doctest: +SKIP
        {'sfizz': 'accepts', 'sfz-validate': 'accepts', 'polyphone': 'not installed'}
    """
    folder = Path(folder).resolve()  # h2cli takes no other paths
    kits = {kit.name: kit for kit in kits_in(read_pack(folder))}
    return [_result(player, folder, kits) for player in PLAYERS]


def _result(player: Player, folder: Path, kits: dict[str, Kit]) -> PlayerResult:
    files = sorted(path for path in folder.glob(player.reads) if path.is_file())
    if not files or not player.installed:
        return PlayerResult(player, MISSING if files else NOTHING, len(files))
    reasons = tuple(_reasons(player, files, kits))
    return PlayerResult(player, REJECTED if reasons else ACCEPTED, len(files), reasons)


def _reasons(player: Player, files: list[Path], kits: dict[str, Kit]) -> Iterator[str]:
    for batch in [files] if player.at_once else [[file] for file in files]:
        kit = _kit(batch[0], kits)
        with tempfile.TemporaryDirectory(prefix="samplegen-verify-", ignore_cleanup_errors=True) as work:
            job = Job(tuple(batch), tuple(pad.note for pad in kit.pads), len(kit.files), Path(work))
            reason = player.judge(job, run(player.command(job), job.work))
        if reason:
            yield reason if player.at_once else f"{batch[0].name}: {reason}"


def _kit(file: Path, kits: dict[str, Kit]) -> Kit:
    """Return the kit that a file or its folder is named for; else the first."""
    names = (file.stem, file.parent.name.removesuffix("_drumgizmo"))
    return next((kits[name] for name in names if name in kits), next(iter(kits.values())))
