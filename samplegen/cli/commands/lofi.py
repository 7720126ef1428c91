"""`samplegen lofi`: a sound or a folder of them through a lo-fi machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from samplegen import files
from samplegen.audio.lofi_presets import PRESETS
from samplegen.cli import complete
from samplegen.cli.options import Force, Seed
from samplegen.cli.output import Console, current_console
from samplegen.errors import AudioError, DataError, OptionError, OutputError, did_you_mean

Done = list[tuple[str, str]]  # source and result, or source and what is wrong with it


def lofi(
    source: Annotated[
        Path | None, typer.Argument(metavar="[IN]", show_default=False, help="Sound file, or folder of them.")
    ] = None,
    *,
    preset: Annotated[
        str | None,
        typer.Option(help="Machine to play it through; --list shows them. No default.", autocompletion=complete.PRESET),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="File to write (.wav, .flac, .aiff), or folder where IN is one. No default."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the presets and end.")] = False,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Make a sound, or a folder of them, sound as from an old sampler, tape, record or radio.

    Results are mono, 24 bits, at the rate of their source. The seed decides noise and crackle.

    --json gives: preset, seed, files (source and result), skipped (source and reason); with --list: name and about of
    each preset.
    """
    console = current_console()
    if list_:
        console.result([{"name": n, "about": p.about} for n, p in PRESETS.items()], PRESETS, _presets)
        return
    if source is None or preset is None or out is None:
        raise OptionError("give a file or folder, --preset and --out; --list shows the presets")
    if preset not in PRESETS:
        raise OptionError(
            f"unknown lo-fi preset {preset!r}; the presets are {', '.join(PRESETS)}{did_you_mean(preset, PRESETS)}"
        )
    files.refuse_existing(out, force=force)
    work = _folder if source.is_dir() else _file
    done, skipped = work(source, out, preset, seed=seed or 0, force=force, console=console)
    result = {"preset": preset, "seed": seed or 0, "files": done, "skipped": skipped}
    console.result(result, [out], lambda: _shown(out, done, skipped))


def _file(source: Path, out: Path, preset: str, *, seed: int, force: bool, console: Console) -> tuple[Done, Done]:
    with console.busy(f"Playing {source.name}"), files.whole_file(out, force=force) as part:
        _play(source, part, preset, seed)
    return [(str(source), str(out))], []


def _folder(source: Path, out: Path, preset: str, *, seed: int, force: bool, console: Console) -> tuple[Done, Done]:
    """Everything in a folder, whole or not at all; what cannot be read is skipped."""
    from samplegen.audio.reading import SUFFIXES
    from samplegen.cli.views import tables

    if out.resolve() in (source.resolve(), *source.resolve().parents):
        raise OutputError(f"{out} holds the sounds that are to be played; choose a folder elsewhere")
    sources = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    done, skipped = Done(), Done()
    with files.whole_folder(out, force=force) as folder, tables.progress(console, "Playing") as progress:
        for number, (path, target) in enumerate(_targets(source, sources)):
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            try:
                _play(path, folder / target, preset, seed + number)
                done.append((str(path), str(out / target)))
            except AudioError as error:
                skipped.append((str(path), str(error).removeprefix(f"{path} ")))
            if progress:
                progress(number + 1, len(sources))
        if not done:
            raise DataError(f"{source} holds no sound that can be used; wav, flac, ogg, mp3 and aiff files are read")
    return done, skipped


def _targets(folder: Path, sources: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield the new place of each file: its own, as WAV; of `a.aiff` and `a.flac` one becomes `a.flac.wav`."""
    taken: set[str] = set()
    for path in sources:
        target = path.relative_to(folder).with_suffix(".wav")
        if str(target).lower() in taken:
            target = target.with_name(f"{path.name}.wav")
        taken.add(str(target).lower())
        yield path, target


def _play(source: Path, target: Path, preset: str, seed: int) -> None:
    from samplegen.audio import reading, writing
    from samplegen.audio.lofi import apply_lofi

    samples, rate = reading.read_audio(source)
    writing.write_audio(target, apply_lofi(samples, rate, preset, seed=seed), rate)


def _presets() -> Any:
    from samplegen.cli.views import tables

    yield tables.Rows(("preset", "sounds like"), [(name, preset.about) for name, preset in PRESETS.items()])


def _shown(out: Path, done: Done, skipped: Done) -> Any:
    from samplegen.cli.views import tables

    yield from tables.rows(("skipped", "because it"), skipped)
    yield tables.sentence(f"{len(done)} {'sound is' if len(done) == 1 else 'sounds are'} in {out}")
