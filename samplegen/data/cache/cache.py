"""Cache of the one-shots of files, kept between runs in one SQLite file per settings.

A file is identified by the hash of its content; path, size and time only save reading it again. A damaged row
counts as unknown and is made anew, and so is a database that SQLite cannot read. Several programs may use one cache
at a time: sound rows are never replaced, so that a row stays valid for the program that was given it.
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
from samplegen.features.spectrogram import CHANNELS, Spectrogram, SpectrogramConfig
from samplegen.files import sha256_bytes

CACHE_VERSION = 7  # of what is computed and how it is stored; raise it when either changes, and all is made anew
_CHANGED_REASON = "changed while it was read"


def cache_folder() -> Path:
    """Return the folder of caches: `SAMPLEGEN_CACHE`, else the place that the system has for them."""
    return Path(os.environ.get("SAMPLEGEN_CACHE") or platformdirs.user_cache_dir("samplegen"))


class Cache:
    """Cache of one spectrogram configuration. Safe to read from several threads.

    Raises:
        OutputError: in every method, where the database cannot be used: no room, or no permission.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._missed: dict[Path, Identity] = {}  # looked for in vain
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = self._open()

    @classmethod
    def of(cls, config: SpectrogramConfig, *, whole: bool = False) -> "Cache":
        """Open the cache of `config` in the cache folder; files that are kept whole have another one."""
        settings = dumps([CACHE_VERSION, _settings(config), *(["whole"] * whole)], sort_keys=True).encode()
        return cls(cache_folder() / f"maps-{sha256_bytes(settings)[:16]}.sqlite")

    def find(self, paths: Iterable[Path]) -> dict[Path, CacheEntry]:
        """Return the entries of known files; unreadable files, and those with damaged rows, are unknown."""
        paths = list(paths)
        with self._errors(), self._lock, self._database:
            known = self._known(tables.read_identities(self._database, paths))
            read = {path: content for path in paths if path not in known and (content := identity.identify(path))}
            again = self._known(read)  # moved, copied or touched
            tables.write_identities(self._database, {path: read[path] for path in again})
            self._missed |= {path: read[path] for path in read.keys() - again.keys()}
            return known | again

    def store(self, extracts: Mapping[Path, Extract]) -> dict[Path, CacheEntry]:
        """Store what was computed from files: all of it or, if the process is killed, nothing.

        A file that is gone, or has changed since `find` looked for it, is not stored and comes back without
        one-shots: which of its contents was decoded is unknown.
        """
        with self._errors(), self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")  # nobody else writes between looking and inserting
            same = {path: content for path in extracts if (content := self._unchanged(path))}
            tables.write_identities(self._database, same)
            known = self._known(same)  # meanwhile: a copy in the same folder
            fresh = {path: content.digest for path, content in same.items() if path not in known}
            kept = tables.write_extracts(self._database, {digest: extracts[path] for path, digest in fresh.items()})
            lost = {path: _lost_entry(path, extract) for path, extract in extracts.items() if path not in same}
            return known | {path: kept[digest] for path, digest in fresh.items()} | lost

    def spectrograms(self, keys: Sequence[int], shape: tuple[int, ...]) -> Spectrogram:
        """Return the spectrograms of keys, `(len(keys), *shape)` float32.

        Raises:
            DataError: another process has emptied the cache meanwhile.
        """
        with self._errors(), self._lock:
            found = [blob for blob in tables.read_spectrograms(self._database, keys) if blob is not None]
        if len(found) < len(keys):
            raise DataError(f"the cache {self.path} changed while it was in use; run the command again")
        size = 2 * math.prod(shape)
        spectrograms = np.frombuffer(b"".join(blob.ljust(size, b"\0") for blob in found), np.float16)
        return spectrograms.reshape(len(keys), *shape).astype(np.float32)

    def _known(self, contents: Mapping[Path, Identity]) -> dict[Path, CacheEntry]:
        known = tables.read_entries(self._database, {content.digest for content in contents.values()})
        return {path: known[content.digest] for path, content in contents.items() if content.digest in known}

    def _unchanged(self, path: Path) -> Identity | None:
        """Return the identity of a file if it is the one that `find` saw; None if it has changed, or is gone."""
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


def _settings(config: SpectrogramConfig) -> dict[str, object]:
    """Return the settings of a configuration; a setting that came later counts only where it is not the default."""
    settings = asdict(config)
    if config.channels == CHANNELS:
        del settings["channels"]
    return settings


def _lost_entry(path: Path, extract: Extract) -> CacheEntry:
    """Return the entry of a file that changed while it was read; if it is gone, with the reason of the decoder."""
    return CacheEntry([], _CHANGED_REASON if identity.identify(path) else extract.reason or _CHANGED_REASON)
