"""Play a melody on the shipped saxophone.

    python convert.py [FOLDER]

The melody is made here, from plain tones: FOLDER/melody.wav. The saxophone plays it in FOLDER/sax.wav
(default: out). A recording of your own voice works too: one note at a time.
"""

import sys
from pathlib import Path

import numpy as np

import samplegen

RATE = 44_100  # Hz
NOTES = (57, 60, 64, 67, 64, 60, 57)  # MIDI notes: A minor seventh, up and down
SECONDS = 0.5  # of each note


def tone(note: int) -> np.ndarray:
    """Return one note: eight harmonics with a soft start and end."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    pitch = 440 * 2 ** ((note - 69) / 12)
    harmonics = sum(np.sin(2 * np.pi * pitch * number * time) / number for number in range(1, 9))
    fade = np.minimum(1, np.minimum(time, SECONDS - time) / 0.05)
    return (0.2 * harmonics * fade).astype(np.float32)


def main(folder: Path) -> None:
    """Write the melody, then the same melody on the saxophone."""
    folder.mkdir(parents=True, exist_ok=True)
    melody, sax = folder / "melody.wav", folder / "sax.wav"
    samplegen.write_audio(melody, np.concatenate([tone(note) for note in NOTES]), RATE)
    result = samplegen.convert(samplegen.load("starter-sax"), melody, sax, force=True)
    print(f"{sax}: {result.samples / result.rate:.1f} s")
    for note in result.notes:
        print(note)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
