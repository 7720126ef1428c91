"""Sound files <-> mono float32 arrays of shape `(n,)` in -1..1. Times in samples unless named seconds.

The only module that knows soundfile. Anything libsndfile decodes is read (wav, flac, ogg, mp3, aiff; any rate, depth
and channel count), block by block, so that ten minutes of eight channels at 192 kHz need no more memory than twice
their mono result.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from samplegen.channels import survey
from samplegen.errors import AudioError, OutputError

Signal = NDArray[np.float32]
Decoded = tuple[Signal, int]  # mono without offset, and its rate

SUFFIXES = frozenset(
    {".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".w64", ".caf", ".au"}
)
LONGEST_SECONDS = 600.0
RATES = (4_000, 768_000)  # Hz; outside of this the header is lying
SILENCE = 1e-4  # peak (-80 dBFS) below which a file holds no sound
_BLOCK = 1 << 16  # samples of all channels decoded at a time
_SHORT = 1 << 20  # samples of all channels that are kept, not decoded twice
_BRIEF = 1 << 18  # samples of all channels that are little to decode, and to hold until another thread has time
_MEANT = {  # what libsndfile says of a file that the system can open -> what it means
    "System error": "the disk is full or damaged",
    "File does not exist": "Format not recognised",
}


def read(path: Path | str, rate: int | None = None) -> tuple[Signal, int]:
    """Read a sound file to mono.

    Args:
        path: any file that libsndfile decodes, up to `LONGEST_SECONDS` long.
        rate: sampling rate wanted in Hz; None keeps the file's own.

    Returns:
        Samples `(n,)` float32, and their rate in Hz. Channels are averaged, except where they cancel each other
        out: then the loudest is taken. A constant offset is removed, and what goes beyond full scale (float files
        may) is turned down, not clipped. Of a wav that breaks off, what is there is read.

    Raises:
        AudioError: unreadable, not audio, empty, silent, too long, compressed and cut short, or not numbers.
    """
    with _opened(path) as file:
        mono, own = _decode(path, file, rate), file.samplerate
    return _checked(path, mono), rate or own


def decode(path: Path | str) -> Decoded | None:
    """The first part of `read`, for whoever leaves the second, `resampled`, to another thread.

    None for a file of more than some seconds: that one is best read by the other thread altogether. Raises
    `AudioError` as `read` does.
    """
    with _opened(path) as file:
        return (_at_once(path, file), file.samplerate) if file.frames * file.channels <= _BRIEF else None


def resampled(path: Path | str, decoded: Decoded | None, rate: int) -> Signal:
    """What `read` gives of the file at `path`, of which `decode` made `decoded`. Raises `AudioError` as `read` does."""
    return _checked(path, resample(*decoded, rate)) if decoded else read(path, rate)[0]


def info(path: Path | str) -> tuple[int, str]:
    """Channels of a sound file, and how its samples are stored ("24 bit PCM"). Raises `AudioError` as `read` does."""
    try:
        with soundfile.SoundFile(os.fsencode(Path(path))) as file:
            return file.channels, str(file.subtype_info)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise AudioError(f"{path} cannot be read as audio ({_reason(error)})") from error


def stored(path: Path | str) -> tuple[Signal, int, str]:
    """A sound file as it is, for whoever judges the file and not the sound: offset, level and channels untouched.

    Returns:
        Samples `(n, channels)` float32, the rate in Hz, and the subtype, such as "PCM_24".

    Raises:
        AudioError: unreadable, not audio, or without samples.
    """
    try:
        with soundfile.SoundFile(os.fsencode(Path(path))) as file:
            samples: Signal = file.read(dtype="float32", always_2d=True)
            rate, subtype = file.samplerate, file.subtype
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise AudioError(f"{path} cannot be read as audio ({_reason(error)})") from error
    if not len(samples):
        raise AudioError(f"{path} holds no samples")
    return samples, rate, subtype


class Recording:
    """A sound file of any length, read part by part, all channels as they are; closed by `with`.

    Raises:
        AudioError: it cannot be read as audio, has no samples, or a part holds what is no number.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            self.path.open("rb").close()
            self._file = soundfile.SoundFile(os.fsencode(self.path))
        except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
            raise AudioError(f"{path} cannot be read as audio ({_reason(error)})") from error
        self.rate, self.frames, self.channels = self._file.samplerate, self._file.frames, self._file.channels
        if self.frames < 2 or not RATES[0] <= self.rate <= RATES[1]:
            raise AudioError(f"{path} holds {self.frames} samples at {self.rate} Hz, which is no sound")

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Signal:
        """Samples `(stop - start, channels)`, silence before the first and after the last."""
        first, last = min(max(start, 0), self.frames), min(max(stop, 0), self.frames)
        try:
            self._file.seek(first)
            part = self._file.read(max(last - first, 0), dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, ValueError) as error:
            raise AudioError(f"{self.path} cannot be read as audio ({_reason(error)})") from error
        if not np.isfinite(part).all():
            raise AudioError(f"{self.path} holds samples that are not numbers (NaN or infinite)")
        before = first - start if first > start else 0
        return np.pad(part, ((min(before, stop - start), max(stop - start - before - len(part), 0)), (0, 0)))


def write_parts(path: Path | str, parts: Iterable[Signal], rate: int, channels: int, *, subtype: str = "PCM_24") -> int:
    """Write parts `(n, channels)` one after the other, clipped to -1..1; how many samples. Raises as `write`."""
    written = 0
    try:
        with soundfile.SoundFile(os.fsencode(path), "w", rate, channels, subtype) as file:
            for part in parts:
                file.write(np.clip(part, -1.0, 1.0))
                written += len(part)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise OutputError(f"cannot write {path} ({_reason(error)})") from error
    return written


def write(path: Path | str, samples: Signal, rate: int, *, subtype: str = "PCM_24") -> None:
    """Write mono samples `(n,)`, clipped to -1..1; the format is that of the path's suffix.

    Raises `OutputError`: the disk is full or not writable, or the format has no such subtype.
    """
    try:
        Path(path).open("wb").close()  # as above
        soundfile.write(os.fsencode(path), np.clip(samples, -1.0, 1.0), rate, subtype=subtype)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError, AssertionError) as error:
        raise OutputError(f"cannot write {path} ({_reason(error)})") from error


def flac(samples: Signal, rate: int) -> bytes:
    """Mono samples `(n,)`, clipped to -1..1, as a 16-bit FLAC file: what every browser decodes, in little room."""
    soundfile.write(content := BytesIO(), samples, rate, format="FLAC", subtype="PCM_16", compression_level=1.0)
    return content.getvalue()


def resample(samples: Signal, rate: int, to: int) -> Signal:
    """Resample `(n,)` from `rate` to `to` Hz, band-limited (soxr, high quality)."""
    if rate == to:
        return samples
    converted: Signal = soxr.resample(samples, rate, to).astype(np.float32, copy=False)
    return converted


def peak(samples: Signal) -> float:
    """Largest absolute sample, 0 for an empty signal."""
    return float(np.maximum(samples.max(initial=0.0), -samples.min(initial=0.0)))  # no copy, unlike np.abs


def _name(path: Path | str) -> bytes:
    """A path for libsndfile, as bytes: a name need not be valid unicode."""
    if b"\0" in (name := os.fsencode(path)):
        raise ValueError("embedded null byte")  # C would end the name there and open another file
    return name


@contextmanager
def _opened(path: Path | str) -> Iterator[soundfile.SoundFile]:
    """A file with a header that makes sense; whatever goes wrong with it becomes an `AudioError`."""
    try:
        with soundfile.SoundFile(_name(path)) as file:
            _check_header(path, file)
            yield file
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise AudioError(f"{path} cannot be read as audio ({_reason(_refusal(path) or error)})") from error


def _refusal(path: Path | str) -> OSError | None:
    """Why the system does not open a file: missing, folder and forbidden, which libsndfile does not tell apart."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        return error
    except ValueError:  # a name that no system takes: `_name` has said so
        return None
    return None


def _check_header(path: Path | str, file: soundfile.SoundFile) -> None:
    minutes = file.frames / max(file.samplerate, 1) / 60
    if file.frames < 2:
        raise AudioError(f"{path} holds {file.frames} samples, too few to be a sound")
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise AudioError(f"{path} claims a rate of {file.samplerate} Hz; {RATES[0]} to {RATES[1]} Hz can be read")
    if minutes * 60 > LONGEST_SECONDS:
        raise AudioError(f"{path} claims {minutes:.1f} minutes; cut it to {LONGEST_SECONDS / 60:.0f} minutes or less")


def _decode(path: Path | str, file: soundfile.SoundFile, rate: int | None) -> Signal:
    """Two passes, for both the channel and the offset must be known before the resampling begins."""
    own = file.samplerate
    if file.frames * file.channels <= _SHORT:
        return resample(_at_once(path, file), own, rate or own)
    channel, offset = survey(path, file.frames, file.channels, _blocks(file))
    file.seek(0)
    centred = (_centred(block[:, channel], offset) for block in _blocks(file))
    if rate in (None, own):
        return np.concatenate(list(centred))
    stream = soxr.ResampleStream(own, rate, 1, dtype="float32")
    parts = [stream.resample_chunk(block) for block in centred]
    return np.concatenate([*parts, stream.resample_chunk(np.zeros(0, np.float32), last=True)])


def _at_once(path: Path | str, file: soundfile.SoundFile) -> Signal:
    """The samples at the file's own rate, decoded once and kept meanwhile."""
    blocks = list(_blocks(file))
    channel, offset = survey(path, file.frames, file.channels, blocks)
    parts = [_centred(block[:, channel], offset) for block in blocks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _centred(column: Signal, offset: np.float32) -> Signal:
    return column - offset if offset else np.ascontiguousarray(column)


def _blocks(file: soundfile.SoundFile) -> Iterator[Signal]:
    """The rest of a file, in blocks `(frames, channels + 1)`; the last column is the mean of the others."""
    size, left = max(1, _BLOCK // file.channels), file.frames
    while left > 0:
        block = np.empty((min(size, left), file.channels), np.float32)
        count = file.buffer_read_into(block, "float32")
        if count:
            yield block[:count] if file.channels == 1 else _with_mean(block[:count])
        left = left - count if count == len(block) else 0  # asking once more would make some decoders begin anew


def _with_mean(block: Signal) -> Signal:
    with np.errstate(over="ignore", invalid="ignore"):  # a damaged float file, told by the survey
        return np.column_stack((block, block.mean(axis=1)))


def _checked(path: Path | str, mono: Signal) -> Signal:
    loudest = peak(mono)
    if len(mono) < 2:
        raise AudioError(f"{path} holds {len(mono)} samples, too few to be a sound")
    if loudest < SILENCE:
        raise AudioError(f"{path} is silent")
    return mono if loudest <= 1.0 else np.divide(mono, loudest, out=mono)


def _reason(error: Exception) -> str:
    """What the system or libsndfile said, without the path that it repeats, in words that fit."""
    text = str(getattr(error, "error_string", "") or getattr(error, "strerror", "") or error).rstrip(". ")
    return next((meant for said, meant in _MEANT.items() if text.startswith(said)), text)
