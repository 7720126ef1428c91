"""`samplegen sequence`: a pattern played by a pack."""

from collections import Counter
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli import complete, grooves, pattern_source
from samplegen.cli.options import Force, Seed
from samplegen.cli.output import current_console
from samplegen.cli.pattern_source import Notation
from samplegen.errors import OptionError, did_you_mean

if TYPE_CHECKING:
    from samplegen.sequencer.loop import Loop

LOOPS = Path("loops")


class Tail(StrEnum):
    """Ways to end sounds that outlast the loop."""

    wrap = "wrap"
    append = "append"
    cut = "cut"


def sequence(
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Name or folder of a pack.", autocompletion=complete.PACK)
    ],
    *,
    pattern: Annotated[
        str | None, typer.Option(metavar="FILE|TEXT", help="Pattern to play; in a TEXT, ; ends a line. Default: none.")
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            help="Style to play, such as house or house/deep; see samplegen styles. Default: house.",
            autocompletion=complete.STYLE,
        ),
    ] = None,
    midi: Annotated[Path | None, typer.Option(help="MIDI file whose drums are played. Default: none.")] = None,
    groove: grooves.Groove = None,
    temperature: grooves.Temperature = None,
    top_p: grooves.TopP = None,
    meter: grooves.Meter = None,
    notation: Annotated[Notation, typer.Option(help="How the pattern is written.")] = Notation.grid,
    bpm: Annotated[float | None, typer.Option(help="Tempo, 20 to 999. Default: the pattern's.")] = None,
    bars: Annotated[int | None, typer.Option(help="Bars, 1 to 1000. Default: the pattern's.")] = None,
    repeat: Annotated[int, typer.Option(help="How many times it is played.")] = 1,
    swing: Annotated[float | None, typer.Option(help="Swing, 50 (straight) to 75. Default: the pattern's.")] = None,
    swing_grid: Annotated[int | None, typer.Option(help="Notes that swing: 8 or 16. Default: the pattern's.")] = None,
    humanize: Annotated[float, typer.Option(help="How human the timing is, 0 to 1; 0.3 is a good player.")] = 0.0,
    mutate: Annotated[float, typer.Option(help="How much the pattern is varied, 0 to 1.")] = 0.0,
    density: Annotated[float, typer.Option(help="How dense it is, 0 (the backbone) to 2; 1 is as written.")] = 1.0,
    fill: Annotated[bool, typer.Option("--fill", help="Play a fill, of the style or drawn, in the last bar.")] = False,
    tail: Annotated[Tail, typer.Option(help="Sounds that outlast the loop: to its start, kept, or cut.")] = Tail.wrap,
    stems: Annotated[bool, typer.Option("--stems", help="Write every lane as a file, too.")] = False,
    smf0: Annotated[bool, typer.Option("--smf0", help="Write the MIDI file in format 0: one track.")] = False,
    lofi: Annotated[
        str | None,
        typer.Option(
            metavar="PRESET",
            help="Lo-fi machine for the mix; see samplegen lofi --list. No default.",
            autocompletion=complete.PRESET,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="WAV file; the MIDI file lies beside it. Default: loops/PACK_BPM_NAME.wav."),
    ] = None,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Play a pattern with the sounds of a pack: a WAV that loops, and a MIDI file with the same hits.

    A pattern has a line for each drum, `kick x...x...`: X an accent, x a hit, o a ghost, 1 to 9 a velocity, . a rest.
    The seed decides what --groove draws, mutations, chances and humanising.

    --json gives: wav, midi, stems (folder or null), pattern (as text), tempo, bars, repeat, rate, frames, seconds,
    peak_dbfs, lanes (name, pad, note, hits), warnings, groove (null, or model, hash, temperature, the nearest training
    pattern, distance: 0 for the same hits, 1 for none in common, copy, copied_bars).
    """
    console = current_console()
    from samplegen.cli.lookup import found_pack
    from samplegen.sequencer import loop as loops
    from samplegen.sequencer import loop_files

    given = {"--pattern": pattern, "--style": style, "--midi": midi, "--groove": groove}
    if len([value for value in given.values() if value is not None]) > 1:
        raise OptionError(f"choose one of {', '.join(given)}")
    if lofi:
        _check_preset(lofi)
    folder = found_pack(pack)
    choice = {"temperature": temperature, "top_p": top_p, "meter": meter}
    drawn = grooves.source(groove, choice, tempo=bpm, bars=bars, fill=fill, seed=seed or 0, console=console)
    known = drawn.played if drawn else pattern_source.source(pattern, style, midi, notation, fill=fill, bars=bars)
    name, played, warnings = known
    changes: dict[str, Any] = {"tempo": bpm, "bars": bars, "swing": swing, "swing_grid": swing_grid}
    played = replace(played, **{key: value for key, value in changes.items() if value is not None})
    played = pattern_source.varied(played, mutate, density, seed or 0)
    target = out or LOOPS / f"{folder.name}_{round(played.tempo)}_{name}.wav"
    _refuse(loop_files.output_paths(target, stems=stems), force=force)
    with console.busy("Playing"):
        loop = loops.sequence(
            folder, played, repeat=repeat, humanize=humanize, tail=tail.value, stems=stems, seed=seed or 0
        )
        if lofi:
            from samplegen.sequencer.loop import lofi_loop

            loop = lofi_loop(loop, lofi, seed=seed or 0)
        written = loop_files.write_loop(loop, target, single=smf0, force=force)
    messages = [*warnings, *loop.warnings]
    data = _data(loop, written, messages) | {"groove": drawn and drawn.data}
    sentences = [drawn.sentence] if drawn else []
    console.result(data, written, lambda: _shown(loop, written, [*sentences, *messages]))


def _refuse(places: list[Path], *, force: bool) -> None:
    from samplegen.files import refuse_existing

    for place in places:
        refuse_existing(place, force=force)


def _check_preset(preset: str) -> None:
    from samplegen.audio.lofi_presets import PRESETS

    if preset not in PRESETS:
        raise OptionError(
            f"unknown lo-fi preset {preset!r}; the presets are {', '.join(PRESETS)}{did_you_mean(preset, PRESETS)}"
        )


def _data(loop: "Loop", written: list[Path], warnings: list[str]) -> dict[str, Any]:
    from math import log10

    from samplegen.audio import signals
    from samplegen.sequencer.notation import show_pattern

    counts = Counter(hit.lane for hit in loop.hits)
    lanes = [
        {
            "name": lane.name,
            "pad": assignment.pad and assignment.pad.name,
            "note": assignment.note,
            "hits": counts[index],
        }
        for index, (lane, assignment) in enumerate(zip(loop.pattern.lanes, loop.assignments, strict=True))
    ]
    return {
        "wav": str(written[0]),
        "midi": str(written[1]),
        "stems": str(written[2]) if len(written) > 2 else None,
        "pattern": show_pattern(loop.pattern),
        "tempo": loop.pattern.tempo,
        "bars": loop.pattern.bars,
        "repeat": loop.repeat,
        "rate": loop.rate,
        "frames": len(loop.samples),
        "seconds": len(loop.samples) / loop.rate,
        "peak_dbfs": 20 * log10(max(signals.peak(loop.samples), 1e-9)),
        "lanes": lanes,
        "warnings": warnings,
    }


def _shown(loop: "Loop", written: list[Path], warnings: list[str]) -> Any:
    from samplegen.cli.views import pattern_grid, tables

    yield pattern_grid.Grid(loop.pattern)
    for warning in warnings:
        yield tables.sentence(warning)
    bars = loop.pattern.bars * loop.repeat
    length = f"{bars} {'bar' if bars == 1 else 'bars'} at {loop.pattern.tempo:g} bpm, {len(loop.samples)} samples"
    yield tables.sentence(f"{length}, in {' and '.join(map(str, written))}")
