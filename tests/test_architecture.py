"""The import diagram: which room of samplegen may import which room and which package.

A room is a module or a folder directly under `samplegen/`. Every room may import the standard
library, itself and `errors`. A new room is one row here and one in the README.
"""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "samplegen"

ROOMS = {
    "__main__": {"cli"},
    "errors": set(),
    "settings": set(),
    "files": set(),
    "arrays": {"numpy"},
    "names": set(),
    "audio": {"numba", "numpy", "soundfile", "soxr"},
    "wavchunks": set(),
    "roles": {"numpy"},
    "presets": set(),
    "lofi": {"audio", "numpy", "presets", "scipy"},
    "finish": {"audio", "numpy", "scipy"},
    "attacks": {"audio", "numba", "numpy"},
    "loops": {"attacks", "audio", "numba", "numpy", "scipy"},
    "phase": {"numba", "numpy"},
    "spectral": {"numba", "numpy", "phase", "scipy", "settings"},
    "tiles": {"numba", "numpy", "phase"},
    "maps": {"numba", "numpy", "phase", "settings", "spectral", "tiles"},
    "cache": {"maps", "numpy", "platformdirs"},
    "folders": {"audio"},
    "ingest": {"attacks", "audio", "cache", "loops", "maps", "numpy"},
    "dataset": {"audio", "cache", "folders", "ingest", "maps", "numpy", "roles"},
    "slicing": {"audio", "dataset", "files", "roles"},
    "nets": {"keras", "maps", "numpy", "roles", "settings", "tensorflow", "threadpoolctl"},
    "store": {"arrays", "files", "names", "nets", "numpy", "settings"},
    "classifier": {"keras", "maps", "numpy", "store"},
    "evaluation": {"maps", "numpy", "scipy"},
    "drawing": {"descriptors", "maps", "nets", "settings"},
    "descriptors": {"maps", "numpy", "tiles"},
    "directions": {"arrays", "descriptors", "numpy", "roles", "store"},
    "sampling": {"classifier", "descriptors", "directions", "drawing", "maps", "nets", "numpy", "roles", "store"},
    "projection": {"classifier", "keras", "maps", "numpy", "store", "tensorflow"},
    "mixes": {"maps", "numpy"},
    "opposites": {"maps", "numpy", "scipy", "spectral"},
    "pacing": {"classifier", "evaluation", "maps", "numpy"},
    "interpolation": {"classifier", "loops", "maps", "mixes", "nets", "numpy", "pacing", "projection", "spectral",
        "store"},
    "takes": {"audio", "maps", "mixes", "nets", "numpy", "projection", "sounds", "store"},
    "generation": {"audio", "classifier", "drawing", "evaluation", "finish", "lofi", "loops", "maps", "numpy",
        "packs", "presets", "roles", "sampling", "spectral", "store", "takes"},
    "checkpoints": {"files", "numpy"},
    "training": {"checkpoints", "numpy", "tensorflow"},
    "lessons": {"classifier", "dataset", "evaluation", "maps", "numpy", "opposites", "roles", "spectral"},
    "chains": {"numpy"},
    "teachers": {"chains", "checkpoints", "classifier", "evaluation", "keras", "lessons", "maps", "nets",
        "numpy", "plots", "spectral", "training"},
    "recipes": {"arrays", "checkpoints", "dataset", "descriptors", "directions", "drawing", "files", "keras",
        "lessons", "names", "nets", "numpy", "roles", "settings", "store", "teachers", "training"},
    "logs": {"tensorflow", "training"},
    "plots": {"PIL", "audio", "files", "maps", "numpy", "spectral"},
    "kits": {"audio", "numpy", "roles"},
    "duplicates": {"audio", "numpy"},
    "checks": {"audio", "contents", "duplicates", "files", "finish", "kits", "manifest", "names", "numpy", "packs",
        "page", "wavchunks"},
    "contents": set(),
    "clients": {"audio", "kits", "manifest", "packs", "sequencer", "wavchunks"},
    "transcription": {"arrays", "audio", "kits", "loops", "numpy", "roles", "scipy", "sequencer"},
    "sequencer": {"audio", "contents", "files", "kits", "lofi", "manifest", "mido", "numpy", "presets", "roles",
        "wavchunks"},
    "page": {"audio", "evaluation", "kits", "maps", "numpy", "roles", "sequencer"},
    "manifest": {"kits", "roles"},
    "sounds": {"audio", "kits", "manifest", "names", "numpy"},
    "packs": {"audio", "contents", "files", "kits", "manifest", "names", "page", "plots", "sequencer", "sounds",
        "wavchunks"},
    "gathering": {"audio", "dataset", "duplicates", "finish", "numpy", "packs", "roles", "slicing"},
    "conversion": {"audio", "evaluation", "files", "folders", "keras", "librosa", "names", "nets", "numba", "numpy",
        "phase", "scipy", "spectral", "store", "swift_f0"},
    "grooves": {"arrays", "audio", "chains", "files", "folders", "keras", "names", "nets", "numpy", "roles",
        "sequencer", "settings", "store", "transcription"},
    "beatboxing": {"audio", "checkpoints", "classifier", "conversion", "dataset", "evaluation", "finish", "keras",
        "loops", "maps", "nets", "numpy", "roles", "spectral", "store", "training", "triggering"},
    "triggering": {"audio", "files", "loops", "numpy", "roles", "scipy", "sequencer"},
    "verdicts": {"numpy"},
    "figures": {"classifier", "dataset", "evaluation", "loops", "maps", "numpy", "roles", "verdicts"},
    "comparison": {"dataset", "evaluation", "figures", "numpy", "roles", "store", "verdicts"},
    "assessment": {"audio", "comparison", "dataset", "evaluation", "generation", "numpy", "packs", "sampling",
        "store", "verdicts"},
    "reports": {"numpy", "plots", "verdicts"},
}  # fmt: skip
ROOMS["__init__"] = set(ROOMS) - {"__main__"}  # the facade: every function under one name
ROOMS["cli"] = set(ROOMS) - {"__main__"} | {"typer", "rich", "click", "numpy"}
EVERYWHERE = sys.stdlib_module_names | {"errors"}
ONE_OWNER = {"soundfile": "audio", "mido": "sequencer", "typer": "cli", "rich": "cli", "PIL": "plots"}
SPEECH = {"print", "input", "exit", "quit", "sys.exit", "sys.stdout", "sys.stderr"}  # for cli alone


def violations(package: Path) -> list[str]:
    """What breaks the table in a tree whose root folder is the package, one line each."""
    return [line for path in sorted(package.rglob("*.py")) for line in _module_violations(package, path)]


def _module_violations(package: Path, path: Path) -> Iterator[str]:
    where, room = path.relative_to(package), _room(package, path)
    if room not in ROOMS:
        yield f"{where}: the room {room!r} is not in the table"
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for line, name in _imports(package, path, tree):
        if name not in ROOMS[room] | EVERYWHERE | {room}:
            yield f"{where}:{line}: {room} may not import {name}"
    if room != "cli":
        yield from (f"{where}:{line}: only cli may use {name}" for line, name in _speech(tree))


def _room(package: Path, path: Path) -> str:
    return path.relative_to(package).parts[0].removesuffix(".py")


def _imports(package: Path, path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the room or outside package of every import, also those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(package, path, node)
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif _is_import_call(node):
            names = [node.args[0].value]
        else:
            continue
        yield from ((node.lineno, _room_of_name(package, name)) for name in names)


def _is_import_call(node: ast.AST) -> bool:
    """Whether a node is `import_module("name")` or `__import__("name")` with a plain string."""
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return False
    return ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}


def _absolute(package: Path, path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    here = [package.name, *path.relative_to(package).parts[:-1]]
    return ".".join([*here[: len(here) - node.level + 1], *filter(None, [node.module])])


def _room_of_name(package: Path, name: str) -> str:
    """`samplegen.kits.sfz.Kit` -> `kits`; `samplegen.__version__` -> `__init__`; `scipy.fft` -> `scipy`."""
    top, *rest = name.split(".")
    if top != package.name:
        return top
    is_room = rest and (rest[0] in ROOMS or (package / rest[0]).is_dir() or (package / f"{rest[0]}.py").exists())
    return rest[0] if is_room else "__init__"


def _speech(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        plain_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        said = node.func if plain_call else node if isinstance(node, ast.Attribute) else None
        if said and ast.unparse(said) in SPEECH:
            yield node.lineno, ast.unparse(said)


def test_every_import_of_the_package_is_in_the_table():
    assert violations(PACKAGE) == []


def test_the_table_has_no_circles():
    rooms = {room: allowed & ROOMS.keys() for room, allowed in ROOMS.items()}
    order = list(TopologicalSorter(rooms).static_order())  # raises CycleError
    assert order.index("audio") < order.index("dataset") < order.index("cli")


@pytest.mark.parametrize(("package", "owner"), ONE_OWNER.items())
def test_a_package_with_one_owner_is_in_one_row(package, owner):
    assert [room for room, allowed in ROOMS.items() if package in allowed] == [owner]


@pytest.fixture
def tree(tmp_path):
    """Plants a module into a sound little package and gives what breaks the table there."""
    package = tmp_path / "samplegen"

    def plant(path: str, text: str) -> list[str]:
        for name, content in {"errors.py": "", "audio.py": "import soundfile\n", path: text}.items():
            (package / name).parent.mkdir(parents=True, exist_ok=True)
            (package / name).write_text(content)
        return violations(package)

    return plant


def _outside(room: str) -> str:
    """An import that a room may not have: the first row, or package, that is neither its own nor allowed."""
    name = next(name for name in [*ROOMS, "torch"] if name not in ROOMS[room] | EVERYWHERE | {room})
    return f"from samplegen import {name}" if name in ROOMS else f"import {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_planted_import_is_found_in_every_room(tree, room):
    found = tree(f"{room}.py", f"def late():\n    {_outside(room)}\n")
    assert any(f"{room}.py:2: {room} may not import" in line for line in found)


@pytest.mark.parametrize("room", sorted(ROOMS.keys() - {"cli"}))
@pytest.mark.parametrize(
    "text", ["print(1)", "input()", "import sys\nsys.exit(1)", "import sys\nwrite = sys.stdout.write"]
)
def test_only_cli_speaks(tree, room, text):
    assert any("only cli may use" in line for line in tree(f"{room}.py", text))
    assert tree("cli/show.py", text) == tree("cli/show.py", "")


@pytest.mark.parametrize("package", ONE_OWNER)
def test_an_owned_package_is_found_elsewhere(tree, package):
    assert tree("loops.py", f"import {package}.inner") == [f"loops.py:1: loops may not import {package}"]


@pytest.mark.parametrize(
    "text",
    [
        "from samplegen import nets",
        "from samplegen.nets.dcgan import Config",
        "import samplegen.nets.dcgan as net",
        "from .. import nets",
        "from ..nets import dcgan",
        "if True:\n    from importlib import import_module\n    import_module('samplegen.nets')",
    ],
)
def test_every_way_to_import_is_seen(tree, text):
    assert [line.split(": ")[1] for line in tree("kits/sfz.py", text)] == ["kits may not import nets"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "kits/sfz.py",
            "import json\nfrom .kit import Kit\nfrom ..errors import OptionError\nfrom samplegen import roles",
        ),
        ("loops.py", "import numpy as np\nfrom scipy.fft import dct\nfrom samplegen.audio import read"),
    ],
)
def test_what_the_table_allows_passes(tree, path, text):
    assert tree(path, text) == []


def test_a_room_without_a_row_is_found(tree):
    assert tree("utils.py", "") == ["utils.py: the room 'utils' is not in the table"]


def test_errors_imports_nothing(tree):
    assert tree("errors.py", "import numpy") == ["errors.py:1: errors may not import numpy"]
