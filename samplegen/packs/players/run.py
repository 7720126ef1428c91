"""Untrusted programs, run without a screen, without an audio server, at home in a temporary folder."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_SECONDS = 90.0  # of a run for one kit; the slowest takes 12 s where it looks for an audio server
# h2cli waits 12 s for an audio server unless told not to; Qt programs want a screen
_ALONE = {"JACK_NO_START_SERVER": "1", "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Job:
    """Input of a program: files of one pack, the notes of their kit, its number of sounds, and a work folder."""

    files: tuple[Path, ...]
    notes: tuple[int, ...]
    sounds: int
    work: Path

    @property
    def file(self) -> Path:
        """Only file, or the first."""
        return self.files[0]


@dataclass(frozen=True)
class Answer:
    """Result of a run: exit status (None: it took too long), and all output."""

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
    """Return the command that runs Python code in a process of its own, so that a crash of a library ends it alone."""
    return [sys.executable, "-c", code, *map(str, arguments)]
