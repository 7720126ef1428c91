"""What was computed from files, kept between runs in one SQLite file per settings.

A file is known by its content's hash; path, size and time only spare reading it again. A row that is damaged counts
as unknown and is made anew, and so is the whole database where SQLite cannot make sense of it. Several programs may
use one cache at a time: rows that are sound are never replaced, so what one has been given stays valid.
"""

import math
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from json import dumps
from pathlib import Path
from threading import Lock

import numpy as np
import platformdirs

from samplegen.data.cache import identity, tables
from samplegen.data.cache.identity import Identity
from samplegen.data.cache.tables import CacheEntry, Extract
from samplegen.errors import DataError, OutputError
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.files import sha256_bytes

CACHE_VERSION = 7  # of what is computed and how it is kept; raise it when either changes, and everything is made anew
_CHANGED_REASON = "changed while it was read"


def cache_folder() -> Path:
    """Where caches are kept: `SAMPLEGEN_CACHE`, else the system's place for them."""
    return Path(os.environ.get("SAMPLEGEN_CACHE") or platformdirs.user_cache_dir("samplegen"))


class Cache:
    """The cache for one map configuration. Safe to read from several threads.

    Every method raises `OutputError` where the database cannot be used: no room, or no permission.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._missed: dict[Path, Identity] = {}  # what was looked for in vain
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = self._open()

    @classmethod
    def of(cls, config: SpectrogramConfig, *, whole: bool = False) -> "Cache":
        """The cache for `config` in the user's cache folder; another one where files are kept whole."""
        settings = dumps([CACHE_VERSION, asdict(config), *(["whole"] * whole)], sort_keys=True).encode()
        return cls(cache_folder() / f"maps-{sha256_bytes(settings)[:16]}.sqlite")

    def find(self, paths: Iterable[Path]) -> dict[Path, CacheEntry]:
        """The files that are known; one that cannot be read, or whose rows are damaged, is not."""
        paths = list(paths)
        with self._errors(), self._lock, self._database:
            known = self._known(tables.read_identities(self._database, paths))
            read = {path: content for path in paths if path not in known and (content := identity.identify(path))}
            again = self._known(read)  # moved, copied or touched
            tables.write_identities(self._database, {path: read[path] for path in again})
            self._missed |= {path: read[path] for path in read.keys() - again.keys()}
            return known | again

    def store(self, extracts: Mapping[Path, Extract]) -> dict[Path, CacheEntry]:
        """Keep what was computed from files; all of it or, where the process is killed, none.

        A file that is gone, or no longer what it was when `find` looked for it, is not kept and comes
        back without one-shots: which of its contents was decoded, nobody knows.
        """
        with self._errors(), self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")  # nobody else writes between looking and inserting
            same = {path: content for path in extracts if (content := self._unchanged(path))}
            tables.write_identities(self._database, same)
            known = self._known(same)  # by now: a copy in the same folder
            fresh = {path: content.digest for path, content in same.items() if path not in known}
            kept = tables.write_extracts(self._database, {digest: extracts[path] for path, digest in fresh.items()})
            lost = {path: _lost_entry(path, extract) for path, extract in extracts.items() if path not in same}
            return known | {path: kept[digest] for path, digest in fresh.items()} | lost

    def spectrograms(self, keys: Sequence[int], shape: tuple[int, ...]) -> Spectrogram:
        """Maps `(len(keys), *shape)` float32.

        Raises:
            DataError: another process has emptied the cache meanwhile.
        """
        with self._errors(), self._lock:
            found = [picture for picture in tables.read_spectrograms(self._database, keys) if picture is not None]
        if len(found) < len(keys):
            raise DataError(f"the cache {self.path} changed while it was in use; run the command again")
        size = 2 * math.prod(shape)
        pictures = np.frombuffer(b"".join(picture.ljust(size, b"\0") for picture in found), np.float16)
        return pictures.reshape(len(keys), *shape).astype(np.float32)

    def _known(self, contents: Mapping[Path, Identity]) -> dict[Path, CacheEntry]:
        known = tables.read_entries(self._database, {content.digest for content in contents.values()})
        return {path: known[content.digest] for path, content in contents.items() if content.digest in known}

    def _unchanged(self, path: Path) -> Identity | None:
        """A file's content if it is what `find` saw of it; None if it has changed since, or is gone."""
        content = self._missed.pop(path, None) or identity.identify(path)
        return content if content and content.stamp == identity.stamp(path) else None

    def _open(self) -> sqlite3.Connection:
        try:
            return tables.connect(self.path)
        except sqlite3.DatabaseError as error:
            if not tables.is_damage(error):
                raise
            self._remove()
            return tables.connect(self.path)

    def _remove(self) -> None:
        for end in ("", "-wal", "-shm"):  # a journal left behind would be played into the new database
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if tables.is_damage(error):
                self._remove()
                raise OutputError(f"the cache {self.path} was damaged and is removed; run the command again") from error
            raise OutputError(
                f"cannot use the cache {self.path} ({getattr(error, 'strerror', None) or error}); "
                "set SAMPLEGEN_CACHE to a folder on a disk with room that can be written to"
            ) from error


def _lost_entry(path: Path, extract: Extract) -> CacheEntry:
    """Of a file that cannot be read any more, the reason that decoding gave says more."""
    return CacheEntry([], _CHANGED_REASON if identity.identify(path) else extract.reason or _CHANGED_REASON)
