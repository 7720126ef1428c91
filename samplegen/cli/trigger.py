"""`samplegen convert TAKE --trigger PACK`: a beatboxed or tapped take plays a pack."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen import files
from samplegen.cli.output import Console
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.transcription.trigger import TriggerResult


Pack = Annotated[
    str | None,
    typer.Option(
        metavar="PACK", help="Play a pack by the hits of a beatboxed or tapped take of up to 10 minutes. Default: none."
    ),
]
Calibration = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="With --trigger: about 5 labelled hits of each kind, kick/1.wav. Default: none."
    ),
]


def refuse(given: Mapping[str, object], kept: Mapping[str, bool]) -> None:
    """Raise `OptionError` for what is given, or not kept at its default, and means nothing with --trigger."""
    unfit = [name for name, value in given.items() if value] + [name for name, default in kept.items() if not default]
    if unfit:
        raise OptionError(f"--trigger plays the pack's own sounds, without {', '.join(unfit)}; leave one of them out")


def drive(take: Path, pack: str, calibrate: Path | None, out: Path, console: Console, *, force: bool) -> None:
    """Play a pack by a take, and write what was played."""
    from samplegen.cli.lookup import found_pack
    from samplegen.sequencer import loop_files
    from samplegen.transcription import trigger

    for place in loop_files.output_paths(out):
        files.refuse_existing(place, force=force)
    folder = found_pack(pack)
    with console.busy("Listening"):
        result = trigger.trigger_pack(take, folder, calibrate=calibrate)
        written = trigger.write(result, out, force=force)
    for note in result.notes:
        console.note(note)
    console.result(_data(result, take, folder, written), written, lambda: _shown(result, written))


def _data(result: "TriggerResult", take: Path, pack: Path, written: list[Path]) -> dict[str, Any]:
    hits = [
        {
            "sample": frame,
            "role": result.pattern.lanes[hit.lane].name,
            "pad": (pad := result.parts[hit.lane].pad) and pad.name,
            "note": result.parts[hit.lane].note,
            "velocity": hit.velocity,
        }
        for frame, hit in zip(result.frames, result.hits, strict=True)
    ]
    return {
        "take": str(take),
        "pack": str(pack),
        "wav": str(written[0]),
        "midi": str(written[1]),
        "samples": len(result.samples),
        "rate": result.rate,
        "hits": hits,
        "notes": [*result.notes],
    }


def _shown(result: "TriggerResult", written: list[Path]) -> Iterator[Any]:
    from samplegen.cli.views import tables

    yield tables.Rows(
        ("role", "hits", "played by"),
        [
            [lane.name, str(result.counts[lane.name]), part.pad.name if part.pad else "nobody"]
            for lane, part in zip(result.pattern.lanes, result.parts, strict=True)
        ],
    )
    seconds = len(result.samples) / result.rate
    yield tables.sentence(
        f"{seconds:.1f} s at {result.rate} Hz, as long as the take, in {' and '.join(map(str, written))}"
    )
