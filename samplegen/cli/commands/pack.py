"""`samplegen pack`: sounds that someone already has, made into a pack."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from samplegen.cli.lookup import predicted_roles
from samplegen.cli.options import Force, Seed, spelled
from samplegen.cli.output import counted, current_console
from samplegen.cli.pack_options import (
    BITS,
    FORMATS,
    OUT,
    PACK_DEFAULTS,
    RATE,
    Bits,
    Formats,
    NoteMapFile,
    Out,
    Profile,
    Rate,
    destination,
    pack_options,
    subtype,
)
from samplegen.settings import check_range

DEFAULTS = PACK_DEFAULTS | {"seed": 0}


def pack(
    folder: Annotated[Path, typer.Argument(help="Folder of loops and one-shots, of any depth and format.")],
    *,
    name: Annotated[str, typer.Option(help="Name of the pack.")],
    rate: Rate = RATE,
    bits: Bits = BITS,
    formats: Formats = FORMATS,
    profile: Profile = None,
    note_map: NoteMapFile = None,
    out: Out = OUT,
    seed: Seed = None,
    force: Force = False,
) -> None:
    """Make a pack of sounds that you have: cleaned, sorted by drum, named and mapped.

    Loops are cut into their hits. The role is the one that folder or file names tell; of a sound without, the one that
    it is heard as. Copies are dropped, whatever their level. The words in the names are drawn from --seed.

    --json gives: pack (its folder), name, seed, command, sounds (path, role, note, kit, seconds, peak_dbfs, takes,
    source, start and end in it in seconds, role_from: name or sound; sha256), skipped (file and reason), warnings
    (what formats lose).
    """
    console, seed = current_console(), seed or 0
    target, depth = destination(out, name, force=force), subtype(bits)
    options = pack_options(formats, profile, note_map)
    from samplegen import SpectrogramConfig, scan
    from samplegen.audio import signals
    from samplegen.cli.views import tables
    from samplegen.data import slicing
    from samplegen.packs import collect, write

    check_range(rate, signals.RATE_RANGE_HZ, "--rate", unit=" Hz")
    with tables.progress(console, "Reading") as progress:
        data = scan(folder, SpectrogramConfig(), progress=progress)
    slicing.refuse_sources(data, target)
    nameless = [index for index, sound in enumerate(data.sounds) if sound.role is None]
    predicted = dict(zip(nameless, predicted_roles(data, nameless, console), strict=True))
    with console.busy("Writing"):
        collected = collect.collect_sounds(
            data, [sound.role or predicted[at] for at, sound in enumerate(data.sounds)], rate=rate
        )
        command = spelled(
            "pack", folder, defaults=DEFAULTS, name=name, rate=rate, bits=bits, formats=formats, profile=profile,
            map=note_map, seed=seed,
        )  # fmt: skip
        manifest = write.write_pack(
            collected.sounds, target, origin=collect.origin(folder, seed=seed, command=command),
            rate=rate, subtype=depth, options=options, force=force,
        )  # fmt: skip
    skipped = [list(row) for row in (*data.report.skipped, *collected.dropped)]
    result = {"pack": str(target)} | {key: manifest[key] for key in ("name", "seed", "command", "sounds")}
    result |= {"skipped": skipped, "warnings": write.losses(manifest, options)}
    for warning in result["warnings"]:
        console.note(warning)
    console.result(result, [target], lambda: _shown(target, manifest, skipped))


def _shown(out: Path, manifest: dict[str, Any], skipped: list[list[str]]) -> Any:
    from samplegen.cli.views import tables

    counts = Counter(sound["role"] for sound in manifest["sounds"])
    yield from tables.rows(("role", "sounds"), counts.most_common())
    yield from tables.rows(("left out", "because it"), skipped)
    yield tables.sentence(f"{counted(len(manifest['sounds']), 'sound')} in {out}")
