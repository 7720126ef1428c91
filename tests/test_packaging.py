"""Contents of the wheel that `pip install .` makes: every package, and every file that is no code."""

import tomllib
from pathlib import Path

from setuptools import find_packages

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
CODE = ROOT / "samplegen"


def test_every_package_is_in_the_wheel():
    folders = {path.parent.relative_to(ROOT) for path in CODE.rglob("*.py")}
    finder = SETUPTOOLS["packages"]["find"]
    found = find_packages(str(ROOT), include=finder["include"])
    assert {".".join(folder.parts) for folder in folders} == set(found) > set(SETUPTOOLS["package-dir"])


def test_every_file_that_is_no_code_is_in_the_wheel():
    files = {
        path for path in CODE.rglob("*") if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    places = {
        name: ROOT / SETUPTOOLS["package-dir"].get(name, name.replace(".", "/")) for name in SETUPTOOLS["package-data"]
    }
    declared = {
        path for name, patterns in SETUPTOOLS["package-data"].items() for p in patterns for path in places[name].glob(p)
    }
    assert files <= declared


def test_every_shipped_model_is_in_the_wheel():
    models = ROOT / "models"
    declared = {path for pattern in SETUPTOOLS["package-data"]["samplegen.starters"] for path in models.glob(pattern)}
    starters = ("starter", "starter-autoencoder", "starter-charlstm", "starter-groove", "starter-sax")
    for name in (*starters, "hearing", "codec"):
        assert {models / name / "card.json", models / name / "weights.npz"} <= declared
