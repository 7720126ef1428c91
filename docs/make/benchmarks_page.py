"""Page of the benchmarks: chosen figures beside their baselines, then every figure of the last run."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tables import plain, table

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results.json"
TEMPLATE = Path(__file__).with_name("benchmarks.md")
FIGURE = re.compile(r"\{\{([^/}]+) / ([^/}]+) / ([^/}]+)\}\}")  # {{benchmark / figure / format}}


def page() -> Iterator[str]:
    """Yield the template with its figures, and a table for each benchmark."""
    results = json.loads(RESULTS.read_text("utf-8"))
    yield fill(TEMPLATE.read_text("utf-8"), results)
    yield "## Every figure of the last run\n"
    for name, figures in results.items():
        text = ast.get_docstring(ast.parse((ROOT / "benchmarks" / f"{name}.py").read_text("utf-8"))) or ""
        yield f"### {name}\n\n{text}\n"
        yield from table(("what", "figure"), [(plain(key), _number(value)) for key, value in figures.items()])


def fill(template: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a template with each `{{benchmark / figure / format}}` replaced; an unknown one is a `KeyError`."""
    return FIGURE.sub(lambda found: format(results[found[1]][found[2]], found[3]).replace("%", " %"), template)


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
