"""`samplegen sequence` and `samplegen styles` as a user types them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from commands import run
from patterns import edited, pack
from test_startup import loaded

from samplegen.cli import lookup
from samplegen.sequencer import styles

KIT = ("kick", "snare", "clap", "closed-hat", "open-hat")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A working folder with the pack `kit` and no other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lookup, "_SHIPPED_PACKS", tmp_path / ".shipped")
    pack(tmp_path / "packs/kit", KIT)
    return tmp_path


def told(*words: object) -> dict:
    return json.loads(run("sequence", "kit", *words, "--json").stdout)


def complaint(*words: object) -> str:
    return run("sequence", *words, code=1).stderr.removeprefix("samplegen: ").rstrip("\n")


def everything() -> set[str]:
    return {path.as_posix() for path in Path().rglob("*") if "packs" not in path.parts}


def test_a_pattern_becomes_a_wav_and_a_midi_file_of_one_stem(home):
    result = told("--pattern", "kick x...x...; snare ....x...", "--bpm", 90, "--out", "beat.wav")
    assert (result["wav"], result["midi"], result["stems"]) == ("beat.wav", "beat.mid", None)
    assert everything() == {"beat.wav", "beat.mid"}
    assert result["frames"] == soundfile.info("beat.wav").frames == round(4 * 60 / 90 * 44_100)
    assert (result["tempo"], result["bars"], result["warnings"]) == (90, 1, [])
    assert [(lane["name"], lane["note"], lane["hits"]) for lane in result["lanes"]] == [
        ("kick", 36, 4),
        ("snare", 38, 2),
    ]


def test_without_a_choice_it_plays_house_into_loops(home):
    result = run("sequence", "kit", "--quiet")
    assert result.stdout.split() == ["loops/kit_124_house.wav", "loops/kit_124_house.mid"]
    assert everything() == {"loops", *result.stdout.split()}
    shown = run("sequence", "kit", "--style", "house/deep", "--fill").stdout
    assert "4 bars at 124 bpm" in shown
    assert "kick" in shown
    assert "the pack has no" in shown


def test_a_fill_is_the_last_bar(home):
    three = told("--style", "five", "--fill", "--bars", 3, "--out", "a.wav")["pattern"]
    alone = told("--style", "five", "--fill", "--bars", 1, "--out", "b.wav")["pattern"]
    kicks = [text.split("kick")[1].split("\n")[0] for text in (three, alone)]
    assert "bars 3" in three
    assert kicks[0].count("|") == 2
    assert kicks[0].split("|")[2].split() == kicks[1].split()


def test_every_option_reaches_the_loop(home):
    (home / "beat.txt").write_text("# tempo 100 bars 1\nkick x..o\nch x?x")
    result = told(
        "--pattern", "beat.txt", "--bpm", 120, "--bars", 2, "--repeat", 2, "--swing", 60, "--swing-grid", 8, "--tail",
        "append", "--humanize", 0.2, "--mutate", 0.3, "--density", 1.2, "--stems", "--smf0", "--lofi", "warm",
        "--seed", 4,
    )  # fmt: skip
    assert result["wav"] == "loops/kit_120_beat.wav"
    assert sorted(path.name for path in Path(result["stems"]).iterdir()) == ["01_kick.wav", "02_ch.wav"]
    assert "swing 60  grid 8" in result["pattern"]
    assert result["frames"] >= 4 * 4 * 22_050
    assert Path(result["midi"]).read_bytes()[8:10] == b"\0\0"  # format 0


def test_the_same_seed_gives_the_same_files(home):
    words = ("--style", "trap", "--mutate", 0.5, "--humanize", 0.5, "--lofi", "vinyl")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        told(*words, "--seed", seed, "--out", f"{name}.wav")
    for end in (".wav", ".mid"):
        a, b, c = (Path(f"{name}{end}").read_bytes() for name in "abc")
        assert a == b != c


def test_tidal_and_midi_are_read(home):
    result = told("--pattern", "bd*4, <sn cp>", "--notation", "tidal", "--out", "a.wav")
    assert result["bars"] == 2
    again = told("--midi", "a.mid", "--out", "b.wav")
    assert again["tempo"] == 120
    np.testing.assert_array_equal(soundfile.read("a.wav")[0], soundfile.read("b.wav")[0])


def test_a_pack_may_be_given_by_its_folder(home):
    assert run("sequence", "packs/kit", "--quiet", "--out", "x").stdout.split() == ["x.wav", "x.mid"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope",), "there is no pack 'nope'"),
        (("kit", "--pattern", "kick x.q."), "line 1, column 8: unknown token 'q'"),
        (("kit", "--pattern", ""), "the pattern has 0 lanes"),
        (("kit", "--pattern", "packs"), "there is no pattern file packs"),
        (("kit", "--pattern", "gone.txt"), "there is no pattern file gone.txt"),
        (("kit", "--pattern", "kick " + "x" * 10_001), "more than 10000 steps"),
        (("kit", "--pattern", "kick " + "x" * 10_000), "would last 20.8 minutes"),
        (("kit", "--pattern", "kick x", "--bpm", "0"), "the tempo is 0; it can be 20 to 999 bpm"),
        (("kit", "--pattern", "kick x", "--bpm", "1000"), "the tempo is 1000"),
        (("kit", "--pattern", "kick x", "--swing", "nan"), "the swing is nan"),
        (("kit", "--pattern", "kick x", "--bars", "0"), "the number of bars is 0"),
        (("kit", "--pattern", "kick x", "--humanize", "nan"), "humanize is nan"),
        (("kit", "--pattern", "banjo x"), "nothing in this pattern sounds with this pack"),
        (("kit", "--pattern", "kick x", "--fill"), "--fill plays the fill of a style"),
        (("kit", "--pattern", "kick x", "--style", "house"), "choose one of --pattern, --style, --midi"),
        (("kit", "--style", "polka"), "unknown style 'polka'"),
        (("kit", "--mutate", "7"), "mutate is 7"),
        (("kit", "--density", "nan"), "density is nan"),
        (("kit", "--lofi", "shiny"), "unknown lo-fi preset 'shiny'"),
        (("kit", "--repeat", "0"), "repeat is 0"),
        (("kit", "--out", "a.mp3"), "a.mp3 does not end in .wav"),
        (("kit", "--midi", "gone.mid"), "gone.mid cannot be read"),
        (("kit", "--midi", "cut.mid"), "cut.mid breaks off"),
        (("kit", "--pattern", "cut.mid"), "cut.mid is no text"),
        (("hostile",), "1000000 Hz"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(home, words, said):
    (home / "cut.mid").write_bytes(b"MThd\0\0\0\6\0\0\0\1\x01\xe0MTrk\0\0\0\x99\0\xff")
    edited(pack(home / "packs/hostile", ("kick",)), rate=1_000_000)
    assert said in complaint(*words)
    assert everything() == {"cut.mid"}


def test_an_error_in_a_pattern_has_a_caret_under_it(home):
    (home / "beat.txt").write_text("# tempo 100\nkick x...\nsnare ..*.\n")
    assert complaint("kit", "--pattern", "beat.txt").split("\n")[1:] == ["  snare ..*.", "          ^"]


def test_nothing_is_replaced_without_force(home):
    run("sequence", "kit", "--out", "a.wav")
    Path("a.wav").unlink()
    assert "a.mid exists already" in complaint("kit", "--out", "a.wav")
    assert everything() == {"a.mid"}
    run("sequence", "kit", "--out", "a.wav", "--force")
    assert everything() == {"a.wav", "a.mid"}


def test_nothing_heavy_is_imported(home):
    assert loaded("sequence", "kit", cwd=home, heavy=("tensorflow", "keras", "librosa")) == []
    assert loaded("styles", cwd=home) == []


def test_styles_are_listed_and_drawn(home):
    listed = run("styles").stdout
    assert all(name in listed for name in styles.names())
    drawn = run("styles", "house", "seven").stdout
    assert "house/deep" in drawn
    assert "seven/fill" in drawn
    assert run("styles", "--quiet").stdout.split() == list(styles.names())
    assert "house/fill" in run("styles", "house", "--quiet").stdout.split()
    data = json.loads(run("styles", "house", "--json").stdout)
    assert [pattern["name"] for pattern in data[0]["patterns"]] == ["main", "deep", "fill"]
    assert "unknown style" in run("styles", "polka", code=1).stderr
