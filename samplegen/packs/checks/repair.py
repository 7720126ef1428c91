"""Safe repairs of a pack: level, offset, start, tail. Names stay, no sound is dropped.

A sound that fails is finished anew (`samplegen.audio.oneshot`), keeps its chunks and depth, and is written into
the kits and the page that hold sounds; the manifest gets its new hash. The other takes of a drum follow its level:
they share one gain.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from samplegen.audio import reading, wavchunks, writing
from samplegen.audio.oneshot import postprocess
from samplegen.files import sha256, whole_folder
from samplegen.files import write_files as write_contents
from samplegen.kits.formats import FORMATS, PackOptions
from samplegen.kits.manifest import FILE_NAME, encode, kits_in, to_json
from samplegen.packs import loops
from samplegen.packs.checks import table
from samplegen.packs.checks.measure import METRICS, Wav
from samplegen.packs.checks.opened import Pack, open_pack
from samplegen.packs.checks.sound_checks import MAX_PEAK_DBFS, MIN_PEAK_DBFS
from samplegen.packs.page import html
from samplegen.packs.page.build import pack_page
from samplegen.packs.write import write_kits

REPAIRED_PEAK_DBFS = -0.5  # dBFS, between the bounds


def repair_pack(folder: Path | str) -> list[str]:
    """Repair a pack in a copy that takes its place once it is whole; return the paths of the repaired sounds.

    Raises:
        DataError: no pack, or a manifest that cannot be used.
        OutputError: the pack cannot be written.

    Example:
        >>> import samplegen
        >>> samplegen.repair_pack("my-pack")  # doctest: +SKIP
        ['One_Shots/Kick/my-pack_kick_acorn.wav']
    """
    pack = open_pack(Path(folder))
    levels = _levels(pack)
    if levels:
        with whole_folder(pack.folder, force=True) as part:
            shutil.copytree(pack.folder, part, symlinks=True, dirs_exist_ok=True)
            changed = {wav.path: _repair_sound(part, wav, levels[wav.path]) for wav in pack.wavs if wav.path in levels}
            manifest = {**pack.manifest, "sounds": [_entry(sound, changed) for sound in pack.manifest["sounds"]]}
            written = _kits(pack, part) | _page(pack, part)
            manifest["files"] = [row | {"sha256": written.get(row["path"], row["sha256"])} for row in manifest["files"]]
            write_contents({FILE_NAME: encode(to_json(manifest))}, part)
    return sorted(levels)


def _levels(pack: Pack) -> dict[str, float]:
    """Return the peak in dBFS of each sound that has to be written anew."""
    failed = {one.where for check in table.CHECKS if check.repairable for one in check.run(pack) if one.off > 0}
    by_path = {wav.path: wav for wav in pack.wavs}
    levels: dict[str, float] = {}
    for sound in pack.manifest["sounds"]:
        takes = [by_path[row["path"]] for row in (sound, *sound["takes"])]
        if takes[0].metrics:
            shift = _level(takes[0], 0.0) - takes[0].metrics["peak_dbfs"]
            chosen = (wav for wav in takes if wav.metrics and (shift or wav.path in failed))
            levels |= {wav.path: _level(wav, shift) for wav in chosen}
    return levels


def _level(wav: Wav, shift: float) -> float:
    level = wav.metrics["peak_dbfs"] + shift
    fits = level <= MAX_PEAK_DBFS and (level >= MIN_PEAK_DBFS or not wav.is_drum)
    return level if fits else REPAIRED_PEAK_DBFS


def _repair_sound(part: Path, wav: Wav, level: float) -> dict[str, Any]:
    """Write a sound anew; return the values of its entry that change."""
    path, rate = part / wav.path, wav.form[1]
    chunks, (samples, _, subtype) = wavchunks.known_chunks(path.read_bytes()), reading.read_unchanged(path)
    sound = postprocess(samples.mean(axis=1), rate, peak_dbfs=level)
    writing.write_audio(path, sound, rate, subtype=subtype)
    path.write_bytes(wavchunks.replace_chunks(path.read_bytes(), chunks))
    return {"sha256": sha256(path)} | {name: METRICS[name](sound, rate) for name in ("seconds", "peak_dbfs")}


def _entry(sound: Mapping[str, Any], changed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    takes = [{**take, **changed.get(take["path"], {})} for take in sound["takes"]]
    return {**sound, **changed.get(sound["path"], {}), "takes": takes}


def _kits(pack: Pack, part: Path) -> dict[str, str]:
    """Write the kits of the pack anew; return the SHA-256 of each file."""
    paths = [row["path"] for row in pack.manifest["files"] if row["path"].startswith(("Kits/", "pads"))]
    names = [name for name, form in FORMATS.items() if any(path.endswith(form.suffix) for path in paths)]
    options = replace(PackOptions(), formats=names, profile=_profile(pack, paths))
    return write_kits(kits_in(pack.manifest), options, part, pack.manifest["rate"], _licence(part))


def _page(pack: Pack, part: Path) -> dict[str, str]:
    """Write the page anew, which holds the sounds; return its SHA-256."""
    if html.FILE_NAME not in pack.listed:
        return {}
    signals = {wav.path: reading.read_unchanged(part / wav.path)[0].mean(axis=1) for wav in pack.wavs}
    patterns = loops.draw_styles(pack.manifest["seed"])
    written = pack_page(kits_in(pack.manifest), signals, pack.manifest, patterns, licence=_licence(part))
    return write_contents(written, part)


def _profile(pack: Pack, paths: Iterable[str]) -> str | None:
    """Tell by its plain files whether a pack is for hardware: none of them is then one of its sounds itself."""
    sounds, pads = {wav.entry["sha256"] for wav in pack.wavs}, {path for path in paths if path.endswith(".wav")}
    own = {row["sha256"] for row in pack.manifest["files"] if row["path"] in pads}
    return "hardware" if own and not own & sounds else None


def _licence(part: Path) -> str:
    path = part / "LICENSE.txt"
    return path.read_text("utf-8", "replace") if path.is_file() else ""
