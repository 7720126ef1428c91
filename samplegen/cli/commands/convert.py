"""`samplegen convert`: a take through a model, or through a pack's drums."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from samplegen import files
from samplegen.cli import complete, train_converter
from samplegen.cli.options import Force
from samplegen.cli.output import current_console
from samplegen.cli.trigger import Calibration, Pack, drive, refuse
from samplegen.conversion.registry import CONVERTERS
from samplegen.errors import OptionError
from samplegen.settings import check_range

CHUNK_SECONDS, CHUNK_RANGE_SECONDS = 20, (1, 600)  # of `samplegen.conversion.convert`, whose import takes seconds


def convert(
    take: Annotated[Path, typer.Argument(help="Sound file to convert, of any length, rate and number of channels.")],
    model: Annotated[
        str | None,
        typer.Argument(
            help="Name or folder of a model that converts, such as one of kind voice. Not with --trigger.",
            autocompletion=complete.MODEL,
        ),
    ] = None,
    *,
    trigger: Pack = None,
    calibrate: Calibration = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write, as long as the take to the sample. No default.")
    ] = None,
    pitch: Annotated[
        str | None,
        typer.Option(
            help="Where the take's median pitch goes: target, keep, or a number of Hz. Default: target for a voice, "
            "else keep."
        ),
    ] = None,
    transpose: Annotated[float, typer.Option(help="Semitones on top of that, -48 to 48.")] = 0.0,
    mix: Annotated[float, typer.Option(help="Share of the converted sound, 0 to 1; the rest is the take.")] = 1.0,
    growl: Annotated[float, typer.Option(help="Roughness of a scream on what is voiced, 0 to 1.")] = 0.0,
    tracker: Annotated[
        str,
        typer.Option(
            help="What estimates the take's pitch: pyin, or swift-f0 where it is installed: samplegen[pitch]."
        ),
    ] = "pyin",
    chunk: Annotated[
        int, typer.Option(help="Seconds made at a time, 1 to 600; memory depends on it, and nothing else does.")
    ] = CHUNK_SECONDS,
    force: Force = False,
) -> None:
    """Convert a take with a trained model: what is said or played and when stays, the voice or instrument changes.

    A voice's answer is a gain over time and frequency, so phases and the stereo image stay, too.

    With --trigger, the take's hits are struck on a pack instead: a mono WAV as long as the take, and a MIDI file.

    --json gives: take, model, out, samples, channels, rate, ratio (of the pitches), notes. With --trigger: take, pack,
    wav, midi, samples, rate, hits (sample, role, pad, note, velocity), notes.
    """
    console = current_console()
    if out is None:
        raise OptionError("say where the result goes: --out FILE")
    if trigger is not None:
        given = {"MODEL": model, "--transpose": transpose, "--growl": growl}
        kept = {
            "--pitch": pitch is None,
            "--tracker": tracker == "pyin",
            "--mix": mix == 1,
            "--chunk": chunk == CHUNK_SECONDS,
        }
        refuse(given, kept)
        drive(take, trigger, calibrate, out, console, force=force)
        return
    if model is None or calibrate is not None:
        raise OptionError("name a MODEL that converts; or --trigger PACK, which --calibrate belongs to")
    check_range(chunk, CHUNK_RANGE_SECONDS, "--chunk", unit=" seconds")
    files.refuse_existing(out, force=force)
    with console.busy():
        from samplegen.conversion import convert as conversion_convert
        from samplegen.conversion.options import ConvertOptions

        loaded = train_converter.loaded(model)
    chosen: dict[str, Any] = {"transpose": transpose, "mix": mix, "growl": growl, "tracker": tracker}
    chosen |= {} if pitch is None else {"pitch": pitch}
    options = ConvertOptions(**{**CONVERTERS[loaded.card.kind].convert_options, **chosen})
    from samplegen.cli.views import tables

    with tables.progress(console, "Converting") as progress:
        done = conversion_convert.convert(
            loaded, take, out, options=options, chunk=chunk, force=force, progress=progress
        )
    for note in done.notes:
        console.note(note)
    result = {"take": str(take), "model": str(loaded.folder), "out": str(out), **vars(done), "notes": [*done.notes]}
    console.result(result, [out], lambda: _shown(result, loaded.card.kind))


def _shown(result: dict[str, Any], kind: str) -> Iterator[Any]:
    from samplegen.cli.views import tables

    seconds = f"{result['samples'] / result['rate']:.1f} s, {result['channels']} channels at {result['rate']} Hz"
    moved = f"{result['ratio']:.2f} times as high" if result["ratio"] != 1 else "as it was"
    facts = {"written": result["out"], "length": seconds}
    yield tables.facts(facts | ({"pitch": moved} if "pitch" in CONVERTERS[kind].convert_options else {}))
