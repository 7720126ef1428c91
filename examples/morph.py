"""Morph a kick into a snare in five steps, and write each step as a WAV file.

    python morph.py [FOLDER]

The files are FOLDER/morph/1.wav to 5.wav (default: out/morph). Number 3 is neither kick nor snare.
To morph sounds of your own, read them with `samplegen.read_audio("mine.wav", RATE)`.
"""

import sys
from pathlib import Path

import samplegen

RATE = 22_050  # Hz; the shipped models work at this rate
STEPS = 5


def main(folder: Path) -> None:
    """Draw a kick and a snare, and write the path between them."""
    starter = samplegen.load("starter")
    ends = [samplegen.generate(starter, 1, role=role, seed=1, rate=RATE)[0].samples for role in ("kick", "snare")]
    path = samplegen.interpolate(samplegen.load("starter-autoencoder"), ends, steps=STEPS)
    (folder / "morph").mkdir(parents=True, exist_ok=True)
    for number, sound in enumerate(path.sounds, 1):
        file = folder / "morph" / f"{number}.wav"
        samplegen.write_audio(file, samplegen.postprocess(sound, RATE), RATE)
        print(file)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
