"""Sample packs on disk: WAV files, kits, MIDI, licence and a manifest, the same bytes for the same input.

Its folder holds `pack.json`, a page `index.html`, `LICENSE.txt`, `Previews/`, three `Loops/` with their `MIDI/`, for
each role a folder with `One_Shots/Kick/NAME_kick_WORD.wav`, and what formats make of the kit: `Kits/NAME.sfz`,
`pads/`. Several kits are numbered.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from samplegen import files
from samplegen.arrays import Signal
from samplegen.audio import writing
from samplegen.audio.sounds import Origin, Rank, Sound, Take, samples_by_rank
from samplegen.audio.wavchunks import one_shot_chunks, replace_chunks
from samplegen.errors import OptionError
from samplegen.files import check_name
from samplegen.kits import formats
from samplegen.kits.formats import FORMATS, KitFiles, PackOptions
from samplegen.kits.kit import Kit
from samplegen.kits.layout import lay_out_kits, order_takes
from samplegen.kits.manifest import FILE_NAME, SCHEMA_VERSION, encode, kits_in, read_pack, to_json
from samplegen.packs import cover
from samplegen.packs.entries import check_sound, manifest_entry, sound_paths
from samplegen.packs.loops import draw_styles, write_loops
from samplegen.packs.page.build import pack_page
from samplegen.sequencer.midi_writer import kit_midi
from samplegen.sequencer.rack import Rack

__all__ = ["BIT_DEPTHS", "Origin", "PackOptions", "Sound", "Take", "kits_in", "losses", "read_pack", "write_pack"]
BIT_DEPTHS = {"PCM_16": 16, "PCM_24": 24}  # floats would bring a time stamp into the WAV
COVER_PATH = "Previews/cover.png"
_THREADS = 4  # that write sounds
_STANDARD = PackOptions()


def write_pack(  # noqa: PLR0913
    sounds: Sequence[Sound],
    folder: Path | str,
    *,
    origin: Origin,
    rate: int = 44_100,
    subtype: str = "PCM_24",
    options: PackOptions = _STANDARD,
    force: bool = False,
) -> dict[str, Any]:
    """Write a pack, whole or not at all.

    Args:
        sounds: at least one; their order decides which of a role comes first in the kit.
        folder: of the pack; its last part is the pack's name.
        origin: goes into the manifest; the licence into LICENSE.txt.
        rate: sampling rate of all sounds in Hz.
        subtype: a key of `BIT_DEPTHS`.
        options: which kit formats are written, and where the drums lie.
        force: replace an existing pack, once the new one is complete.

    Returns:
        Manifest, as `read_pack` reads it.

    Raises:
        OptionError: no sounds, an unusable name or depth, an unknown role, facts that are not JSON.
        AudioError: a sound that is empty, silent, not mono, beyond full scale, or not numbers.
        OutputError: the folder exists, or the disk is full or not writable.

    Example:
        >>> import samplegen
        >>> model = samplegen.load("starter")
        >>> sounds = samplegen.generate(model, 2, seed=1)
        >>> source = samplegen.origin(model, seed=1)
        >>> manifest = samplegen.write_pack(sounds, "my-pack", origin=source)  # doctest: +SKIP
    """
    folder = Path(folder)
    name = _checked_options(sounds, folder, subtype)
    for number, sound in enumerate(sounds, 1):
        check_sound(sound, f"sound {number} of the pack ({sound.role})")
    takes = sound_paths(sounds, name, origin.seed)
    kits = lay_out_kits([sound.role for sound in sounds], [*map(order_takes, takes)], name=name, notes=options.notes)
    places = {pad.file: (pad.note, kit.name) for kit in kits for pad in kit.pads}
    entries = [manifest_entry(sound, own, *places[own[0, 0]], rate) for sound, own in zip(sounds, takes, strict=True)]
    head, signals = _head(name, origin, rate, subtype), _signals(sounds, takes)
    texts = {"LICENSE.txt": origin.licence.encode(), COVER_PATH: _cover(sounds, name, origin, rate), **_midi(kits)}
    texts |= pack_page(kits, signals, head, draw_styles(origin.seed), licence=origin.licence)
    with files.whole_folder(folder, force=force) as part:
        hashes = _write_sounds(signals, _stamps(kits, origin, name, rate), part, rate, subtype)
        written = files.write_files(texts, part) | write_kits(kits, options, part, rate, origin.licence)
        rack = Rack(part, name, rate, kits[0].pads, signals)
        loops = write_loops(rack, seed=origin.seed, subtype=subtype)
        written |= {path: files.sha256(part / path) for path in loops}
        manifest = head | {
            "sounds": [_hashed(entry, hashes) for entry in entries],
            "files": [{"path": path, "sha256": written[path]} for path in sorted(written)],
        }
        files.write_files({FILE_NAME: encode(manifest)}, part)
    return manifest


def losses(manifest: Mapping[str, Any], options: PackOptions) -> list[str]:
    """Return a sentence for each feature of a pack's kits that a format cannot hold."""
    return formats.list_losses(kits_in(manifest), options.formats)


def _checked_options(sounds: Sequence[Sound], folder: Path, subtype: str) -> str:
    if not sounds:
        raise OptionError(f"there are no sounds to put into the pack {folder}; ask for at least one")
    if subtype not in BIT_DEPTHS:
        raise OptionError(f"a pack cannot be written as {subtype}; choose {' or '.join(BIT_DEPTHS)}")
    if ".." in folder.parts:
        raise OptionError(f"the pack folder {str(folder)!r} goes through '..'; give the way to it without")
    return check_name(folder.name, "pack name")


def _signals(sounds: Sequence[Sound], takes: Sequence[dict[Rank, str]]) -> dict[str, Signal]:
    return {
        own[rank]: samples
        for sound, own in zip(sounds, takes, strict=True)
        for rank, samples in samples_by_rank(sound).items()
    }


def _cover(sounds: Sequence[Sound], name: str, origin: Origin, rate: int) -> bytes:
    line = "   ".join(filter(None, (f"{len(sounds)} sounds", origin.model, f"seed {origin.seed}")))
    return cover.draw_cover([sound.samples for sound in sounds], rate, name, line)


def _hashed(entry: dict[str, Any], hashes: Mapping[str, str]) -> dict[str, Any]:
    whole = {"path": entry["path"], "sha256": hashes[entry["path"]]} | entry
    return whole | {"takes": [_hashed(take, hashes) for take in entry["takes"]]} if "takes" in entry else whole


def _midi(kits: Sequence[Kit]) -> dict[str, bytes]:
    return {f"MIDI/kit{kit.suffix}.mid": kit_midi([pad.note for pad in kit.pads], name=kit.name) for kit in kits}


def _head(name: str, origin: Origin, rate: int, subtype: str) -> dict[str, Any]:
    facts = {key: value for key, value in asdict(origin).items() if key != "licence"}
    own = {"rate": rate, "bit_depth": BIT_DEPTHS[subtype]}
    head: dict[str, Any] = to_json({"schema": SCHEMA_VERSION, "name": name} | facts | own)
    return head


def _stamps(kits: Sequence[Kit], origin: Origin, name: str, rate: int) -> dict[str, bytes]:
    """Return the metadata chunks of each WAV file by its path."""
    made, rights = [*filter(None, origin.licence.splitlines()), "", ""][:2]
    credits = {"IPRD": name, "IART": origin.model, "ICMT": made, "ICOP": rights or made}
    notes = {path: pad.note for kit in kits for pad in kit.pads for path in pad.files}
    return {path: one_shot_chunks(note, rate, INAM=PurePosixPath(path).stem, **credits) for path, note in notes.items()}


def _write_sounds(
    signals: Mapping[str, Signal], stamps: Mapping[str, bytes], part: Path, rate: int, subtype: str
) -> dict[str, str]:
    """Write all sounds below `part` and return the SHA-256 of each file."""
    for folder in {(part / path).parent for path in signals}:
        folder.mkdir(parents=True, exist_ok=True)

    def write(path: str) -> str:
        writing.write_audio(part / path, signals[path], rate, subtype=subtype)
        return files.write_files({path: replace_chunks((part / path).read_bytes(), stamps[path])}, part)[path]

    with ThreadPoolExecutor(_THREADS) as pool:
        return dict(zip(signals, pool.map(write, signals), strict=True))


def write_kits(kits: Sequence[Kit], options: PackOptions, folder: Path, rate: int, licence: str) -> dict[str, str]:
    """Write the kits of a pack in every chosen format; return the SHA-256 of each file by its path.

    One kit in one format after the other, so that never more than one lies in memory.
    """
    material = KitFiles(files.FolderContents(folder), rate, " ".join(licence.split()), options.profile)
    hashes: dict[str, str] = {}
    for kit in kits:
        for name in options.formats:
            hashes |= files.write_files(FORMATS[name].write(kit, material), folder)
    return hashes
