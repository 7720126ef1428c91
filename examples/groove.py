"""Draw a drum pattern from the shipped groove model and play it with a new kit.

    python groove.py [FOLDER]

The loop is FOLDER/groove.wav, with the same hits in FOLDER/groove.mid (default: out). The kit is FOLDER/groove-kit.
"""

import sys
from pathlib import Path

import samplegen

SEED = 3  # another number gives another kit and another pattern


def main(folder: Path) -> None:
    """Write a kit, draw a pattern, print it, and write the loop."""
    starter = samplegen.load("starter")
    kit = folder / "groove-kit"
    sounds = samplegen.generate(starter, 16, seed=SEED)
    samplegen.write_pack(sounds, kit, origin=samplegen.origin(starter, seed=SEED), force=True)
    drawn = samplegen.generate_groove(samplegen.load("starter-groove"), seed=SEED)
    print(samplegen.show_pattern(drawn.pattern))
    loop = samplegen.sequence(kit, drawn.pattern, humanize=0.3, seed=SEED)
    for file in samplegen.write_loop(loop, folder / "groove.wav", force=True):
        print(file)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
