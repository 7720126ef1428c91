"""Every hit of every loop as a file of its own, where its role says, whatever its source is called."""

import json
import os
from collections import Counter
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile
from conftest import hat, kick, loop, snare, write_sounds

from samplegen.audio import reading, writing
from samplegen.data import dataset, slicing
from samplegen.data.slicing import write_slices
from samplegen.errors import AudioError, OptionError, OutputError
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig

CONFIG = SpectrogramConfig(StftConfig(16_000, 256), steps=16, bands=16, seconds=0.25)  # small, so fast


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    """A loop at 44.1 kHz, a kick at 48 kHz, a snare that only its sound tells at 22.05 kHz."""
    sounds = {"beat 120.wav": (44_100, loop(44_100, bars=1)), "kick/deep.wav": (48_000, kick(48_000))}
    return write_sounds(tmp_path / "sounds", sounds | {"thing.wav": (22_050, snare(22_050))})


@pytest.fixture
def data(folder):
    return dataset.scan(folder, CONFIG)


def _bytes(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_one_shot_is_written_at_the_rate_of_its_source(data, folder, tmp_path):
    out = tmp_path / "out"
    rows = write_slices(data, out)
    assert len(rows) == len(data) == 10
    assert _bytes(out).keys() == {*(row["file"] for row in rows), "index.json"}
    for row in rows:
        info, source = soundfile.info(out / row["file"]), soundfile.info(folder / row["source"])
        assert (info.subtype, info.channels, info.samplerate) == ("PCM_24", 1, source.samplerate)
        assert info.frames / info.samplerate == pytest.approx(row["end"] - row["start"], abs=2 / 16_000)  # rounding


def test_the_index_says_where_each_came_from(data, tmp_path):
    rows = write_slices(data, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "index.json").read_text("utf-8")) == rows
    assert list(rows[0]) == ["file", "source", "start", "end", "role"]
    beat = [row for row in rows if row["source"] == "beat 120.wav"]
    assert [row["file"] for row in beat] == [f"unsorted/beat-120-{number:02d}.wav" for number in range(1, 9)]
    assert [row["start"] for row in beat] == pytest.approx(0.25 * np.arange(8), abs=0.002)  # an eighth each
    assert [row["end"] for row in beat[:-1]] == [row["start"] for row in beat[1:]]
    assert {row["file"]: row["role"] for row in rows if row not in beat} == {
        "kick/deep-01.wav": "kick",
        "unsorted/thing-01.wav": None,
    }


def test_what_is_written_is_what_the_source_holds(data, folder, tmp_path):
    for row in write_slices(data, tmp_path / "out"):
        piece, rate = soundfile.read(tmp_path / "out" / row["file"], dtype="float32")
        source, _ = reading.read_audio(folder / row["source"])
        start = int(row["start"] * rate + 1e-3)
        assert piece == pytest.approx(source[start : start + len(piece)], abs=2**-22)  # 24 bits
        assert np.abs(piece[: round(0.002 * rate)]).max() > 0.01  # it begins with its hit


def test_slices_of_a_loop_leave_nothing_out(data, folder, tmp_path):
    rows = [row for row in write_slices(data, tmp_path / "out") if row["source"].startswith("beat")]
    whole = np.concatenate([soundfile.read(tmp_path / "out" / row["file"])[0] for row in rows])
    source, rate = reading.read_audio(folder / "beat 120.wav")
    assert len(whole) >= len(source) - 0.003 * rate  # less than that lies before the first hit
    assert whole == pytest.approx(
        source[-len(whole) :] if len(whole) == len(source) else source[: len(whole)], abs=2**-22
    )


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
def test_a_rate_may_be_asked_for(data, tmp_path, rate):
    for row in write_slices(data, tmp_path / "out", rate=rate):
        info = soundfile.info(tmp_path / "out" / row["file"])
        assert info.samplerate == rate
        assert info.frames / rate == pytest.approx(row["end"] - row["start"], abs=1 / rate + 1 / 16_000)  # rounding


def test_roles_that_were_heard_decide_the_folder(data, tmp_path):
    labels = ["kick", "closed-hat", "snare", None, "kick", "closed-hat", "snare", "closed-hat", "kick", "clap"]
    rows = write_slices(data, tmp_path / "out", roles=labels)
    assert [row["role"] for row in rows] == labels
    assert [PurePosixPath(row["file"]).parent.name for row in rows] == [role or "unsorted" for role in labels]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["kick"], "1 roles were given for 10 sounds"),
        (["kick"] * 9 + ["../../etc"], "unknown role '../../etc'; the roles are kick, snare"),
        (["kick"] * 9 + [""], "unknown role ''"),
    ],
)
def test_roles_that_do_not_fit_are_refused(data, tmp_path, labels, message):
    with pytest.raises(OptionError, match=message):
        write_slices(data, tmp_path / "out", roles=labels)
    assert not (tmp_path / "out").exists()


def test_the_same_folder_gives_the_same_bytes(data, folder, tmp_path):
    write_slices(data, tmp_path / "one")
    write_slices(dataset.scan(folder, CONFIG), tmp_path / "two")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_each_source_is_decoded_once(data, tmp_path, monkeypatch):
    read, names = reading.read_audio, []
    monkeypatch.setattr(
        reading, "read_audio", lambda path, rate=None: names.append(Path(path).name) or read(path, rate)
    )
    write_slices(data.subset(np.array([9, 3, 8, 1, 0])), tmp_path / "out")
    assert Counter(names) == {"beat 120.wav": 1, "deep.wav": 1, "thing.wav": 1}


HOSTILE = [
    "a b.wav",
    "a-b.wav",
    "A B.wav",
    "a/b.wav",
    "b.wav",
    "c/B.wav",
    "🥁.wav",
    "two\nlines.wav",
    "'; rm -rf ~.wav",
    "--force.wav",
    ".. .wav",
    "con.wav",
    "<script>.wav",
    "x" * 200 + ".wav",
    "x" * 199 + "y.wav",
    "kick-01.wav",
    os.fsdecode(b"\xff\xfe.wav"),
]


def test_names_are_safe_and_unique_whatever_the_sources_are_called(tmp_path):
    sounds = {name: (16_000, hat(16_000, seed=seed)) for seed, name in enumerate(HOSTILE)}
    data = dataset.scan(write_sounds(tmp_path / "sounds", sounds), CONFIG)
    rows = write_slices(data, tmp_path / "out")
    files = [row["file"] for row in rows]
    assert len({file.lower() for file in files}) == len(HOSTILE)
    for file in files:
        folder, name = file.split("/")
        stem = name.removesuffix(".wav")
        assert folder in {"unsorted", "kick"}
        assert set(stem) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
        assert not stem.startswith("-")
        assert len(stem) <= 52
    assert sorted(row["source"] for row in json.loads((tmp_path / "out" / "index.json").read_text())) == sorted(HOSTILE)


def test_many_of_one_name_are_counted_on(tmp_path):
    sounds = {f"{number}/a.wav": (16_000, hat(16_000, seconds=0.02, seed=number)) for number in range(120)}
    data = dataset.scan(write_sounds(tmp_path / "sounds", sounds), CONFIG)
    files = [row["file"] for row in write_slices(data, tmp_path / "out")]
    assert len(set(files)) == 120
    assert files[0] == "unsorted/a-01.wav"
    assert files[-1] == "unsorted/a-120.wav"


def test_nothing_is_written_over_without_force(data, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep me")
    with pytest.raises(OutputError, match="exists already"):
        write_slices(data, out)
    assert (out / "mine.txt").exists()
    write_slices(data, out, force=True)
    assert not (out / "mine.txt").exists()


@pytest.mark.parametrize("inside", [".", "kick", "..", "../link"])
def test_the_sounds_themselves_are_never_replaced(data, folder, inside):
    (folder.parent / "link").symlink_to(folder)
    before = _bytes(folder)
    with pytest.raises(OutputError, match="holds sounds that are to be sliced; choose a folder elsewhere"):
        write_slices(data, folder / inside, force=True)
    assert _bytes(folder) == before


def test_a_new_folder_beside_the_sounds_is_fine(data, folder):
    assert len(write_slices(data, folder / "slices")) == 10
    write_slices(data, folder / "slices", force=True)


def test_it_is_whole_or_not_at_all(data, tmp_path, monkeypatch):
    write, count = writing.write_audio, iter(range(100))

    def full(*arguments, **options):
        if next(count) == 5:
            raise OSError(28, "No space left on device")
        write(*arguments, **options)

    monkeypatch.setattr(slicing.writing, "write_audio", full)
    with pytest.raises(OutputError, match="No space left on device; nothing was kept"):
        write_slices(data, tmp_path / "new" / "out")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_source_that_is_gone_or_changed_is_an_error(data, folder, tmp_path):
    write_sounds(folder, {"beat 120.wav": (44_100, hat(44_100))})
    with pytest.raises(AudioError, match=r"beat 120\.wav has changed since it was cut; run the command again"):
        write_slices(data, tmp_path / "out")
    (folder / "beat 120.wav").unlink()
    with pytest.raises(AudioError, match=r"beat 120\.wav cannot be read as audio \(No such file"):
        write_slices(data, tmp_path / "out")
    assert not (tmp_path / "out").exists()
