"""Chunks of WAV files beside their sound, as pure functions on bytes: root note, tempo, markers, credits.

A chunk is four letters, its size (32 bits, little-endian), its content, and a zero byte if the size is odd.
Layouts: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" and "New Multimedia Data
Types" (`smpl`, `cue `, `LIST adtl`, `LIST INFO`); `acid` as libsndfile reads it (wavlike.c).
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from samplegen.errors import AudioError

SOFTWARE = "samplegen"
ONE_SHOT_FLAG = 1  # flag of `acid`: plays at its own tempo
_STRETCH_FLAG = 4  # follows the host's tempo
_MIDDLE_C = 60
_TEXT_ENCODING = "latin-1"  # which readers assume without a CSET chunk
_MAX_TEXT_CHARACTERS = 250  # of a text of INFO
_KNOWN_CHUNKS = (b"smpl", b"acid", b"cue ", b"LIST")
_SMPL, _ACID, _CUE = struct.Struct("<9I"), struct.Struct("<IHHfIHHf"), struct.Struct("<II4sIII")


@dataclass(frozen=True)
class Acid:
    """Content of `acid`: number of beats, meter as (beats of a bar, their value), tempo in bpm; 0 in a one-shot."""

    flags: int
    beats: int
    meter: tuple[int, int]
    tempo: float


@dataclass(frozen=True)
class Chunks:
    """Content of the chunks of a WAV file; None or empty where a chunk is missing."""

    note: int | None = None  # root note of `smpl`, 0..127
    loops: int = 0  # sustain loops of `smpl`
    acid: Acid | None = None
    places: Mapping[int, int] = field(default_factory=dict)  # number of a marker -> sample
    labels: Mapping[int, str] = field(default_factory=dict)  # number of a marker -> text
    info: Mapping[str, str] = field(default_factory=dict)  # "INAM" -> text

    @property
    def markers(self) -> dict[int, str]:
        """Markers as `cue_chunks` takes them: sample -> label."""
        return {at: self.labels.get(number, "") for number, at in self.places.items()}


def one_shot_chunks(note: int, rate: int, **credits: str) -> bytes:
    """Return all chunks of a one-shot: its root note, its kind, and the credits of `info_chunk`."""
    return smpl_chunk(note, rate) + acid_one_shot() + info_chunk(**credits)


def smpl_chunk(note: int, rate: int) -> bytes:
    """Return the chunk of a root note (0..127) for a sound at `rate` Hz, without a loop: a one-shot must have none."""
    return _chunk(b"smpl", _SMPL.pack(0, 0, round(1e9 / rate), note, 0, 0, 0, 0, 0))


def acid_one_shot() -> bytes:
    """Return the chunk of a sound that hosts play as it is, whatever their tempo."""
    return _chunk(b"acid", _ACID.pack(ONE_SHOT_FLAG, _MIDDLE_C, 0x8000, 0.0, 0, 4, 4, 0.0))


def acid_loop(beats: int, tempo: float, *, meter: tuple[int, int] = (4, 4)) -> bytes:
    """Return the chunk of a loop that follows its host; tempo in bpm, meter as (beats of a bar, their value)."""
    return _chunk(b"acid", _ACID.pack(_STRETCH_FLAG, _MIDDLE_C, 0x8000, 0.0, beats, meter[1], meter[0], tempo))


def cue_chunks(markers: Mapping[int, str]) -> bytes:
    """Return the chunks of markers, such as the bars of a loop: sample -> label."""
    places = sorted(markers)
    points = b"".join(_CUE.pack(number, at, b"data", 0, 0, at) for number, at in enumerate(places, 1))
    labels = b"".join(
        _chunk(b"labl", struct.pack("<I", number) + _text(markers[at])) for number, at in enumerate(places, 1)
    )
    return _chunk(b"cue ", struct.pack("<I", len(places)) + points) + _chunk(b"LIST", b"adtl" + labels)


def info_chunk(**texts: str) -> bytes:
    """Return the chunk of credits by their four letters, such as `INAM` (title) and `ICOP` (rights).

    It has no date, so that bytes stay the same. `ISFT`, the software, is samplegen. Empty texts are left out,
    letters beyond Latin-1 become `?`.
    """
    texts_of = {
        key: " ".join(text.split())[:_MAX_TEXT_CHARACTERS] for key, text in (texts | {"ISFT": SOFTWARE}).items()
    }
    rows = (_chunk(key.encode(), _text(text)) for key, text in texts_of.items() if text)
    return _chunk(b"LIST", b"INFO" + b"".join(rows))


def replace_chunks(wav: bytes, *chunks: bytes) -> bytes:
    """Return a WAV file with these chunks behind its sound, in place of its own ones of the kinds of this module.

    Raises:
        AudioError: no WAV file.
    """
    kept = (_chunk(name, content) for name, content in split_chunks(wav) if name not in _KNOWN_CHUNKS)
    body = b"WAVE" + b"".join((*kept, *chunks))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def known_chunks(wav: bytes) -> bytes:
    """Return the chunks of a WAV file that `replace_chunks` would replace, as they are."""
    return b"".join(_chunk(name, content) for name, content in split_chunks(wav) if name in _KNOWN_CHUNKS)


def read_chunks(wav: bytes) -> Chunks:
    """Read the chunks of a WAV file.

    Raises:
        AudioError: no WAV file, or a chunk that is cut short.
    """
    chunks = Chunks()
    try:
        for name, content in split_chunks(wav):
            chunks = _READERS[name](chunks, content) if name in _READERS else chunks
    except struct.error as error:
        raise AudioError(f"a WAV file has a chunk that is cut short ({error})") from error
    return chunks


def split_chunks(wav: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and content of every chunk of a WAV file, in order.

    Raises:
        AudioError: no WAV file.
    """
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise AudioError("what should be a WAV file does not begin as one")
    yield from _rows(wav[12 : 8 + struct.unpack_from("<I", wav, 4)[0]])


def _rows(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size = struct.unpack_from("<I", content, at + 4)[0]
        if at + 8 + size > len(content):
            raise AudioError(f"a WAV file breaks off inside its chunk {content[at : at + 4]!r}")
        yield content[at : at + 4], content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _text(text: str) -> bytes:
    return text.encode(_TEXT_ENCODING, "replace") + b"\0"


def _read_text(content: bytes) -> str:
    return content.split(b"\0")[0].decode(_TEXT_ENCODING)


def _read_smpl(chunks: Chunks, content: bytes) -> Chunks:
    _, _, _, note, _, _, _, loops, _ = _SMPL.unpack_from(content)
    return replace(chunks, note=note, loops=loops)


def _read_acid(chunks: Chunks, content: bytes) -> Chunks:
    flags, _, _, _, beats, denominator, numerator, tempo = _ACID.unpack_from(content)
    return replace(chunks, acid=Acid(flags, beats, (numerator, denominator), tempo))


def _read_cue(chunks: Chunks, content: bytes) -> Chunks:
    (count,) = struct.unpack_from("<I", content)
    points = (_CUE.unpack_from(content, 4 + _CUE.size * number) for number in range(count))
    return replace(chunks, places={number: at for number, _, _, _, _, at in points})


def _read_list(chunks: Chunks, content: bytes) -> Chunks:
    rows = list(_rows(content[4:]))
    if content[:4] == b"INFO":
        return replace(chunks, info={name.decode(_TEXT_ENCODING): _read_text(text) for name, text in rows})
    labels = {struct.unpack_from("<I", row)[0]: _read_text(row[4:]) for name, row in rows if name == b"labl"}
    return replace(chunks, labels={**chunks.labels, **labels})


_READERS: dict[bytes, Callable[[Chunks, bytes], Chunks]] = {
    b"smpl": _read_smpl,
    b"acid": _read_acid,
    b"cue ": _read_cue,
    b"LIST": _read_list,
}
