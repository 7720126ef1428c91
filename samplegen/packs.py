"""A sample pack on disk: WAVs, kits, MIDI, licence and a manifest, the same bytes for the same input.

Its folder holds `pack.json`, `LICENSE.txt`, `Kits/NAME.sfz`, `MIDI/kit.mid` and
`One_Shots/Kick/NAME_kick_WORD.wav` with a folder for each role; several kits are numbered.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from samplegen import audio, files
from samplegen.audio import Signal
from samplegen.errors import AudioError, OptionError
from samplegen.kits import sfz
from samplegen.kits.kit import Kit, deal
from samplegen.manifest import FILE_NAME, SCHEMA, SOUND_FIELDS, encode, read_pack, stable
from samplegen.names import check_name, sound_words
from samplegen.sequencer.midi import kit_midi

__all__ = ["BIT_DEPTHS", "Origin", "Sound", "read_pack", "write_pack"]

BIT_DEPTHS = {"PCM_16": 16, "PCM_24": 24}  # floats would bring a time stamp into the WAV
_THREADS = 4


@dataclass(frozen=True)
class Sound:
    """A finished mono sound `(n,)` in -1..1, its role, and what else the manifest shall say of it (JSON values)."""

    samples: Signal
    role: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Origin:
    """Where a pack comes from: what remakes it, and the full text of its licence."""

    seed: int
    model: str
    model_hash: str
    command: str
    licence: str


def write_pack(  # noqa: PLR0913
    sounds: Sequence[Sound],
    folder: Path | str,
    *,
    origin: Origin,
    rate: int = 44_100,
    subtype: str = "PCM_24",
    force: bool = False,
) -> dict[str, Any]:
    """Write a pack, whole or not at all.

    Args:
        sounds: at least one; their order decides which of a role comes first in the kit.
        folder: the pack's folder, whose last part is the pack's name.
        origin: goes into the manifest; the licence into LICENSE.txt.
        rate: sampling rate of all sounds in Hz.
        subtype: a key of `BIT_DEPTHS`.
        force: replace an existing pack, once the new one is complete.

    Returns:
        The manifest, as `read_pack` reads it.

    Raises:
        OptionError: no sounds, an unusable name or depth, an unknown role, facts that are not JSON.
        AudioError: a sound that is empty, silent, not mono, beyond full scale, or not numbers.
        OutputError: the folder exists, or the disk is full or not writable.
    """
    folder = Path(folder)
    name = _checked_options(sounds, folder, subtype)
    for number, sound in enumerate(sounds, 1):
        _check_sound(number, sound)
    paths = _paths(sounds, name, origin.seed)
    kits = deal([sound.role for sound in sounds], paths, name=name)
    places = {pad.file: (pad.note, kit.name) for kit in kits for pad in kit.pads}
    entries = [_entry(sound, *places[path], rate) for sound, path in zip(sounds, paths, strict=True)]
    texts = {"LICENSE.txt": origin.licence.encode(), **_kit_files(kits)}
    with files.whole_folder(folder, force=force) as part:
        hashes = _write_sounds(sounds, [part / path for path in paths], rate, subtype)
        manifest = _head(name, origin, rate, subtype) | {
            "sounds": [
                {"path": path, "sha256": digest} | entry
                for path, digest, entry in zip(paths, hashes, entries, strict=True)
            ],
            "files": [{"path": path, "sha256": _sha256(content)} for path, content in sorted(texts.items())],
        }
        for path, content in (texts | {FILE_NAME: encode(manifest)}).items():
            (part / path).parent.mkdir(exist_ok=True)
            (part / path).write_bytes(content)
    return manifest


def _checked_options(sounds: Sequence[Sound], folder: Path, subtype: str) -> str:
    if not sounds:
        raise OptionError(f"there are no sounds to put into the pack {folder}; ask for at least one")
    if subtype not in BIT_DEPTHS:
        raise OptionError(f"a pack cannot be written as {subtype}; choose {' or '.join(BIT_DEPTHS)}")
    if ".." in folder.parts:
        raise OptionError(f"the pack folder {str(folder)!r} goes through '..'; give the way to it without")
    return check_name(folder.name, "pack name")


def _check_sound(number: int, sound: Sound) -> None:
    problems = {
        "is not one channel with samples": lambda: sound.samples.ndim != 1 or not len(sound.samples),
        "holds samples that are not numbers (NaN or infinite)": lambda: not np.isfinite(sound.samples).all(),
        "is silent": lambda: audio.peak(sound.samples) < audio.SILENCE,
        "goes beyond full scale and would be clipped": lambda: audio.peak(sound.samples) > 1,
    }
    for problem, found in problems.items():
        if found():
            raise AudioError(f"sound {number} of the pack ({sound.role}) {problem}; finish it first")


def _paths(sounds: Sequence[Sound], name: str, seed: int) -> list[str]:
    words = sound_words(seed, len(sounds))
    return [
        f"One_Shots/{sound.role.title()}/{name}_{sound.role}_{word}.wav"
        for sound, word in zip(sounds, words, strict=True)
    ]


def _kit_files(kits: Sequence[Kit]) -> dict[str, bytes]:
    written = {f"Kits/{kit.name}.sfz": sfz.write(kit, prefix="../") for kit in kits}
    for number, kit in enumerate(kits, 1):
        path = "MIDI/kit.mid" if len(kits) == 1 else f"MIDI/kit-{number}.mid"
        written[path] = kit_midi([pad.note for pad in kit.pads], name=kit.name)
    return written


def _entry(sound: Sound, note: int, kit: str, rate: int) -> dict[str, Any]:
    """What the manifest says of a sound, but its path and hash; its facts in alphabetical order."""
    if taken := sorted(sound.facts.keys() & SOUND_FIELDS.keys()):
        raise OptionError(f"a sound's facts cannot be called {taken[0]!r}; the manifest uses that name itself")
    own = {
        "role": sound.role,
        "note": note,
        "kit": kit,
        "seconds": len(sound.samples) / rate,
        "peak_dbfs": 20 * math.log10(audio.peak(sound.samples)),
    }
    entry: dict[str, Any] = stable(own | {key: sound.facts[key] for key in sorted(sound.facts)})
    return entry


def _head(name: str, origin: Origin, rate: int, subtype: str) -> dict[str, Any]:
    said = {key: value for key, value in asdict(origin).items() if key != "licence"}
    own = {"rate": rate, "bit_depth": BIT_DEPTHS[subtype]}
    head: dict[str, Any] = stable({"schema": SCHEMA, "name": name} | said | own)
    return head


def _write_sounds(sounds: Sequence[Sound], paths: Sequence[Path], rate: int, subtype: str) -> list[str]:
    """Write all sounds and return the SHA-256 of each file."""
    for folder in {path.parent for path in paths}:
        folder.mkdir(parents=True, exist_ok=True)

    def write(sound: Sound, path: Path) -> str:
        audio.write(path, sound.samples, rate, subtype=subtype)
        return _sha256(path.read_bytes())

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(write, sounds, paths))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
