"""Reading sound files to mono arrays.

A file is read in blocks, so that ten minutes of eight channels at 192 kHz need no more memory than twice their mono
result.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
import soxr

from samplegen.arrays import Signal
from samplegen.audio.downmix import choose_channel
from samplegen.audio.signals import RATE_RANGE_HZ, SILENCE_PEAK, peak, resample
from samplegen.errors import AudioError

SUFFIXES = frozenset(
    {".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".w64", ".caf", ".au"}
)
MAX_SECONDS = 600.0  # of a file; one-shots and loops are far shorter
_BLOCK_SAMPLES = 1 << 16  # of all channels, decoded at a time
_MAX_KEPT_SAMPLES = 1 << 20  # of all channels: a file as short is kept, not decoded twice


def read_audio(path: Path | str, rate: int | None = None) -> tuple[Signal, int]:
    """Read a sound file to mono.

    Channels are averaged, unless they cancel each other out: then the loudest is taken. A constant offset is
    removed. A peak beyond full scale, as float files may have, is turned down, not clipped. Of a wav that breaks
    off, its beginning is read.

    Args:
        path: any file that libsndfile decodes, up to `MAX_SECONDS` long.
        rate: sampling rate of the result in Hz; None keeps that of the file.

    Returns:
        Samples `(n,)` float32, and their rate in Hz.

    Raises:
        AudioError: unreadable, not audio, empty, silent, too long, compressed and cut short, or not numbers.

    Example:
        >>> import tempfile, numpy as np
        >>> from samplegen import read_audio, write_audio
        >>> path = tempfile.mkdtemp() + "/tone.wav"
        >>> write_audio(path, np.sin(np.arange(4_410) / 10).astype(np.float32), 44_100)
        >>> samples, rate = read_audio(path, 22_050)
        >>> samples.shape, rate
        ((2205,), 22050)
    """
    with _open(path) as file:
        mono, own = _decode(path, file, rate), file.samplerate
    return _check(path, mono), rate or own


def read_format(path: Path | str) -> tuple[int, str]:
    """Return the number of channels of a sound file, and how its samples are stored ("24 bit PCM").

    Raises:
        AudioError: as `read_audio`.
    """
    try:
        with soundfile.SoundFile(os.fsencode(Path(path))) as file:
            return file.channels, str(file.subtype_info)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise AudioError(f"{path} cannot be read as audio ({error_reason(error)})") from error


def read_unchanged(path: Path | str) -> tuple[Signal, int, str]:
    """Read a sound file as it is, to judge the file and not the sound: offset, level and channels stay.

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
        raise AudioError(f"{path} cannot be read as audio ({error_reason(error)})") from error
    if not len(samples):
        raise AudioError(f"{path} holds no samples")
    return samples, rate, subtype


def _path_bytes(path: Path | str) -> bytes:
    """Return a path for libsndfile, as bytes: a name need not be valid unicode."""
    if b"\0" in (name := os.fsencode(path)):
        raise ValueError("embedded null byte")  # C would end the name there and open another file
    return name


@contextmanager
def _open(path: Path | str) -> Iterator[soundfile.SoundFile]:
    """Open a file with a plausible header; every fault of it becomes an `AudioError`."""
    try:
        with soundfile.SoundFile(_path_bytes(path)) as file:
            _check_header(path, file)
            yield file
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise AudioError(f"{path} cannot be read as audio ({error_reason(open_error(path) or error)})") from error


def _check_header(path: Path | str, file: soundfile.SoundFile) -> None:
    minutes = file.frames / max(file.samplerate, 1) / 60
    if file.frames < 2:
        raise AudioError(f"{path} holds {file.frames} samples, too few to be a sound")
    if not RATE_RANGE_HZ[0] <= file.samplerate <= RATE_RANGE_HZ[1]:
        raise AudioError(
            f"{path} claims a rate of {file.samplerate} Hz; {RATE_RANGE_HZ[0]} to {RATE_RANGE_HZ[1]} Hz can be read"
        )
    if minutes * 60 > MAX_SECONDS:
        raise AudioError(f"{path} claims {minutes:.1f} minutes; cut it to {MAX_SECONDS / 60:.0f} minutes or less")


def _decode(path: Path | str, file: soundfile.SoundFile, rate: int | None) -> Signal:
    """Decode in two passes: the channel and the offset must be known before the resampling begins."""
    own = file.samplerate
    if file.frames * file.channels <= _MAX_KEPT_SAMPLES:
        return resample(_mono(path, file), own, rate or own)
    channel, offset = choose_channel(path, file.frames, file.channels, _blocks(file))
    file.seek(0)
    centred = (_centre(block[:, channel], offset) for block in _blocks(file))
    if rate in (None, own):
        return np.concatenate(list(centred))
    stream = soxr.ResampleStream(own, rate, 1, dtype="float32")
    parts = [stream.resample_chunk(block) for block in centred]
    return np.concatenate([*parts, stream.resample_chunk(np.zeros(0, np.float32), last=True)])


def _mono(path: Path | str, file: soundfile.SoundFile) -> Signal:
    """Return all samples of a short file at its own rate, without offset, decoded once."""
    blocks = list(_blocks(file))
    channel, offset = choose_channel(path, file.frames, file.channels, blocks)
    parts = [_centre(block[:, channel], offset) for block in blocks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _centre(column: Signal, offset: np.float32) -> Signal:
    return column - offset if offset else np.ascontiguousarray(column)


def _blocks(file: soundfile.SoundFile) -> Iterator[Signal]:
    """Yield the rest of a file in blocks `(frames, channels + 1)`; the last column is the mean of the others."""
    size, left = max(1, _BLOCK_SAMPLES // file.channels), file.frames
    while left > 0:
        block = np.empty((min(size, left), file.channels), np.float32)
        count = file.buffer_read_into(block, "float32")
        if count:
            yield block[:count] if file.channels == 1 else _with_mean(block[:count])
        left = left - count if count == len(block) else 0  # to read on would make some decoders begin anew


def _with_mean(block: Signal) -> Signal:
    with np.errstate(over="ignore", invalid="ignore"):  # `choose_channel` refuses a damaged float file
        return np.column_stack((block, block.mean(axis=1)))


def _check(path: Path | str, mono: Signal) -> Signal:
    loudest = peak(mono)
    if len(mono) < 2:
        raise AudioError(f"{path} holds {len(mono)} samples, too few to be a sound")
    if loudest < SILENCE_PEAK:
        raise AudioError(f"{path} is silent")
    return mono if loudest <= 1.0 else np.divide(mono, loudest, out=mono)


_MEANINGS = {  # message of libsndfile for a file that the system can open -> its meaning
    "System error": "the disk is full or damaged",
    "File does not exist": "Format not recognised",
}


def error_reason(error: Exception) -> str:
    """Return the message of the system or of libsndfile, without the path that it repeats."""
    text = str(getattr(error, "error_string", "") or getattr(error, "strerror", "") or error).rstrip(". ")
    return next((meant for prefix, meant in _MEANINGS.items() if text.startswith(prefix)), text)


def open_error(path: Path | str) -> OSError | None:
    """Return why the system cannot open a file: missing, folder or forbidden; libsndfile does not tell them apart."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        return error
    except ValueError:  # a name that no system takes: `_path_bytes` has refused it
        return None
    return None
