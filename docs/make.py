"""Write the pages that the code itself knows best: commands, Python API, formats, schemas, benchmarks.

    python docs/make.py

The pages lie beside those written by hand, and git ignores them: `make docs` makes them anew.
"""

import ast
import inspect
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

import samplegen
from samplegen.cli import app
from samplegen.kits.formats import FORMATS

DOCS = Path(__file__).parent
ROOT = DOCS.parent
RESULTS = ROOT / "benchmarks" / "results.json"
IMAGES = {  # in docs/images -> where the picture lies
    "starter.png": "models/starter/previews/sheet.png",
    "page.png": "packs/starter.png",
    "voices.png": "benchmarks/voices.png",
    "timbre.png": "benchmarks/timbre.png",
}
SECTIONS = ("Args", "Returns", "Raises", "Yields")  # of Google's docstrings


def main() -> None:
    """Write every page and gather the pictures."""
    (DOCS / "images").mkdir(exist_ok=True)
    for name, source in IMAGES.items():
        shutil.copyfile(ROOT / source, DOCS / "images" / name)
    for name, page in PAGES.items():
        part = (DOCS / name).with_suffix(".part")  # moved into place whole: tests may read the page meanwhile
        part.write_text("\n".join(page()).rstrip() + "\n", "utf-8")
        part.replace(DOCS / name)


def commands() -> Iterator[str]:
    """Yield the page of all commands with their arguments and options."""
    yield "# Commands\n"
    yield "`samplegen --help` lists the commands, `samplegen COMMAND --help` explains one.\n"
    program = typer.main.get_command(app)
    yield from _options(program)
    yield from _group(program, "samplegen")
    yield "## Exit codes\n"
    yield from _table(
        ("code", "meaning"),
        [
            ("0", "done"),
            ("1", "it cannot be done; one sentence on stderr says why"),
            ("2", "the command, an option or an argument is misspelt or missing"),
            ("130", "stopped by Ctrl-C; what was learned so far is kept"),
        ],
    )


def _group(group: Any, path: str) -> Iterator[str]:
    """Yield every command of a group, and those of the groups inside it."""
    for name, command in getattr(group, "commands", {}).items():
        inner = f"{path} {name}"
        context = group.context_class(command, info_name=inner)
        yield f"## {inner}\n"
        yield f"```text\n{' '.join([inner, *command.collect_usage_pieces(context)])}\n```\n"
        yield f"{_plain(command.help or '')}\n"
        yield from _options(command)
        yield from _group(command, inner)


def _options(command: Any) -> Iterator[str]:
    """Yield the tables of arguments and options."""
    shown = [parameter for parameter in command.params if not parameter.hidden]
    for kind in ("argument", "option"):
        if rows := [_parameter(one, kind) for one in shown if one.param_type_name == kind]:
            yield from _table((kind, "meaning", "default"), rows)


def _parameter(parameter: Any, kind: str) -> tuple[str, str, str]:
    spelled = ", ".join([*parameter.opts, *parameter.secondary_opts])
    name = parameter.metavar or parameter.name.upper() if kind == "argument" else spelled
    value = "" if kind == "argument" or parameter.is_flag else f" {parameter.metavar or 'VALUE'}"
    default = getattr(parameter.default, "value", parameter.default)
    shown = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
    return f"`{name}{value}`", _plain(parameter.help or ""), shown


def python() -> Iterator[str]:
    """Yield the page of all public names, in the order of the alphabet."""
    yield "# Python\n"
    yield "`import samplegen` offers these names. Nothing heavy is imported before the first use of one.\n"
    yield "Sounds are mono float32 arrays `(n,)` from -1 to 1, rates are in Hz.\n"
    for name in sorted(samplegen.__all__):
        value = getattr(samplegen, name)
        yield f"## {name}\n"
        failure = inspect.isclass(value) and issubclass(value, Exception)
        signature = "" if failure else str(inspect.signature(value))
        yield f"```python\n{'class ' if inspect.isclass(value) else ''}samplegen.{name}{_short(signature)}\n```\n"
        yield from _docstring(inspect.getdoc(value) or "")


def _short(signature: str) -> str:
    """Return a signature without the modules of its types, a line for each argument if it is long."""
    plain = re.sub(r"\b(?:[A-Za-z_]\w*\.)+(\w+)", r"\1", signature).replace("'", "")
    if len(plain) < 90:
        return plain
    inside, _, result = plain[1:].rpartition(")")
    arguments = re.split(r", (?![^\[(]*[\])])", inside)
    return "(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){result}"


def _docstring(text: str) -> Iterator[str]:
    """Yield a docstring as Markdown: sections become lists, examples code."""
    blocks = re.split(rf"^({'|'.join([*SECTIONS, 'Example'])}):\n", text, flags=re.MULTILINE)
    yield f"{blocks[0].strip()}\n"
    for title, body in zip(blocks[1::2], blocks[2::2], strict=True):
        plain = inspect.cleandoc(f"\n{body}")
        yield f"**{title}**\n"
        if title == "Example":
            yield f"```python\n{plain}\n```\n"
        else:
            items = re.split(r"\n(?=\S)", plain)
            yield "\n".join(f"- {_item(' '.join(item.split()))}" for item in items) + "\n"


def _item(text: str) -> str:
    name, colon, rest = text.partition(": ")
    return f"`{name}`: {rest}" if colon and re.fullmatch(r"[\w, ]+", name) else text


def formats() -> Iterator[str]:
    """Yield the page of kit formats and what each loses."""
    yield "# Kit formats\n"
    yield "`--formats` chooses them. What a format cannot hold is said when it is written.\n"
    rows = []
    for name, row in FORMATS.items():
        lost = "; ".join(f"{feature}: {what}" for feature, what in row.loses.items())
        rows.append((f"`{name}`", f"`{row.suffix}`", row.about, lost or "nothing"))
    yield from _table(("format", "file", "read by", "lost"), rows)


def cards() -> Iterator[str]:
    """Yield the page of what a model's card and a pack's manifest hold."""
    yield "# card.json and pack.json\n"
    yield "Both are JSON in UTF-8. The schemas are checked against the shipped models and packs by a test:"
    yield "[card.schema.json](card.schema.json), [pack.schema.json](pack.schema.json).\n"
    yield "## card.json: a model\n"
    yield from _schema(_read("card"))
    yield "## pack.json: a pack\n"
    pack = _read("pack")
    yield from _schema(pack)
    for name, part in pack["$defs"].items():
        yield f"### Each {name}\n"
        yield from _schema(part)


def _read(name: str) -> dict[str, Any]:
    return json.loads((DOCS / "reference" / f"{name}.schema.json").read_text("utf-8"))


def _schema(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of an object's keys."""
    needed = set(part["required"])
    rows = [
        (f"`{key}`", row["type"], "yes" if key in needed else "", row["description"])
        for key, row in part["properties"].items()
    ]
    yield from _table(("key", "type", "needed", "meaning"), rows)


def benchmarks() -> Iterator[str]:
    """Yield the page of the last run of the benchmarks."""
    yield "# Benchmarks\n"
    yield "Measured by `make bench` on two cores of a shared x86 server, on real drums outside of the project."
    yield "Times are ratios against a named baseline in the same run. Each section begins with what it measures.\n"
    for name, figures in json.loads(RESULTS.read_text("utf-8")).items():
        text = ast.get_docstring(ast.parse((ROOT / "benchmarks" / f"{name}.py").read_text("utf-8"))) or ""
        title, _, rest = text.partition("\n")
        yield f"## {name}\n\n{title}\n{rest}\n"
        yield from _table(("what", "figure"), [(_plain(key), _number(value)) for key, value in figures.items()])


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows)
    yield ""


def _plain(text: str) -> str:
    """Return text on one line a paragraph, without Rich's markup."""
    return "\n\n".join(" ".join(part.split()) for part in re.sub(r"\f", "", text).split("\n\n"))


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "reference/commands.md": commands,
    "reference/python.md": python,
    "reference/formats.md": formats,
    "reference/cards.md": cards,
    "benchmarks.md": benchmarks,
}

if __name__ == "__main__":
    main()
