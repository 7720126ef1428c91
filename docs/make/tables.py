"""Markdown of tables and paragraphs."""

from collections.abc import Iterable, Iterator


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a table, and an empty line behind it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows)
    yield ""


def plain(text: str) -> str:
    """Return text with each paragraph on one line."""
    return "\n\n".join(" ".join(part.split()) for part in text.replace("\f", "").split("\n\n"))
