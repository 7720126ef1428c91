"""Sounds and pack page of the lesson: its commands are run, and their results put beside it.

MP3 files go into docs/learn/audio, the page and one-shots of the pack into docs/learn/kit. All sounds come from
the shipped models. The same version of samplegen on the same processor gives the same files.
"""

import contextlib
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import soundfile

from samplegen.cli import app
from samplegen.cli.app import quieten_libraries

LESSON = Path(__file__).parents[1] / "learn" / "index.md"
AUDIO, KIT = LESSON.parent / "audio", LESSON.parent / "kit"
PACK = "first-kit"  # the pack whose page is shown
BLOCK = re.compile(r"^(<!-- not run: [^\n]+ -->\n)?```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMPRESSION = 0.6  # of the MP3 files: 0 is best, 1 smallest


def commands() -> Iterator[list[str]]:
    """Yield the words of each command of the lesson behind `samplegen`, but of those that open a browser."""
    for skipped, block in BLOCK.findall(LESSON.read_text("utf-8")):
        for line in [] if skipped else block.splitlines():
            if (words := shlex.split(line)[1:])[0] != "open":
                yield words


def clips() -> list[str]:
    """List the names of the sounds that the lesson plays, without their suffix."""
    return sorted(set(re.findall(r'src="audio/([\w-]+)\.mp3"', LESSON.read_text("utf-8"))))


def make() -> None:
    """Run the commands in a temporary folder and replace docs/learn/audio and docs/learn/kit."""
    quieten_libraries()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with contextlib.chdir(work):
            for words in commands():
                app([*words, "--quiet"], standalone_mode=False)
        _empty(AUDIO)
        for clip in clips():
            _write_mp3(next(work.rglob(f"{clip}.wav")), AUDIO / f"{clip}.mp3")
        _empty(KIT)
        shutil.copy(work / "packs" / PACK / "index.html", KIT)
        shutil.copytree(work / "packs" / PACK / "One_Shots", KIT / "One_Shots")  # the page's download links lead there


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _write_mp3(source: Path, target: Path) -> None:
    samples, rate = soundfile.read(source, dtype="float32")
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    soundfile.write(target, mono, rate, format="MP3", compression_level=COMPRESSION)
