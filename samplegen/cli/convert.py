"""`samplegen convert` with a model, and what `train` and `evaluate` do for models that convert takes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen import files
from samplegen.cli import triggers
from samplegen.cli.options import Force, Json, Quiet, Seed, spelled, within
from samplegen.cli.output import Voice
from samplegen.conversion import CONVERTERS
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.conversion import Judged
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
        str | None,
        typer.Option(
            help="Where the take's median pitch goes: target, keep, or a number of Hz. Default: target for a voice, "
            "else keep."
        ),
    ] = None,
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
    """Convert a take with a trained model: what is said or played and when stays, the voice or instrument changes.

    A voice's answer is a gain over time and frequency, so phases and the stereo image stay, too.

    With --trigger, the take's hits are struck on a pack instead: a mono WAV as long as the take, and a MIDI file.

    --json gives: take, model, out, samples, channels, rate, ratio (of the pitches), notes. With --trigger: take, pack,
    wav, midi, samples, rate, hits (sample, role, pad, note, velocity), notes.
    """
    voice = Voice(quiet, as_json)
    if out is None:
        raise OptionError("say where the result goes: --out FILE")
    if trigger is not None:
        given = {"MODEL": model, "--transpose": transpose, "--growl": growl}
        kept = {"--pitch": pitch is None, "--mix": mix == 1, "--chunk": chunk == CHUNK}
        triggers.refuse(given, kept)
        triggers.drive(take, trigger, calibrate, out, voice, force=force)
        return
    if model is None or calibrate is not None:
        raise OptionError("name a MODEL that converts; or --trigger PACK, which --calibrate belongs to")
    within(chunk, *CHUNKS, "--chunk", " seconds")
    files.refuse_existing(out, force=force)
    with voice.busy():
        from samplegen.conversion import models
        from samplegen.conversion.manner import Manner

        loaded = _loaded(model)
    given = {"transpose": transpose, "mix": mix, "growl": growl} | ({} if pitch is None else {"pitch": pitch})
    manner = Manner(**{**CONVERTERS[loaded.card.kind].manner, **given})
    from samplegen.cli import views

    with views.progress(voice, "Converting") as progress:
        done = models.convert(loaded, take, out, manner=manner, chunk=chunk, force=force, progress=progress)
    for note in done.notes:
        voice.note(note)
    result = {"take": str(take), "model": str(loaded.folder), "out": str(out), **vars(done), "notes": [*done.notes]}
    voice.result(result, [out], lambda: _shown(result))


def learn(  # noqa: PLR0917
    kind: str,
    sources: Sequence[Path],
    folder: Path,
    options: Mapping[str, Any],
    seed: int,
    licence: str,
    credits: tuple[str, ...],
    voice: Voice,
    force: bool,
) -> None:
    """`samplegen train` for a kind that converts takes; `options` by the names that the command line has for them."""
    row = CONVERTERS[kind]
    _check_learnt(kind, sources, options)
    files.refuse_existing(folder, force=force)
    command = spelled(
        "train", kind, *sources, defaults={"seed": 0}, name=folder.name, **options, licence=licence,
        credit=list(credits), seed=seed,
    )  # fmt: skip
    with voice.busy():
        from samplegen.conversion import models
    from samplegen.cli import views

    wanted = {row.options[name]: value for name, value in options.items() if value}
    with views.progress(voice, "Listening") as progress:
        model = models.train_converter(
            kind, sources, folder, options=wanted, seed=seed, licence=licence, credits=credits, command=command,
            force=force, progress=progress,
        )  # fmt: skip
    told = model.card.training
    for note in told["notes"]:
        voice.note(note)
    facts = {key: value for key, value in told.items() if key not in ("folder", "versions")}
    names = {"model": str(model.folder), "name": model.name, "kind": kind, "hash": model.card.hash}
    voice.result(names | facts | {"figures": model.card.figures}, [model.folder], lambda: _learned(model))


def _check_learnt(kind: str, sources: Sequence[Path], options: Mapping[str, Any]) -> None:
    """Refuse other folders than a kind learns from, and options that it does not know."""
    row = CONVERTERS[kind]
    if len(sources) != len(row.folders):
        count = {1: "one folder", 2: "two folders"}[len(row.folders)]
        raise OptionError(f"a {kind} learns from {count}: samplegen train {kind} {' '.join(row.folders)}")
    for name, value in options.items():
        if value and name not in row.options:
            known = f"; it knows --{', --'.join(row.options)}" if row.options else ""
            raise OptionError(f"--{name.replace('_', '-')} is not for a {kind}, which learns until it is done{known}")


def judge(what: str, source: Path, target: Path, other: Path | None, voice: Voice) -> None:
    """`samplegen evaluate` for a model that converts."""
    with voice.busy():
        model = _loaded(what)
        work = CONVERTERS[model.card.kind].part("judge")
    from samplegen.cli import views

    with views.progress(voice, "Converting") as progress:
        judged = work(model, source, target, other=other, progress=progress)
    result = {"model": str(model.folder), "pairs": judged.takes, "measures": judged.measures, "rows": judged.rows}
    first = next(iter(judged.rows.values()))[next(iter(judged.measures))]
    voice.result(result, [f"{first:.2f}"], lambda: _judged(judged))


def _loaded(name: str) -> "Model":
    from samplegen import store
    from samplegen.conversion import models

    model = store.load(name)
    models.check_converts(model)
    return model


def _shown(result: dict[str, Any]) -> Iterator[Any]:
    from samplegen.cli import views

    seconds = f"{result['samples'] / result['rate']:.1f} s, {result['channels']} channels at {result['rate']} Hz"
    moved = f"{result['ratio']:.2f} times as high" if result["ratio"] != 1 else "as it was"
    yield views.facts({"written": result["out"], "length": seconds, "pitch": moved})


def _learned(model: "Model") -> Iterator[Any]:
    from samplegen.cli import views

    row, figures = CONVERTERS[model.card.kind], model.card.figures
    yield views.facts({
        "model": model.folder, "learned": row.learned.format(**model.card.training),
        **{name.replace("_", " "): f"{value:.2f} {row.units.get(name, '')}" for name, value in figures.items()},
        "to hear it": f"samplegen convert TAKE.wav {model.name} --out FILE.wav",
    })  # fmt: skip


def _judged(judged: "Judged") -> Iterator[Any]:
    from samplegen.cli import views

    yield views.Rows(
        ("takes", *(name.replace("_", " ") for name in judged.measures)),
        [[row, *(f"{values[name]:.2f}" for name in judged.measures)] for row, values in judged.rows.items()],
    )
    for row in judged.rows:
        yield views.said(f"{row}: {judged.meanings[row]}")
