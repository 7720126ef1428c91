"""The tables of the cache: one SQLite database, and the few things that are asked of it.

Every function takes many files at a time: a query for each would take a quarter longer. Maps are stored as float16,
without the silent steps at their end, with a checksum each: a row that fails it counts as unknown.
"""

import os
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from samplegen.data.cache.identity import Identity, stamp
from samplegen.features.spectrogram import Spectrogram

# AUTOINCREMENT: a key that another program still holds never comes to mean another sound
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, digest BLOB);
CREATE TABLE IF NOT EXISTS extracts (digest BLOB PRIMARY KEY, count INTEGER, reason TEXT);
CREATE TABLE IF NOT EXISTS clips
    (key INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB, start INTEGER, stop INTEGER, map BLOB, crc INTEGER);
CREATE INDEX IF NOT EXISTS clips_of ON clips (digest);
"""
_CLIP_COLUMNS = "start, stop, key, map, crc"
_MAX_PARAMETERS = 500  # of one query; a SQLite may be built for no more than 999
_PAGE_BYTES = 1 << 14  # bytes: a map, of some 8 KB, in one page, not in a chain of three
_JOURNAL_PAGES = 2000  # pages (32 MB) that gather in the journal before they are written a second time, to their place
_PRAGMAS = (
    f"PRAGMA page_size = {_PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
    f"PRAGMA wal_autocheckpoint = {_JOURNAL_PAGES};"
)
_DAMAGE_CODES = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_ERROR,
}  # the last: other tables than ours


class Extract(NamedTuple):
    """What a file holds: the borders of its one-shots in samples and their maps; or why nothing."""

    cuts: list[tuple[int, int]]
    spectrograms: list[Spectrogram]
    reason: str | None = None


class Clip(NamedTuple):
    """A one-shot whose map is in the cache under `key`."""

    start: int
    stop: int
    key: int


class CacheEntry(NamedTuple):
    """A file's one-shots as the cache has them; or why there are none."""

    clips: list[Clip]
    reason: str | None


class _Damaged(sqlite3.DatabaseError):
    """What SQLite's own check of the pages found."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def connect(path: Path) -> sqlite3.Connection:
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


def is_damage(error: Exception) -> bool:
    """Whether an error says that the database makes no sense, and not that the system refuses something."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE_CODES  # the low byte is the kind


def read_identities(database: sqlite3.Connection, paths: Iterable[Path]) -> dict[Path, Identity]:
    """What the files were that have not changed since."""
    stamps = {os.fsencode(path): (path, stamp(path)) for path in paths}
    rows = _select(database, "SELECT path, digest, size, modified FROM files WHERE path IN ({})", stamps)
    found = ((*stamps[path], Identity(digest, (size, modified))) for path, digest, size, modified in rows)
    return {path: content for path, seen, content in found if content.stamp == seen}


def write_identities(database: sqlite3.Connection, contents: Mapping[Path, Identity]) -> None:
    """Note what files are."""
    rows = [(os.fsencode(path), *seen, digest) for path, (digest, seen) in contents.items()]
    database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)


def read_entries(database: sqlite3.Connection, digests: Collection[bytes]) -> dict[bytes, CacheEntry]:
    """What is kept of contents, as far as it is whole."""
    clips = defaultdict[bytes, list[tuple[Any, ...]]](list)
    for digest, *row in _select(database, f"SELECT digest, {_CLIP_COLUMNS} FROM clips WHERE digest IN ({{}})", digests):
        clips[digest].append(tuple(row))
    extracts = _select(database, "SELECT digest, count, reason FROM extracts WHERE digest IN ({})", digests)
    return {
        digest: CacheEntry(sorted(Clip(*row[:3]) for row in clips[digest]), reason)
        for digest, number, reason in extracts
        if _is_complete(clips[digest], number, reason)
    }


def write_extracts(database: sqlite3.Connection, extracts: Mapping[bytes, Extract]) -> dict[bytes, CacheEntry]:
    """Keep what was computed of contents, in place of what is there of them; nobody else may write meanwhile."""
    last = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'clips'").fetchone() or (0,)
    keys, made, many = count(last[0] + 1), extracts.items(), database.executemany
    clips = {digest: [Clip(*cut, next(keys)) for cut in extract.cuts] for digest, extract in made}
    rows = [_row(d, *both) for d, extract in made for both in zip(clips[d], extract.spectrograms, strict=True)]
    many("DELETE FROM clips WHERE digest = ?", [(digest,) for digest in extracts])
    many("INSERT OR REPLACE INTO extracts VALUES (?, ?, ?)", [(d, len(e.cuts), e.reason) for d, e in made])
    many(f"INSERT INTO clips (digest, {_CLIP_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows)
    return {digest: CacheEntry(clips[digest], extract.reason) for digest, extract in made}


def read_spectrograms(database: sqlite3.Connection, keys: Iterable[int]) -> list[bytes | None]:
    """The maps under keys as they are stored, None where there is none any more."""
    rows = (database.execute("SELECT map FROM clips WHERE key = ?", (key,)).fetchone() for key in keys)
    return [row and row[0] for row in rows]


def _select(database: sqlite3.Connection, query: str, keys: Collection[bytes]) -> list[tuple[Any, ...]]:
    """Rows of a query for what is `IN ({})`, the keys."""
    unique = list(keys)
    parts = (unique[at : at + _MAX_PARAMETERS] for at in range(0, len(unique), _MAX_PARAMETERS))
    rows = (database.execute(query.format(",".join("?" * len(part))), part).fetchall() for part in parts)
    return list(chain.from_iterable(rows))


def _row(digest: bytes, clip: Clip, picture: Spectrogram) -> tuple[bytes, int, int, int, bytes, int | None]:
    sounding = np.flatnonzero(picture.reshape(len(picture), -1).view(np.uint32).any(axis=1))  # faster than bytes.rstrip
    blob = picture[: sounding.max(initial=-1) + 1].astype(np.float16, copy=False).tobytes()
    return digest, *clip, blob, _checksum(*clip[:2], blob)


def _is_complete(rows: list[tuple[Any, ...]], number: int, reason: str | None) -> bool:
    """Whether a content's clips `(start, stop, key, map, checksum)` are all there, and are what was kept."""
    complete = len(rows) == number and (number > 0) != bool(reason)
    return complete and all(_checksum(start, stop, picture) == crc for start, stop, _, picture, crc in rows)


def _checksum(start: object, stop: object, picture: object) -> int | None:
    """CRC-32 of a row of clips; None if it holds no map at all."""
    return zlib.crc32(picture, zlib.crc32(f"{start} {stop}".encode())) if isinstance(picture, bytes) else None
