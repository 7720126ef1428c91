"""`samplegen interpolate` and `samplegen vary`: sounds between given ones, and around one."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen import files
from samplegen.cli import complete
from samplegen.cli.options import Force, Seed
from samplegen.cli.output import Console, current_console
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.arrays import Signal
    from samplegen.generation.interpolation import Morph
    from samplegen.models.model import Model

STARTER, STRIP = "starter", "spectrograms.png"
RATE = 44_100  # Hz, of what is written
Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write the sounds and their picture to.")]


def interpolate(
    sounds: Annotated[
        list[str],
        typer.Argument(metavar="A B [...] [MODEL]", help="Sound files, and the model to ask. Default: starter."),
    ],
    *,
    steps: Annotated[int, typer.Option(help="Sounds from one file to the next, both included, 2 to 200.")] = 9,
    mode: Annotated[
        str | None,
        typer.Option(
            help="slerp, lerp or mask: through the model's codes; envelope: by shape; crossfade: mixed. "
            "Default: slerp, of an autoencoder lerp."
        ),
    ] = None,
    average: Annotated[bool, typer.Option("--average", help="Write the one sound in the middle of all.")] = False,
    out: Out,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Walk from one sound to the next, or to the middle of all.

    The first and the last sound are those given, as a spectrogram gives them back. More than two files make a path
    through all. What is longer than the model's sounds is cut.

    --json gives: folder, model, mode, seed, files, off_db (how far the model's nearest sound is from each file's).
    """
    console = current_console()
    files.refuse_existing(out, force=force)
    sources, name = _sources(sounds)
    with console.busy():
        from samplegen.generation import interpolation
    model, signals = _read(name, sources)
    mode = mode or model.kind.mix
    with console.busy(f"Looking for what lies between {len(sources)} sounds"):
        morph = interpolation.interpolate(model, signals, steps=steps, mode=mode, average=average, seed=seed or 0)
    names = [_called(sources, number, steps, average) for number in range(len(morph.sounds))]
    written = _write(morph, names, model.config.map.stft.rate, out, force=force)
    _say(console, out, {"model": model.name, "mode": mode, "seed": seed or 0} | written)


def vary(
    sound: Annotated[str, typer.Argument(metavar="FILE", help="Sound file.")],
    model: Annotated[
        str, typer.Argument(help="Name of a model, or the path of its folder.", autocompletion=complete.MODEL)
    ] = STARTER,
    *,
    count: Annotated[int, typer.Option(help="How many neighbours to draw, 1 to 200.")] = 8,
    amount: Annotated[float, typer.Option(help="How far off, from 0 (the sound itself) to 1 (any of its role).")] = 0.3,
    out: Out,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Draw neighbours of a sound.

    --json gives: folder, model, amount, seed, files, off_db (how far the model's nearest sound is from the file's).
    """
    console = current_console()
    files.refuse_existing(out, force=force)
    with console.busy():
        from samplegen.generation import interpolation
    trained, (signal,) = _read(model, [Path(sound)])
    with console.busy(f"Looking around {sound}"):
        morph = interpolation.vary(trained, signal, count=count, amount=amount, seed=seed or 0)
    names = [f"{number:02d}-{_stem(Path(sound))}" for number in range(1, count + 1)]
    written = _write(morph, names, trained.config.map.stft.rate, out, force=force)
    _say(console, out, {"model": trained.name, "amount": amount, "seed": seed or 0} | written)


def _sources(words: Sequence[str]) -> tuple[list[Path], str]:
    """The sound files among the words, and the model: the last word, if that is no file."""
    is_file = Path(words[-1]).is_file()
    paths, name = ([*map(Path, words)], STARTER) if is_file else ([*map(Path, words[:-1])], words[-1])
    if len(paths) < 2:
        raise OptionError("give at least two sound files; the model, if any, comes last")
    return paths, name


def _read(name: str, sources: Sequence[Path]) -> "tuple[Model, list[Signal]]":
    from samplegen.audio import reading
    from samplegen.models import store

    model = store.load(name)
    return model, [reading.read_audio(path, model.config.map.stft.rate)[0] for path in sources]


def _stem(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", path.stem)[:48].strip("-") or "sound"


def _called(sources: Sequence[Path], number: int, steps: int, average: bool) -> str:
    """A name that sorts as the path goes and says between which sounds it lies."""
    if average:
        return "average"
    before, place = divmod(number, steps - 1)
    whole = _stem(sources[before]) if place == 0 else f"{_stem(sources[before])}-{_stem(sources[before + 1])}"
    return f"{number:03d}-{whole}"


def _write(morph: "Morph", names: list[str], rate: int, out: Path, *, force: bool) -> dict[str, Any]:
    """Write the sounds with their strip of spectrograms, whole or not at all; what there is to tell of it."""
    from samplegen.audio import writing
    from samplegen.audio.oneshot import postprocess
    from samplegen.audio.signals import resample
    from samplegen.features import images

    finished = [postprocess(resample(sound, rate, RATE), RATE) for sound in morph.sounds]
    with files.whole_folder(out, force=force) as folder:
        for name, samples in zip(names, finished, strict=True):
            writing.write_audio(folder / f"{name}.wav", samples, RATE)
        images.save_png(images.draw_sheet(finished, RATE, columns=min(len(finished), 16)), folder / STRIP)
    return {"files": [str(out / f"{name}.wav") for name in names], "off_db": list(morph.errors)}


def _say(console: Console, out: Path, result: dict[str, Any]) -> None:
    console.result({"folder": str(out)} | result, [out], lambda: _shown(out, result))


def _shown(out: Path, result: dict[str, Any]) -> Any:
    from samplegen.cli.views import tables

    off = ", ".join(f"{error:.1f}" for error in result["off_db"])
    yield tables.facts({
        "folder": out, "sounds": len(result["files"]), "picture": out / STRIP, "seed": result["seed"],
        "off": f"{off} dB is the model's nearest sound from each of yours" if off else None,
    })  # fmt: skip
