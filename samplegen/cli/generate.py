"""`samplegen generate`: a pack of new sounds from a trained model."""

from pathlib import Path
from typing import Annotated, Any

import typer

from samplegen import files, names
from samplegen.cli.options import Force, Json, Quiet, Seed, draw_seed, spelled, within
from samplegen.cli.output import Voice
from samplegen.errors import OptionError
from samplegen.presets import PRESETS

ROLE, TRUNCATION, RATE, BITS = "balanced", 1.0, 44_100, 24
DEFAULTS = {"role": ROLE, "truncation": TRUNCATION, "rate": RATE, "bits": BITS}
SUBTYPES = {16: "PCM_16", 24: "PCM_24"}


def generate(
    model: Annotated[str, typer.Argument(help="Name of a model, or the path of its folder.")] = "starter",
    *,
    count: Annotated[int, typer.Option(help="How many sounds to make, 1 to 10000.")] = 16,
    role: Annotated[
        str,
        typer.Option(
            help='A drum, as "kick"; a mix, as "kick=0.7,snare=0.3"; "balanced": all in turn; "natural": as learned.'
        ),
    ] = ROLE,
    truncation: Annotated[float, typer.Option(help="0 (typical) to 2 (odd); 1 is as learned.")] = TRUNCATION,
    lofi: Annotated[
        str | None,
        typer.Option(metavar="PRESET", help="Lo-fi machine, one of samplegen lofi --list. Default: none."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the pack. Default: two words drawn from the seed.")] = None,
    rate: Annotated[int, typer.Option(help="Sampling rate of the files in Hz, 4000 to 768000.")] = RATE,
    bits: Annotated[int, typer.Option(help="Bit depth of the files, 16 or 24.")] = BITS,
    into: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that the pack's folder is made in.")] = Path(
        "packs"
    ),
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Make new sounds and write them as a sample pack: WAV files, a kit, a licence.

    Without --seed each run draws one, and says which; the pack notes the command that makes it again.

    --json gives: pack (its folder), name, seed, model, model_hash, command, sounds (path, role, note, kit, seconds,
    peak_dbfs, asked, heard_as, nearest_training_sound, nearest_distance; sha256).
    """
    voice = Voice(quiet, as_json)
    seed = draw_seed() if seed is None else seed
    name = names.check_name(name or names.pack_name(seed), "pack name")
    folder = (into.resolve() if ".." in into.parts else into) / name  # a pack's path may not go through ..
    files.refuse_existing(folder, force=force)
    if bits not in SUBTYPES:
        raise OptionError(f"--bits is {bits}; choose 16 or 24")
    _check(model, role, lofi, rate)
    with voice.busy():
        from samplegen import generation, packs, store
    trained = store.load(model)
    with voice.busy(f"Making {count} sounds with seed {seed}"):
        sounds = generation.generate(
            trained, count, role=role, truncation=truncation, seed=seed, preset=lofi, rate=rate
        )
        command = spelled(
            "generate", model, defaults=DEFAULTS, count=count, role=role, truncation=truncation, lofi=lofi, name=name,
            rate=rate, bits=bits, seed=seed,
        )  # fmt: skip
        manifest = packs.write_pack(
            sounds, folder, origin=generation.origin(trained, seed=seed, command=command),
            rate=rate, subtype=SUBTYPES[bits], force=force,
        )  # fmt: skip
    keys = ("name", "seed", "model", "model_hash", "command", "sounds")
    result = {"pack": str(folder)} | {key: manifest[key] for key in keys}
    voice.result(result, [folder], lambda: _shown(folder, manifest))


def _check(model: str, role: str, lofi: str | None, rate: int) -> None:
    """Refuse what can be seen to be wrong before seconds are spent on TensorFlow."""
    from samplegen import audio, roles, store

    within(rate, *audio.RATES, "--rate", " Hz")
    store.read_card(store.find(model))
    if role not in (ROLE, "natural"):
        roles.parse(role)
    if lofi is not None and lofi not in PRESETS:
        raise OptionError(f"unknown lo-fi preset {lofi!r}; the presets are {', '.join(PRESETS)}")


def _shown(folder: Path, manifest: dict[str, Any]) -> Any:
    from samplegen.cli import views

    content = [
        (sound["role"], Path(sound["path"]).name, f"{sound['seconds']:.2f}", sound["nearest_training_sound"])
        for sound in manifest["sounds"]
    ]
    yield from views.rows(("role", "file", "seconds", "nearest training sound"), content)
    kits = [file["path"] for file in manifest["files"] if file["path"].endswith(".sfz")]
    play = f"load {folder / kits[0]} in a sampler that reads SFZ, or drag {folder / 'One_Shots'} into your program"
    yield views.facts({"pack": folder, "seed": manifest["seed"], "again": manifest["command"], "to play": play})
