"""`samplegen transcribe` and `samplegen remix`: a drum loop as a pattern, and that pattern played by a pack."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli import complete
from samplegen.cli.options import Force, Seed
from samplegen.cli.output import Console, current_console
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.transcription.transcribe import Transcription

Source = Annotated[Path, typer.Argument(metavar="LOOP", help="Drum loop, or a drum track: its first minute.")]
Bpm = Annotated[float | None, typer.Option(help="Tempo, 20 to 999. Default: the one that is heard.")]
_MIDI = ".mid"


def transcribe(
    source: Source,
    *,
    bpm: Bpm = None,
    pack: Annotated[
        str | None,
        typer.Option(
            metavar="PACK",
            help="Name or folder of the pack that played the loop: tells its drums.",
            autocompletion=complete.PACK,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File of the pattern's text; the MIDI file lies beside it. Default: none."),
    ] = None,
    force: Force = False,
) -> None:
    """Write down a drum loop: its tempo and meter, what is struck, when and how hard.

    What lies beside the grid keeps its place: {87@+.12} is struck 0.12 of a step late. samplegen sequence PACK
    --pattern FILE plays the result. With --pack, drums are told by comparing them with that pack's sounds.

    --json gives: pattern (as text), tempo, sureness (of the tempo, 0 to 1), rival (the next best tempo), meter, swing,
    bars, seconds, onsets, hits (seconds, drum, velocity), text and midi (files or null),
    unexplained (share of the sound that is not the pack's, 0 to 1, or null), warnings.
    """
    console = current_console()
    from samplegen import files

    places = _places(out)
    for place in places:
        files.refuse_existing(place, force=force)
    transcription = _transcribed(source, bpm, pack, console)
    if places:
        _write(transcription, places, force=force)
    console.result(
        _data(transcription, places), places or _text(transcription).splitlines(), lambda: _shown(transcription, places)
    )


def remix(
    source: Source,
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Name or folder of a pack.", autocompletion=complete.PACK)
    ],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="WAV file; the MIDI file lies beside it.")],
    bpm: Bpm = None,
    played_by: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PACK",
            help="Name or folder of the pack that played the loop.",
            autocompletion=complete.PACK,
        ),
    ] = None,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Replace the drums of a loop by the sounds of a pack; its timing, dynamics and length stay.

    --json gives: wav, midi, pattern (as text), tempo, bars, rate, frames, seconds, lanes (name, pad), warnings.
    """
    console = current_console()
    from samplegen import files
    from samplegen.cli.lookup import found_pack
    from samplegen.sequencer import loop_files
    from samplegen.transcription import remix as transcription_remix

    folder = found_pack(pack)
    for place in loop_files.output_paths(out):
        files.refuse_existing(place, force=force)
    transcription = _transcribed(source, bpm, played_by, console)
    with console.busy("Playing"):
        loop = transcription_remix.remix(transcription, folder, seed=seed or 0)
        written = loop_files.write_loop(loop, out, force=force)
    messages = [*transcription.warnings, *loop.warnings]
    data = {
        "wav": str(written[0]),
        "midi": str(written[1]),
        "pattern": _text(transcription),
        "tempo": transcription.pattern.tempo,
        "bars": transcription.pattern.bars,
        "rate": loop.rate,
        "frames": len(loop.samples),
        "seconds": len(loop.samples) / loop.rate,
        "lanes": [
            {"name": lane.name, "pad": assignment.pad and assignment.pad.name}
            for lane, assignment in zip(transcription.pattern.lanes, loop.assignments, strict=True)
        ],
        "warnings": messages,
    }
    console.result(data, written, lambda: _drawn(transcription, messages, written))


def _transcribed(source: Path, bpm: float | None, pack: str | None, console: Console) -> "Transcription":
    with console.busy("Listening"):
        from samplegen.cli.lookup import found_pack
        from samplegen.transcription.transcribe import transcribe as listen

        return listen(source, bpm=bpm, pack=pack and found_pack(pack))


def _places(out: Path | None) -> list[Path]:
    if out is None:
        return []
    if out.suffix.lower() == _MIDI or out.is_dir():
        raise OptionError(f"{out} is no name for a text file; give one such as groove.txt, and the MIDI lies beside it")
    return [out, out.with_suffix(_MIDI)]


def _write(transcription: "Transcription", places: list[Path], *, force: bool) -> None:
    from samplegen import files
    from samplegen.sequencer import midi_writer, timing
    from samplegen.sequencer.pad_mapping import note_of

    notes = [note_of(lane.name) for lane in transcription.pattern.lanes]
    midi = midi_writer.pattern_midi(
        transcription.pattern, timing.events(transcription.pattern), notes, name=places[0].stem, fine=True
    )
    with files.whole_set(places, force=force) as parts:
        parts[0].write_text(_text(transcription), "utf-8")
        parts[1].write_bytes(midi)


def _text(transcription: "Transcription") -> str:
    from samplegen.sequencer import notation

    return notation.show_pattern(transcription.pattern)


def _data(transcription: "Transcription", places: list[Path]) -> dict[str, Any]:
    from samplegen.sequencer import timing

    pattern, names = transcription.pattern, [lane.name for lane in transcription.pattern.lanes]
    hits = [
        {
            "seconds": round(hit.beat * 60 / pattern.tempo, 4),
            "drum": names[hit.lane],
            "velocity": hit.velocity,
        }
        for hit in timing.events(pattern)
    ]
    files: list[str | None] = [str(place) for place in places] or [None, None]
    return {
        "pattern": _text(transcription),
        "tempo": pattern.tempo,
        "sureness": transcription.sureness,
        "rival": transcription.rival,
        "meter": f"{pattern.meter[0]}/{pattern.meter[1]}",
        "swing": pattern.swing,
        "bars": pattern.bars,
        "seconds": transcription.seconds,
        "onsets": transcription.onsets,
        "hits": hits,
        "text": files[0],
        "midi": files[1],
        "unexplained": transcription.unexplained,
        "warnings": list(transcription.warnings),
    }


def _shown(transcription: "Transcription", places: list[Path]) -> Any:
    from samplegen.cli.views import tables

    yield from _drawn(transcription, transcription.warnings, places)
    if not places:
        yield from tables.verbatim(_text(transcription))


def _drawn(transcription: "Transcription", warnings: Any, places: list[Path]) -> Any:
    from samplegen.cli.views import pattern_grid, tables

    pattern = transcription.pattern
    yield pattern_grid.Grid(pattern)
    for warning in warnings:
        yield tables.sentence(warning)
    bars = f"{pattern.bars} {'bar' if pattern.bars == 1 else 'bars'} of {pattern.meter[0]}/{pattern.meter[1]}"
    where = f", in {' and '.join(map(str, places))}" if places else ""
    yield tables.sentence(f"{bars} at {pattern.tempo:g} bpm, {100 * transcription.sureness:.0f} % sure{where}")
