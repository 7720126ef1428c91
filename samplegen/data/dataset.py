"""Data set: an index of the one-shots in a folder of any depth, with cached spectrograms.

`scan` walks the folder (`samplegen.data.folders`), decodes each file, cuts it into one-shots and encodes each as a
spectrogram (`samplegen.data.ingest`). The result of a file depends only on its bytes and the settings. It is cached
under both (`samplegen.data.cache`), so that a second scan touches only what changed. Spectrograms stay on disk and
are read by the batch.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.arrays import Signal
from samplegen.audio import reading
from samplegen.data.cache.cache import Cache
from samplegen.data.cache.tables import CacheEntry
from samplegen.data.folders import Skip, find_audio_files
from samplegen.data.ingest import extract_files
from samplegen.errors import DataError
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig

Indices = NDArray[np.intp]
Progress = Callable[[int, int], None]
BLOCK_SOUNDS = 512  # whose spectrograms, of 32 KB each, are in memory at a time


@dataclass(frozen=True)
class OneShot:
    """A sound of the folder: its place in a file, and what its name tells."""

    path: str  # relative to the folder, forward slashes
    start: int  # samples at the rate of the spectrograms
    stop: int
    role: str | None  # by folder or file name; None: only the sound can tell
    kit: str  # takes of one kit are near-copies of each other: a split never parts them
    key: int  # of its spectrogram in the cache


@dataclass
class Report:
    """Report of a scan: counts, and a reason for each file that was skipped."""

    files: int = 0
    cached: int = 0
    one_shots: int = 0
    loops: int = 0
    slices: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Dataset:
    """The one-shots of a folder, and their spectrograms `(n, steps, bands, 2)`, read from the cache on demand."""

    folder: Path
    config: SpectrogramConfig
    sounds: tuple[OneShot, ...]
    report: Report
    cache: Cache

    def __len__(self) -> int:
        return len(self.sounds)

    def spectrograms(self, indices: Sequence[int] | Indices | None = None) -> Spectrogram:
        """Return the spectrograms of the sounds at `indices` (None: all)."""
        chosen = self.sounds if indices is None else [self.sounds[i] for i in indices]
        return self.cache.spectrograms([sound.key for sound in chosen], self.config.shape)

    def blocks(self, indices: Sequence[int] | Indices | None = None) -> Iterator[Spectrogram]:
        """Yield the spectrograms of the sounds at `indices` (None: all), `BLOCK_SOUNDS` at a time."""
        places = range(len(self)) if indices is None else indices
        for at in range(0, len(places), BLOCK_SOUNDS):
            yield self.spectrograms(places[at : at + BLOCK_SOUNDS])

    def waveform(self, index: int, *, rate: int | None = None) -> Signal:
        """Decode the sound at `index` anew, `(n,)` at a rate in Hz, that of the configuration by default."""
        sound, own = self.sounds[index], self.config.stft.rate
        samples, rate = reading.read_audio(self.folder / sound.path, rate or own)
        start, stop = (round(place * rate / own) for place in (sound.start, sound.stop))
        return samples[start:stop]

    def subset(self, indices: Indices) -> "Dataset":
        """Return the same folder with only the sounds at `indices`."""
        return Dataset(self.folder, self.config, tuple(self.sounds[i] for i in indices), self.report, self.cache)

    def split(self, share: float, *, seed: int = 0) -> tuple[Indices, Indices]:
        """Return indices for training and held-out ones: whole kits, the smallest and as many more as `share` allows.

        A folder of fewer than four kits is split by sound.
        """
        groups = [sound.kit for sound in self.sounds]
        if len(set(groups)) < 4:
            groups = [f"{sound.path} {sound.start}" for sound in self.sounds]
        names, members = np.unique(groups, return_inverse=True)
        sizes = np.bincount(members)
        held_out = np.arange(len(names)) == sizes.argmin()
        room = share * len(groups) - sizes.min()
        for kit in np.random.default_rng(seed).permutation(len(names)):
            if not held_out[kit] and sizes[kit] <= room:
                held_out[kit], room = True, room - sizes[kit]
        return np.flatnonzero(~held_out[members]), np.flatnonzero(held_out[members])


def scan(
    folder: Path | str,
    config: SpectrogramConfig,
    *,
    whole: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Index every one-shot below `folder`.

    Args:
        folder: walked to any depth; symbolic links are followed, each folder once.
        config: of the spectrograms.
        whole: loops are not cut; every file is one sound, at most as long as a spectrogram.
        strict: make the first unusable file an error instead of a row among the skipped.
        progress: called with (number of files done, number of all files).

    Raises:
        DataError: no such folder, nothing usable in it, or with `strict` an unusable file.
        OutputError: the cache cannot be used.

    Example:
        >>> import numpy as np, tempfile
        >>> from samplegen import SpectrogramConfig, scan, write_audio
        >>> folder = tempfile.mkdtemp()
        >>> write_audio(folder + "/kick.wav", np.sin(np.arange(8_000) / 20) * np.exp(-np.arange(8_000) / 1_000), 44_100)
        >>> data = scan(folder, SpectrogramConfig())
        >>> len(data), data.sounds[0].role, data.spectrograms().shape
        (1, 'kick', (1, 64, 64, 2))
    """
    folder = Path(folder)
    report, sounds = Report(), list[OneShot]()

    def skip(path: Path, reason: str) -> None:
        if strict:
            raise DataError(f"{path} {reason}")
        report.skipped.append((path.relative_to(folder).as_posix(), reason))

    above, files, cache = len(folder.parts), list(_readable_files(folder, report, skip)), Cache.of(config, whole=whole)
    for done, (path, known, cached) in enumerate(extract_files(files, config, cache, whole=whole), 1):
        report.cached += cached
        if known.reason:
            skip(path, known.reason)
        else:
            _count(known, report)
            sounds += _one_shots(path.parts[above:], known)
        if progress:
            progress(done, len(files))
    if not sounds:
        raise DataError(f"{folder} holds no sound that can be used{_reasons(report)}")
    return Dataset(folder, config, tuple(sounds), report, cache)


def _readable_files(folder: Path, report: Report, skip: Skip) -> Iterator[Path]:
    for path in find_audio_files(folder, skip):
        report.files += 1
        if os.path.isfile(path):  # noqa: PTH113 - unlike Path.is_file it raises nothing, whatever the name
            yield path
        else:
            skip(path, "is a link to nowhere or no ordinary file")


def _count(known: CacheEntry, report: Report) -> None:
    if len(known.clips) == 1:
        report.one_shots += 1
    else:
        report.loops += 1
        report.slices += len(known.clips)


def _one_shots(parts: Sequence[str], known: CacheEntry) -> Iterator[OneShot]:
    """Yield the sounds of a file whose path in the folder has these parts."""
    path, single = "/".join(parts), len(known.clips) == 1
    role = roles.role_of_path(parts) if single else None  # a loop's name does not tell its hits apart
    kit = _kit(parts) if single else path
    for start, stop, key in known.clips:
        yield OneShot(path, start, stop, role, kit, key)


def _kit(parts: Sequence[str]) -> str:
    """Return the kit of a sound: the part before `_` in `tr808_kick.wav`, else the nearest folder that is no role."""
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    before, underscore, _ = stem.partition("_")
    if underscore and not roles.role_of_name(before):
        return before
    return next((name for name in reversed(parts[:-1]) if not roles.role_of_name(name)), stem)


def _reasons(report: Report) -> str:
    if not report.skipped:
        return "; wav, flac, ogg, mp3 and aiff files are read"
    name, reason = report.skipped[0]
    return f": {len(report.skipped)} {'was' if len(report.skipped) == 1 else 'were'} skipped, as {name}, which {reason}"
