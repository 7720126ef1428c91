"""Checks of packs: a good one passes, one broken on purpose fails where it was broken, repairs repair that alone."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import commands
import numpy as np
import pytest
import soundfile
from conftest import hat, kick, snare
from numpy.typing import NDArray

from samplegen.audio import wavchunks
from samplegen.audio.oneshot import postprocess
from samplegen.audio.sounds import Origin, Sound, Take
from samplegen.errors import DataError
from samplegen.kits.formats import PackOptions
from samplegen.packs.checks import repair, table
from samplegen.packs.checks.repair import repair_pack
from samplegen.packs.checks.table import CHECKS, check_pack
from samplegen.packs.write import write_pack

ROOT = Path(__file__).parents[1]
RATE = 44_100
ORIGIN = Origin(7, "starter", "0" * 64, "samplegen generate", "CC0 1.0\n")
FORMATS = ("wav", "sfz", "hydrogen", "sf2", "decentsampler")
SOFT = 10 ** (-12 / 20)
Samples = NDArray[np.float64]


def drum(make: Callable[..., Any], level: float = -0.5, seed: int = 0) -> Any:
    return postprocess(make(RATE, seed=seed), RATE, peak_dbfs=level)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    takes = (Take(drum(snare, -2.5, seed=1), 0, 1), Take(drum(snare, -12.5, seed=2), 1, 0))
    sounds = [Sound(drum(kick), "kick", {}), Sound(drum(snare), "snare", {}, takes), Sound(drum(hat), "closed-hat", {})]
    folder = tmp_path_factory.mktemp("packs") / "good"
    write_pack(sounds, folder, origin=ORIGIN, options=PackOptions(FORMATS))
    return folder


@pytest.fixture
def pack(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "good"))


def manifest(pack: Path) -> dict[str, Any]:
    return json.loads((pack / "pack.json").read_text())


def paths(pack: Path) -> list[Path]:
    """Kick, snare, closed hat."""
    return [pack / sound["path"] for sound in manifest(pack)["sounds"]]


def failing(pack: Path) -> dict[str, list[str]]:
    """Names of the failing checks -> what they say."""
    return {one.check.name: [f"{fault.where}: {fault.problem}" for fault in one.failed]
            for one in check_pack(pack) if one.failed}  # fmt: skip


def edit(pack: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = manifest(pack)
    change(content)
    (pack / "pack.json").write_text(json.dumps(content))


def signed(pack: Path) -> None:
    """Make the manifest say what is there, so that nothing but the sound is wrong."""

    def sign(content: dict[str, Any]) -> None:
        for row in (*content["sounds"], *content["files"]):
            data = (pack / row["path"]).read_bytes()
            row["sha256"] = hashlib.sha256(data).hexdigest()
            if "seconds" in row:
                samples = soundfile.read(pack / row["path"])[0]
                row |= {"seconds": len(samples) / RATE, "peak_dbfs": 20 * np.log10(max(np.abs(samples).max(), 1e-9))}

    edit(pack, sign)


def revoice(path: Path, change: Callable[[Samples], Samples], subtype: str = "PCM_24", rate: int = RATE) -> None:
    """Change the samples of a WAV and keep its chunks."""
    chunks = wavchunks.known_chunks(path.read_bytes())
    soundfile.write(path, change(soundfile.read(path)[0]), rate, subtype=subtype)
    path.write_bytes(wavchunks.replace_chunks(path.read_bytes(), chunks))


def test_a_good_pack_passes_every_check_and_each_looks_at_something(made: Path) -> None:
    outcomes = check_pack(made)
    assert [one.check for one in outcomes] == list(CHECKS)
    assert [(one.check.name, one.failed) for one in outcomes if one.failed] == []
    assert min(one.checked for one in outcomes) >= 5  # three drums and two takes


def test_the_shipped_pack_passes() -> None:
    assert failing(ROOT / "packs/starter") == {}


def _noise(samples: Samples) -> Samples:
    return np.random.default_rng(1).normal(0, 1e-5, len(samples))


SOUNDS: dict[str, tuple[str, Callable[[Samples], Samples]]] = {  # what is done to the kick -> the check that says so
    "too soft": ("peak", lambda x: x * 0.5),
    "clipped": ("peak", lambda x: x / np.abs(x).max()),
    "late": ("start", lambda x: np.concatenate([np.zeros(100), x])),
    "off centre": ("offset", lambda x: x * 0.98 + 0.02 * np.hanning(len(x))),
    "cut off": ("tail", lambda x: np.concatenate([x[:6000], x[6000:6200] * np.linspace(1, 0, 200)])),
    "cut off without a fade": ("fade", lambda x: x[:6000]),
    "followed by silence": ("silence", lambda x: np.concatenate([x, np.zeros(1000)])),
    "too short": ("length", lambda x: x[:200] * np.hanning(400)[200:]),
    "too long": ("length", lambda x: np.concatenate([x, np.zeros(10 * RATE)])),
}


@pytest.mark.parametrize("broken", SOUNDS)
def test_a_sound_that_is_wrong_is_found(pack: Path, broken: str) -> None:
    check, change = SOUNDS[broken]
    revoice(paths(pack)[0], change)
    signed(pack)
    found = failing(pack)
    assert len(found[check]) == 1
    assert "One_Shots/Kick/" in found[check][0]
    assert found.keys() <= {check, "tail", "fade", "silence", "peak", "offset"}  # a cut has more than one effect


def test_a_soft_layer_may_be_soft_and_must_not_be_too_loud(pack: Path) -> None:
    (soft,) = pack.rglob("*_v2_r1.wav")
    revoice(soft, lambda x: x / np.abs(x).max())
    assert [line.split(": ")[0] for line in failing(pack)["peak"]] == [soft.relative_to(pack).as_posix()]


@pytest.mark.parametrize(
    ("subtype", "rate", "change", "said"),
    [
        ("PCM_16", RATE, lambda x: x, "1 channel, 44100 Hz, PCM_16"),
        ("PCM_24", 22_050, lambda x: x, "1 channel, 22050 Hz, PCM_24"),
        ("PCM_24", RATE, lambda x: np.stack([x, x], axis=1), "2 channels, 44100 Hz, PCM_24"),
        ("PCM_24", RATE, lambda x: x * 0, "is silent"),
    ],
)
def test_a_sound_of_another_format_is_found(
    pack: Path, subtype: str, rate: int, change: Callable[[Samples], Samples], said: str
) -> None:
    revoice(paths(pack)[1], change, subtype, rate)
    (line,) = failing(pack)["format"]
    assert said in line


def test_what_is_no_sound_is_found(pack: Path) -> None:
    paths(pack)[0].write_bytes(b"This is a shopping list. " * 99)
    paths(pack)[1].write_bytes(paths(pack)[1].read_bytes()[:-20])
    found = failing(pack)
    assert "Format not recognised" in found["format"][0]
    assert "breaks off" in found["format"][1]
    assert len(found["hashes"]) == 2


@pytest.mark.parametrize(
    ("chunk", "said"),
    [
        (wavchunks.smpl_chunk(37, RATE), "root note 37 instead of 36"),
        (wavchunks.smpl_chunk(36, RATE)[:36] + b"\1" + wavchunks.smpl_chunk(36, RATE)[37:], "a loop in a one-shot"),
        (wavchunks.acid_loop(4, 120.0), "does not call it a one-shot"),
    ],
)
def test_chunks_that_lie_are_found(pack: Path, chunk: bytes, said: str) -> None:
    path = paths(pack)[0]
    path.write_bytes(wavchunks.replace_chunks(path.read_bytes(), chunk))
    signed(pack)
    (line,) = failing(pack).pop("chunks")
    assert said in line


COPIES: dict[str, Callable[[Samples], Samples]] = {
    "the same": lambda x: x,
    "softer": lambda x: x * SOFT,
    "later": lambda x: np.concatenate([np.zeros(40), x]),
    "with a little noise": lambda x: x + _noise(x),
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_found_whatever_its_level(pack: Path, copy: str) -> None:
    first, second, _ = paths(pack)
    sound = COPIES[copy](soundfile.read(first)[0])
    soundfile.write(second, sound, RATE, subtype="PCM_24")
    (line,) = failing(pack)["duplicates"]
    assert f"One_Shots/Kick/{first.name}" in line
    assert second.name in line


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my kick.wav", "cannot be used"),
        ("käse.wav", "cannot be used"),
        ("con.wav", "is reserved by Windows"),
        ("a.b.wav", "cannot be used"),
        ("/".join(["long" * 10] * 5) + ".wav", "characters"),
    ],
)
def test_a_bad_name_is_found(pack: Path, name: str, said: str) -> None:
    (pack / name).parent.mkdir(parents=True, exist_ok=True)
    (pack / name).write_bytes(b"")
    found = failing(pack)
    assert said in found["names"][0]
    assert found["extra"] == [f"{name}: is not in the manifest"]


def test_names_that_differ_in_capitals_alone_are_found(pack: Path) -> None:
    (pack / "license.txt").write_text("mine")
    if (pack / "LICENSE.txt").read_text() == "mine":
        pytest.skip("this file system keeps no two such files")
    assert len(failing(pack)["names"]) == 2


def test_what_file_managers_leave_is_ignored(pack: Path) -> None:
    (pack / ".DS_Store").write_bytes(b"\0")
    assert failing(pack) == {}


@pytest.mark.parametrize("suffix", ["wav", "sfz", "h2drumkit", "sf2", "mid", "txt"])
def test_a_missing_and_a_changed_file_are_found(pack: Path, suffix: str) -> None:
    path = sorted(pack.rglob(f"*.{suffix}"))[-1]
    where = path.relative_to(pack).as_posix()
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert f"{where}: is not what was written" in failing(pack)["hashes"]
    path.unlink()
    assert f"{where}: is not there" in failing(pack)["missing"]


@pytest.mark.parametrize("suffix", ["sfz", "dspreset"])
def test_a_kit_that_names_what_is_not_there_is_found(pack: Path, suffix: str) -> None:
    (kit,) = pack.rglob(f"*.{suffix}")
    name = paths(pack)[0].name
    kit.write_text(kit.read_text().replace(name, "other.wav"))
    signed(pack)
    assert failing(pack) == {"missing": ["One_Shots/Kick/other.wav: is not there"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["sounds"][0].update(seconds=9.0), "seconds is 0."),
        (lambda m: m["sounds"][0].update(peak_dbfs=-3.0), "peak_dbfs is -0.5, said -3"),
        (lambda m: m["sounds"][0].update(note=38), "shares note 38"),
        (lambda m: m.pop("seed"), "has no 'seed'"),
    ],
)
def test_a_manifest_that_lies_is_found(pack: Path, change: Callable[[dict[str, Any]], object], said: str) -> None:
    edit(pack, change)
    assert said in failing(pack)["manifest"][0]


# --- repairs -----------------------------------------------------------------------------------------------------


def digests(pack: Path) -> dict[str, str]:
    return {path.relative_to(pack).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in pack.rglob("*") if path.is_file()}  # fmt: skip


MENDED = [broken for broken, (check, _) in SOUNDS.items() if check != "length"]


@pytest.mark.parametrize("broken", MENDED)
def test_a_repair_makes_a_pack_pass_and_touches_only_what_was_wrong(pack: Path, broken: str) -> None:
    before, kept = digests(pack), wavchunks.read_chunks(paths(pack)[0].read_bytes())
    revoice(paths(pack)[0], SOUNDS[broken][1])
    signed(pack)
    (mended,) = repair_pack(pack)
    assert failing(pack) == {}
    assert mended == paths(pack)[0].relative_to(pack).as_posix()
    assert wavchunks.read_chunks(paths(pack)[0].read_bytes()) == kept
    after = digests(pack)
    assert after.keys() == before.keys()
    changed = {Path(path).suffix for path in after if after[path] != before[path]}
    assert changed <= {".wav", ".json", ".sf2", ".h2drumkit", ".html"}  # text kits name the sounds, these hold them
    assert after[next(path for path in after if path.startswith("pads/01_"))] == after[mended]
    assert (after["index.html"] == before["index.html"]) == (after[mended] == before[mended])


def test_takes_follow_the_level_of_their_drum(pack: Path) -> None:
    edit_all = [path for path in pack.rglob("*.wav") if "Snare" in path.parts]
    for path in edit_all:
        revoice(path, lambda x: x * 0.25)
    signed(pack)
    assert len(repair_pack(pack)) == 3
    assert failing(pack) == {}
    peaks = [20 * np.log10(np.abs(soundfile.read(path)[0]).max()) for path in sorted(edit_all)]
    assert peaks == pytest.approx([-0.5, -2.5, -12.5], abs=0.01)  # as they were made


def test_nothing_is_written_where_nothing_is_to_be_repaired(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "whole_folder", pytest.fail)
    (pack / "mine.txt").write_text("notes")  # extra: not for a repair to delete
    assert repair_pack(pack) == []


def test_a_repair_that_fails_leaves_the_pack(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    revoice(paths(pack)[0], lambda x: x * 0.5)
    before = digests(pack)
    monkeypatch.setattr(repair, "encode", lambda manifest: 1 / 0)  # the last step
    with pytest.raises(ZeroDivisionError):
        repair_pack(pack)
    assert digests(pack) == before
    assert [path.name for path in pack.parent.iterdir()] == ["good"]


def test_pads_for_hardware_stay_so(tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    sounds = [Sound(drum(kick, -6.0), "kick", {}), Sound(drum(hat), "closed-hat", {})]
    write_pack(sounds, folder, origin=ORIGIN, options=PackOptions(("wav",), "hardware"))
    repair_pack(folder)
    (pad,) = (folder / "pads").glob("01_36_*")
    assert [name for name, _ in wavchunks.split_chunks(pad.read_bytes())] == [b"fmt ", b"data"]
    assert np.abs(soundfile.read(pad)[0]).max() == pytest.approx(10 ** (-0.5 / 20), abs=1e-4)  # a step of 16 bits


def test_without_a_pack_there_is_nothing_to_repair(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a pack"):
        repair_pack(tmp_path)


# --- the command -------------------------------------------------------------------------------------------------


run = partial(commands.run, width=120)


def test_the_command_says_what_is_wrong_and_repairs_it(pack: Path) -> None:
    assert f"{pack.name} passes" in run("check", pack).stdout
    assert run("check", pack, "--quiet").stdout == f"{pack}\n"
    revoice(paths(pack)[0], lambda x: x * 0.5)
    signed(pack)
    shown = run("check", pack, code=1).stdout
    assert "dBFS" in shown
    assert "--fix repairs: peak" in shown
    told = json.loads(run("check", pack, "--json", code=1).stdout)
    assert told["passed"] is False
    (row,) = [row for row in told["checks"] if row["failed"]]
    assert (row["name"], row["mends"], row["failed"][0]["what"]) == ("peak", True, "-6.52 dBFS")
    assert run("check", pack, "--quiet", code=1).stdout == "peak\n"
    assert len(json.loads(run("check", pack, "--fix", "--json").stdout)["mended"]) == 1
    assert run("check", pack).exit_code == 0


def test_what_is_no_pack_is_refused(pack: Path) -> None:
    assert "there is no model, pack or sound file" in run("check", pack / "nowhere", code=1).stderr
    assert "is a sound; give the name or folder of a pack" in run("check", paths(pack)[0], code=1).stderr


def test_every_check_says_what_it_measures_and_its_bound() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.measures and check.bound for check in table.CHECKS)


def test_checking_needs_no_tensorflow() -> None:
    code = "import sys; from samplegen.packs.checks import repair, table; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
