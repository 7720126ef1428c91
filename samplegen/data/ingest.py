"""Files -> their one-shots and maps, several at a time: read, cut (`samplegen.audio.onsets`), encode
(`samplegen.features.spectrogram`).

Every thread takes a part of the files through all of it, from a look into the cache to keeping what
was computed, so that threads meet as rarely as can be. What one call can do for many files at a time
is done so: long compiled calls let the other threads work, many short ones would make them wait.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from samplegen.arrays import Signal, Spans
from samplegen.audio import onsets, parallel, reading
from samplegen.data.cache.cache import Cache
from samplegen.data.cache.tables import CacheEntry, Extract
from samplegen.errors import AudioError
from samplegen.features import spectrogram
from samplegen.features.spectrogram import SpectrogramConfig

_TASK_FILES = 32  # files that a thread takes together, and that are kept or lost together
_BATCH_SAMPLES = 1 << 20  # samples of several files that are cut and encoded together
_NO_SAMPLES = np.zeros(0, np.float32)

Sound = tuple[Signal, str | None]
Cut = Callable[[Signal, Spans, int], list[list[tuple[int, int]]]]
Row = tuple[Path, CacheEntry, bool]


def extract_files(files: list[Path], config: SpectrogramConfig, cache: Cache, *, whole: bool = False) -> Iterator[Row]:
    """What each file holds, in order: from the cache (True), or computed and put there (False).

    `whole`: nothing is cut, every file is one sound from its attack on.
    """
    look = partial(_look_up, config=config, cache=cache, cut=_from_attack if whole else onsets.cut_all)
    yield from chain.from_iterable(parallel.stream(look, _tasks(files)))


def extract_file(path: Path, config: SpectrogramConfig) -> Extract:
    """The one-shots of a file and their maps; what cannot be read comes back as the reason. A pure function."""
    return _extract([path], config, onsets.cut_all)[0]


def _tasks(files: list[Path]) -> list[list[Path]]:
    return [files[at : at + _TASK_FILES] for at in range(0, len(files), _TASK_FILES)]


def _look_up(part: list[Path], config: SpectrogramConfig, cache: Cache, cut: Cut) -> list[Row]:
    known = cache.find(part)
    missing = [path for path in part if path not in known]
    computed = dict(zip(missing, _extract(missing, config, cut), strict=True))
    found = known | (cache.store(computed) if computed else {})  # to keep nothing would wait for who writes
    return [(path, found[path], path in known) for path in part]


def _extract(files: list[Path], config: SpectrogramConfig, cut: Cut) -> list[Extract]:
    """What files hold, of as many together as `_ROOM` samples hold, and one at least."""
    extracts, sounds, room = list[Extract](), list[Sound](), _BATCH_SAMPLES
    for path in files:
        sounds.append(_read(path, config.stft.rate))
        room -= len(sounds[-1][0])
        if room <= 0:
            extracts += _encode(sounds, config, cut)
            sounds, room = [], _BATCH_SAMPLES
    return extracts + _encode(sounds, config, cut)


def _read(path: Path, rate: int) -> Sound:
    """The samples of a file; of one that cannot be read the reason."""
    try:
        return reading.read_audio(path, rate)[0], None
    except AudioError as error:  # without the path it begins with, which str(error) would show oddly
        return _NO_SAMPLES, str(error.args[0]).removeprefix(f"{path} ")


def _encode(sounds: list[Sound], config: SpectrogramConfig, cut: Cut) -> list[Extract]:
    """Cut and encode sounds, one after the other in one array, so that few compiled calls do all of it."""
    if not sounds:
        return []
    samples = np.concatenate([samples for samples, _ in sounds]) if len(sounds) > 1 else sounds[0][0]
    borders = np.cumsum([0, *(len(samples) for samples, _ in sounds)])
    cuts = cut(samples, np.stack((borders[:-1], borders[1:]), axis=1), config.stft.rate)
    spans = [
        (at + start, at + stop) for at, pairs in zip(borders.tolist(), cuts, strict=False) for start, stop in pairs
    ]
    batches = spectrogram.encode_all(samples, np.array(spans, np.int64).reshape(-1, 2), config)
    pictures = chain.from_iterable(batch.astype(np.float16) for batch in batches)  # as the cache keeps them
    return [
        Extract(pairs, list(islice(pictures, len(pairs))), reason)
        for pairs, (_, reason) in zip(cuts, sounds, strict=True)
    ]


def _from_attack(samples: Signal, spans: Spans, rate: int) -> list[list[tuple[int, int]]]:
    return [[(onsets.find_onset(samples[a:b], rate), b - a)] if b > a else [] for a, b in spans.tolist()]
