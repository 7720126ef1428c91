"""Refuse docstrings whose first line begins with a question word or a pronoun.

    python tests/lint_docstrings.py [FILE OR FOLDER ...]

A first line begins with a verb ("Return", "Write", "Detect") or a noun of the field. Each line printed is
FILE:LINE: the first line; the last one counts them. Exits 1 where there is one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("samplegen", "tests", "benchmarks", "docs", "examples")
QUESTIONS = "What Who Whom Whose How Where When Why Which Whether"
PRONOUNS = "I You He She It We They Its Their Our Your This That These Those"
REFUSED = {*QUESTIONS.split(), *PRONOUNS.split(), "Of", "All", "As"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def refused(source: str) -> Iterator[tuple[int, str]]:
    """Yield line number and first line of each docstring that begins with a refused word."""
    for node in ast.walk(ast.parse(source)):
        text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
        first = text.split("\n", 1)[0] if text else ""
        if first.partition(" ")[0].rstrip(",:;.") in REFUSED:
            yield node.body[0].lineno, first


def main(*places: str) -> int:
    """Print the refused docstrings below some places; return 1 if there are any."""
    paths = [ROOT / place if not Path(place).is_absolute() else Path(place) for place in places or PLACES]
    files = sorted(file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    found = [(file, *one) for file in files for one in refused(file.read_text("utf-8"))]
    for file, line, first in found:
        print(f"{file.relative_to(ROOT)}:{line}: {first}")
    if found:
        print(f"{len(found)} docstrings begin with a word that tells nothing; begin with a verb or a noun of the field")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
