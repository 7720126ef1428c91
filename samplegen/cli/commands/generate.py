"""`samplegen generate`: a pack of new sounds from a trained model."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.audio.lofi_presets import PRESETS
from samplegen.cli import complete
from samplegen.cli.options import Force, Seed, draw_seed, spelled
from samplegen.cli.output import current_console
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
from samplegen.errors import OptionError, did_you_mean
from samplegen.packs import names
from samplegen.settings import check_range

if TYPE_CHECKING:
    from samplegen.generation.options import GenerateOptions

ROLE, PRIME_SECONDS = "balanced", 0.1
DEFAULTS = PACK_DEFAULTS | {"role": ROLE, "prime_seconds": PRIME_SECONDS, "layers": 1, "round_robins": 1}


def generate(
    model: Annotated[
        str, typer.Argument(help="Name of a model, or the path of its folder.", autocompletion=complete.MODEL)
    ] = "starter",
    *,
    count: Annotated[int, typer.Option(help="How many sounds to make, 1 to 10000.")] = 16,
    role: Annotated[
        str,
        typer.Option(
            help='A drum, as "kick"; a mix, as "kick=0.7,snare=0.3"; "balanced": all in turn; "natural": as learned.',
            autocompletion=complete.ROLE,
        ),
    ] = ROLE,
    guidance: Annotated[
        float | None, typer.Option(help="Of a flow: 0 (any drum) to 4 (only what is most like the role). Default: 1.5.")
    ] = None,
    truncation: Annotated[float | None, typer.Option(help="0 (typical) to 2 (odd). Default: 1, as learned.")] = None,
    average: Annotated[
        int | None, typer.Option(help="Of an autoencoder: each is the mean of so many real sounds, by their codes.")
    ] = None,
    bright: Annotated[float | None, typer.Option(help="-3 (dull) to 3 (bright); 0 is as drawn.")] = None,
    decay: Annotated[float | None, typer.Option(help="-3 (short) to 3 (long); 0 is as drawn.")] = None,
    pitch: Annotated[float | None, typer.Option(help="-3 (low) to 3 (high); 0 is as drawn.")] = None,
    noisy: Annotated[float | None, typer.Option(help="-3 (tonal) to 3 (noisy); 0 is as drawn.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="Of a charlstm: 0 (the likeliest always) to 2 (odd). Default: 1, as learned.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(help="Of a charlstm: each step is one of so many likeliest. Default: of all.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Of a charlstm: ... that have this share of the odds. Default: 1, all.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Of a charlstm: the longest a sound may get, up to 10. Default: as learned.")
    ] = None,
    prime: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of a charlstm: a sound that all go on from. Default: none.")
    ] = None,
    prime_seconds: Annotated[
        float, typer.Option(help="How much of the beginning of that sound is kept.")
    ] = PRIME_SECONDS,
    layers: Annotated[int, typer.Option(help="Velocity layers of each drum, 1 to 8: softer and duller takes.")] = 1,
    round_robins: Annotated[
        int, typer.Option(help="Takes of each layer, 1 to 8, that are played in turn: no two hits alike.")
    ] = 1,
    lofi: Annotated[
        str | None,
        typer.Option(
            metavar="PRESET",
            help="Lo-fi machine, one of samplegen lofi --list. Default: none.",
            autocompletion=complete.PRESET,
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the pack. Default: two words drawn from the seed.")] = None,
    rate: Rate = RATE,
    bits: Bits = BITS,
    formats: Formats = FORMATS,
    profile: Profile = None,
    note_map: NoteMapFile = None,
    out: Out = OUT,
    seed: Seed = None,
    force: Force = False,
) -> None:
    """Make new sounds and write them as a sample pack: WAV files, a kit, a licence.

    Without --seed each run draws one, and says which; the pack notes the command that makes it again.

    --json gives: pack (its folder), name, seed, model, model_hash, command, sounds (path, role, note, kit, seconds,
    peak_dbfs, takes, asked, heard_as, nearest_training_sound, nearest_distance; sha256), warnings (what formats lose).
    """
    console = current_console()
    seed = draw_seed() if seed is None else seed
    name = name or names.pack_name(seed)
    folder, depth = destination(out, name, force=force), subtype(bits)
    options = pack_options(formats, profile, note_map)
    chosen = {
        "guidance": guidance, "truncation": truncation, "average": average, "bright": bright, "decay": decay,
        "pitch": pitch, "noisy": noisy, "temperature": temperature, "top_k": top_k, "top_p": top_p, "seconds": seconds,
    }  # fmt: skip
    generate_options = _check(model, role, lofi, rate, chosen, prime)
    with console.busy():
        from samplegen.generation import generate as generation_generate
        from samplegen.models import store
        from samplegen.packs import write
    trained = store.load(model)
    with console.busy(f"Making {count} sounds with seed {seed}"):
        if prime:
            start = generation_generate.primer(trained, prime, prime_seconds)
            generate_options = replace(generate_options, prime=start)
        sounds = generation_generate.generate(
            trained,
            count,
            role=role,
            options=generate_options,
            seed=seed,
            preset=lofi,
            rate=rate,
            layers=layers,
            round_robins=round_robins,
        )
        command = spelled(
            "generate", model, defaults=DEFAULTS, count=count, role=role, **chosen, prime=prime,
            prime_seconds=prime_seconds, layers=layers, round_robins=round_robins, lofi=lofi, name=name, rate=rate,
            bits=bits, formats=formats, profile=profile, map=note_map, seed=seed,
        )  # fmt: skip
        manifest = write.write_pack(
            sounds, folder, origin=generation_generate.origin(trained, seed=seed, command=command),
            rate=rate, subtype=depth, options=options, force=force,
        )  # fmt: skip
    warnings = write.losses(manifest, options)
    for warning in warnings:
        console.note(warning)
    keys = ("name", "seed", "model", "model_hash", "command", "sounds")
    result = {"pack": str(folder)} | {key: manifest[key] for key in keys} | {"warnings": warnings}
    console.result(result, [folder], lambda: _shown(folder, manifest))


def _check(  # noqa: PLR0917
    model: str, role: str, lofi: str | None, rate: int, chosen: dict[str, float | None], prime: Path | None
) -> "GenerateOptions":
    """Refuse what can be seen to be wrong before seconds are spent on TensorFlow; how to draw, but for the prime."""
    from samplegen import roles
    from samplegen.audio import reading, signals
    from samplegen.generation.options import GenerateOptions, check_options
    from samplegen.models import library
    from samplegen.models.card import read_card

    check_range(rate, signals.RATE_RANGE_HZ, "--rate", unit=" Hz")
    card = read_card(library.find(model))
    if role not in (ROLE, "natural"):
        roles.parse_roles(role)
    if lofi is not None and lofi not in PRESETS:
        raise OptionError(
            f"unknown lo-fi preset {lofi!r}; the presets are {', '.join(PRESETS)}{did_you_mean(lofi, PRESETS)}"
        )
    given: dict[str, Any] = {option: value for option, value in chosen.items() if value is not None}
    generate_options = GenerateOptions(**given)
    check_options(card.kind, [*generate_options.set_options, *(["prime"] if prime else [])])
    if prime:
        reading.read_audio(prime)
    return generate_options


def _shown(folder: Path, manifest: dict[str, Any]) -> Any:
    from samplegen.cli.views import tables

    content = [
        (sound["role"], Path(sound["path"]).name, f"{sound['seconds']:.2f}", sound["nearest_training_sound"])
        for sound in manifest["sounds"]
    ]
    yield from tables.rows(("role", "file", "seconds", "nearest training sound"), content)
    kits = [file["path"] for file in manifest["files"] if file["path"].startswith("Kits/")]
    load = f"load {folder / min(kits, key=_familiar)} in a sampler that reads it, or " if kits else ""
    play = f"{load}drag {folder / 'One_Shots'} into your program"
    yield tables.facts({"pack": folder, "seed": manifest["seed"], "again": manifest["command"], "to play": play})


def _familiar(path: str) -> tuple[bool, bool]:
    """Sorts a pack's kits: SFZ first, then what is one file."""
    return not path.endswith(".sfz"), path.endswith(".xml")
