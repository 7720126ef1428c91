"""The page: who is judged by what, all figures as table and bars, closest training sounds, spectrograms."""

from collections.abc import Iterator, Sequence

import numpy as np

from samplegen.evaluation.html import bar, number, page, picture, said, table, tag
from samplegen.evaluation.results import Assessment, Figure, Signal
from samplegen.features import images

_ABOUT = (
    "Every figure compares sounds with one half of the real ones, and stands beside the same figure of as many from "
    "the other half. Better than real is no merit by itself: copies have the best figures of all. Figures are as real "
    "where the two differ by no more than chance, as several ways to halve the real sounds show it."
)
_SHARE = "Of the usual: 1 is as far as real sounds that were not learned from mostly are, near 0 is a copy."
_PAPER = "#808080"  # between the spectrograms, on light pages and dark ones


def html(assessments: Sequence[Assessment], ranks: Sequence[float] | None = None) -> str:
    """One self-contained HTML page, for light and dark screens of any width.

    Args:
        assessments: at least one, all against the same folder, in the order in which they shall stand.
        ranks: mean rank of each, as `verdicts.ranked` finds it.
    """
    title = f"{', '.join(one.name for one in assessments)} against {assessments[0].against.name}"
    parts = [part for one in assessments for part in _subject(one)]
    parts += [said("p", _ABOUT), table(_rows(assessments, ranks)), *_bars(assessments)]
    parts += [part for one in assessments for part in (*_closest(one), *_examples(one))]
    return page(title, parts)


def _subject(one: Assessment) -> Iterator[str]:
    origin = {"model": "drawn from the model", "pack": "of the pack"}[one.type]
    beside = f"beside {one.real} real sounds of {one.against}, seed {one.seed}."
    yield said("p", f"{one.count} sounds {origin} {one.name} {beside}", "soft")
    yield from (said("p", note, "note") for note in one.notes)


def _rows(assessments: Sequence[Assessment], ranks: Sequence[float] | None) -> Iterator[Sequence[str]]:
    heads = [
        (said("th", one.name, "number"), said("th", "real", "number"), said("th", "verdict")) for one in assessments
    ]
    yield [said("th", "figure"), *(cell for head in heads for cell in head)]
    for figures in zip(*(one.figures for one in assessments), strict=True):
        yield [said("td", figures[0].name), *(cell for figure in figures for cell in _cells(figure))]
    if ranks:
        yield [said("td", "mean rank"), *(number(rank) + tag("td", "") * 2 for rank in ranks)]


def _cells(figure: Figure) -> tuple[str, ...]:
    verdict = said("td", figure.verdict or figure.missing, figure.verdict.replace(" ", "-") or "soft")
    return number(figure.value), number(figure.real), verdict


def _bars(assessments: Sequence[Assessment]) -> Iterator[str]:
    """For each figure a bar of all that is judged, over that of the real sounds beside it, to one scale."""
    for figures in zip(*(one.figures for one in assessments), strict=True):
        told = [value for figure in figures for value in (figure.value, figure.real) if value is not None]
        if told:
            yield said("h3", figures[0].name)
            yield said("p", f"{figures[0].meaning}; {figures[0].better} is better", "soft")
        for one, figure in zip(assessments, figures, strict=True):
            if figure.value is not None:
                yield bar(one.name, figure.value, max(told), "drawn")
                yield bar("real", figure.real, max(told), "real")


def _closest(one: Assessment) -> Iterator[str]:
    yield said("h2", f"{one.name}: closest to training sounds")
    if not one.closest:
        yield said("p", "Nothing is known of its training sounds.", "soft")
        return
    yield said("p", _SHARE, "soft")
    heads = [said("th", head) for head in ("sound", "nearest training sound", "distance", "of the usual")]
    rows = [
        [said("td", row.sound), said("td", row.training_sound), number(row.distance), number(row.share)]
        for row in one.closest
    ]
    yield table([heads, *rows])


def _examples(one: Assessment) -> Iterator[str]:
    yield said("h2", f"{one.name}: sounds beside real ones")
    yield said("p", f"Time runs to the right, frequency upward to {one.rate / 2000:.3g} kHz.", "soft")
    for example in one.examples:
        longest = max(map(len, (*example.sounds, *example.real)))
        sides = ((one.name, example.sounds), ("real", example.real))
        strips = (_strip(signals, longest, one.rate, f"{example.role}, {of}") for of, signals in sides if signals)
        yield tag("div", "".join(strips), "pair")


def _strip(signals: Sequence[Signal], longest: int, rate: int, caption: str) -> str:
    padded = [np.pad(signal, (0, longest - len(signal))) for signal in signals]
    return picture(images.png(images.sheet(padded, rate, paper=_PAPER)), caption)
