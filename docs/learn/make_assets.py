"""Make the sounds and the pack page of the lesson anew.

    python docs/learn/make_assets.py

The script runs the commands of the lesson in a temporary folder, then puts the results beside itself: MP3 files
into audio/, the pack's page and one-shots into kit/. All sounds come from the shipped models. The same version of
samplegen on the same processor gives the same files.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import soundfile

HERE = Path(__file__).parent
COMMANDS = (  # those of docs/learn/index.md
    "sequence starter --style boom-bap --out my-loops/loop.wav",
    "pack my-loops --name first-kit",
    "generate --count 16 --seed 1 --name dusty-lantern",
    "sequence dusty-lantern --style house --out house.wav",
    "sequence dusty-lantern --groove starter-groove --seed 3 --bars 2 --out drawn.wav",
    "remix my-loops/loop.wav dusty-lantern --out remix.wav",
    "sequence dusty-lantern --style house --humanize 0.3 --lofi sampler-12 --out house-lofi.wav",
)
CLIPS = ("my-loops/loop", "house", "drawn", "remix", "house-lofi")
QUALITY = 0.6  # of the MP3 files: 0 is best, 1 smallest


def main() -> None:
    """Run the commands and replace audio/ and kit/."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for command in COMMANDS:
            subprocess.run([sys.executable, "-m", "samplegen", *command.split()], cwd=work, check=True)
        _fresh(HERE / "audio")
        for clip in CLIPS:
            _mp3(work / f"{clip}.wav", HERE / "audio" / f"{Path(clip).name}.mp3")
        pack = work / "packs" / "first-kit"
        _fresh(HERE / "kit")
        shutil.copy(pack / "index.html", HERE / "kit")
        shutil.copytree(pack / "One_Shots", HERE / "kit" / "One_Shots")  # the page's download links lead there


def _fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _mp3(source: Path, target: Path) -> None:
    samples, rate = soundfile.read(source, dtype="float32")
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    soundfile.write(target, mono, rate, format="MP3", compression_level=QUALITY)


if __name__ == "__main__":
    main()
