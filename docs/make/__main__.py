"""Write what the documentation does not hold by hand: reference, benchmarks, pictures, sounds of the lesson.

    python docs/make

`--pages` leaves out the sounds, which take half a minute. Git ignores what is written: `make docs` makes it anew.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import benchmarks_page
import commands_page
import formats_page
import lesson
import python_page
import schemas_page

DOCS = Path(__file__).parents[1]
PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "reference/commands.md": commands_page.page,
    "reference/python.md": python_page.page,
    "reference/formats.md": formats_page.page,
    "reference/cards.md": schemas_page.page,
    "benchmarks.md": benchmarks_page.page,
}
IMAGES = {  # in docs/images -> where the picture lies
    "starter.png": "models/starter/previews/sheet.png",
    "page.png": "packs/starter.png",
    "voices.png": "benchmarks/voices.png",
    "timbre.png": "benchmarks/timbre.png",
}


def main(*options: str) -> None:
    """Write every page, copy the pictures, and make the sounds of the lesson."""
    (DOCS / "images").mkdir(exist_ok=True)
    for name, source in IMAGES.items():
        shutil.copyfile(DOCS.parent / source, DOCS / "images" / name)
    for name, page in PAGES.items():
        part = (DOCS / name).with_suffix(f".{os.getpid()}")  # moved into place whole: tests may read the page meanwhile
        part.write_text("\n".join(page()).rstrip() + "\n", "utf-8")
        part.replace(DOCS / name)
    if "--pages" not in options:
        lesson.make()


if __name__ == "__main__":
    main(*sys.argv[1:])
