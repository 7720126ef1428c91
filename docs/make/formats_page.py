"""Reference of the kit formats, from their table."""

from collections.abc import Iterator

from tables import table

from samplegen.kits.formats import DEFAULT_FORMATS, FORMATS


def page() -> Iterator[str]:
    """Yield the page of kit formats and what each loses."""
    yield "# Kit formats\n"
    yield f"`--formats` chooses them: names with commas, or `all`. Default: `{','.join(DEFAULT_FORMATS)}`."
    yield "samplegen tells you what a format cannot hold when it writes the kit. A name leads to the page that says"
    yield "where to put the file.\n"
    rows = []
    for name, row in FORMATS.items():
        lost = "; ".join(f"{feature}: {instead}" for feature, instead in row.loses.items())
        rows.append((f"[`{name}`](../guides/destinations/{name}.md)", f"`{row.suffix}`", row.about, lost or "nothing"))
    yield from table(("format", "file", "read by", "lost"), rows)
