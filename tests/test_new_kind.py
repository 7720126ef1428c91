"""A new kind of model is one architecture file, one training method, and a row of each table: as the docs show.

The page `docs/architecture-new-network.md` is read, what it adds is added, and the last of its blocks is run.
"""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from conftest import write_drums

import models
import samplegen
from samplegen.models import classify, registry
from samplegen.training import methods
from samplegen.training.events import Tick

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture-new-network.md").read_text()
BLOCKS = re.findall(r'^```(python|diff) title="([^"]+)"\n(.*?)^```$', PAGE, re.DOTALL | re.MULTILINE)


def module(folder: Path, path: str, source: str, patch: pytest.MonkeyPatch | None = None) -> ModuleType:
    """Return the module that a source would be at a path of the project; with a patch, it can be imported by its name.

    The source is written into `folder`, where TensorFlow reads it to trace it.
    """
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    name = path.removesuffix(".py").replace("/", ".")
    made = ModuleType(name)
    if patch:
        patch.setitem(sys.modules, name, made)
        patch.setattr(sys.modules[name.rpartition(".")[0]], name.rpartition(".")[2], made, raising=False)
    exec(compile(source, str(file), "exec"), made.__dict__)
    return made


def patched(path: str) -> str:
    """Return the source of a file after all the diffs that the page shows of it."""
    source = (ROOT / path).read_text()
    for diff in (text.splitlines(keepends=True) for kind, title, text in BLOCKS if (kind, title) == ("diff", path)):
        before, after = ("".join(line[1:] for line in diff if line[0] in marks) for marks in (" -", " +"))
        assert source.count(before) == 1, f"the page shows lines that are not in {path}"
        source = source.replace(before, after)
    return source


@pytest.fixture
def _sketch(monkeypatch, tmp_path):
    """The kind of the page, added to the tables."""
    for kind, path, source in BLOCKS:
        if kind == "python" and path != "use":
            module(tmp_path, path, source, monkeypatch)
    for table, name in ((registry.KINDS, "KINDS"), (methods.METHODS, "METHODS")):
        home = "samplegen/models/registry.py" if name == "KINDS" else "samplegen/training/methods.py"
        rows = getattr(module(tmp_path, home, patched(home)), name)
        (new,) = rows.keys() - table.keys()
        monkeypatch.setitem(table, new, rows[new])


@pytest.mark.usefixtures("_sketch")
def test_the_kind_of_the_page_is_trained_and_drawn_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / "cache"))
    classifier = models.save(tmp_path / "classifier", "hearing")
    monkeypatch.setattr(classify, "shipped", lambda: classifier)
    write_drums(tmp_path / "drums")
    (use,) = (source for _, path, source in BLOCKS if path == "use")
    names = {"samplegen": samplegen, "config": models.TINY}
    exec(compile(use, "use", "exec"), names)
    model, sounds = names["model"], names["sounds"]
    assert (model.card.kind, model.config.units, model.card.training["steps"]) == ("sketch", 32, 120)
    distances = [point["distance"] for point in model.card.training["history"]]
    assert min(distances) < 0.8 * distances[0]  # it learns
    assert len(list((model.folder / "previews").iterdir())) > 1
    assert [sound.role for sound in sounds] == ["kick"] * 4
    assert all(np.abs(sound.samples).max() > 0.1 for sound in sounds)


@pytest.mark.usefixtures("_sketch")
def test_the_kind_of_the_page_goes_on_where_it_was_killed(tmp_path, monkeypatch):
    def kill(event):
        if isinstance(event, Tick) and event.step == 3:
            raise RuntimeError("killed")

    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / "cache"))
    classifier = models.save(tmp_path / "classifier", "hearing")
    monkeypatch.setattr(classify, "shipped", lambda: classifier)
    data = samplegen.scan(write_drums(tmp_path / "drums", each=5), models.TINY)
    options = {"budget": samplegen.Budget(steps=4), "sizes": {"units": 8}}
    whole = samplegen.train("sketch", data, tmp_path / "whole", **options)
    with pytest.raises(RuntimeError, match="killed"):
        samplegen.train("sketch", data, tmp_path / "cut", report=kill, **options)
    resumed = samplegen.train("sketch", data, tmp_path / "cut", resume=True, **options)
    for ours, theirs in zip(whole.network.get_weights(), resumed.network.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)  # threads may add up in another order
