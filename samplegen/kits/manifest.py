"""Manifest of a pack, `pack.json`: UTF-8 JSON, the same bytes for the same values, checked when read.

Times in seconds, levels in dBFS, paths relative to the folder of the pack with forward slashes.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from samplegen.errors import DataError, OptionError
from samplegen.kits.kit import MAX_VELOCITY, Kit, Pad, Takes
from samplegen.kits.layout import make_pad, order_takes
from samplegen.roles import BY_NAME

SCHEMA_VERSION = 2
_SCHEMA_WITHOUT_TAKES = 1  # in which a sound was one file
FILE_NAME = "pack.json"
_FLOAT_DIGITS = 6  # significant ones: two computers may differ in further ones
# no way out of the folder can be spelled with these: the only dot is that of the suffix
_PATH = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.[A-Za-z0-9]+")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
Checks = dict[str, Callable[[Any], bool]]


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _integer(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: type(value) in (int, float) and low <= value <= high


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


FIELDS: Checks = {
    "schema": _integer(SCHEMA_VERSION, SCHEMA_VERSION),
    "name": _matches(_NAME),
    "seed": _integer(-math.inf, math.inf),
    "model": _is(str),
    "model_hash": _is(str),
    "command": _is(str),
    "rate": _integer(1, 1_000_000),
    "bit_depth": _integer(8, 64),
    "sounds": _is(list),
    "files": _is(list),
}
FILE_FIELDS: Checks = {"path": _matches(_PATH), "sha256": _matches(_SHA256)}
_LEVEL_FIELDS: Checks = {"seconds": _number(0, math.inf), "peak_dbfs": _number(-math.inf, 0)}
TAKE_FIELDS: Checks = FILE_FIELDS | {"layer": _integer(0, MAX_VELOCITY - 1), "robin": _integer(0, 999)} | _LEVEL_FIELDS
SOUND_FIELDS: Checks = FILE_FIELDS | {
    "role": lambda role: isinstance(role, str) and role in BY_NAME,
    "note": _integer(0, 127),
    "kit": _matches(_NAME),
    **_LEVEL_FIELDS,
    "takes": _is(list),
}


def to_json(value: Any) -> Any:
    """Copy a value to JSON's own types; floats (NumPy's, too) are rounded to 6 significant digits.

    Raises:
        OptionError: a value that JSON cannot hold, such as NaN and infinity.
    """
    if isinstance(value, Mapping):
        return {str(key): to_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    if hasattr(value, "tolist"):  # a NumPy array or scalar
        return to_json(value.tolist())
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{_FLOAT_DIGITS}g}")
    if value is None or isinstance(value, str | int):
        return value
    raise OptionError(f"a pack's manifest cannot hold {value!r}; give text, finite numbers, lists and mappings of them")


def encode(manifest: Mapping[str, Any]) -> bytes:
    """Encode a manifest as the bytes of `pack.json`, keys in the order given, one line an entry."""
    return (json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_pack(folder: Path | str) -> dict[str, Any]:
    """Read and check the manifest of an untrusted pack.

    Returns:
        The manifest as `write_pack` returns it; every path in it can be joined to `folder` safely.

    Raises:
        DataError: no pack, a manifest that is damaged or of another schema, or paths that leave the folder.

    Example:
        >>> from samplegen import read_pack
        >>> manifest = read_pack("packs/starter")  # doctest: +SKIP
        >>> manifest["name"], len(manifest["sounds"])  # doctest: +SKIP
        ('starter', 16)
    """
    folder = Path(folder)
    path = folder / FILE_NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{folder} is not a pack: {FILE_NAME} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged ({error}); make the pack again") from error
    manifest = _upgrade(manifest)
    _check(path, "the pack", manifest, FIELDS)
    for key, checks in (("sounds", SOUND_FIELDS), ("files", FILE_FIELDS)):
        _check_entries(path, key, manifest[key], checks)
    for number, sound in enumerate(manifest["sounds"], 1):
        _check_entries(path, f"the takes of sound {number}", sound["takes"], TAKE_FIELDS)
        _check_ranks(path, number, sound)
    return dict(manifest)


def _upgrade(manifest: Any) -> Any:
    """Convert a manifest of an older schema to that of today; other values stay as they are, for the checks."""
    if not isinstance(manifest, dict) or type(manifest.get("schema")) is not int:
        return manifest
    if manifest["schema"] != _SCHEMA_WITHOUT_TAKES or not isinstance(manifest.get("sounds"), list):
        return manifest
    sounds = [{"takes": []} | sound if isinstance(sound, dict) else sound for sound in manifest["sounds"]]
    return manifest | {"schema": SCHEMA_VERSION, "sounds": sounds}


def _check_entries(path: Path, key: str, entries: list[Any], checks: Checks) -> None:
    for number, entry in enumerate(entries, 1):
        _check(path, f"entry {number} of {key}", entry, checks)
        _check_inside(path.parent, entry["path"])


def _check_ranks(path: Path, number: int, sound: Mapping[str, Any]) -> None:
    ranks = [(take["layer"], take["robin"]) for take in sound["takes"]]
    try:
        if len({(0, 0), *ranks}) <= len(ranks):
            raise OptionError("two of its takes have the same layer and number")
        takes_in(sound)
    except OptionError as error:
        raise DataError(f"{path} cannot be used: sound {number}: {error}; make the pack again") from error


def _check(path: Path, place: str, entry: Any, checks: Checks) -> None:
    if not isinstance(entry, dict):
        raise DataError(f"{path} is damaged: {place} is no mapping; make the pack again")
    for key, good in checks.items():
        if key not in entry:
            raise DataError(f"{path} is damaged: {place} has no {key!r}; make the pack again")
        if not good(entry[key]):
            shown = repr(entry[key])[:80]
            raise DataError(f"{path} cannot be used: {place} has the {key} {shown}; make the pack again")


def _check_inside(folder: Path, path: str) -> None:
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{folder / path} leads out of the pack's folder; the pack is not to be trusted")


def kits_in(manifest: Mapping[str, Any]) -> list[Kit]:
    """Return the kits of a pack, from its manifest as `read_pack` returns it."""
    names = sorted({sound["kit"] for sound in manifest["sounds"]}, key=lambda name: (len(name), name))
    numbers = range(1, len(names) + 1) if len(names) > 1 else range(len(names))
    pads: dict[str, list[Pad]] = {name: [] for name in names}
    for sound in manifest["sounds"]:
        pad = make_pad(sound["note"], sound["role"], takes_in(sound), prefix=f"{manifest['name']}_")
        pads[sound["kit"]].append(pad)
    return [
        Kit(name, tuple(sorted(pads[name], key=lambda pad: pad.note)), number)
        for name, number in zip(names, numbers, strict=True)
    ]


def takes_in(sound: Mapping[str, Any]) -> Takes:
    """Return the files of one entry of `sounds`: layers from soft to hard, in each the takes in turn."""
    others = {(take["layer"], take["robin"]): take["path"] for take in sound["takes"]}
    return order_takes({(0, 0): sound["path"]} | others)
