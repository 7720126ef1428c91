"""Files -> their one-shots and maps, several at a time: decode, cut (`samplegen.loops`), encode (`samplegen.maps`).

The work on a file has a part in many short calls, decoding, and a part in few long ones, all the
rest, which is done for many files together. One thread does the short ones and asks the cache, the
others do the long ones: threads that all decoded would spend their time waking each other. Only where
one would wait for another, it does that one's work.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from samplegen import audio, loops, maps
from samplegen.attacks import Spans
from samplegen.cache import Cache, Extract, Known
from samplegen.errors import AudioError
from samplegen.maps import MapConfig

_CHUNK = 128  # files decoded between two writes to the cache
_BATCH = 16  # files that are handed to a thread together
_ROOM = 1 << 20  # samples of several files that are cut and encoded together
_NOTHING = np.zeros(0, np.float32)

Sound = tuple[audio.Signal, str | None]
Cut = Callable[[audio.Signal, Spans, int], list[list[tuple[int, int]]]]
Begun = tuple[Path, audio.Decoded | None, str | None]
Job = tuple[Iterable[Begun], Future[list[Extract]]]
Work = Callable[[Iterable[Begun]], list[Extract]]
T = TypeVar("T")


def extract(path: Path, config: MapConfig, *, cut: Cut = loops.cut_all) -> Extract:
    """The one-shots of a file and their maps; what cannot be read comes back as the reason. A pure function."""
    return _finished([_begun(path)], config, cut)[0]


def _begun(path: Path) -> Begun:
    """The part of the work on a file that goes in short steps; one that cannot be read has its reason instead."""
    try:
        return path, audio.decode(path), None
    except AudioError as error:
        return path, None, _without(path, error)


def _finished(files: Iterable[Begun], config: MapConfig, cut: Cut) -> list[Extract]:
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
    spans = [
        (at + start, at + stop) for at, pairs in zip(borders.tolist(), cuts, strict=False) for start, stop in pairs
    ]
    batches = maps.encode_all(samples, np.array(spans, np.int64).reshape(-1, 2), config)
    pictures = chain.from_iterable(batch.astype(np.float16) for batch in batches)  # as the cache keeps them
    return [
        Extract(pairs, list(islice(pictures, len(pairs))), reason)
        for pairs, (_, reason) in zip(cuts, sounds, strict=True)
    ]


def _from_attack(samples: audio.Signal, spans: Spans, rate: int) -> list[list[tuple[int, int]]]:
    return [[(loops.onset(samples[a:b], rate), b - a)] if b > a else [] for a, b in spans.tolist()]


def extracts(
    files: list[Path], config: MapConfig, cache: Cache, *, whole: bool = False
) -> Iterator[tuple[Path, Known, bool]]:
    """What each file holds, in order: from the cache (True), or computed and put there (False).

    `whole`: nothing is cut, every file is one sound from its attack on.
    """
    finish: Work = partial(_finished, config=config, cut=_from_attack if whole else loops.cut_all)
    workers = max(1, (os.cpu_count() or 1) - 1)
    with ThreadPoolExecutor(workers) as pool:
        last = deque[Future[list[Extract]]](maxlen=workers)

        def submit(part: list[Path]) -> Job:
            begun: Iterable[Begun] = map(_begun, part)  # does its work where it is read
            idle = len(last) < workers or any(future.done() for future in last)
            begun = begun if idle else iter([*begun])  # which lets go of the samples once it has been read
            last.append(pool.submit(finish, begun))
            return begun, last[-1]

        def result(job: Job) -> list[Extract]:
            begun, future = job
            return finish(begun) if future.cancel() else future.result()  # rather than to wait for its turn

        def begin(chunk: list[Path]) -> tuple[list[Path], dict[Path, Known], list[Job]]:
            known = cache.find(chunk)
            missing = [path for path in chunk if path not in known]
            return chunk, known, [submit(part) for part in _parts(missing, _BATCH)]

        for chunk, known, jobs in _one_ahead(map(begin, _parts(files, _CHUNK))):
            missing = (path for path in chunk if path not in known)
            computed = chain.from_iterable(map(result, jobs))
            everything = known | cache.store(dict(zip(missing, computed, strict=True)))
            yield from ((path, everything[path], path in known) for path in chunk)


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
