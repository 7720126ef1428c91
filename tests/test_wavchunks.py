"""Chunks of WAV files: what is written comes back, here and in other people's readers, and the sound stays."""

import struct
import subprocess
from pathlib import Path
from shutil import which

import numpy as np
import pytest
import soundfile
from conftest import kick
from hypothesis import given
from hypothesis import strategies as st

from samplegen.audio import wavchunks, writing
from samplegen.errors import AudioError

RATE = 44_100
LATIN = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\xa0\x85\xad"), max_size=40)


def wav(path: Path, frames: int = 4411, subtype: str = "PCM_24") -> bytes:
    """4411 frames of 24 bits are an odd number of bytes."""
    writing.write_audio(path, kick()[:frames], RATE, subtype=subtype)
    return path.read_bytes()


@pytest.fixture
def one_shot(tmp_path: Path) -> Path:
    path = tmp_path / "one.wav"
    credits = wavchunks.info_chunk(INAM="pack_kick_fern", IART="starter", ICOP="CC0 1.0 – none", IPRD="")
    path.write_bytes(
        wavchunks.replace_chunks(wav(path), wavchunks.smpl_chunk(36, RATE), wavchunks.acid_one_shot(), credits)
    )
    return path


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    path = tmp_path / "loop.wav"
    chunks = wavchunks.acid_loop(6, 92.5, meter=(3, 4)), wavchunks.cue_chunks({2205: "bar 2", 0: "bar 1"})
    path.write_bytes(wavchunks.replace_chunks(wav(path), *chunks))
    return path


def test_what_is_written_comes_back(one_shot: Path, loop: Path) -> None:
    one, many = wavchunks.read_chunks(one_shot.read_bytes()), wavchunks.read_chunks(loop.read_bytes())
    assert (one.note, one.loops, one.acid) == (36, 0, wavchunks.Acid(1, 0, (4, 4), 0.0))
    assert one.info == {"INAM": "pack_kick_fern", "IART": "starter", "ICOP": "CC0 1.0 ? none", "ISFT": "samplegen"}
    assert (many.note, many.acid) == (None, wavchunks.Acid(4, 6, (3, 4), 92.5))
    assert many.markers == {0: "bar 1", 2205: "bar 2"}


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize("frames", [2, 3, 4410])
def test_the_sound_stays_and_the_sizes_agree(tmp_path: Path, subtype: str, frames: int) -> None:
    path = tmp_path / "a.wav"
    plain = wav(path, frames, subtype)
    before, _ = soundfile.read(path)
    done = wavchunks.replace_chunks(plain, wavchunks.smpl_chunk(60, RATE), wavchunks.info_chunk(INAM="odd"))
    path.write_bytes(done)
    assert len(done) % 2 == 0
    assert struct.unpack_from("<I", done, 4)[0] == len(done) - 8
    assert np.array_equal(soundfile.read(path)[0], before)


def test_a_second_stamp_replaces_the_first(one_shot: Path) -> None:
    again = wavchunks.replace_chunks(one_shot.read_bytes(), wavchunks.smpl_chunk(40, RATE))
    assert [name for name, _ in wavchunks.split_chunks(again)] == [b"fmt ", b"data", b"smpl"]
    assert wavchunks.read_chunks(again).note == 40


def test_chunks_are_carried_to_another_file_and_strangers_stay(one_shot: Path, tmp_path: Path) -> None:
    other = wav(tmp_path / "other.wav", 100)
    strange = other + b"bext" + struct.pack("<I", 3) + b"abc\0"
    strange = strange[:4] + struct.pack("<I", len(strange) - 8) + strange[8:]
    done = wavchunks.replace_chunks(strange, wavchunks.known_chunks(one_shot.read_bytes()))
    assert [name for name, _ in wavchunks.split_chunks(done)] == [b"fmt ", b"data", b"bext", b"smpl", b"acid", b"LIST"]
    assert wavchunks.read_chunks(done) == wavchunks.read_chunks(one_shot.read_bytes())


@given(st.dictionaries(st.sampled_from(["INAM", "IART", "ICMT", "ICOP"]), LATIN))
def test_any_text_comes_back(texts: dict[str, str]) -> None:
    empty = b"RIFF" + struct.pack("<I", 4) + b"WAVE"
    told = {key: text for key, text in texts.items() if text}
    assert wavchunks.read_chunks(wavchunks.replace_chunks(empty, wavchunks.info_chunk(**texts))).info == told | {
        "ISFT": "samplegen"
    }


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0", b"OggS" + b"\0" * 60])
def test_what_is_no_wav_is_refused(content: bytes) -> None:
    with pytest.raises(AudioError, match="does not begin as one"):
        wavchunks.read_chunks(content)


def test_a_damaged_chunk_is_refused(one_shot: Path) -> None:
    whole = one_shot.read_bytes()
    with pytest.raises(AudioError, match="breaks off inside its chunk b'LIST'"):
        wavchunks.read_chunks(whole[:-9])
    with pytest.raises(AudioError, match="a chunk that is cut short"):
        wavchunks.read_chunks(wavchunks.replace_chunks(wav(one_shot), b"smpl" + struct.pack("<I", 4) + b"\0" * 4))


def test_wavinfo_reads_the_same(one_shot: Path, loop: Path) -> None:
    wavinfo = pytest.importorskip("wavinfo", reason="the reader wavinfo is not installed")
    one, many = wavinfo.WavInfoReader(str(one_shot)), wavinfo.WavInfoReader(str(loop))
    smpl = one.smpl.to_dict()
    assert (smpl["midi_note"], smpl["loops"], smpl["sample_period_ns"]) == (36, [], 22_676)  # 1e9 / 44100
    assert (one.info.title, one.info.artist, one.info.software) == ("pack_kick_fern", "starter", "samplegen")
    assert one.info.copyright == "CC0 1.0 ? none"
    assert [cue.sample_offset for cue in many.cues.cues] == [0, 2205]
    assert [label.text for label in many.cues.labels] == ["bar 1", "bar 2"]


SAYS = {
    "sndfile-info": (
        ("one", ["Midi Note    : 36", "Loop Count   : 0", "OneShot", "INAM : pack_kick_fern"]),
        ("loop", ["Beats     : 6", "Meter     : 3/4", "Tempo     : 92.500000", "Offset : 2205", "labl : 2 : bar 2"]),
    ),
    "exiftool": (
        ("one", ["MIDI Unity Note                 : 36", "One shot", "Num Sample Loops                : 0",
                 "Title                           : pack_kick_fern"]),
        ("loop", ["Beats                           : 6", "Meter                           : 3/4",
                  "Tempo                           : 92.5"]),
    ),
}  # fmt: skip


@pytest.mark.clients
@pytest.mark.parametrize("program", SAYS)
def test_programs_read_the_same(program: str, one_shot: Path, loop: Path) -> None:
    if not which(program):
        pytest.skip(f"{program} is not installed; make test-clients installs it")
    for name, expected in SAYS[program]:
        path = {"one": one_shot, "loop": loop}[name]
        said = subprocess.run([program, path], capture_output=True, text=True, check=True).stdout
        spaced = " ".join(said.split())
        assert [text for text in expected if " ".join(text.split()) not in spaced] == []
