"""A folder of any depth -> an index of one-shots with cached maps.

`scan` walks the folder, decodes each file, cuts it into one-shots (`samplegen.loops`) and encodes
each as a map. What comes out of a file depends only on its bytes and the settings, so it is cached
under both (`samplegen.cache`) and a second scan touches only what changed. Maps stay on disk and
are read by the batch.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from samplegen import audio, loops, maps, roles
from samplegen.cache import Cache, Extract, Known
from samplegen.errors import AudioError, DataError
from samplegen.maps import Map, MapConfig
from samplegen.spectral import Spans

_CHUNK = 64  # files decoded between two writes to the cache
_BATCH = 16  # files that are handed to a thread together
_ROOM = 1 << 20  # samples of several files that are cut and encoded together
_NOTHING = np.zeros(0, np.float32)

Indices = NDArray[np.intp]
Progress = Callable[[int, int], None]
Sound = tuple[audio.Signal, str | None]
Cut = Callable[[audio.Signal, Spans, int], list[list[tuple[int, int]]]]
Begun = tuple[Path, audio.Decoded | None, str | None]
Work = Callable[[list[Begun]], list[Extract]]
T = TypeVar("T")
Skip = Callable[[Path, str], None]


@dataclass(frozen=True)
class OneShot:
    """One sound of the folder: where it is, and what its name says of it."""

    path: str  # relative to the folder, forward slashes
    start: int  # samples at the map's rate
    stop: int
    role: str | None  # by folder or file name; None: only the sound can tell
    kit: str  # takes of one kit are near-copies of each other: a split never parts them
    key: int  # of its map in the cache


@dataclass
class Report:
    """What became of the files: counts, and a reason for each one skipped."""

    files: int = 0
    cached: int = 0
    one_shots: int = 0
    loops: int = 0
    slices: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Dataset:
    """The one-shots of a folder, and their maps `(n, steps, bands, 2)`, read from the cache on demand."""

    folder: Path
    config: MapConfig
    sounds: tuple[OneShot, ...]
    report: Report
    cache: Cache

    def __len__(self) -> int:
        return len(self.sounds)

    def maps(self, indices: Sequence[int] | Indices | None = None) -> Map:
        """Maps of the sounds at `indices` (None: all)."""
        chosen = self.sounds if indices is None else [self.sounds[i] for i in indices]
        return self.cache.maps([sound.key for sound in chosen], self.config.shape)

    def waveform(self, index: int) -> audio.Signal:
        """The sound at `index` itself, `(n,)` at the configuration's rate, decoded anew."""
        sound = self.sounds[index]
        samples, _ = audio.read(self.folder / sound.path, self.config.stft.rate)
        return samples[sound.start : sound.stop]

    def subset(self, indices: Indices) -> "Dataset":
        """The same folder with only the sounds at `indices`."""
        return Dataset(self.folder, self.config, tuple(self.sounds[i] for i in indices), self.report, self.cache)

    def split(self, share: float, *, seed: int = 0) -> tuple[Indices, Indices]:
        """Indices to train on and to hold out: whole kits, the smallest and as many more as `share` allows.

        A folder of fewer than four kits is split by sound.
        """
        by = [sound.kit for sound in self.sounds]
        if len(set(by)) < 4:
            by = [f"{sound.path} {sound.start}" for sound in self.sounds]
        names, members = np.unique(by, return_inverse=True)
        sizes = np.bincount(members)
        held = np.arange(len(names)) == sizes.argmin()
        room = share * len(by) - sizes.min()
        for kit in np.random.default_rng(seed).permutation(len(names)):
            if not held[kit] and sizes[kit] <= room:
                held[kit], room = True, room - sizes[kit]
        out = held[members]
        return np.flatnonzero(~out), np.flatnonzero(out)


def scan(
    folder: Path | str,
    config: MapConfig,
    *,
    whole: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Index every one-shot below `folder`.

    Args:
        folder: walked to any depth; symbolic links are followed, each folder once.
        config: of the maps.
        whole: loops are not cut: every file is one sound, as long as a map at most.
        strict: make the first unusable file an error instead of a row among the skipped.
        progress: called with (files done, files in all).

    Raises:
        DataError: no such folder, nothing in it that can be used, or with `strict` an unusable file.
        OutputError: the cache cannot be used.
    """
    folder = Path(folder)
    report, sounds = Report(), list[OneShot]()

    def skip(path: Path, reason: str) -> None:
        if strict:
            raise DataError(f"{path} {reason}")
        report.skipped.append((path.relative_to(folder).as_posix(), reason))

    work = partial(_finished, config=config, cut=_from_attack if whole else loops.cut_all)
    files, cache = list(_audio_files(folder, report, skip)), Cache.of(config, whole=whole)
    for done, (path, known) in enumerate(_extracts(files, work, cache, report), 1):
        if known.reason:
            skip(path, known.reason)
        else:
            _count(known, report)
            sounds += _one_shots(path.relative_to(folder), known)
        if progress:
            progress(done, len(files))
    if not sounds:
        raise DataError(f"{folder} holds no sound that can be used{_why(report)}")
    return Dataset(folder, config, tuple(sounds), report, cache)


def extract(path: Path, config: MapConfig, *, cut: Cut = loops.cut_all) -> Extract:
    """The one-shots of a file and their maps; what cannot be read comes back as the reason. A pure function."""
    return _finished([_begun(path)], config, cut)[0]


def _begun(path: Path) -> Begun:
    """The part of the work on a file that goes in short steps; one that cannot be read has its reason instead."""
    try:
        return path, audio.decode(path), None
    except AudioError as error:
        return path, None, _without(path, error)


def _finished(files: list[Begun], config: MapConfig, cut: Cut) -> list[Extract]:
    """The part that goes in long steps, on as many files at a time as `_ROOM` samples hold, and one at least."""
    extracts, sounds, room = list[Extract](), list[Sound](), _ROOM
    for file in files:
        sounds.append(_sound(file, config.stft.rate))
        room -= len(sounds[-1][0])
        if room <= 0:
            extracts += _encoded(sounds, config, cut)
            sounds, room = [], _ROOM
    return extracts + _encoded(sounds, config, cut)


def _sound(file: Begun, rate: int) -> Sound:
    path, decoded, reason = file
    try:
        return (_NOTHING if reason else audio.resampled(path, decoded, rate)), reason
    except AudioError as error:
        return _NOTHING, _without(path, error)


def _without(path: Path, error: AudioError) -> str:
    """The reason without the path that it begins with; str(error) would show an odd name otherwise."""
    return str(error.args[0]).removeprefix(f"{path} ")


def _encoded(sounds: list[Sound], config: MapConfig, cut: Cut) -> list[Extract]:
    """Cut and encode sounds, one after the other in one array, so that few compiled calls do all of it."""
    if not sounds:
        return []
    samples = np.concatenate([samples for samples, _ in sounds]) if len(sounds) > 1 else sounds[0][0]
    borders = np.cumsum([0, *(len(samples) for samples, _ in sounds)])
    cuts = cut(samples, np.stack((borders[:-1], borders[1:]), axis=1), config.stft.rate)
    spans = [(at + start, at + stop) for at, pairs in zip(borders.tolist(), cuts, strict=False) for start, stop in pairs]
    batches = maps.encode_all(samples, np.array(spans, np.int64).reshape(-1, 2), config)
    pictures = chain.from_iterable(batch.astype(np.float16) for batch in batches)  # as the cache keeps them
    return [
        Extract(pairs, list(islice(pictures, len(pairs))), reason)
        for pairs, (_, reason) in zip(cuts, sounds, strict=True)
    ]


def _from_attack(samples: audio.Signal, spans: Spans, rate: int) -> list[list[tuple[int, int]]]:
    return [[(loops.onset(samples[a:b], rate), b - a)] if b > a else [] for a, b in spans.tolist()]


def _extracts(files: list[Path], finish: Work, cache: Cache, report: Report) -> Iterator[tuple[Path, Known]]:
    """What each file holds: from the cache, or computed and put there.

    This thread asks the cache and decodes; the others, which seldom need the interpreter, do the rest. Threads that
    all decoded would spend their time waking each other: that is a dozen short calls a file.
    """
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1)) as pool:

        def begin(chunk: list[Path]) -> tuple[list[Path], dict[Path, Known], list[Future[list[Extract]]]]:
            known = cache.find(chunk)
            missing = [path for path in chunk if path not in known]
            return chunk, known, [pool.submit(finish, [*map(_begun, part)]) for part in _parts(missing, _BATCH)]

        for chunk, known, made in _one_ahead(map(begin, _parts(files, _CHUNK))):
            report.cached += len(known)
            missing = (path for path in chunk if path not in known)
            extracts = chain.from_iterable(future.result() for future in made)
            everything = known | cache.store(dict(zip(missing, extracts, strict=True)))
            yield from ((path, everything[path]) for path in chunk)


def _one_ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items, each when the next one has been begun."""
    held = list[T]()
    for item in items:
        held.append(item)
        if len(held) > 1:
            yield held.pop(0)
    yield from held


def _parts(files: list[Path], size: int) -> list[list[Path]]:
    return [files[at : at + size] for at in range(0, len(files), size)]


def _audio_files(folder: Path, report: Report, skip: Skip) -> Iterator[Path]:
    """Every file with a suffix of audio, sorted, so that the order never depends on the disk."""
    if not os.path.isdir(folder):  # noqa: PTH112 - unlike Path.is_dir it raises nothing, whatever the name
        raise DataError(f"{folder} is no folder; give the path of a folder of drum sounds")

    def unreadable(error: OSError) -> None:
        skip(Path(error.filename), f"is a folder that cannot be opened ({error.strerror})")

    seen = {_place(folder)}
    for place, folders, names in os.walk(folder, followlinks=True, onerror=unreadable):
        folders[:] = [name for name in sorted(folders) if _first_visit(Path(place, name), seen)]
        for path in (Path(place, name) for name in sorted(names)):
            if path.suffix.lower() not in audio.SUFFIXES or path.name.startswith("._"):  # macOS' shadow files
                continue
            report.files += 1
            if os.path.isfile(path):  # noqa: PTH113 - as above
                yield path
            else:
                skip(path, "is a link to nowhere or no ordinary file")


def _first_visit(folder: Path, seen: set[tuple[int, int] | None]) -> bool:
    place = _place(folder)
    new = place not in seen
    seen.add(place)
    return new or place is None


def _place(folder: Path) -> tuple[int, int] | None:
    """What a folder is known by, however many links lead there; None if it cannot be seen."""
    try:
        stat = folder.stat()
    except OSError:
        return None  # `os.walk` will say why
    return stat.st_dev, stat.st_ino


def _count(known: Known, report: Report) -> None:
    if len(known.clips) == 1:
        report.one_shots += 1
    else:
        report.loops += 1
        report.slices += len(known.clips)


def _one_shots(path: PurePath, known: Known) -> Iterator[OneShot]:
    role = roles.from_path(path) if len(known.clips) == 1 else None  # a loop's name does not tell its hits apart
    kit = _kit(path) if len(known.clips) == 1 else path.as_posix()
    for start, stop, key in known.clips:
        yield OneShot(path.as_posix(), start, stop, role, kit, key)


def _kit(path: PurePath) -> str:
    """What a sound belongs to: the part before `_` in `tr808_kick.wav`, else the nearest folder that is no role."""
    before, underscore, _ = path.stem.partition("_")
    if underscore and not roles.from_name(before):
        return before
    return next((name for name in reversed(path.parent.parts) if not roles.from_name(name)), path.stem)


def _why(report: Report) -> str:
    if not report.skipped:
        return "; wav, flac, ogg, mp3 and aiff files are read"
    name, reason = report.skipped[0]
    return f": {len(report.skipped)} {'was' if len(report.skipped) == 1 else 'were'} skipped, as {name}, which {reason}"
