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
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain, count
from json import dumps
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

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
_CLIP = "start, stop, key, map, crc"
_PARAMETERS = 500  # in one query; SQLite may have been built for 999
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


class Known(NamedTuple):
    """A file's one-shots as the cache has them; or why there are none."""

    clips: list[Clip]
    reason: str | None


class _Content(NamedTuple):
    """A file's hash, and what tells whether it is still the same: bytes, and time of its last change in ns."""

    digest: bytes
    stamp: tuple[int, int]


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
        self._wanted: dict[Path, _Content] = {}  # what was looked for in vain
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
            paths = list(paths)
            known = self._known(self._remembered(paths))
            read = {path: content for path in paths if path not in known and (content := _content(path))}
            again = self._known(read)  # moved, copied or touched
            self._remember({path: read[path] for path in again})
            self._wanted |= {path: read[path] for path in read.keys() - again.keys()}
            return known | again

    def store(self, extracts: Mapping[Path, Extract]) -> dict[Path, Known]:
        """Keep what was computed from files; all of it or, where the process is killed, none.

        A file that is gone, or no longer what it was when `find` looked for it, is not kept and comes
        back without one-shots: which of its contents was decoded, nobody knows.
        """
        with self._errors(), self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")  # nobody else writes between looking and inserting
            same = {path: content for path in extracts if (content := self._unchanged(path))}
            self._remember(same)
            known = self._known(same)  # by now: a copy in the same folder
            fresh = {path: content.digest for path, content in same.items() if path not in known}
            kept = self._keep({digest: extracts[path] for path, digest in fresh.items()})
            lost = {path: _lost(path, extract) for path, extract in extracts.items() if path not in same}
            return known | {path: kept[digest] for path, digest in fresh.items()} | lost

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

    def _select(self, query: str, keys: Collection[bytes]) -> list[tuple[Any, ...]]:
        """Rows of a query that asks for what is `IN ({})`, the keys; many at a time cost a third of one by one."""
        wanted = list(keys)
        parts = (wanted[at : at + _PARAMETERS] for at in range(0, len(wanted), _PARAMETERS))
        rows = (self._database.execute(query.format(",".join("?" * len(part))), part).fetchall() for part in parts)
        return list(chain.from_iterable(rows))

    def _remembered(self, paths: Iterable[Path]) -> dict[Path, _Content]:
        """What the files were that have not changed since."""
        stamps = {os.fsencode(path): (path, _stamp(path)) for path in paths}
        rows = self._select("SELECT path, digest, size, modified FROM files WHERE path IN ({})", stamps)
        found = ((*stamps[path], _Content(digest, (size, modified))) for path, digest, size, modified in rows)
        return {path: content for path, stamp, content in found if content.stamp == stamp}

    def _known(self, contents: Mapping[Path, _Content]) -> dict[Path, Known]:
        """What is kept of files, as far as it is whole."""
        digests = {content.digest for content in contents.values()}
        clips = defaultdict[bytes, list[tuple[Any, ...]]](list)
        for digest, *row in self._select(f"SELECT digest, {_CLIP} FROM clips WHERE digest IN ({{}})", digests):
            clips[digest].append(tuple(row))
        extracts = self._select("SELECT digest, count, reason FROM extracts WHERE digest IN ({})", digests)
        known = {
            digest: Known(sorted(Clip(*row[:3]) for row in clips[digest]), reason)
            for digest, count, reason in extracts
            if _whole(clips[digest], count, reason)
        }
        return {path: known[content.digest] for path, content in contents.items() if content.digest in known}

    def _unchanged(self, path: Path) -> _Content | None:
        """A file's content if it is what `find` saw of it; None if it has changed since, or is gone."""
        content = self._wanted.pop(path, None) or _content(path)
        return content if content and content.stamp == _stamp(path) else None

    def _remember(self, contents: Mapping[Path, _Content]) -> None:
        rows = [(os.fsencode(path), *stamp, digest) for path, (digest, stamp) in contents.items()]
        self._database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)

    def _keep(self, extracts: Mapping[bytes, Extract]) -> dict[bytes, Known]:
        last = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'clips'").fetchone() or (0,)
        keys, made, many = count(last[0] + 1), extracts.items(), self._database.executemany
        clips = {digest: [Clip(*cut, next(keys)) for cut in extract.cuts] for digest, extract in made}
        rows = [_row(d, *both) for d, extract in made for both in zip(clips[d], extract.maps, strict=True)]
        many("DELETE FROM clips WHERE digest = ?", [(digest,) for digest in extracts])
        many("INSERT OR REPLACE INTO extracts VALUES (?, ?, ?)", [(d, len(e.cuts), e.reason) for d, e in made])
        many(f"INSERT INTO clips (digest, {_CLIP}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        return {digest: Known(clips[digest], extract.reason) for digest, extract in made}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 - half the time
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _content(path: Path) -> _Content | None:
    """None if the file cannot be read. The stamp is taken first: what is written meanwhile makes it another."""
    try:
        stamp = _stamp(path)
        return _Content(content_hash(path), stamp) if stamp else None
    except OSError:
        return None


def _lost(path: Path, extract: Extract) -> Known:
    """Of a file that cannot be read any more, the reason that decoding gave says more."""
    return Known([], _CHANGED if _content(path) else extract.reason or _CHANGED)


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


def _row(digest: bytes, clip: Clip, picture: Map) -> tuple[bytes, int, int, int, bytes, int | None]:
    blob = picture.astype(np.float16, copy=False).tobytes().rstrip(b"\0")
    return digest, *clip, blob, _checksum(*clip[:2], blob)


def _whole(rows: list[tuple[Any, ...]], count: int, reason: str | None) -> bool:
    """Whether a content's clips `(start, stop, key, map, checksum)` are all there, and are what was kept."""
    complete = len(rows) == count and (count > 0) != bool(reason)
    return complete and all(_checksum(start, stop, picture) == crc for start, stop, _, picture, crc in rows)


def _checksum(start: object, stop: object, picture: object) -> int | None:
    """CRC-32 of a row of clips; None if it holds no map at all."""
    return zlib.crc32(picture, zlib.crc32(f"{start} {stop}".encode())) if isinstance(picture, bytes) else None
