"""`samplegen transcribe` and `samplegen remix` as a user types them."""

import json

import numpy as np
import pytest
import soundfile
from commands import run
from conftest import RATE, kick, loop
from patterns import pack
from test_startup import loaded
from typer.testing import CliRunner

from samplegen.cli import app, lookup
from samplegen.sequencer import midi_reader, notation


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A working folder with the pack `kit` and a loop of two bars at 120."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lookup, "_SHIPPED_PACKS", tmp_path / ".shipped")
    pack(tmp_path / "packs/kit", ("kick", "snare", "closed-hat"))
    soundfile.write("loop.wav", loop(), RATE)
    return tmp_path


def test_transcribe_draws_and_prints_a_pattern(home):
    shown = run("transcribe", "loop.wav", width=50).stdout
    assert "2 bars of 4/4 at 120 bpm" in shown
    text = shown[shown.index("# tempo") :]  # as it is, so that it can be copied or piped
    assert text == run("transcribe", "loop.wav", "--quiet").stdout


def test_transcribe_quiet_prints_a_pattern_that_reads_back(home):
    pattern = notation.parse_pattern(run("transcribe", "loop.wav", "--quiet").stdout)
    assert pattern.tempo == pytest.approx(120)


def test_transcribe_writes_text_and_midi_with_the_same_hits(home):
    told = json.loads(run("transcribe", "loop.wav", "--out", "g/groove.txt", "--json").stdout)
    assert told["text"] == "g/groove.txt"
    pattern = notation.parse_pattern((home / "g/groove.txt").read_text())
    assert told["pattern"] == (home / "g/groove.txt").read_text()
    score = midi_reader.parse_midi((home / "g/groove.mid").read_bytes(), "groove")
    assert len(score.notes) == len(told["hits"])
    assert score.tempo == pytest.approx(pattern.tempo, abs=0.01)
    run("transcribe", "loop.wav", "--out", "g/groove.txt", code=1)
    run("transcribe", "loop.wav", "--out", "g/groove.txt", "--force")


def test_transcribe_takes_a_tempo(home):
    told = json.loads(run("transcribe", "loop.wav", "--bpm", 60, "--json").stdout)
    assert (told["tempo"], told["bars"], told["sureness"]) == (60, 1, 1)


@pytest.fixture
def played(home):
    """A loop that the pack `kit` played: two bars at 120, and its steps."""
    steps = {"kick": "X... ..x. x... ....", "snare": ".... X... .... X..o", "closed-hat": "x.x. x.x. x.x. xxx."}
    text = "# tempo 120\n" + "\n".join(f"{name} {2 * row.replace(' ', '')}" for name, row in steps.items())
    run("sequence", "kit", "--pattern", text, "--out", "played.wav")
    return {
        name: [at for at, mark in enumerate(2 * row.replace(" ", "")) if mark != "."] for name, row in steps.items()
    }


def test_transcribe_with_the_pack_that_played(played):
    told = json.loads(run("transcribe", "played.wav", "--pack", "kit", "--json").stdout)
    found = {
        lane.name: [at for at, step in enumerate(lane.steps) if step.velocity]
        for lane in notation.parse_pattern(told["pattern"]).lanes
    }
    assert found == played
    assert told["unexplained"] < 0.01
    assert not told["warnings"]
    assert json.loads(run("transcribe", "played.wav", "--json").stdout)["unexplained"] is None


def test_remix_of_what_a_pack_played(played):
    told = json.loads(run("remix", "played.wav", "kit", "--from", "kit", "--out", "again.wav", "--json").stdout)
    assert [lane["name"] for lane in told["lanes"]] == list(played)
    again, first = (soundfile.read(name)[0] for name in ("again.wav", "played.wav"))
    assert np.corrcoef(again, first)[0, 1] > 0.99


def test_a_pack_that_hardly_played_is_said(played):
    soundfile.write("mixed.wav", 0.3 * soundfile.read("played.wav")[0] + 0.4 * soundfile.read("loop.wav")[0], RATE)
    told = json.loads(run("transcribe", "mixed.wav", "--pack", "kit", "--bpm", 120, "--json").stdout)
    assert any("% of the sound" in warning for warning in told["warnings"])


def test_remix_lasts_as_long_as_the_loop(home):
    told = json.loads(run("remix", "loop.wav", "kit", "--out", "again.wav", "--json").stdout)
    samples, rate = soundfile.read("again.wav")
    assert len(samples) == told["frames"] == round(len(loop()) / RATE * rate)
    assert np.abs(samples).max() > 0.5
    assert (home / "again.mid").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("transcribe", "none.wav"), "none.wav"),
        (("transcribe", "one.wav"), "1 hits"),
        (("transcribe", "silent.wav"), "silent"),
        (("transcribe", "loop.wav", "--bpm", 0), "choose from 20 to 999"),
        (("transcribe", "loop.wav", "--out", "groove.mid"), "groove.txt"),
        (("transcribe", "loop.wav", "--pack", "nobody"), "there is no pack 'nobody'"),
        (("transcribe", "loop.wav", "--pack", "kit"), "give the pack that played it"),
        (("remix", "loop.wav", "kit", "--from", "nobody", "--out", "x.wav"), "there is no pack 'nobody'"),
        (("remix", "loop.wav", "nobody", "--out", "x.wav"), "nobody"),
        (("remix", "loop.wav", "kit", "--out", "x.mp3"), ".wav"),
    ],
)
def test_what_cannot_be_done_is_said(home, words, said):
    soundfile.write("one.wav", np.pad(kick(), (0, RATE)), RATE)
    soundfile.write("silent.wav", np.zeros(2 * RATE), RATE)
    assert said in run(*words, code=1).stderr
    assert not (home / "x.wav").exists()


def test_noise_is_a_warning_or_an_error(home):
    soundfile.write("noise.wav", 0.3 * np.random.default_rng(0).standard_normal(4 * RATE).clip(-3, 3), RATE)
    result = CliRunner().invoke(app, ["transcribe", "noise.wav", "--json"])
    assert result.exit_code == 1 or json.loads(result.stdout)["warnings"]


def test_transcribing_loads_no_tensorflow(home):
    assert not {"keras", "tensorflow"} & set(loaded("transcribe", str(home / "loop.wav"), "--quiet"))
