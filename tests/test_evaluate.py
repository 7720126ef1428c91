"""`samplegen evaluate` and `samplegen compare`, called as a user types them, with tiny models and made-up sounds."""

import json
import re
import shutil
from html import unescape
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from commands import run
from conftest import DRUMS, RATE
from rich.console import Console

from models import save, training_on
from samplegen.audio.sounds import Origin, Sound
from samplegen.cli.views import scores
from samplegen.evaluation.metrics_table import METRICS
from samplegen.evaluation.results import Assessment, Closest, Metric
from samplegen.models import classify, library
from samplegen.packs import write

KEYS = {"type", "name", "path", "against", "seed", "count", "real", "copies", "notes", "figures", "closest", "html"}
FIGURE = {"name", "meaning", "better", "value", "real", "chance", "missing", "verdict"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A working folder with the models tiny and other, the pack first, real sounds in `real` and few in `few`."""
    home = tmp_path_factory.mktemp("home")
    save(home / "models/tiny", training=training_on({"kick": 4, "snare": 4}))
    save(home / "models/other", training=training_on({"ride": 8}), licence="another")
    save(home / ".shipped/hearing", "hearing")
    sounds = [Sound(DRUMS[role](RATE, seed=seed), role, {}) for seed in range(3) for role in ("kick", "snare")]
    write.write_pack(sounds, home / "packs/first", origin=Origin(1, "gone", "", "", ""))
    for name, each in (("real", 5), ("few", 3)):
        (home / name).mkdir()
        for role, make in DRUMS.items():
            for seed in range(each):
                soundfile.write(home / name / f"kit{seed}_{role}.wav", make(RATE, seed=seed), RATE)
    return home


@pytest.fixture(autouse=True)
def home(made, tmp_path, monkeypatch):
    """The working folder is `made`; what a test writes goes to `tmp_path`, which is returned."""
    monkeypatch.chdir(made)
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(made / ".cache"))
    monkeypatch.setattr(library, "CHECKOUT", made / ".shipped")
    monkeypatch.setattr(library, "SHIPPED", made / ".shipped")
    monkeypatch.setattr("samplegen.cli.lookup._SHIPPED_PACKS", made / ".shipped")
    classify.shipped.cache_clear()
    yield tmp_path
    classify.shipped.cache_clear()


def as_json(*arguments: object):
    result = run(*arguments, "--json")
    assert result.stderr == ""
    return json.loads(result.stdout, parse_constant=pytest.fail)  # NaN is no JSON


def complaint(*arguments: object) -> str:
    result = run(*arguments, code=1)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("samplegen: ")]
    return sentence


def test_evaluate_a_model(home):
    out = run("evaluate", "tiny", "--against", "real", "--count", 12, "--html", home / "r.html").stdout
    for words in (*list(METRICS)[1:], "tiny", "real sounds", "verdict", "closest", "a.wav", "no kernel distance: 10",
                  "12 sounds of tiny", "20 real sounds of real"):  # fmt: skip
        assert words in out, words
    assert (home / "r.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_evaluate_as_json(home):
    told = as_json("evaluate", "models/tiny", "--against", "real", "--count", 12, "--seed", 4)
    assert set(told) == KEYS
    assert [told[key] for key in ("type", "name", "path", "against", "seed", "count", "real", "html")] == [
        "model", "tiny", "models/tiny", "real", 4, 12, 20, None
    ]  # fmt: skip
    assert [figure["name"] for figure in told["figures"]] == list(METRICS)
    assert all(set(figure) == FIGURE for figure in told["figures"])
    assert all(bool(figure["missing"]) == (figure["value"] is None) for figure in told["figures"])
    assert set(told["closest"][0]) == {"sound", "training_sound", "distance", "share"}
    assert told == as_json("evaluate", "tiny", "--against", "real", "--count", 12, "--seed", 4)


def test_evaluate_a_pack():
    told = as_json("evaluate", "first", "--against", "real")
    assert (told["type"], told["path"], told["count"]) == ("pack", "packs/first", 6)
    assert "the model 'gone' that made the pack is not here to tell copies by" in told["notes"][0]
    assert as_json("evaluate", "packs/first", "--against", "real", "--count", 4)["count"] == 4


def test_quiet_evaluate_prints_one_line(home):
    words = ("evaluate", "first", "--against", "real", "-q")
    assert run(*words).stdout == "packs/first\n"
    result = run(*words, "--html", home / "r.html")
    assert (result.stdout.strip().replace("\n", ""), result.stderr) == (str(home / "r.html"), "")


def test_a_report_is_replaced_only_with_force(home, monkeypatch):
    (home / "r.html").write_text("mine")
    words = ("evaluate", "first", "--against", "real", "--html", home / "r.html")
    with monkeypatch.context() as patch:
        patch.setattr("samplegen.data.dataset.scan", lambda *_, **__: pytest.fail("it is refused before the slow work"))
        assert "r.html exists already" in complaint(*words)
    assert (home / "r.html").read_text() == "mine"
    run(*words, "--force")
    assert "first against real" in (home / "r.html").read_text("utf-8")


def test_compare_ranks(home):
    told = as_json("compare", "tiny", "other", "first", "--against", "real", "--html", home / "r.html")
    assert set(told) == {"order", "ranked", "html"}
    assert sorted(told["order"]) == ["first", "other", "tiny"]
    assert [one["name"] for one in told["ranked"]] == told["order"]
    assert all(set(one) == KEYS - {"html"} | {"rank"} for one in told["ranked"])
    assert {one["count"] for one in told["ranked"]} == {6}  # as many of each as the pack has
    ranks = [one["rank"] for one in told["ranked"]]
    assert np.mean(ranks) == pytest.approx(2)
    text = (home / "r.html").read_text("utf-8")
    words = set(unescape(re.sub("<style>.*</style>|<[^>]+>", "\n", text, flags=re.DOTALL)).splitlines())
    for one in told["ranked"]:
        assert {figure["name"] for figure in one["figures"]} | {figure["missing"] for figure in one["figures"]} <= words
        assert re.search(f'<img src="data:image/png;base64,[^"]+" alt="spectrograms: [a-z-]+, {one["name"]}"', text)
        assert {row[key] for row in one["closest"] for key in ("sound", "training_sound")} <= words


def test_compare_prints_the_order_and_everyone(home):
    words = ("compare", "other", "tiny", "--against", "real", "--count", 8)
    order = run(*words, "-q").stdout.split()
    out = run(*words, width=120).stdout
    assert "from the best: " + ", ".join(order) in out
    assert out.index(order[0]) < out.index(order[1])
    for word in (*list(METRICS)[1:], "classifier hears", "mean rank"):
        assert word in out


def test_no_model_is_left_out_on_a_narrow_terminal():
    out = run("compare", "other", "tiny", "first", "--against", "real", "--count", 8, width=80).stdout
    heads = [line.split() for line in out.splitlines() if line.startswith("figure")]
    assert {name for head in heads for name in head[1:]} == {"other", "tiny", "first"}


def test_two_of_one_name_are_told_apart():
    told = as_json("compare", "tiny", "models/tiny/../tiny", "--against", "real", "--count", 8)
    assert sorted(told["order"]) == ["models/tiny", "models/tiny/../tiny"]
    assert [one["rank"] for one in told["ranked"]] == [1.5, 1.5]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_fit_the_terminal(width):
    figures = (Metric("a figure of a long name", "a long meaning " * 9, "higher", 0.123, 0.456, 0.1),)
    closest = (Closest("kick 3", "a/long/way/to/a.wav" * 4, 0.5, 0.25),)
    path = Path("models/long-name" * 9)
    one = Assessment(
        "model", "long-name" * 9, path, path, 0, 5, 5, RATE, figures, closest, False, ("mind this " * 20,), ()
    )
    for parts in (scores.shown([one], None, path), scores.shown([one, one], [1.0, 2.0], None)):
        console = Console(file=StringIO(), width=width)
        for part in parts:
            console.print(part)
        assert "mind" in console.file.getvalue()
        assert max(map(len, console.file.getvalue().splitlines())) <= width


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "nothing", "--against", "real"], "there is no model, pack or sound file 'nothing'"),
        (["evaluate", ".", "--against", "real"], "there is no model, pack or sound file '.'"),
        (["evaluate", "real/kit0_kick.wav", "--against", "real"], "is a file; give the name or folder of a model"),
        (["evaluate", "tiny", "--against", "nowhere"], "nowhere is no folder"),
        (["evaluate", "tiny", "--against", "models"], "models holds no sound that can be used"),
        (["evaluate", "tiny", "--against", "few"], "few holds 12 sounds; at least 16 are needed"),
        (["evaluate", "first", "--against", "few"], "few holds 12 sounds; at least 16 are needed"),
        (["evaluate", "hearing", "--against", "nowhere"], "of kind hearing, which draws no sounds"),
        (["evaluate", "tiny", "--against", "real", "--count", "0"], "--count is 0; choose from 1 to 10000"),
        (["evaluate", "tiny", "--against", "real", "--html", "models"], "models exists already"),
        (["compare", "tiny", "--against", "real"], "give two models or packs, or more"),
        (["compare", "tiny", "nothing", "--against", "real"], "there is no model, pack or sound file 'nothing'"),
        (["compare", "tiny", "hearing", "--against", "nowhere"], "which draws no sounds"),
    ],
)
def test_what_cannot_be_done_it_says(arguments, words):
    assert words in complaint(*arguments)


def test_without_a_folder_it_is_said_what_is_missing():
    assert "--against FOLDER, or --pairs" in complaint("evaluate", "tiny")


def test_a_pack_whose_sound_is_gone(made, home):
    shutil.copytree(made / "packs/first", home / "broken")
    next((home / "broken/One_Shots").rglob("*.wav")).unlink()
    assert "cannot be read as audio" in complaint("evaluate", home / "broken", "--against", "real")


def test_a_file_that_cannot_be_used_is_told(made, home):
    shutil.copytree(made / "real", home / "real")
    (home / "real/broken.wav").write_text("no sound")
    assert "broken.wav" in run("evaluate", "first", "--against", home / "real").stderr
