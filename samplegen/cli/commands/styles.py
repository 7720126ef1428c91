"""`samplegen styles`: the patterns that come along."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplegen.cli import complete
from samplegen.cli.output import current_console

if TYPE_CHECKING:
    from samplegen.sequencer.pattern import Pattern


def styles(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STYLE]...", show_default=False, help="Styles to draw.", autocompletion=complete.STYLE),
    ] = None,
) -> None:
    """List the styles that `samplegen sequence --style` knows, and draw their patterns.

    Without names every style is listed with its main pattern; with names all of their patterns are drawn.

    --json gives for each: name, about, patterns (name, tempo, meter, swing, bars, text).
    """
    from samplegen.sequencer import styles as library

    console = current_console()
    found = [library.style(name) for name in names or library.names()]
    data = [
        {"name": one.name, "about": one.about, "patterns": [_described(*item) for item in one.patterns.items()]}
        for one in found
    ]
    brief = [one.name for one in found] if not names else [f"{s.name}/{p}" for s in found for p in s.patterns]
    console.result(data, brief, lambda: _drawn(found, whole=bool(names)))


def _described(name: str, pattern: "Pattern") -> dict[str, Any]:
    from samplegen.sequencer import notation

    meter = f"{pattern.meter[0]}/{pattern.meter[1]}"
    row = {"name": name, "tempo": pattern.tempo, "meter": meter, "swing": pattern.swing, "bars": pattern.bars}
    return row | {"text": notation.show_pattern(pattern)}


def _drawn(found: list[Any], *, whole: bool) -> Any:
    from samplegen.cli.views import pattern_grid, tables

    for style in found:
        main = next(iter(style.patterns.values()))
        meter = f"{main.meter[0]}/{main.meter[1]}"
        yield tables.sentence(f"{style.name}  {main.tempo:g} bpm, {meter}, swing {main.swing:g}: {style.about}")
        for name, pattern in style.patterns.items() if whole else ():
            yield tables.sentence(f"\n{style.name}/{name}".strip())
            yield pattern_grid.Grid(pattern)
        if not whole:
            yield pattern_grid.Grid(replace(main, bars=1))
        yield tables.sentence("")
    yield tables.sentence(
        "samplegen sequence PACK --style house/deep plays one; samplegen styles house draws all of it"
    )
