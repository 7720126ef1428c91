"""Assessments as an HTML page: all metrics as table and bars, closest training sounds, spectrograms."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined

from samplegen.evaluation.results import Assessment, Example, format_number
from samplegen.features import images

_GAP_COLOUR = "#808080"  # between the spectrograms, visible on light pages and dark ones


def html_report(assessments: Sequence[Assessment], ranks: Sequence[float] | None = None) -> str:
    """Return one self-contained HTML page, for light and dark screens of any width.

    Args:
        assessments: at least one, all against the same folder, in the order of their columns.
        ranks: mean rank of each, from `results.rank`.

    Example:
        >>> from pathlib import Path
        >>> import samplegen
        >>> real = samplegen.scan("my-drums")  # doctest: +SKIP
        >>> page = samplegen.html_report([samplegen.assess_pack("packs/starter", real)])  # doctest: +SKIP
        >>> Path("report.html").write_text(page, "utf-8")  # doctest: +SKIP
    """
    pages = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_visible, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    pages.filters["shown"] = format_number
    template = pages.from_string(Path(__file__).with_name("report.html").read_text("utf-8"))
    return template.render(
        title=f"{', '.join(one.name for one in assessments)} against {assessments[0].against.name}",
        assessments=assessments, rows=list(zip(*(one.metrics for one in assessments), strict=True)), ranks=ranks,
        strips=_strips, zip=zip,
    )  # fmt: skip


def _visible(value: object) -> object:
    """Return untrusted text with invisible characters spelled out; markup of the template's own stays."""
    if hasattr(value, "__html__"):
        return value
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))


def _strips(one: Assessment, example: Example) -> Iterator[tuple[str, str]]:
    """Yield caption and PNG in base64 of the candidate's sounds and of the real ones, as far as there are any."""
    longest = max(map(len, (*example.sounds, *example.real)))
    for of, signals in ((one.name, example.sounds), ("real", example.real)):
        if signals:
            padded = [np.pad(signal, (0, longest - len(signal))) for signal in signals]
            picture = images.encode_png(images.draw_sheet(padded, one.rate, paper=_GAP_COLOUR))
            yield f"{example.role}, {of}", b64encode(picture).decode()
