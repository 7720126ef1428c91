"""The documentation holds: blocks and examples run, links lead somewhere, commands and names are explained."""

import doctest
import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from commands import run
from conftest import RATE, hat, kick, snare

import samplegen
from samplegen.cli import COMMANDS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
BLOCK = re.compile(r"^(<!-- not run: [^\n]+ -->\n)?```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
STEPS = {"--steps": "2"}  # of a training here; a page says minutes
COUNT = {"--count": "20"}  # sounds that are compared here


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """List the fenced blocks of a page: why it is not run, if it is not, language, and text."""
    return BLOCK.findall(page.read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def generated():
    """Let the generator write its pages and pictures once."""
    subprocess.run([sys.executable, DOCS / "make.py"], check=True, cwd=ROOT)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Make the folder of a musician: `drums` and `loops`, a loop, takes, hits of a mouth."""
    place = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "packs" / "starter" / "One_Shots", place / "drums")
    for number, style in enumerate(["house", "boom-bap", "techno", "trap", "lo-fi", "electro", "waltz", "dembow"]):
        loop = samplegen.sequence(ROOT / "packs" / "starter", samplegen.style_pattern(style), seed=number)
        samplegen.write_loop(loop, place / "loops" / f"{style}.wav")
    shutil.copy(place / "loops" / "house.wav", place / "loop.wav")
    samplegen.write_audio(place / "take.wav", _take(), RATE)
    samplegen.write_audio(place / "a.wav", kick(), RATE)
    samplegen.write_audio(place / "b.wav", snare(), RATE)
    hits = {"kick": kick, "snare": snare, "closed-hat": hat}
    samplegen.write_audio(place / "beatbox.wav", np.concatenate([_hit(hits[n]) for n in [*hits] * 4]), RATE)
    for name, make in hits.items():
        (place / "mouth" / name).mkdir(parents=True)
        for number in range(5):
            samplegen.write_audio(place / "mouth" / name / f"{number}.wav", _hit(make, seed=number), RATE)
    return place


def _hit(make, **options) -> np.ndarray:
    """Return a drum with a pause around it: half a second."""
    sound = 0.9 * make(seconds=0.2, **options)
    return np.pad(sound, (round(0.02 * RATE), RATE // 2 - len(sound) - round(0.02 * RATE))).astype(np.float32)


def _take() -> np.ndarray:
    """Return a tone of three pitches with eight harmonics."""
    time = np.arange(RATE) / RATE
    notes = [sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 9)) for hertz in (220, 277, 330)]
    return (0.15 * np.concatenate(notes)).astype(np.float32)


def words(line: str, home: Path) -> list[str]:
    """Split a command of a page; a training is short here, a comparison small."""
    program, *rest = shlex.split(line, comments=True)
    assert program == "samplegen", line
    rest = [word.replace("~", str(home), 1) if word.startswith("~") else word for word in rest]
    if rest[0] == "train" and "groove" not in rest and not {"voice", "timbre"} & set(rest):
        at = rest.index("--minutes") if "--minutes" in rest else rest.index("--steps") if "--steps" in rest else None
        rest = [*(rest if at is None else rest[:at] + rest[at + 2 :]), *STEPS, *STEPS.values()]
    if rest[0] in ("evaluate", "compare") and "--pairs" not in rest:
        at = rest.index("--count") if "--count" in rest else None
        rest = [*(rest if at is None else rest[:at] + rest[at + 2 :]), *COUNT, *COUNT.values()]
    return rest


SLOW = pytest.mark.docs  # minutes: `make test-docs` runs them
RUN = [
    page
    for page in PAGES
    if any(kind in ("console", "python") for _, kind, _ in blocks(page)) and page.stem != "python"
]


@SLOW
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_run_as_they_stand(page, home, tmp_path, monkeypatch):
    for item in home.iterdir():  # a fresh place for each page
        (tmp_path / item.name).symlink_to(item)
    monkeypatch.chdir(tmp_path)
    for skipped, kind, text in blocks(page):
        if skipped:
            continue
        if kind == "python":
            exec(text, {"__name__": "page"})  # our own page
        elif kind == "console":
            for line in text.replace("\\\n", " ").splitlines():
                run(*words(line, home))


@SLOW
@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.stem)
def test_examples_run(example, tmp_path):
    done = subprocess.run([sys.executable, example], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert any(tmp_path.rglob("*.wav"))


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as Python-Markdown makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S), re.M)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_are_there(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    for link in ("".join(pair) for pair in LINK.findall(prose)):
        path, _, anchor = link.partition("#")
        if not path.startswith("http"):
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_every_command_is_explained_and_every_page_is_in_the_site():
    text = "\n".join(page.read_text("utf-8") for page in PAGES if page.parent != DOCS / "reference")
    assert set(re.findall(r"samplegen ([a-z]+)", text)) >= set(COMMANDS)
    reference = (DOCS / "reference" / "commands.md").read_text("utf-8")
    assert set(re.findall(r"^## samplegen (\w+)$", reference, re.MULTILINE)) == set(COMMANDS)
    listed = set(re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert listed == {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}


def test_every_public_name_is_in_the_reference():
    reference = (DOCS / "reference" / "python.md").read_text("utf-8")
    assert re.findall(r"^## (\w+)$", reference, re.MULTILINE) == sorted(samplegen.__all__)


@pytest.mark.parametrize("name", samplegen.__all__)
def test_every_public_name_has_an_example(name):
    assert ">>>" in (inspect.getdoc(getattr(samplegen, name)) or "")


@SLOW
def test_the_examples_of_docstrings_run(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "packs" / "starter", tmp_path / "packs" / "starter")
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for name in sorted(samplegen.__all__):
        for test in doctest.DocTestFinder(recurse=False).find(
            getattr(samplegen, name), name, globs={"samplegen": samplegen}
        ):
            runner.run(test)
    outcome = runner.summarize()
    assert outcome.failed == 0
    assert outcome.attempted > 100


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 130


@pytest.mark.parametrize(("schema", "folder"), [("card", "models"), ("pack", "packs")])
def test_schemas_hold_for_what_ships(schema, folder):
    jsonschema = pytest.importorskip("jsonschema")
    rules = json.loads((DOCS / "reference" / f"{schema}.schema.json").read_text("utf-8"))
    found = list((ROOT / folder).glob(f"*/{schema}.json"))
    assert found
    for path in found:
        jsonschema.validate(json.loads(path.read_text("utf-8")), rules)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"kind": 3, "name": 3}, rules)


WITH_PADLIST = """
import pathlib, sys, samplegen
model = samplegen.load(sys.argv[1])
sounds, options = samplegen.generate(model, 2, seed=1), samplegen.PackOptions(("wav", "padlist"))
samplegen.write_pack(sounds, "p", origin=samplegen.origin(model, seed=1), options=options)
print(pathlib.Path("p/Kits/p.txt").read_text(), end="")
"""


@pytest.fixture
def copy(tmp_path):
    """Return a function that runs a script on a copy of the package, changed by the diff that holds a word."""

    def run_with(word: str, *script: object) -> subprocess.CompletedProcess[str]:
        (patch,) = (text for _, kind, text in blocks(DOCS / "architecture.md") if kind == "diff" and word in text)
        shutil.copytree(ROOT / "samplegen", tmp_path / "samplegen", ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "models").symlink_to(ROOT / "models")
        subprocess.run(["git", "apply"], input=patch, text=True, cwd=tmp_path, check=True)
        environment = os.environ | {"PYTHONPATH": str(tmp_path)}
        words = [sys.executable, *map(str, script)]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)

    return run_with


@SLOW
def test_the_diff_that_adds_a_format_applies_and_works(copy):
    done = copy("padlist", "-c", WITH_PADLIST, ROOT / "models" / "starter")
    assert re.fullmatch(r"(\d+ \S+ One_Shots/\S+\.wav\n){2}", done.stdout), done.stderr


@SLOW
def test_the_diff_that_adds_a_command_applies_and_works(copy):
    done = copy("roles.roles", "-m", "samplegen", "roles", "--json")
    assert "kick" in json.loads(done.stdout)["roles"], done.stderr
