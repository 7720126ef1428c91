"""Sound for the tests, all of it synthetic: `(n,)` float32 in -1..1, the same for the same seed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import settings
from numpy.typing import NDArray

from samplegen.arrays import Signal

settings.register_profile("samplegen", deadline=None)  # the machine may be busy
settings.load_profile("samplegen")

RATE = 44_100  # Hz


def kick(rate: int = RATE, *, seconds: float = 0.4, seed: int = 0) -> Signal:
    """A sine that falls from about 200 to 50 Hz, with a click on top."""
    rng, time = np.random.default_rng(seed), _time(rate, seconds)
    low, high = rng.uniform(45, 60), rng.uniform(150, 250)
    phase = 2 * np.pi * (low * time + (high - low) * 0.03 * (1 - np.exp(-time / 0.03)))
    click = rng.standard_normal(len(time)) * np.exp(-time / 0.002)
    return _peak(np.sin(phase) * np.exp(-time / (seconds / 4)) + 0.1 * click)


def snare(rate: int = RATE, *, seconds: float = 0.25, seed: int = 0) -> Signal:
    """A 190 Hz body under decaying noise."""
    rng, time = np.random.default_rng(seed), _time(rate, seconds)
    body = np.sin(2 * np.pi * rng.uniform(170, 210) * time) * np.exp(-time / 0.05)
    return _peak(body + rng.standard_normal(len(time)) * np.exp(-time / (seconds / 4)))


def hat(rate: int = RATE, *, seconds: float = 0.1, seed: int = 0) -> Signal:
    """Differentiated, so bright, decaying noise; longer is an open one."""
    rng, time = np.random.default_rng(seed), _time(rate, seconds)
    return _peak(np.diff(rng.standard_normal(len(time) + 1)) * np.exp(-time / (seconds / 5)))


def loop(rate: int = RATE, bpm: float = 120.0, *, bars: int = 2, seed: int = 0) -> Signal:
    """Bars of 4/4: kick on 1 and 3, snare on 2 and 4, hats on every eighth."""
    step = 60 / bpm / 2
    mix = np.zeros(round(8 * bars * step * rate))
    for eighth in range(8 * bars):
        hits = [
            (hat, 0.3),
            *{0: [(kick, 1.0)], 4: [(kick, 1.0)], 2: [(snare, 0.8)], 6: [(snare, 0.8)]}.get(eighth % 8, []),
        ]
        for make, level in hits:
            start = round(eighth * step * rate)
            sound = make(rate, seed=seed)[: len(mix) - start]
            mix[start : start + len(sound)] += level * sound
    return _peak(mix)


def _time(rate: int, seconds: float) -> NDArray[np.float64]:
    return np.arange(round(rate * seconds)) / rate


def _peak(samples: NDArray[np.float64], level: float = 0.9) -> Signal:
    return (samples * level / np.abs(samples).max()).astype(np.float32)


DRUMS: dict[str, Callable[..., Signal]] = {
    "kick": kick,
    "snare": snare,
    "closed-hat": hat,
    "open-hat": lambda rate, seed: hat(rate, seconds=0.5, seed=seed),
}
FORMATS = (  # ending, subtype, rate in Hz, channels
    (".wav", "PCM_16", 44_100, 1),
    (".wav", "PCM_24", 48_000, 2),
    (".flac", "PCM_16", 44_100, 2),
    (".wav", "FLOAT", 96_000, 1),
    (".ogg", "VORBIS", 44_100, 1),
    (".mp3", "MPEG_LAYER_III", 44_100, 2),
    (".aiff", "PCM_16", 22_050, 1),
    (".wav", "PCM_U8", 32_000, 1),
)


def write_drums(folder: Path, each: int = 10) -> Path:
    """Write `each` one-shots into a folder for each role, in all of `FORMATS`, no two the same."""
    for role, make in DRUMS.items():
        (folder / role).mkdir(parents=True)
        for index in range(each):
            end, subtype, rate, channels = FORMATS[index % len(FORMATS)]
            sound = np.tile(make(rate, seed=index)[:, None], channels)
            soundfile.write(folder / role / f"{role}-{index:02d}{end}", sound, rate, subtype=subtype)
    return folder


def write_sounds(folder: Path, sounds: dict[str, tuple[int, NDArray[Any]]]) -> Path:
    """Write sounds `(rate, samples)` under their names, whatever these are, as floats."""
    for name, (rate, sound) in sounds.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            soundfile.write(file, sound, rate, format="WAV", subtype="FLOAT")
    return folder


def write_bad_files(folder: Path) -> dict[str, str]:
    """Write one file of every kind that cannot be used; name -> words of the reason to expect."""
    folder.mkdir(parents=True, exist_ok=True)
    good = kick()
    for name in ("cut.flac", "cut.mp3", "header.wav", "lie.flac"):
        soundfile.write(folder / name, good, RATE)
    for name in ("cut.flac", "cut.mp3"):
        _edit(folder / name, lambda data: data[: len(data) // 2])
    _edit(folder / "header.wav", lambda data: data[:30])
    _edit(folder / "lie.flac", lambda data: data[:21] + bytes([data[21] | 0x0F]) + b"\xff" * 4 + data[26:])
    for name, samples in _UNUSABLE.items():
        soundfile.write(folder / name, samples, 8_000, subtype="FLOAT")
    soundfile.write(folder / "long.flac", np.full(601 * 8_000, 0.5, np.float32), 8_000)
    (folder / "zero.wav").write_bytes(b"")
    (folder / "zero.mp3").write_bytes(b"")
    for name in ("text.wav", "text.mp3"):
        (folder / name).write_text("This is a shopping list, not a sound. " * 99)
    (folder / "folder.wav").mkdir()
    return BAD_FILES


_TONE = np.sin(np.arange(800) / 5).astype(np.float32)
_UNUSABLE = {
    "one.wav": np.array([0.5], np.float32),
    "nan.wav": np.where(np.arange(800) == 400, np.nan, _TONE),
    "inf.wav": np.where(np.arange(800) == 400, np.inf, _TONE),
    "silent.wav": np.zeros(800, np.float32),
    "offset.wav": np.full(800, 0.5, np.float32),
    "empty.wav": np.zeros(0, np.float32),
}
BAD_FILES = {
    "cut.flac": "lost sync",
    "cut.mp3": "cut short",
    "header.wav": "cannot be read as audio",
    "lie.flac": "minutes; cut it to 10 minutes",
    "one.wav": "1 samples, too few",
    "nan.wav": "not numbers",
    "inf.wav": "not numbers",
    "silent.wav": "is silent",
    "offset.wav": "is silent",
    "empty.wav": "0 samples, too few",
    "long.flac": "claims 10.0 minutes; cut it",
    "zero.wav": "Format not recognised",
    "zero.mp3": "Format not recognised",
    "text.wav": "Format not recognised",
    "text.mp3": "Format not recognised",
    "folder.wav": "Is a directory",
}


def _edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.fixture
def drum_folder(tmp_path: Path) -> Path:
    """A folder with 40 one-shots in role folders, in mixed formats, rates, depths and channels."""
    return write_drums(tmp_path / "drums")


@pytest.fixture
def bad_files(tmp_path: Path) -> dict[Path, str]:
    """The files of `write_bad_files` in `tmp_path / "bad"`: path -> words of the reason."""
    return {tmp_path / "bad" / name: reason for name, reason in write_bad_files(tmp_path / "bad").items()}
