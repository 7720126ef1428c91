"""Cost of the program before it does anything, and words of its libraries; in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from samplegen.cli import COMMANDS

ROOT = Path(__file__).parents[1]
HEAVY = ("tensorflow", "keras", "librosa", "numba", "scipy")  # 0.1 to 5 s each
_RUN = """
import sys
from samplegen.cli import main
sys.argv = ["samplegen", *{arguments}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = {{name.partition(".")[0] for name in sys.modules}}
print("LOADED", *sorted(loaded & {{{heavy}}}))
"""


def python(code: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "SAMPLEGEN"))}
    environment |= {"PYTHONPATH": str(ROOT), "SAMPLEGEN_CACHE": str(cwd / "cache")}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def loaded(*arguments: str, cwd: Path = ROOT, heavy: tuple[str, ...] = HEAVY) -> list[str]:
    """List the heavy packages that a command has imported by its end."""
    done = python(_RUN.format(arguments=list(arguments), heavy=str(heavy)[1:-1]), cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout.rpartition("LOADED")[2].split()


@pytest.fixture
def sound(tmp_path):
    soundfile.write(tmp_path / "tone.wav", 0.5 * np.sin(np.arange(8_000) / 5), 16_000)
    return tmp_path / "tone.wav"


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), *((name, "--help") for name in COMMANDS)])
def test_help_imports_nothing_heavy(arguments):
    assert loaded(*arguments, heavy=(*HEAVY, "numpy", "soundfile", "PIL", "jinja2")) == []


def test_listing_models_and_presets_imports_nothing_heavy(tmp_path):
    assert loaded("list", cwd=tmp_path) == []
    assert loaded("lofi", "--list", cwd=tmp_path) == []


def test_show_and_lofi_do_without_tensorflow(sound):
    for command in (("show", "tone.wav"), ("lofi", "tone.wav", "--preset", "toy", "--out", "toy.wav")):
        assert not {"tensorflow", "keras"} & set(loaded(*command, cwd=sound.parent))


def test_the_libraries_leave_stderr_to_the_program(sound):
    soundfile.write(sound.parent / "broken.mp3", soundfile.read(sound)[0], 16_000)
    content = (sound.parent / "broken.mp3").read_bytes()
    (sound.parent / "broken.mp3").write_bytes(
        content[: len(content) // 2] + b"\0" * 2_000
    )  # which libmpg123 comments on
    done = python(
        "import sys\n"
        "from samplegen.cli.app import quieten_libraries\n"
        "quieten_libraries()\n"
        "import samplegen, keras, tensorflow as tf\n"
        "tf.function(tf.linalg.matmul)(tf.ones((2, 2)), tf.ones((2, 2)))\n"
        "try:\n    samplegen.read_audio('broken.mp3')\n"
        "except samplegen.SamplegenError:\n    pass\n"
        "print('our own', file=sys.stderr)\n",
        sound.parent,
    )
    assert (done.returncode, done.stderr) == (0, "our own\n")


def test_an_error_reaches_stderr_and_the_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "samplegen", "show", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("samplegen: there is no model, pack or sound file 'nothing'")


def test_a_pipe_that_is_closed_early_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m samplegen lofi --list | head -1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_unicode_gets_ascii(sound):
    odd = sound.rename(sound.with_name("n\u00e4me.wav"))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "samplegen", "show", odd.name]
    done = subprocess.run(command, cwd=odd.parent, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"n\\xe4me.wav" in done.stdout
    done.stdout.decode("ascii")


_INFERENCE = {
    "generate": "samplegen.generate(samplegen.load('starter'), 1)",
    "interpolate": "samplegen.interpolate(samplegen.load('starter-autoencoder'), [tone, tone[::-1]], steps=2)",
    "convert": "samplegen.convert(samplegen.load('starter-sax'), Path('tone.wav'), Path('out.wav'))",
    "generate_groove": "samplegen.generate_groove(samplegen.load('starter-groove'))",
}


@pytest.mark.parametrize("call", _INFERENCE.values(), ids=_INFERENCE)
def test_inference_imports_no_training_code(sound, call):
    code = (
        "import sys, samplegen\nfrom pathlib import Path\ntone = samplegen.read_audio('tone.wav', 22050)[0]\n"
        f"{call}\nprint('LOADED', *(name for name in sys.modules if name.startswith('samplegen.training')))"
    )
    done = python(code, sound.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rpartition("LOADED")[2].split() == []
