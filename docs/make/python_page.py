"""Reference of the Python API, from the docstrings of the public names."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import samplegen

SECTIONS = ("Args", "Returns", "Raises", "Yields", "Attributes")  # of Google's docstrings
MAX_SIGNATURE = 90  # characters on one line


def page() -> Iterator[str]:
    """Yield the page of all public names, in the order of the alphabet."""
    yield "# Python\n"
    yield "`import samplegen` offers these names. Nothing heavy is imported before the first use of one.\n"
    yield "Sounds are mono float32 arrays `(n,)` from -1 to 1, rates are in Hz. The examples are run by a test.\n"
    for name in sorted(samplegen.__all__):
        value = getattr(samplegen, name)
        yield f"## {name}\n"
        yield f"```python\n{'class ' if inspect.isclass(value) else ''}samplegen.{name}{_signature(value)}\n```\n"
        yield from _docstring(inspect.getdoc(value) or "")


def _signature(value: Any) -> str:
    """Return the signature with short names of types, a line for each argument where it is long."""
    if inspect.isclass(value) and issubclass(value, Exception):
        return ""
    signature = inspect.signature(value)
    arguments = list(_arguments(signature))
    result = "" if inspect.isclass(value) else f" -> {_type(signature.return_annotation)}"
    whole = f"({', '.join(arguments)}){result}"
    return whole if len(whole) < MAX_SIGNATURE else "(\n" + "".join(f"    {one},\n" for one in arguments) + f"){result}"


def _arguments(signature: inspect.Signature) -> Iterator[str]:
    """Yield each argument as `name: type = default`, and `*` before those that have to be named."""
    named = False
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not named:
            named = True
            yield "*"
        default = "" if one.default is one.empty else f" = {_default(one.default)}"
        yield f"{'*' if one.kind is one.VAR_POSITIONAL else ''}{one.name}: {_type(one.annotation)}{default}"


def _default(value: Any) -> str:
    shown = repr(value)
    return "..." if shown.startswith("<") else shown  # a dataclass's factory


def _type(annotation: Any) -> str:
    """Return a type as one writes it, without the modules it comes from."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = re.sub(r"\b(?:[A-Za-z_]\w*\.)+(\w+)", r"\1", text).replace("'", "")
    return re.sub(r"ndarray\[.*?dtype\[(\w+)\]\]", r"NDArray[\1]", text)


def _docstring(text: str) -> Iterator[str]:
    """Yield a docstring as Markdown: sections become lists, examples code."""
    blocks = re.split(rf"^({'|'.join([*SECTIONS, 'Example'])}):\n", text, flags=re.MULTILINE)
    yield f"{blocks[0].strip()}\n"
    for title, body in zip(blocks[1::2], blocks[2::2], strict=True):
        inside = inspect.cleandoc(f"\n{body}")
        yield f"**{title}**\n"
        if title == "Example":
            yield f"```pycon\n{re.sub(r'  # doctest: .*', '', inside)}\n```\n"
        else:
            items = re.split(r"\n(?=\S)", inside)
            yield "\n".join(f"- {_item(' '.join(item.split()))}" for item in items) + "\n"


def _item(text: str) -> str:
    name, colon, rest = text.partition(": ")
    return f"`{name}`: {rest}" if colon and re.fullmatch(r"[\w, ]+", name) else text
