"""What was computed from files, kept between runs in one SQLite file per settings.

A file is known by its content's hash; path, size and time only spare reading it again. Maps are
stored as float16, without the zeros at their end, with a checksum each: a row that fails it counts
as unknown and is made anew, and so is the whole database where SQLite cannot make sense of it.
Several programs may use one cache at a time: rows that are sound are never replaced, so what one
has been given stays valid.
"""

import hashlib
import math
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from json import dumps
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
import platformdirs

from samplegen.errors import DataError, OutputError
from samplegen.maps import Map, MapConfig

VERSION = 5  # of what is computed and how it is kept; raise it when either changes, and everything is made anew
# AUTOINCREMENT: a key that another program still holds never comes to mean another sound
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, digest BLOB);
CREATE TABLE IF NOT EXISTS extracts (digest BLOB PRIMARY KEY, count INTEGER, reason TEXT);
CREATE TABLE IF NOT EXISTS clips
    (key INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB, start INTEGER, stop INTEGER, map BLOB, crc INTEGER);
CREATE INDEX IF NOT EXISTS clips_of ON clips (digest);
"""
_PART = 1 << 17  # bytes read of a file at a time
_JOURNAL = 8000  # pages (32 MB) that gather in the journal before they are written a second time, to their place
_PRAGMAS = f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = {_JOURNAL};"
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}  # the last: other tables than ours
_CHANGED = "changed while it was read"


class Extract(NamedTuple):
    """What a file holds: the borders of its one-shots in samples and their maps; or why nothing."""

    cuts: list[tuple[int, int]]
    maps: list[Map]
    reason: str | None = None


class Clip(NamedTuple):
    """A one-shot whose map is in the cache under `key`."""

    start: int
    stop: int
    key: int


class _Damaged(sqlite3.DatabaseError):
    """What SQLite's own check of the pages found."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


class _Stamp(NamedTuple):
    """What tells whether a file is still the same: bytes, and time of its last change in ns."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> "_Stamp":
        stat = os.stat(path)  # noqa: PTH116 - half the time
        return cls(stat.st_size, stat.st_mtime_ns)


class Known(NamedTuple):
    """A file's one-shots as the cache has them; or why there are none."""

    clips: list[Clip]
    reason: str | None


def folder() -> Path:
    """Where caches are kept: `SAMPLEGEN_CACHE`, else the system's place for them."""
    return Path(os.environ.get("SAMPLEGEN_CACHE") or platformdirs.user_cache_dir("samplegen"))


class Cache:
    """The cache for one map configuration. Safe to read from several threads.

    Every method raises `OutputError` where the database cannot be used: no room, or no permission.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._wanted: dict[Path, tuple[_Stamp, bytes]] = {}  # stamp and hash of what was looked for in vain
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = self._open()

    @classmethod
    def of(cls, config: MapConfig, *, whole: bool = False) -> "Cache":
        """The cache for `config` in the user's cache folder; another one where files are kept whole."""
        settings = dumps([VERSION, asdict(config), *(["whole"] * whole)], sort_keys=True).encode()
        return cls(folder() / f"maps-{hashlib.sha256(settings).hexdigest()[:16]}.sqlite")

    def find(self, paths: Iterable[Path]) -> dict[Path, Known]:
        """The files that are known; one that cannot be read, or whose rows are damaged, is not."""
        with self._errors(), self._lock, self._database:
            return {path: known for path in paths if (known := self._look_up(path))}

    def store(self, extracts: Mapping[Path, Extract]) -> dict[Path, Known]:
        """Keep what was computed from files; all of it or, where the process is killed, none.

        A file that is gone, or no longer what it was when `find` looked for it, is not kept and comes
        back without one-shots: which of its contents was decoded, nobody knows.
        """
        with self._errors(), self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")  # nobody else writes between looking and inserting
            return {path: self._insert(path, extract) for path, extract in extracts.items()}

    def maps(self, keys: Sequence[int], shape: tuple[int, ...]) -> Map:
        """Maps `(len(keys), *shape)` float32.

        Raises:
            DataError: another process has emptied the cache meanwhile.
        """
        with self._errors(), self._lock:
            rows = [self._database.execute("SELECT map FROM clips WHERE key = ?", (key,)).fetchone() for key in keys]
        if None in rows:
            raise DataError(f"the cache {self.path} changed while it was in use; run the command again")
        size = 2 * math.prod(shape)
        pictures = np.frombuffer(b"".join(row[0].ljust(size, b"\0") for row in rows), np.float16)
        return pictures.reshape(len(rows), *shape).astype(np.float32)

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self.path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._remove()
            return _connect(self.path)

    def _remove(self) -> None:
        for end in ("", "-wal", "-shm"):  # a journal left behind would be played into the new database
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if _is_damage(error):
                self._remove()
                raise OutputError(f"the cache {self.path} was damaged and is removed; run the command again") from error
            raise OutputError(
                f"cannot use the cache {self.path} ({getattr(error, 'strerror', None) or error}); "
                "set SAMPLEGEN_CACHE to a folder on a disk with room that can be written to"
            ) from error

    def _look_up(self, path: Path) -> Known | None:
        try:
            stamp = _Stamp.of(path)
            query = "SELECT digest FROM files WHERE path = ? AND size = ? AND modified = ?"
            row = self._database.execute(query, (os.fsencode(path), *stamp)).fetchone()
            if row and (known := self._known(row[0])):
                return known
            digest = content_hash(path)
        except OSError:
            return None
        if known := self._known(digest):  # moved, or copied
            self._remember(path, stamp, digest)
        else:
            self._wanted[path] = stamp, digest
        return known

    def _known(self, digest: bytes) -> Known | None:
        row = self._database.execute("SELECT count, reason FROM extracts WHERE digest = ?", (digest,)).fetchone()
        if not row:
            return None
        count, reason = row
        rows = self._database.execute(
            "SELECT start, stop, key, map, crc FROM clips WHERE digest = ? ORDER BY key", (digest,)
        ).fetchall()
        sound = all(_checksum(start, stop, picture) == crc for start, stop, _, picture, crc in rows)
        complete = len(rows) == count and (count > 0) != bool(reason)
        return Known([Clip(*row[:3]) for row in rows], reason) if sound and complete else None

    def _insert(self, path: Path, extract: Extract) -> Known:
        try:
            stamp, digest = self._wanted.pop(path) if path in self._wanted else (_Stamp.of(path), content_hash(path))
            if stamp != _Stamp.of(path):
                return Known([], _CHANGED)
        except OSError:
            return Known([], extract.reason or _CHANGED)
        self._remember(path, stamp, digest)
        return self._known(digest) or self._keep(digest, extract)  # known by now: a copy in the same folder

    def _remember(self, path: Path, stamp: _Stamp, digest: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (os.fsencode(path), *stamp, digest))

    def _keep(self, digest: bytes, extract: Extract) -> Known:
        run = self._database.execute
        run("DELETE FROM clips WHERE digest = ?", (digest,))
        run("INSERT OR REPLACE INTO extracts VALUES (?, ?, ?)", (digest, len(extract.cuts), extract.reason))
        clips = []
        for (start, stop), picture in zip(extract.cuts, extract.maps, strict=True):
            blob = picture.astype(np.float16, copy=False).tobytes().rstrip(b"\0")
            row = (digest, start, stop, blob, _checksum(start, stop, blob))
            key = run("INSERT INTO clips (digest, start, stop, map, crc) VALUES (?, ?, ?, ?, ?)", row).lastrowid
            clips.append(Clip(start, stop, key or 0))
        return Known(clips, extract.reason)


def content_hash(path: Path) -> bytes:
    """SHA-256 of a file's bytes, 32 bytes."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while part := file.read(_PART):
            digest.update(part)
    return digest.digest()


def _connect(path: Path) -> sqlite3.Connection:
    """Open the database, and look through its pages. Raises `sqlite3.DatabaseError` if it is damaged."""
    database = sqlite3.connect(path, check_same_thread=False, timeout=60)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        database.executescript(_PRAGMAS + _SCHEMA)
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):  # 0.1 s for 20,000 maps
            raise _Damaged
    except BaseException:
        database.close()
        raise
    return database


def _is_damage(error: Exception) -> bool:
    """Whether an error says that the database makes no sense, and not that the system refuses something."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE  # the low byte is the kind


def _checksum(start: object, stop: object, picture: object) -> int | None:
    """CRC-32 of a row of clips; None if it holds no map at all."""
    return zlib.crc32(picture, zlib.crc32(f"{start} {stop}".encode())) if isinstance(picture, bytes) else None
