"""Draw 16 drums from the shipped model and write them as a sample pack.

    python first_pack.py [FOLDER]

The pack is FOLDER/first-pack (default: out/first-pack). Open its index.html in a browser to play it.
"""

import sys
from pathlib import Path

import samplegen

SEED = 1  # another number gives another pack


def main(folder: Path) -> None:
    """Write the pack and print the role of every sound."""
    model = samplegen.load("starter")
    sounds = samplegen.generate(model, 16, seed=SEED)
    pack = folder / "first-pack"
    manifest = samplegen.write_pack(sounds, pack, origin=samplegen.origin(model, seed=SEED), force=True)
    for sound in manifest["sounds"]:
        print(f"{sound['role']:12} {sound['path']}")
    print(f"Open {pack / 'index.html'} in a browser.")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
