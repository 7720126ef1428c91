"""The facade: one name for each thing a program needs, nothing heavy before the first use of one."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import samplegen

ROOT = Path(__file__).parents[1]
HEAVY = {"numpy", "scipy", "keras", "tensorflow", "librosa", "numba", "soundfile", "PIL", "typer", "rich"}


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_it_imports_nothing_heavy():
    loaded = run("import samplegen, sys; dir(samplegen); print(*{name.split('.')[0] for name in sys.modules})").split()
    assert "samplegen" in loaded
    assert not HEAVY & set(loaded)


def test_what_reads_and_writes_sound_needs_no_tensorflow():
    names = ["read_audio", "write_audio", "apply_lofi", "postprocess", "write_pack", "read_pack", "SpectrogramConfig"]
    code = f"import samplegen, sys; [getattr(samplegen, n) for n in {names}]; print('tensorflow' in sys.modules)"
    assert run(code) == "False"


def homes() -> dict[str, str]:
    """Return the module where each public name is defined, as the stub says."""
    tree = ast.parse((ROOT / "samplegen" / "__init__.pyi").read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: f"samplegen.{node.module}" for node in imports for alias in node.names}


@pytest.mark.parametrize("name", samplegen.__all__)
def test_every_name_is_there_and_documented(name):
    value = getattr(samplegen, name)
    assert len(inspect.getdoc(value) or "") > 20
    assert not (inspect.getdoc(value) or "").startswith(f"{name}(")  # what dataclasses write by themselves
    assert value is getattr(importlib.import_module(homes()[name]), name)
    assert value.__name__ == name
    assert name in dir(samplegen)


def test_no_name_is_also_a_modules():
    """Importing a module of the same name would otherwise turn a public function into it."""
    modules = {path.stem for path in (ROOT / "samplegen").iterdir()}
    assert not modules & set(samplegen.__all__)


def test_modules_are_modules_and_functions_functions_in_any_order():
    code = """
import samplegen
from samplegen import postprocess, apply_lofi
import samplegen.audio.oneshot, samplegen.audio.lofi
from samplegen.audio import lofi, oneshot
assert oneshot.postprocess is postprocess is samplegen.postprocess
assert lofi.apply_lofi is apply_lofi is samplegen.apply_lofi
print(samplegen.audio.oneshot.__name__, samplegen.audio.lofi.__name__)
"""
    assert run(code) == "samplegen.audio.oneshot samplegen.audio.lofi"


@pytest.mark.parametrize("name", ["nothing", "_private", "numpy", "__path_"])
def test_an_unknown_name(name):
    with pytest.raises(AttributeError, match=f"samplegen.* attribute.* {name}"):
        getattr(samplegen, name)


def test_the_version_is_that_of_the_distribution():
    import tomllib

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == samplegen.__version__


def test_the_example_of_the_docstring_names_what_there_is():
    example = ast.parse(inspect.cleandoc((samplegen.__doc__ or "").split("\n\n")[-1]))
    names = {node.attr for node in ast.walk(example) if isinstance(node, ast.Attribute)}
    assert names <= set(samplegen.__all__)
    assert {"load", "generate"} <= names
