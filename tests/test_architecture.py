"""The layout: what `lint-imports` cannot tell. Who imports whom is a table in pyproject.toml."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "samplegen"
FILES = sorted(PACKAGE.rglob("*.py"))
SPEECH = {"print", "input", "exit", "quit", "sys.exit", "sys.stdout", "sys.stderr"}  # for cli alone
PACKAGES, ROOT_FILES = 15, 8  # at most, at the root of samplegen/
CHAIN = 12  # files, the longest chain of imports
ARROWS = 80  # between packages, at most


def name_of(path: Path) -> str:
    """Return the dotted name of a file's module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the modules of samplegen that a file imports, and whether at once: when it is itself imported."""
    tree = ast.parse(path.read_text("utf-8"))
    at_once = {id(node) for node in tree.body if isinstance(node, ast.ImportFrom)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("samplegen"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in MODULES else node.module or ""), id(node) in at_once


MODULES = {name_of(path): path for path in FILES}


@cache
def chain(name: str) -> int:
    """Return the number of files in the longest chain of imports that begins with a module."""
    inner = {module for module, at_once in imports(MODULES[name]) if at_once and module in MODULES and module != name}
    return 1 + max((chain(module) for module in inner), default=0)


def speech(path: Path) -> list[str]:
    """List what a file prints, reads or exits with."""
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        plain_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        names.append(node.func if plain_call else node if isinstance(node, ast.Attribute) else None)
    return [ast.unparse(name) for name in names if name and ast.unparse(name) in SPEECH]


@pytest.mark.parametrize("path", [path for path in FILES if "cli" not in path.parts], ids=name_of)
def test_only_the_command_line_prints(path):
    assert speech(path) == []


@pytest.mark.parametrize(
    "text", ["print(1)", "input()", "import sys\nsys.exit(1)", "import sys\nwrite = sys.stdout.write"]
)
def test_speech_is_found(tmp_path, text):
    (tmp_path / "module.py").write_text(text)
    assert speech(tmp_path / "module.py")


def test_the_house_is_seen_at_a_glance():
    assert len([path for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()]) <= PACKAGES
    assert len(list(PACKAGE.glob("*.py"))) <= ROOT_FILES
    arrows = {
        (name.split(".")[1], module.split(".")[1])
        for name, path in MODULES.items()
        for module, _ in imports(path)
        if name.count(".") and module.count(".") and name.split(".")[1] != module.split(".")[1]
    }
    assert len({arrow for arrow in arrows if all((PACKAGE / end).is_dir() for end in arrow)}) <= ARROWS


def test_no_chain_of_imports_is_long():
    lengths = {name: chain(name) for name in MODULES}
    assert max(lengths.values()) <= CHAIN, max(lengths, key=lengths.__getitem__)


@pytest.mark.parametrize(
    "folder", [path.parent for path in FILES if path.name == "__init__.py" and path.parent != PACKAGE]
)
def test_a_package_says_what_it_is_for_and_no_more(folder):
    if folder.name in {"cli"}:
        pytest.skip("the table of commands")
    (docstring,) = ast.parse((folder / "__init__.py").read_text("utf-8")).body
    assert isinstance(docstring, ast.Expr)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_module_is_named_in_a_string(path):
    strings = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert strings & (MODULES.keys() - {"samplegen"}) == set()
