"""The pieces that a page is made of. Text may be anyone's: it is escaped, and the page may load and run nothing."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape

from samplegen.evaluation.results import shown

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --paper: #fdfcf9; --ink: #23211f; --soft: #6a655e; --line: #dcd7ce;
  --drawn: #b4482f; --real: #8593a1; --better: #2a7338; --worse: #a8321f; }
@media (prefers-color-scheme: dark) { :root { --paper: #1a1917; --ink: #e9e5de; --soft: #a8a298; --line: #3b3833;
  --drawn: #e8825f; --real: #7d8b99; --better: #7cc98a; --worse: #ff9a85; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 62rem;
  margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 1.2rem 0 0; }
p { margin: .3rem 0; } .soft, figcaption { color: var(--soft); font-size: .9rem; }
.note { border-left: 4px solid var(--worse); padding: .2rem .8rem; }
.wide { overflow-x: auto; margin: 1.2rem 0; } table { border-collapse: collapse; overflow-wrap: normal; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.better, .worse, .as-real { white-space: nowrap; } .better { color: var(--better); } .worse { color: var(--worse); }
.bar { display: grid; grid-template-columns: minmax(5rem, 12rem) 1fr 4rem; gap: .8rem; align-items: center; }
svg { width: 100%; height: .8rem; display: block; } .drawn { fill: var(--drawn); } .real { fill: var(--real); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
figure { margin: 0; } img { max-width: 100%; height: auto; display: block; }
@media (max-width: 40rem) { .pair { grid-template-columns: 1fr; gap: .3rem; }
  .bar { grid-template-columns: 5rem 1fr 3.5rem; } }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A page of that title with parts that are markup already."""
    return _PAGE.format(policy=_POLICY, style=_STYLE, title=text(title), body="\n".join(parts))


def text(value: object) -> str:
    """Text of anyone's: what cannot be seen is spelled out, and nothing in it means anything to a browser."""
    return escape("".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value)))


def tag(name: str, content: str, classes: str = "") -> str:
    """An element around markup."""
    return f'<{name} class="{classes}">{content}</{name}>' if classes else f"<{name}>{content}</{name}>"


def said(name: str, value: object, classes: str = "") -> str:
    """An element around text of anyone's."""
    return tag(name, text(value), classes)


def number(value: float | None) -> str:
    """A cell with a number."""
    return tag("td", shown(value), "number")


def table(rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are markup already; where it is too wide for a screen, it alone scrolls."""
    return tag("div", tag("table", "\n".join(tag("tr", "".join(cells)) for cells in rows)), "wide")


def bar(label: str, value: float | None, longest: float, kind: str) -> str:
    """A label, a horizontal bar and its number; `kind` ("drawn" or "real") is its colour."""
    width = 100 * max(value or 0.0, 0.0) / max(longest, 1e-9)
    drawing = f'<rect class="{kind}" width="{width:.2f}" height="8"></rect>'
    svg = f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{drawing}</svg>'
    return tag("div", f"{said('span', label)}{svg}{tag('span', shown(value), 'number')}", "bar")


def picture(png: bytes, caption: str) -> str:
    """A picture inside the page."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return tag("figure", f'<img src="{source}" alt="spectrograms: {text(caption)}">{said("figcaption", caption)}')
