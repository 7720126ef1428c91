"""`samplegen open`: a pack's page goes to the browser, and what has none says so."""

import json
import webbrowser

import pytest
from conftest import kick
from typer.testing import CliRunner

from samplegen.audio.sounds import Origin, Sound
from samplegen.cli import app
from samplegen.packs import write

ORIGIN = Origin(7, "starter", "", "samplegen generate", "CC0")


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Works in an empty folder with one pack; gives what was sent to the browser, which takes it."""
    monkeypatch.chdir(tmp_path)
    write.write_pack([Sound(kick(), "kick", {})], "packs/dusty", origin=ORIGIN)
    sent = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(sent.append(url)) or True)
    return sent


def _run(*arguments):
    return CliRunner().invoke(app, ["open", *map(str, arguments)])


@pytest.mark.parametrize("what", ["dusty", "packs/dusty"])
def test_a_page_is_opened_and_its_path_printed(opened, tmp_path, what):
    result = _run(what)
    assert (result.exit_code, result.stdout.strip()) == (0, "packs/dusty/index.html")
    assert opened == [(tmp_path / "packs/dusty/index.html").as_uri()]


def test_without_a_browser_the_path_is_still_told(opened, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    result = _run("dusty")
    assert result.exit_code == 0
    assert "no browser was found" in result.stderr
    assert json.loads(_run("dusty", "--json").stdout) == {"page": "packs/dusty/index.html", "opened": False}
    assert _run("dusty", "--quiet").output == "packs/dusty/index.html\n"


def test_what_has_no_page_says_so(opened, tmp_path):
    (tmp_path / "packs/dusty/index.html").unlink()
    sound = next(tmp_path.glob("packs/dusty/One_Shots/*/*.wav"))
    for what, message in (
        ("dusty", "has no page index.html; make the pack again"),
        (sound, "is a sound; only packs have a page"),
        ("nowhere", "there is no model, pack or sound file 'nowhere'"),
    ):
        result = _run(what)
        assert result.exit_code == 1
        assert message in " ".join(result.stderr.split())
    assert opened == []
