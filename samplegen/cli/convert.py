"""`samplegen convert` with a model, and what `train` and `evaluate` do for models that convert takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen import files
from samplegen.cli import triggers
from samplegen.cli.options import Force, Json, Quiet, Seed, spelled, within
from samplegen.cli.output import Voice
from samplegen.conversion import CONVERTERS
from samplegen.errors import ModelError, OptionError

if TYPE_CHECKING:
    from samplegen.store import Model

CHUNK, CHUNKS = 20, (1, 600)  # seconds


def convert(
    take: Annotated[Path, typer.Argument(help="Sound file to convert, of any length, rate and number of channels.")],
    model: Annotated[
        str | None,
        typer.Argument(help="Name or folder of a model that converts, such as one of kind voice. Not with --trigger."),
    ] = None,
    *,
    trigger: triggers.Pack = None,
    calibrate: triggers.Calibration = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write, as long as the take to the sample. No default.")
    ] = None,
    pitch: Annotated[
        str, typer.Option(help="Where the take's median pitch goes: target, keep, or a number of Hz.")
    ] = "target",
    transpose: Annotated[float, typer.Option(help="Semitones on top of that, -48 to 48.")] = 0.0,
    mix: Annotated[float, typer.Option(help="Share of the converted sound, 0 to 1; the rest is the take.")] = 1.0,
    growl: Annotated[float, typer.Option(help="Roughness of a scream on what is voiced, 0 to 1.")] = 0.0,
    chunk: Annotated[
        int, typer.Option(help="Seconds made at a time, 1 to 600; memory depends on it, and nothing else does.")
    ] = CHUNK,
    seed: Seed = None,  # noqa: ARG001 - nothing here is random
    quiet: Quiet = False,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Convert a take with a trained model: its words and timing stay, the voice changes.

    The model's answer is a gain over time and frequency, so phases and the stereo image stay, too.

    With --trigger, the take's hits are struck on a pack instead: a mono WAV as long as the take, and a MIDI file.

    --json gives: take, model, out, samples, channels, rate, ratio (of the pitches), notes. With --trigger: take, pack,
    wav, midi, samples, rate, hits (sample, role, pad, note, velocity), notes.
    """
    voice = Voice(quiet, as_json)
    if out is None:
        raise OptionError("say where the result goes: --out FILE")
    if trigger is not None:
        given = {"MODEL": model, "--transpose": transpose, "--growl": growl}
        kept = {"--pitch": pitch == "target", "--mix": mix == 1, "--chunk": chunk == CHUNK}
        triggers.refuse(given, kept)
        triggers.drive(take, trigger, calibrate, out, voice, force=force)
        return
    if model is None or calibrate is not None:
        raise OptionError("name a MODEL that converts; or --trigger PACK, which --calibrate belongs to")
    within(chunk, *CHUNKS, "--chunk", " seconds")
    files.refuse_existing(out, force=force)
    from samplegen.conversion.manner import Manner

    manner = Manner(pitch, transpose, mix, growl)
    with voice.busy():
        kind, loaded = _loaded(model)
        work = CONVERTERS[kind].part("convert")
    from samplegen.cli import views

    with views.progress(voice, "Converting") as progress:
        done = work(loaded, take, out, manner=manner, chunk=chunk, force=force, progress=progress)
    for note in done.notes:
        voice.note(note)
    result = {"take": str(take), "model": str(loaded.folder), "out": str(out), **vars(done), "notes": [*done.notes]}
    voice.result(result, [out], lambda: _shown(result))


def learn(  # noqa: PLR0917
    kind: str,
    source: Path,
    target: Path | None,
    folder: Path,
    pairs: Path | None,
    seed: int,
    licence: str,
    credits: tuple[str, ...],
    voice: Voice,
    force: bool,
) -> None:
    """`samplegen train` for a kind that learns from pairs of takes."""
    if target is None:
        raise OptionError(f"a {kind} learns from two voices: samplegen train {kind} SOURCE TARGET")
    files.refuse_existing(folder, force=force)
    command = spelled(
        "train", kind, source, target, defaults={"seed": 0}, name=folder.name, pairs=pairs, licence=licence,
        credit=list(credits), seed=seed,
    )  # fmt: skip
    with voice.busy():
        train = CONVERTERS[kind].part("train")
    from samplegen.cli import views

    with views.progress(voice, "Listening") as progress:
        model = train(
            source, target, folder, table=pairs, seed=seed, licence=licence, credits=credits, command=command,
            force=force, progress=progress,
        )  # fmt: skip
    told = model.card.training
    for note in told["notes"]:
        voice.note(note)
    kept = {key: told[key] for key in ("seed", "pairs", "seconds_aligned", "steps", "scores", "notes")}
    names = {"model": str(model.folder), "name": model.name, "kind": kind, "hash": model.card.hash}
    voice.result(names | kept | {"figures": model.card.figures}, [model.folder], lambda: _learned(model))


def judge(what: str, source: Path, target: Path, other: Path | None, voice: Voice) -> None:
    """`samplegen evaluate` for a model that converts."""
    with voice.busy():
        _, model = _loaded(what)
        from samplegen.conversion import judging, measures, takes
    from samplegen.cli import views

    pairs, others = takes.paired(source, target), takes.paired(other, target) if other else []
    with views.progress(voice, "Converting") as progress:
        rows = judging.judge(model, pairs, others=others, progress=progress)
    result = {"model": str(model.folder), "pairs": len(pairs), "measures": measures.MEASURES, "rows": rows}
    voice.result(result, [f"{rows['converted']['distortion']:.2f}"], lambda: _judged(rows, judging.ROWS))


def _loaded(name: str) -> "tuple[str, Model]":
    from samplegen import store

    model = store.load(name)
    if model.card.kind not in CONVERTERS:
        raise ModelError(f"{model.folder} is a model of kind {model.card.kind}, which converts nothing")
    return model.card.kind, model


def _shown(result: dict[str, Any]) -> Iterator[Any]:
    from samplegen.cli import views

    seconds = f"{result['samples'] / result['rate']:.1f} s, {result['channels']} channels at {result['rate']} Hz"
    moved = f"{result['ratio']:.2f} times as high" if result["ratio"] != 1 else "as it was"
    yield views.facts({"written": result["out"], "length": seconds, "pitch": moved})


def _learned(model: "Model") -> Iterator[Any]:
    from samplegen.cli import views

    told, figures = model.card.training, model.card.figures
    yield views.facts({
        "model": model.folder, "learned": f"{told['pairs']} pairs, {told['seconds_aligned']:g} s that both voices have",
        **{name.replace("_", " "): f"{value:.2f} dB" for name, value in figures.items()},
        "to hear it": f"samplegen convert TAKE.wav {model.name} --out FILE.wav",
    })  # fmt: skip


def _judged(rows: dict[str, dict[str, float]], meaning: dict[str, str]) -> Iterator[Any]:
    from samplegen.cli import views

    names = ("distortion", "correlation", "variance", "spectral", "pitch_error", "pitch_correlation", "voicing_error")
    yield views.Rows(
        ("takes", *(name.replace("_", " ") for name in names)),
        [[row, *(f"{values[name]:.2f}" for name in names)] for row, values in rows.items()],
    )
    for row in rows:
        yield views.said(f"{row}: {meaning[row]}")
