"""Pages of the documentation: their blocks, and the home of a musician in which they are run."""

import re
import shlex
import shutil
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, chdir
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import typer
from commands import run
from conftest import RATE, hat, kick, snare
from little import few_steps
from voices import ALTO, BASS, say, sentence

import samplegen
from samplegen.cli import app
from samplegen.models import store
from samplegen.models.model import Model

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")] if page.parent != DOCS / "make")
BLOCK = re.compile(r"^(<!-- not run: [^\n]+ -->\n)?```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
STYLES = ("house", "boom-bap", "techno", "trap", "lo-fi", "electro", "waltz", "dembow")
MOUTH = {"kick": kick, "snare": snare, "closed-hat": hat}
HITS = 5  # recordings of each drum
LIMITS = {"train": ("--steps", "2"), "evaluate": ("--count", "20"), "compare": ("--count", "20")}  # of work in a test
WHOLE = ("voice", "timbre", "groove")  # kinds that have no option for the length of a training


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """List the fenced blocks of a page: why it is not run, if it is not, language, and text."""
    return BLOCK.findall(page.read_text("utf-8"))


def lines(page: Path) -> Iterator[str]:
    """Yield the commands of a page that are run."""
    for skipped, kind, text in blocks(page):
        if kind == "console" and not skipped:
            yield from text.replace("\\\n", " ").splitlines()


def make_home(place: Path) -> None:
    """Make the folder of a musician: drums, loops, takes of two voices and an instrument, hits of a mouth."""
    shutil.copytree(ROOT / "packs" / "starter" / "One_Shots", place / "drums")
    for number, style in enumerate(STYLES):
        loop = samplegen.sequence(ROOT / "packs" / "starter", samplegen.style_pattern(style), seed=number)
        samplegen.write_loop(loop, place / "loops" / f"{style}.wav")
    shutil.copy(place / "loops" / "house.wav", place / "loop.wav")
    shutil.copy(place / "loops" / "house.mid", place / "my-beat.mid")
    (place / "my-notes.txt").write_text("snare 38 40\n")
    write = partial(_write, place)
    write("take", _notes(220, 277, 330))
    write("a", kick())
    write("b", snare())
    write("beatbox", np.concatenate([_hit(MOUTH[name]) for name in [*MOUTH] * 4]))
    for name, make in MOUTH.items():
        for number in range(HITS):
            write(f"mouth/{name}/{number}", _hit(make, seed=number))
            write(f"drums/{name}/{number}", make(seed=10 + number))
    for number, hertz in enumerate((196, 247, 294)):
        write(f"recordings/flute/{number}", _notes(hertz, hertz * 9 / 8))
        write(f"held-out/flute/{number}", _notes(hertz * 4 / 3))
        for name, voice in (("mine", ALTO), ("theirs", BASS)):
            write(f"takes/{name}/{number}", say(sentence(number, 18), voice, seed=number, rate=RATE).samples)
    for name, voice in (("mine", ALTO), ("theirs", BASS)):
        write(f"held-out/{name}/1", say(sentence(9, 18), voice, seed=9, rate=RATE).samples)
    shutil.copy(place / "takes" / "mine" / "0.wav", place / "song.wav")


def _write(place: Path, name: str, samples: np.ndarray) -> None:
    file = place / f"{name}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    samplegen.write_audio(file, samples.astype(np.float32), RATE)


def _hit(make, **options) -> np.ndarray:
    """Return a drum with a pause around it: half a second."""
    sound = 0.9 * make(seconds=0.2, **options)
    return np.pad(sound, (round(0.02 * RATE), RATE // 2 - len(sound) - round(0.02 * RATE)))


def _notes(*pitches: float) -> np.ndarray:
    """Return a second of each pitch, with eight harmonics."""
    time = np.arange(RATE) / RATE
    return 0.15 * np.concatenate([sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 9)) for hz in pitches])


class Visit:
    """A musician who types the commands of pages at home.

    Each kind of model is trained once, in few steps, by the first command of the pages that does. A later one is
    parsed, and gets a copy. So does a page that names a model which another page trains.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.models: dict[tuple[str, bool], Path] = {}
        trainings = [words for page in PAGES for line in lines(page) if (words := self.words(line))[0] == "train"]
        self.first = {_key(words): words for words in reversed(trainings)}
        self.by_name = {_value(words, "--name"): words for words in trainings}

    def words(self, line: str) -> list[str]:
        """Split a command, `~` being home."""
        program, *rest = shlex.split(line, comments=True)
        assert program == "samplegen", line
        return [word.replace("~", str(self.home), 1) if word.startswith("~") else word for word in rest]

    def type(self, line: str) -> None:
        """Run a command in the present folder."""
        words = self.words(line)
        for name in set(words) & self.by_name.keys():
            if words[0] != "train" and not Path("models", name).exists():
                self.train(self.by_name[name])
        self.train(words) if words[0] == "train" else run(*_limited(words))

    def train(self, words: list[str]) -> None:
        """Parse a training and put its model into `models/`."""
        command = typer.main.get_command(app).commands["train"].commands[words[1]]
        command.make_context(words[1], [*words[2:]])
        name = _value(words, "--name")
        shutil.copytree(self.trained(_key(words)), Path("models", name))
        assert samplegen.load(name, kind=words[1])

    def trained(self, key: tuple[str, bool]) -> Path:
        """Return the model of a kind, and of whole loops or not; train it if it is not there yet."""
        if key not in self.models:
            words = self.first[key]
            with ExitStack() as stack:
                stack.enter_context(chdir(self.home))
                stack.enter_context(_quick_training(words[1]))
                run(*_limited(words))
            self.models[key] = self.home / "models" / _value(words, "--name")
        return self.models[key]


def _key(words: list[str]) -> tuple[str, bool]:
    return words[1], "--whole-loops" in words


def _value(words: list[str], option: str) -> str:
    return words[words.index(option) + 1]


def _limited(words: list[str]) -> list[str]:
    """Return the words with little work: two steps in place of minutes, twenty sounds in place of 500."""
    option, value = LIMITS.get(words[0], ("", ""))
    if not option or "--pairs" in words or words[1] in WHOLE:
        return words
    at = next((words.index(one) for one in ("--minutes", option) if one in words), len(words))
    return [*words[:at], *words[at + 2 :], option, value]


def _quick_training(kind: str):
    """Return a context in which a kind whose trainings have no option for it ends after a few steps."""
    if kind == "groove":
        from samplegen.grooves import train

        patch = pytest.MonkeyPatch()
        patch.setattr(train, "train_groove", partial(train.train_groove, max_steps=2))
        return _undone(patch)
    if kind in ("voice", "timbre"):
        import samplegen.conversion.timbre.fit
        import samplegen.conversion.voice.fit

        return few_steps(getattr(samplegen.conversion, kind).fit, 4)
    return ExitStack()


def _undone(patch: pytest.MonkeyPatch) -> ExitStack:
    stack = ExitStack()
    stack.callback(patch.undo)
    return stack


def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `samplegen open` find a browser that shows nothing, and shipped models stay loaded between commands."""
    monkeypatch.setattr(webbrowser, "open", lambda _url: True)
    monkeypatch.setattr(store, "load", _load)


@cache
def _shipped(name: str) -> Model:
    return _LOAD(name)


_LOAD = store.load


def _load(name: str | Path, **options: str) -> Model:
    return _shipped(str(name)) if str(name).startswith("starter") else _LOAD(name, **options)
