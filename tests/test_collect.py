"""`samplegen pack`: what becomes of a messy folder, which sounds are copies, and whose they are."""

import json
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import commands
import numpy as np
import pytest
import soundfile
from conftest import hat, kick, loop, snare, write_bad_files, write_sounds

from samplegen.audio import signals
from samplegen.audio.duplicates import MIN_COPY_COSINE, find_copies, fingerprint
from samplegen.data import dataset
from samplegen.errors import AudioError, OptionError
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.kits.manifest import read_pack
from samplegen.packs.checks.table import check_pack
from samplegen.packs.collect import collect_sounds, origin
from samplegen.packs.write import write_pack

CONFIG = SpectrogramConfig(StftConfig(16_000, 256), steps=16, bands=16, seconds=0.25)  # small, so fast
RATE = 44_100
KICK = kick(48_000)
SOUNDS = {  # rate, samples
    "Kicks/deep.wav": (48_000, KICK),
    "Kicks/soft copy of deep.wav": (48_000, 0.1 * KICK),
    "Kicks/late.wav": (48_000, np.concatenate([np.zeros(4800, np.float32), KICK])),
    "a/SNARE 1.wav": (22_050, snare(22_050)),
    "a/SNARE 2.wav": (22_050, snare(22_050, seed=2)),
    "thing.wav": (44_100, hat()),
}


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_sounds(tmp_path / "sounds", SOUNDS)


def gathered(folder: Path, rate: int = RATE) -> Any:
    data = dataset.scan(folder, CONFIG)
    return collect_sounds(data, [sound.role or "closed-hat" for sound in data.sounds], rate=rate)


def test_sounds_are_finished_and_say_where_they_are_from(folder: Path) -> None:
    sounds = gathered(folder).sounds
    assert [(sound.role, sound.facts["source"], sound.facts["role_from"]) for sound in sounds] == [
        ("closed-hat", "thing.wav", "sound"),
        ("kick", "Kicks/deep.wav", "name"),
        ("snare", "a/SNARE 1.wav", "name"),
        ("snare", "a/SNARE 2.wav", "name"),
    ]
    for sound in sounds:
        assert 20 * np.log10(signals.peak(sound.samples)) == pytest.approx(-0.5, abs=1e-4)
    assert sounds[1].facts["end"] == pytest.approx(len(KICK) / 48_000, abs=1e-3)  # the map's rate is lower


def test_copies_are_left_out_whatever_their_level_and_start(folder: Path) -> None:
    dropped = gathered(folder).dropped
    assert [name for name, _ in dropped] == ["Kicks/late.wav", "Kicks/soft copy of deep.wav"]
    assert all(reason.startswith("sounds like Kicks/deep.wav (") for _, reason in dropped)


def test_nothing_above_the_maps_bandwidth_is_lost(tmp_path: Path) -> None:
    """The maps here end at 8 kHz."""
    time = np.arange(RATE // 4) / RATE
    bright = (np.sin(2 * np.pi * 15_000 * time) * np.exp(-20 * time)).astype(np.float32)
    (sound,) = gathered(write_sounds(tmp_path / "bright", {"hat.wav": (RATE, bright + 0.1 * hat(seconds=0.25))})).sounds
    spectrum = np.abs(np.fft.rfft(sound.samples, RATE))
    assert spectrum[14_900:15_100].max() > 10 * spectrum[:8_000].max()


@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_a_rate_is_kept_to(folder: Path, rate: int) -> None:
    for sound in gathered(folder, rate).sounds:
        length = sound.facts["end"] - sound.facts["start"]
        assert 0.3 * length < len(sound.samples) / rate <= length + 1e-3  # silence behind it is cut


def test_a_loop_is_cut_and_its_hits_that_repeat_are_left_out(tmp_path: Path) -> None:
    result = gathered(write_sounds(tmp_path / "loops", {"beat 120.wav": (RATE, loop(bars=2))}))
    assert len(result.sounds) + len(result.dropped) == 16  # its eighths
    assert len(result.sounds) <= 8  # its second bar is its first
    assert all(name.startswith("beat 120.wav at ") for name, _ in result.dropped)


def test_a_folder_of_any_names_gives_a_pack(tmp_path: Path) -> None:
    hostile = ["🥁.wav", "two\nlines.wav", "con.wav", "<script>.wav", os.fsdecode(b"\xff.wav"), "x" * 200 + ".wav"]
    folder = write_sounds(tmp_path / "s", {name: (RATE, hat(seed=seed)) for seed, name in enumerate(hostile)})
    out = tmp_path / "packs" / "mine"
    write_pack(gathered(folder).sounds, out, origin=origin(folder, seed=0, command=""))
    manifest = read_pack(out)
    assert len({sound["source"] for sound in manifest["sounds"]}) == len(hostile)
    assert [one.check.name for one in check_pack(out) if one.failed] == []


def test_the_licence_gives_nothing_that_is_not_ours(folder: Path) -> None:
    told = origin(folder, seed=3, command="samplegen pack sounds")
    assert (told.model, told.model_hash, told.seed) == ("", "", 3)
    assert "Sounds of the folder sounds" in told.licence
    assert "The rights in each sound are those of the file that it was made from" in told.licence


def test_roles_that_do_not_fit_are_refused(folder: Path) -> None:
    data = dataset.scan(folder, CONFIG)
    for told in (["kick"], ["gong"] * len(data)):
        with pytest.raises(OptionError, match="roles were given for 6 sounds; one of kick, snare"):
            collect_sounds(data, told, rate=RATE)


def test_a_source_that_is_gone_is_an_error_and_one_that_was_cut_is_left_out(folder: Path) -> None:
    data = dataset.scan(folder, CONFIG)
    told = ["perc"] * len(data)
    write_sounds(folder, {"Kicks/late.wav": (48_000, KICK[:1000])})  # it began after 4800
    assert ("Kicks/late.wav", "is silent") in collect_sounds(data, told, rate=RATE).dropped
    (folder / "thing.wav").unlink()
    with pytest.raises(AudioError, match=r"thing\.wav cannot be read as audio"):
        collect_sounds(data, told, rate=RATE)


# --- copies ------------------------------------------------------------------------------------------------------


def alike(one: Any, other: Any) -> float:
    return float(fingerprint(one, RATE) @ fingerprint(other, RATE))


def test_a_copy_is_one_whatever_its_gain_start_and_depth() -> None:
    for make in (kick, snare, hat):
        sound = make()
        sixteen = np.round(0.1 * sound * 32_767) / np.float32(32_768)
        for copy in (0.1 * sound, np.concatenate([np.zeros(300, np.float32), sound]), sixteen):
            assert alike(sound, copy) >= MIN_COPY_COSINE


def test_takes_of_one_drum_are_no_copies() -> None:
    for make in (kick, snare, hat):
        assert alike(make(seed=1), make(seed=2)) < 0.99


def test_each_copy_is_told_with_the_first_that_it_copies() -> None:
    sounds = [kick(), snare(), 0.5 * kick(), hat(), snare(), 0.25 * kick()]
    found = find_copies(np.stack([fingerprint(sound, RATE) for sound in sounds]))
    assert [(at, first) for at, first, _ in found] == [(2, 0), (4, 1), (5, 0)]
    assert find_copies(np.zeros((0, 5), np.float32)) == []


# --- the command -------------------------------------------------------------------------------------------------


run = partial(commands.run, width=120)


@pytest.fixture
def named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which every name tells its role, so that nothing has to be heard; and the place it is in."""
    (folder / "thing.wav").rename(folder / "hihat.wav")
    monkeypatch.chdir(folder.parent)
    return folder


def test_the_command_makes_a_pack_that_passes_and_lists_what_it_left_out(named: Path) -> None:
    write_bad_files(named / "bad")
    (named / "bad/long.flac").unlink()  # a second to decode
    told = json.loads(run("pack", "sounds", "--name", "mine", "--formats", "sfz,sf2", "--json").stdout)
    assert told["pack"] == "packs/mine"
    assert told["command"] == "samplegen pack sounds --name mine --formats sfz,sf2"
    assert len(told["sounds"]) == 4
    reasons = dict(told["skipped"])
    assert "Format not recognised" in reasons["bad/text.wav"]
    assert "sounds like Kicks/deep.wav" in reasons["Kicks/late.wav"]
    assert [one.check.name for one in check_pack("packs/mine") if one.failed] == []
    shown = run("pack", "sounds", "--name", "mine", "--force").stdout
    assert "Kicks/late.wav" in shown
    assert "4 sounds in packs/mine" in shown
    assert run("show", "packs/mine", "--quiet").stdout == "packs/mine\n"
    assert run("pack", "sounds", "--name", "mine", "--force", "--quiet").stdout == "packs/mine\n"


def test_the_same_folder_gives_the_same_bytes(named: Path) -> None:
    for into in ("a", "b"):
        run("pack", "sounds", "--name", "mine", "--out", into, "--bits", 16)
    one, two = ({path.relative_to(into): path.read_bytes() for path in Path(into).rglob("*") if path.is_file()}
                for into in ("a", "b"))  # fmt: skip
    assert one == two
    assert soundfile.info(next(Path("a").rglob("*.wav"))).subtype == "PCM_16"


def test_a_sound_without_a_telling_name_is_heard(named: Path) -> None:
    write_sounds(named, {"x/thing.wav": (RATE, hat(seed=5))})
    told = json.loads(run("pack", "sounds", "--name", "mine", "--json").stdout)
    (row,) = [sound for sound in told["sounds"] if sound["source"] == "x/thing.wav"]
    assert row["role_from"] == "sound"
    assert row["role"] in {"closed-hat", "pedal-hat", "open-hat", "shaker", "tambourine"}  # it hisses


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sounds", "--name", "my kit"), "the pack name 'my kit' cannot be used"),
        (("sounds", "--name", "mine", "--bits", 8), "--bits is 8; choose 16 or 24"),
        (("sounds", "--name", "mine", "--rate", 100), "--rate is 100; choose from 4000"),
        (("sounds", "--name", "mine", "--formats", "mp3"), "unknown kit format 'mp3'"),
        (("nowhere", "--name", "mine"), "nowhere is no folder"),
        (("sounds", "--name", "sounds", "--out", ".", "--force"), "holds sounds that are to be sliced"),
        (("sounds", "--name", "sounds", "--out", "."), "exists already"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(named: Path, words: tuple[object, ...], message: str) -> None:
    before = sorted(named.rglob("*"))
    assert message in run("pack", *words, code=1).stderr
    assert sorted(named.rglob("*")) == before
    assert not Path("packs").exists()


def test_a_folder_of_nothing_but_silence_is_refused(named: Path) -> None:
    shutil.rmtree(named)
    write_sounds(named, {"a.wav": (RATE, np.zeros(4_410, np.float32))})
    assert "holds no sound that can be used" in run("pack", "sounds", "--name", "mine", code=1).stderr
