"""Assessments of `samplegen evaluate` and `samplegen compare`: as data, and as tables."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samplegen.evaluation.results import Assessment, Metric

_PLAIN = ("type", "name", "path", "against", "seed", "count", "real", "copies", "notes")
_BESIDE = 2  # models in a table of 80 characters
_CLOSEST = 5  # rows; the report and --json have more


def row(one: "Assessment") -> dict[str, Any]:
    """An assessment as JSON values, without its sounds."""
    plain = {key: getattr(one, key) for key in _PLAIN}
    metrics = [_metric(metric) for metric in one.metrics]
    paths = {"path": str(one.path), "against": str(one.against)}
    return plain | paths | {"figures": metrics, "closest": [asdict(row) for row in one.closest]}


def _metric(metric: "Metric") -> dict[str, Any]:
    """A metric as JSON values; its noise margin is called chance there, as it was in the first version."""
    values = {"chance" if key == "noise_margin" else key: value for key, value in asdict(metric).items()}
    return values | {"verdict": metric.verdict}


def shown(assessments: Sequence["Assessment"], ranks: Sequence[float] | None, html: Path | None) -> Iterator[Any]:
    """Figures with those of real sounds beside them, what is closest to training sounds, notes."""
    from samplegen.cli.views import tables

    yield from (_one if ranks is None else _several)(assessments, ranks)
    for one in assessments:
        absent = [f"no {metric.name}: {metric.missing}" for metric in one.metrics if metric.missing]
        for note in (*one.notes, *absent):
            yield tables.sentence(f"{one.name}: {note}")
    counted = ", ".join(f"{one.count} sounds of {one.name}" for one in assessments)
    first = assessments[0]
    yield tables.facts({"judged": counted, "by": f"{first.real} real sounds of {first.against}", "report": html})


def _one(assessments: Sequence["Assessment"], _: Sequence[float] | None) -> Iterator[Any]:
    from samplegen.cli.views import tables
    from samplegen.evaluation.results import format_number as number

    (one,) = assessments
    rows = [
        (f.name, number(f.value), number(f.real), f.verdict, f"{f.better} is better; {f.meaning}") for f in one.metrics
    ]
    yield from tables.rows(("figure", one.name, "real sounds", "verdict", "meaning"), rows)
    closest = [(row.sound, number(row.distance), number(row.share), row.training_sound) for row in one.closest]
    yield from tables.rows(("closest", "distance", "of usual", "to the training sound"), closest, shown=_CLOSEST)


def _several(assessments: Sequence["Assessment"], ranks: Sequence[float] | None) -> Iterator[Any]:
    from samplegen.cli.views import tables
    from samplegen.evaluation.results import format_number as number

    for at in range(0, len(assessments), _BESIDE):  # a column that does not fit would be left out
        some = assessments[at : at + _BESIDE]
        rows = [(metrics[0].name, *map(_cell, metrics)) for metrics in zip(*(one.metrics for one in some), strict=True)]
        rows.append(("mean rank", *map(number, (ranks or ())[at : at + _BESIDE])))
        yield from tables.rows(("figure", *(one.name for one in some)), rows)
    yield tables.sentence(
        "in brackets: as many real sounds; from the best: " + ", ".join(one.name for one in assessments)
    )


def _cell(metric: "Metric") -> str:
    from samplegen.evaluation.results import format_number as number

    return f"{number(metric.value)} ({number(metric.real)}) {metric.verdict}".rstrip()
