"""The one-shots of a folder of loops, written as files of their own.

out/<role or "unsorted">/<name of the source>-<number>.wav      24 bits, mono
out/index.json      a row for each: file, source, start and end in it in seconds, role
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from samplegen.arrays import Signal
from samplegen.audio import reading, writing
from samplegen.data.dataset import Dataset, OneShot
from samplegen.errors import AudioError, OptionError, OutputError
from samplegen.files import whole_folder
from samplegen.roles import ROLES

INDEX_FILE = "index.json"
UNSORTED_FOLDER = "unsorted"  # the folder of sounds of which nothing tells the role
_MAX_NAME_CHARACTERS = 48  # characters kept of a source's name


def write_slices(
    data: Dataset,
    out: Path | str,
    *,
    roles: Sequence[str | None] | None = None,
    rate: int | None = None,
    force: bool = False,
) -> list[dict[str, object]]:
    """Write every one-shot of `data` below the folder `out`, whole or not at all; the rows of its index.

    Args:
        data: from `samplegen.scan`; what stands in its folder is decoded anew, each file once.
        out: a new folder; or, with `force`, one to be replaced, but never one with a source in it.
        roles: one for each sound, None for an unknown one; by default those that names tell.
        rate: sampling rate in Hz; None keeps that of each source.
        force: replace what stands at `out`.

    Raises:
        OptionError: roles that do not exist, or not as many as there are sounds.
        OutputError: `out` exists or holds a source, or cannot be written.
        AudioError: a source is gone or has changed since the scan.
    """
    out, labels = Path(out), [sound.role for sound in data.sounds] if roles is None else list(roles)
    _check_roles(labels, len(data))
    refuse_sources(data, out)
    rows: list[dict[str, object]] = [
        {"file": file, "source": sound.path, **_seconds(sound, data.config.stft.rate), "role": role}
        for file, sound, role in zip(_names(data.sounds, labels), data.sounds, labels, strict=True)
    ]
    with whole_folder(out, force=force) as folder:
        for file, samples, own in _named_slices(data, [str(row["file"]) for row in rows], rate):
            (folder / file).parent.mkdir(exist_ok=True)
            writing.write_audio(folder / file, samples, own)
        (folder / INDEX_FILE).write_text(
            json.dumps(rows, indent=1) + "\n", "utf-8"
        )  # ASCII: a name need not be unicode
    return rows


def _check_roles(labels: Sequence[str | None], count: int) -> None:
    if len(labels) != count:
        raise OptionError(f"{len(labels)} roles were given for {count} sounds; one for each is needed")
    for role in labels:
        if role is not None and role not in ROLES:  # it names a folder
            raise OptionError(f"unknown role {role!r}; the roles are {', '.join(ROLES)}")


def refuse_sources(data: Dataset, out: Path) -> None:
    """Raise `OutputError` where replacing `out` would take the sounds with it that it is made from."""
    target = out.resolve()
    for path in {data.folder / sound.path for sound in data.sounds}:
        if target in path.resolve().parents or target in path.absolute().parents:
            raise OutputError(f"{out} holds sounds that are to be sliced; choose a folder elsewhere")


def _seconds(sound: OneShot, rate: int) -> dict[str, float]:
    return {"start": round(sound.start / rate, 6), "end": round(sound.stop / rate, 6)}


def _names(sounds: Iterable[OneShot], labels: Iterable[str | None]) -> Iterator[str]:
    """A path for each sound that every system can store, no two the same whatever the case of their letters."""
    taken: Counter[tuple[str, str]] = Counter()
    for sound, role in zip(sounds, labels, strict=True):
        name = (
            re.sub(r"[^A-Za-z0-9_]+", "-", PurePosixPath(sound.path).stem)[:_MAX_NAME_CHARACTERS].strip("-") or "sound"
        )
        folder = role or UNSORTED_FOLDER
        taken[folder, name.lower()] += 1
        yield f"{folder}/{name}-{taken[folder, name.lower()]:02d}.wav"


def _named_slices(data: Dataset, names: Sequence[str], rate: int | None) -> Iterator[tuple[str, Signal, int]]:
    """Each sound's name, samples and rate."""
    for index, samples, own in read_slices(data, rate):
        if not len(samples):
            raise AudioError(
                f"{data.folder / data.sounds[index].path} has changed since it was cut; run the command again"
            )
        yield names[index], samples, own


def read_slices(data: Dataset, rate: int | None = None) -> Iterator[tuple[int, Signal, int]]:
    """Index, samples `(n,)` and rate in Hz of every sound, one source after the other, each decoded once.

    A source that was changed since the scan gives pieces without samples; one that is gone is an `AudioError`.
    """
    order = sorted(range(len(data)), key=lambda index: data.sounds[index].path)
    for path, members in groupby(order, lambda index: data.sounds[index].path):
        samples, own = reading.read_audio(data.folder / path, rate)
        scale = own / data.config.stft.rate
        for index in members:
            sound = data.sounds[index]
            yield index, samples[int(sound.start * scale) : max(int(sound.stop * scale), 1)], own
