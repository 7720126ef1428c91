"""Reference of card.json and pack.json, from their JSON Schemas."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tables import table

REFERENCE = Path(__file__).parents[1] / "reference"


def page() -> Iterator[str]:
    """Yield the page of what a model's card and a pack's manifest hold."""
    yield "# card.json and pack.json\n"
    yield "Both are JSON in UTF-8. A test holds the schemas against shipped and fresh models and packs:"
    yield "[card.schema.json](card.schema.json), [pack.schema.json](pack.schema.json).\n"
    yield "## card.json: a model\n"
    yield from _keys(_read("card"))
    yield "## pack.json: a pack\n"
    pack = _read("pack")
    yield from _keys(pack)
    for name, part in pack["$defs"].items():
        yield f"### Each {name}\n"
        yield from _keys(part)


def _read(name: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"{name}.schema.json").read_text("utf-8"))


def _keys(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of an object's keys."""
    required = set(part["required"])
    rows = [
        (f"`{key}`", row["type"], "yes" if key in required else "", row["description"])
        for key, row in part["properties"].items()
    ]
    yield from table(("key", "type", "always there", "meaning"), rows)
