"""PCM samples inside WAV bytes, and plain WAV files for hardware that stumbles over further chunks."""

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from samplegen.errors import AudioError

Wavs = Mapping[str, bytes]  # path of a sound, relative to the pack -> the content of its file
Pcm16 = NDArray[np.int16]

_RIFF = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")  # tag, channels, rate, bytes a second, bytes a frame, bits
_PCM = 1


def read_pcm16(wav: bytes, name: str) -> tuple[Pcm16, int]:
    """Read the samples `(n,)` of a mono WAV of 16 or 24 bits, the latter rounded to 16, and their rate in Hz.

    Raises:
        AudioError: another file; the message calls it `name`.
    """
    chunks = dict(_chunks(wav))
    if len(chunks.get(b"fmt ", b"")) < _FORMAT.size or b"data" not in chunks:
        raise AudioError(f"{name} is no WAV file that can go into a kit")
    tag, channels, rate, _, _, bits = _FORMAT.unpack_from(chunks[b"fmt "])
    if (tag, channels) != (_PCM, 1) or bits not in _READ:
        raise AudioError(f"{name} cannot go into a kit: it has to be mono PCM of 16 or 24 bits")
    return _READ[bits](chunks[b"data"]), rate


def write_pcm16(samples: Pcm16, rate: int) -> bytes:
    """Write a mono 16-bit WAV file of a `fmt ` and a `data` chunk and no other, 44 bytes of header."""
    data = samples.astype("<i2").tobytes()
    form = _FORMAT.pack(_PCM, 1, rate, rate * 2, 2, 16)
    body = _CHUNK.pack(b"fmt ", len(form)) + form + _CHUNK.pack(b"data", len(data)) + data
    return _RIFF.pack(b"RIFF", 4 + len(body), b"WAVE") + body


def to_pcm16(samples: NDArray[np.float32]) -> Pcm16:
    """Convert samples in -1..1 to whole steps of 16 bits; beyond, they are clipped."""
    rounded: Pcm16 = np.clip(np.rint(samples * 2.0**15), -(2**15), 2**15 - 1).astype(np.int16)
    return rounded


def _chunks(wav: bytes) -> list[tuple[bytes, bytes]]:
    """List the name and content of each chunk; an incomplete one at the end is left out."""
    found, place = [], _RIFF.size
    while place + _CHUNK.size <= len(wav):
        name, size = _CHUNK.unpack_from(wav, place)
        place += _CHUNK.size
        found.append((name, wav[place : place + size]))
        place += size + size % 2
    return found


def _read_16(data: bytes) -> Pcm16:
    return np.frombuffer(data, "<i2", len(data) // 2).astype(np.int16)


def _read_24(data: bytes) -> Pcm16:
    parts = np.frombuffer(data, np.uint8, len(data) // 3 * 3).reshape(-1, 3)
    high = parts[:, 1:].copy().view("<i2")[:, 0].astype(np.int32)
    rounded: Pcm16 = np.minimum(high + (parts[:, 0] >= 128), 2**15 - 1).astype(np.int16)
    return rounded


_READ = {16: _read_16, 24: _read_24}
