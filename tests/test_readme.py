"""The README holds: its snippet runs, its commands exist, its picture is there."""

import re
from pathlib import Path

import pytest

from samplegen.cli import COMMANDS
from samplegen.models.registry import KINDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_snippet_runs_as_it_stands(tmp_path, monkeypatch):
    snippet = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(snippet, names)  # our own README
    assert len(names["sounds"]) == 16
    assert names["sounds"][0].samples.dtype == "float32"
    assert (tmp_path / "packs/dusty-lantern/pack.json").is_file()
    assert {sound["role"] for sound in names["manifest"]["sounds"]} == {"kick"}


def test_every_command_is_explained():
    explained = set(re.findall(r"`samplegen ([a-z]+)", README))
    assert explained == set(COMMANDS)


def test_kinds_that_train_are_kinds():
    assert set(re.findall(r"samplegen train ([a-z]+)", README)) <= set(KINDS)


@pytest.mark.parametrize("path", re.findall(r"!\[[^]]*\]\(([^)]+)\)", README))
def test_pictures_are_there(path):
    assert (ROOT / path).is_file()
