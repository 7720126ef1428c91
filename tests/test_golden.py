"""Digests of what the program makes: they stay equal through every move, merge and rename.

Every file that the commands below write is compared with `golden.json`, byte for byte on the processor and with the
libraries that the digests were made with. Elsewhere floating-point sums differ in their last bits, and a random draw
next to a threshold may fall otherwise, so there only what does not hang on them is compared: which files there are, how
long each sound is (within `LENGTH`), and its level (within `LEVEL_DB`).

`SAMPLEGEN_GOLDEN=write python -m pytest -n 0 tests/test_golden.py` writes the digests anew, after a change that is
meant to be heard.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import soundfile
from commands import run
from conftest import RATE, kick, loop, snare

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).with_name("golden.json")
WRITE = os.environ.get("SAMPLEGEN_GOLDEN") == "write"
LENGTH = 0.1  # of the seconds of a sound: where its tail is cut hangs on its level
LEVEL_DB = 3.0  # of a sound's root mean square
PACK = ("--count", 4, "--seed", 1, "--name", "out", "--formats")
FORMATS = "wav,sfz,hydrogen,sf2,decentsampler,bitwig,drumgizmo"
COMMANDS = {
    "starter": ("generate", "starter", *PACK, FORMATS),
    "autoencoder": ("generate", "starter-autoencoder", *PACK, FORMATS),
    "charlstm": ("generate", "starter-charlstm", *PACK, FORMATS),
    "slice": ("slice", "loops", "--out", "out"),
    "style": (
        "sequence", "starter", "--style", "house", "--swing", 58, "--humanize", 0.3, "--lofi", "vinyl", "--seed", 1,
        "--out", "out.wav",
    ),
    "groove": ("sequence", "starter", "--groove", "starter-groove", "--seed", 1, "--out", "out.wav"),
    "transcribe": ("transcribe", "loops/loop.wav", "--out", "out.txt"),
    "remix": ("remix", "loops/loop.wav", "starter", "--out", "out.wav"),
    "convert": ("convert", "take.wav", "starter-sax", "--out", "out.wav"),
    "interpolate": ("interpolate", "kick.wav", "snare.wav", "--steps", 3, "--seed", 1, "--out", "out"),
    "vary": ("vary", "kick.wav", "--count", 2, "--seed", 1, "--out", "out"),
    "lofi": ("lofi", "kick.wav", "--preset", "cassette", "--out", "out.wav"),
}  # fmt: skip

ALONE = ("interpolate", "vary")  # the search for codes ends otherwise behind other work of TensorFlow in one process


def processor() -> str:
    """Return what the last bits of a floating-point sum hang on."""
    flags = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    libraries = [version(name) for name in ("tensorflow", "keras", "numpy", "scipy", "numba", "librosa", "soxr")]
    return hashlib.sha256(" ".join([platform.machine(), flags, *libraries]).encode()).hexdigest()[:16]


def summary(path: Path) -> list[object]:
    """Return the digest of a file; of a sound also its seconds and its level in dB."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    if path.suffix != ".wav":
        return [digest]
    samples, rate = soundfile.read(path)
    level = 20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9)
    return [digest, round(len(samples) / rate, 3), round(float(level), 1)]


def made(name: str) -> dict[str, list[object]]:
    """Run a command on synthetic sounds in the working folder; path -> summary of all that it wrote."""
    Path("loops").mkdir()
    soundfile.write("loops/loop.wav", loop(), RATE)
    soundfile.write("kick.wav", kick(), RATE)
    soundfile.write("snare.wav", snare(), RATE)
    time = np.arange(2 * RATE) / RATE
    soundfile.write("take.wav", 0.4 * np.sin(2 * np.pi * 300 * time) * np.minimum(1, 8 * time), RATE)
    before = set(Path().rglob("*"))
    if name in ALONE:
        command = [sys.executable, "-m", "samplegen", *map(str, COMMANDS[name])]
        subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
    else:
        run(*COMMANDS[name])
    return {path.as_posix(): summary(path) for path in sorted(set(Path().rglob("*")) - before) if path.is_file()}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_made_stays_the_same(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / ".cache"))
    files = {path: facts for path, facts in made(name).items() if not path.startswith(".cache")}
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.is_file() else {}
    if WRITE:
        golden |= {"processor": processor(), name: files}
        GOLDEN.write_text(json.dumps(golden, indent=None, separators=(",", ":")).replace('"],', '"],\n') + "\n")
    assert files.keys() == golden[name].keys()
    if processor() == golden["processor"]:
        assert files == golden[name]
    for path, (_, *heard) in files.items():
        if heard:
            seconds, level = golden[name][path][1:]
            assert heard[0] == pytest.approx(seconds, rel=LENGTH)
            assert heard[1] == pytest.approx(level, abs=LEVEL_DB)
