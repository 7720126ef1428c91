"""The documentation holds: blocks and examples run, links lead somewhere, commands and names are explained."""

import ast
import doctest
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pages
import pytest
import typer
from commands import run
from pages import DOCS, PAGES, ROOT, blocks
from test_architecture import MODULES, imports

import samplegen
from samplegen.cli import COMMANDS, app

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
SLOW = pytest.mark.docs  # a minute together: `make test-docs` runs them
RUN = [page for page in PAGES if any(kind in ("console", "python") for _, kind, _ in blocks(page))]
RUN = [page for page in RUN if page.name not in ("python.md", "architecture-new-network.md")]  # tested elsewhere
MAX_NOT_RUN = 3  # blocks


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module", autouse=True)
def generated():
    """Let the generator write its pages and pictures once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["make", "--pages"])
        runpy.run_path(str(DOCS / "make"), run_name="__main__")


# --- what is run -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def musician(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    pages.make_home(home)
    return pages.Visit(home)


@SLOW
@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_blocks_run_as_they_stand(page, musician, tmp_path, monkeypatch):
    pages.at_home(monkeypatch)
    for item in musician.home.iterdir():  # a fresh place for each page
        if item.name not in ("drums", "loops", "models", "packs"):
            (tmp_path / item.name).symlink_to(item)
    monkeypatch.chdir(tmp_path)
    for skipped, kind, text in blocks(page):
        if kind == "python" and not skipped:
            exec(text, {"__name__": "page"})  # our own page
        elif kind == "console" and not skipped:
            for line in text.replace("\\\n", " ").splitlines():
                musician.type(line)


def test_few_blocks_are_not_run():
    reasons = [skipped for page in PAGES for skipped, _, _ in blocks(page) if skipped]
    assert len(reasons) <= MAX_NOT_RUN, reasons


@SLOW
@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.stem)
def test_examples_run(example, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(example), str(tmp_path / "out")])
    runpy.run_path(str(example), run_name="__main__")
    assert any(tmp_path.rglob("*.wav"))
    assert capsys.readouterr().out


@SLOW
@pytest.mark.parametrize("name", samplegen.__all__)
def test_examples_of_docstrings_run(name, tmp_path, monkeypatch):
    for folder in ("models", "packs"):
        (tmp_path / folder).mkdir()
        for item in (ROOT / folder).iterdir():
            (tmp_path / folder / item.name).symlink_to(item)
    monkeypatch.chdir(tmp_path)
    value = getattr(samplegen, name)
    found = doctest.DocTestFinder(recurse=False).find(value, name, globs={"samplegen": samplegen})
    assert any(test.examples for test in found), f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert all(runner.run(test).failed == 0 for test in found)


# --- what the pages say ----------------------------------------------------------------------------


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as Python-Markdown makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def made_with_the_site(page: Path, link: str) -> bool:
    """Return whether `docs/make` makes a file of the lesson: the page of a pack, or a sound that a command writes."""
    wavs = re.findall(r"--out (?:\S+/)?([\w-]+)\.wav", page.read_text("utf-8"))
    return page == DOCS / "learn" / "index.md" and link in {"kit/index.html", *(f"audio/{wav}.mp3" for wav in wavs)}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_are_there(page):
    for link in ("".join(pair) for pair in LINK.findall(prose(page))):
        path, _, anchor = link.partition("#")
        if not path.startswith("http") and not made_with_the_site(page, link):
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_every_page_is_in_the_site():
    listed = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert set(listed) == {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page.parent != DOCS / "make"}


def test_every_command_is_explained():
    text = "\n".join(page.read_text("utf-8") for page in PAGES if page.parent != DOCS / "reference")
    assert set(re.findall(r"samplegen ([a-z]+)", text)) >= set(COMMANDS)
    trainings = typer.main.get_command(app).commands["train"].commands
    assert set(re.findall(r"(?:samplegen )?train ([a-z-]+)", text)) >= set(trainings) - {"role-classifier"}
    reference = (DOCS / "reference" / "commands.md").read_text("utf-8")
    headings = set(re.findall(r"^#{3,4} samplegen ([\w -]+)$", reference, re.MULTILINE))
    assert headings == {*COMMANDS, *(f"train {kind}" for kind in trainings)}


def test_every_public_name_is_in_the_reference():
    reference = (DOCS / "reference" / "python.md").read_text("utf-8")
    assert re.findall(r"^## (\w+)$", reference, re.MULTILINE) == sorted(samplegen.__all__)


def test_every_format_has_a_page():
    reference = (DOCS / "reference" / "formats.md").read_text("utf-8")
    linked = set(re.findall(r"\(\.\./guides/destinations/(\w+)\.md\)", reference))
    assert linked == {page.stem for page in (DOCS / "guides" / "destinations").glob("*.md")}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 130


# --- messages --------------------------------------------------------------------------------------


@cache
def sentences() -> list[str]:
    """List the texts of the program that are long enough to tell apart, with `...` in place of each value."""
    texts = []
    for path in MODULES.values():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(one.value if isinstance(one, ast.Constant) else "..." for one in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return [text for text in texts if len(text.replace("...", "")) >= MIN_CHARACTERS]


MIN_CHARACTERS = 10  # of a sentence beside its values
TROUBLES = re.findall(r"^\| `([^`]+ [^`]+)` \|[^|]+\|[^|]+\|$", (DOCS / "troubleshooting.md").read_text("utf-8"), re.M)


@pytest.mark.parametrize("message", TROUBLES)
def test_messages_of_troubleshooting_are_those_of_the_program(message):
    """A page gives examples for values, and may leave out parts of a sentence by `...`, and its end."""
    patterns = [".+?".join(map(re.escape, text.split("..."))) for text in sentences()]
    longest = max((part.strip(" ;:,()") for part in message.split("...")), key=len)
    parts = (longest, message.partition(" ")[2])  # without the name of a file
    whole = any(re.search(pattern, message) for pattern in patterns)
    assert whole or any(part in text for text in sentences() for part in parts)


# --- schemas ---------------------------------------------------------------------------------------


def schema(name: str) -> dict:
    return json.loads((DOCS / "reference" / f"{name}.schema.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "folder"), [("card", "models"), ("pack", "packs")])
def test_schemas_hold_for_what_ships(name, folder):
    jsonschema = pytest.importorskip("jsonschema")
    found = list((ROOT / folder).glob(f"*/{name}.json"))
    assert found
    for path in found:
        jsonschema.validate(json.loads(path.read_text("utf-8")), schema(name))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"kind": 3, "name": 3}, schema(name))


@SLOW
@pytest.mark.parametrize("kind", ["dcgan", "voice", "timbre", "beatbox", "groove"])
def test_the_schema_of_cards_holds_for_fresh_models(kind, musician):
    jsonschema = pytest.importorskip("jsonschema")
    card = musician.trained((kind, False)) / "card.json"
    jsonschema.validate(json.loads(card.read_text("utf-8")), schema("card"))


def test_the_schema_of_packs_holds_for_a_fresh_pack(tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    run("pack", ROOT / "packs" / "starter" / "One_Shots", "--name", "fresh", "--out", tmp_path, "--formats", "all")
    jsonschema.validate(json.loads((tmp_path / "fresh" / "pack.json").read_text("utf-8")), schema("pack"))


# --- architecture ----------------------------------------------------------------------------------


def test_the_floors_are_those_that_lint_holds():
    (text,) = (text for _, kind, text in blocks(DOCS / "architecture.md") if kind == "text")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    shown = [set(re.findall(r"\w+", line)) for line in text.splitlines()]
    assert shown[:-1] == [set(re.findall(r"samplegen\.(\w+)", floor)) for floor in layers[:-2]]
    assert shown[-1] == set(re.findall(r"samplegen\.(\w+)", " ".join(layers[-2:])))


def package(module: str) -> str:
    """Return the name of the package inside samplegen that a module lies in."""
    return module.partition(".")[2].partition(".")[0]


def test_the_arrows_are_those_of_the_code():
    packages = {package(name) for name in MODULES if name.count(".") > 1}
    arrows = defaultdict(set)
    for name, path in MODULES.items():
        arrows[package(name)] |= packages & {package(module) for module, _ in imports(path)} - {package(name)}
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|$", prose(DOCS / "architecture.md"), re.MULTILINE)
    shown = {name: {*re.findall(r"\w+", cell)} for name, cell in rows}
    for name in packages - {"cli"}:
        assert shown.get(name) == arrows[name], f"| `{name}` | {', '.join(sorted(arrows[name])) or '-'} |"


@pytest.fixture
def copy(tmp_path):
    """Copy the package, so that a diff of a page can be applied to it; return what runs a command in it."""
    shutil.copytree(ROOT / "samplegen", tmp_path / "samplegen")
    (tmp_path / "models").symlink_to(ROOT / "models")

    def with_diff(text: str, *words: object) -> str:
        (diff,) = (diff for _, kind, diff in blocks(DOCS / "architecture.md") if kind == "diff" and text in diff)
        subprocess.run(["git", "apply"], input=diff, text=True, cwd=tmp_path, check=True)
        command = [sys.executable, "-m", "samplegen", *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return with_diff


@SLOW
def test_the_diff_that_adds_a_format_applies_and_works(copy, tmp_path):
    copy("padlist", "pack", ROOT / "packs" / "starter" / "One_Shots", "--name", "p", "--formats", "padlist")
    pads = (tmp_path / "packs" / "p" / "Kits" / "p.txt").read_text().splitlines()
    assert len(pads) > 10
    assert all(re.fullmatch(r"\d+ \S+ \S+\.wav", pad) for pad in pads), pads


@SLOW
def test_the_diff_that_adds_a_command_applies_and_works(copy, tmp_path):
    loop = samplegen.sequence(ROOT / "packs" / "starter", samplegen.style_pattern("house"))
    samplegen.write_loop(loop, tmp_path / "house.wav")
    assert json.loads(copy("tempo", "tempo", tmp_path / "house.wav", "--json"))["bpm"] == pytest.approx(124, abs=1)
