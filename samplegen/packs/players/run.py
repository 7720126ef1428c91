"""Runs a program of anyone's: without a screen, without an audio server, at home in a folder that is thrown away."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_SECONDS = 90.0  # that a program may take for a kit; the slowest takes 12 where it looks for an audio server
# h2cli waits 12 s for an audio server unless told not to; Qt programs want a screen
_ALONE = {"JACK_NO_START_SERVER": "1", "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Job:
    """What a program gets: files of one pack, the notes of their kit and how many sounds it has, and a work folder."""

    files: tuple[Path, ...]
    notes: tuple[int, ...]
    sounds: int
    work: Path

    @property
    def file(self) -> Path:
        """The only file, or the first."""
        return self.files[0]


@dataclass(frozen=True)
class Answer:
    """How it ended: exit status (None: it took too long), and all that it said."""

    code: int | None
    output: str


def run(command: Sequence[str], work: Path) -> Answer:
    """Run a command with `work` as its home and place for files."""
    home = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"), str(work))
    try:
        done = subprocess.run(
            command, cwd=work, env={**os.environ, **_ALONE, **home}, timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Answer(None, "")
    return Answer(done.returncode, done.stdout.decode("utf-8", "replace"))


def python_command(code: str, *arguments: object) -> list[str]:
    """The command that runs Python code in a process of its own, which a crash in a player's library ends alone."""
    return [sys.executable, "-c", code, *map(str, arguments)]
