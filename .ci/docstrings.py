"""Refuse docstrings whose first line begins with a word that says neither what is done nor what there is.

    python .ci/docstrings.py [FOLDER ...]

A first line begins with a verb ("Return", "Write") or a noun of the field. The default folders are samplegen and docs.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

REFUSED = re.compile(r"(What|Who|Whose|How|Of|All|Those|These|Which|Where|As|It|Its|They|Their)\b")


def faults(path: Path) -> Iterator[str]:
    """Yield the place and first line of each docstring that is refused."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node) or ""
            if REFUSED.match(text):
                yield f"{path}:{getattr(node, 'lineno', 1)}: {text.splitlines()[0]}"


def main(folders: list[str]) -> int:
    """Print the faults and return their number, at most 1."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    found = [fault for path in paths for fault in faults(path)]
    print("\n".join(found) or f"docstrings of {len(paths)} files begin as they should")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["samplegen", "docs"]))
