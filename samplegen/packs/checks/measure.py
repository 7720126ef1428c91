"""Measurements of each sound of a pack, taken from its WAV file as it is."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from samplegen.arrays import Rows, Signal
from samplegen.audio import reading, signals, wavchunks
from samplegen.audio.duplicates import fingerprint
from samplegen.audio.signals import peak
from samplegen.audio.wavchunks import Chunks
from samplegen.errors import AudioError

_START_SHARE = 0.03  # of the peak: at this level players and their tests see a sound begin
_SILENT_SHARE = 10 ** (-72 / 20)  # of the peak; nothing is audible below
_TAIL_SECONDS, _END_SECONDS = 0.005, 0.0005  # of the fade, and of its very end
_THREADS = 4  # more do not help: the disk is read in turn


@dataclass(frozen=True)
class Wav:
    """One sound file: its entry of the manifest, and its measurements; none where it cannot be read."""

    path: str
    entry: Mapping[str, Any]
    is_drum: bool = True  # the drum itself, by whose level those of its other takes are
    fault: str = ""  # why it cannot be read
    form: tuple[int, int, str] = (0, 0, "")  # channels, rate in Hz, subtype
    metrics: Mapping[str, float] = field(default_factory=dict)  # keys of METRICS
    chunks: Chunks = field(default_factory=Chunks)
    print: Rows | None = None


def _decibels(ratio: float) -> float:
    return 20 * float(np.log10(max(ratio, 1e-9)))


def _early(sound: Signal, rate: int) -> float:
    return int(np.argmax(np.abs(sound) > _START_SHARE * peak(sound))) / rate * 1000


def _behind(sound: Signal, rate: int) -> float:
    loud = np.flatnonzero(np.abs(sound) > _SILENT_SHARE * peak(sound))
    return float(len(sound) - 1 - loud[-1]) / rate * 1000 if len(loud) else 0.0


def _ending(seconds: float) -> Callable[[Signal, int], float]:
    def level(sound: Signal, rate: int) -> float:
        return _decibels(peak(sound[-max(1, round(seconds * rate)) :]) / max(peak(sound), 1e-9))

    return level


METRICS: dict[str, Callable[[Signal, int], float]] = {  # of a mono sound (n,) and its rate
    "seconds": lambda sound, rate: len(sound) / rate,
    "peak_dbfs": lambda sound, _: _decibels(peak(sound)),
    "start_ms": _early,
    "offset": lambda sound, _: abs(float(sound.mean(dtype=np.float64))),
    "tail_db": _ending(_TAIL_SECONDS),
    "end_db": _ending(_END_SECONDS),
    "silence_ms": _behind,
}


def measure_sounds(folder: Path, manifest: Mapping[str, Any]) -> list[Wav]:
    """Measure every sound that a manifest lists, takes after their drum; a few at a time in memory."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(lambda row: _measure(folder, *row), entries(manifest)))


def entries(manifest: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield the entry of each sound file, and whether it is a drum itself and not one of its further takes."""
    for sound in manifest["sounds"]:
        yield sound, True
        yield from ((take | {"note": sound["note"]}, False) for take in sound["takes"])


def _measure(folder: Path, entry: Mapping[str, Any], is_drum: bool) -> Wav:
    path = folder / entry["path"]
    try:
        samples, rate, subtype = reading.read_unchanged(path)
        chunks = wavchunks.read_chunks(path.read_bytes())
    except AudioError as error:
        return Wav(entry["path"], entry, is_drum, fault=str(error).removeprefix(f"{path} "))
    form, sound = (samples.shape[1], rate, subtype), samples.mean(axis=1)
    if not np.isfinite(sound).all() or peak(sound) < signals.SILENCE_PEAK:
        return Wav(entry["path"], entry, is_drum, "is silent or holds samples that are not numbers", form)
    metrics = {name: metric(sound, rate) for name, metric in METRICS.items()}
    return Wav(entry["path"], entry, is_drum, "", form, metrics, chunks, fingerprint(sound, rate))
