"""What `pip install .` puts into the wheel: every package, and every file that is no code."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOLD = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
CODE = ROOT / "samplegen"


def test_every_package_is_in_the_wheel():
    folders = {path.parent.relative_to(ROOT) for path in CODE.rglob("*.py")}
    assert {".".join(folder.parts) for folder in folders} | set(TOLD["package-dir"]) == set(TOLD["packages"])


def test_every_file_that_is_no_code_is_in_the_wheel():
    files = {
        path for path in CODE.rglob("*") if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    places = {name: ROOT / TOLD["package-dir"].get(name, name.replace(".", "/")) for name in TOLD["package-data"]}
    told = {path for name, patterns in TOLD["package-data"].items() for p in patterns for path in places[name].glob(p)}
    assert files <= told


def test_every_shipped_model_is_in_the_wheel():
    models = ROOT / "models"
    told = {path for pattern in TOLD["package-data"]["samplegen.starters"] for path in models.glob(pattern)}
    for name in ("starter", "starter-autoencoder", "starter-charlstm", "starter-groove", "starter-sax", "hearing"):
        assert {models / name / "card.json", models / name / "weights.npz"} <= told
