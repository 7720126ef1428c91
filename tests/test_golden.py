"""Digests of what the program makes: they stay equal through every move, merge and rename.

Every file that the commands below write is compared with `golden.json`, byte for byte on the processor and with the
libraries that the digests were made with. Elsewhere floating-point sums differ in their last bits, and a random draw
next to a threshold may fall otherwise, so there only what does not hang on them is compared: which files there are, how
long each sound is (within `LENGTH`), and its level (within `LEVEL_DB`).

All commands run in one process of their own, in one order, with one thread, and with a fresh cache of compiled loops:
numba's machine code differs in last bits with what the process compiled before, and TensorFlow's sums with the order
in which threads end.

`SAMPLEGEN_GOLDEN=write python -m pytest -n 0 tests/test_golden.py` writes the digests anew, after a change that is
meant to be heard.
"""

import hashlib
import json
import logging
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

ONE_THREAD = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")


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


def made(name: str, folder: Path) -> dict[str, list[object]]:
    """Run a command on synthetic sounds in a new folder; path -> summary of all that it wrote."""
    (folder / "loops").mkdir(parents=True)
    os.chdir(folder)
    soundfile.write("loops/loop.wav", loop(), RATE)
    soundfile.write("kick.wav", kick(), RATE)
    soundfile.write("snare.wav", snare(), RATE)
    time = np.arange(2 * RATE) / RATE
    soundfile.write("take.wav", 0.4 * np.sin(2 * np.pi * 300 * time) * np.minimum(1, 8 * time), RATE)
    before = set(Path().rglob("*"))
    run(*COMMANDS[name])
    return {path.as_posix(): summary(path) for path in sorted(set(Path().rglob("*")) - before) if path.is_file()}


def test_what_is_made_stays_the_same(tmp_path):
    own = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "NUMBA_CACHE_DIR": str(tmp_path / "compiled")}
    own["SAMPLEGEN_CACHE"] = str(tmp_path / "features")
    command = [sys.executable, __file__, str(tmp_path / "made"), str(tmp_path / "made.json")]
    done = subprocess.run(command, env=os.environ | ONE_THREAD | own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = json.loads((tmp_path / "made.json").read_text())
    if WRITE:
        lines = [f"{json.dumps(name)}:{json.dumps(facts)}" for name, facts in files.items()]
        GOLDEN.write_text(f'{{"processor":"{processor()}",\n' + ",\n".join(lines) + "}\n")
    golden = json.loads(GOLDEN.read_text())
    for name in COMMANDS:
        assert files[name].keys() == golden[name].keys()
        if processor() == golden["processor"]:
            assert files[name] == golden[name]
        for path, (_, *heard) in files[name].items():
            if heard:
                seconds, level = golden[name][path][1:]
                assert heard[0] == pytest.approx(seconds, rel=LENGTH)
                assert heard[1] == pytest.approx(level, abs=LEVEL_DB)


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # TensorFlow's, which would go to a stream that `run` has closed
    target, results = Path(sys.argv[1]), Path(sys.argv[2])
    results.write_text(json.dumps({name: made(name, target / name) for name in COMMANDS}))
