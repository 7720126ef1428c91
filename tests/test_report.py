"""The report: a whole page that loads nothing, says what the figures say, and means nothing by anyone's names."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from conftest import kick, snare
from PIL import Image

from samplegen.evaluation.report import html_report
from samplegen.evaluation.results import NEIGHBOUR_RATIO, Assessment, Closest, Example, Metric

RATE = 22_050
HOSTILE = "</title><script>alert(1)</script>\"'&\x1b[31m\u202e\udcff<img src=x onerror=y>"
VOID = {"meta", "img"}
FIGURES = (
    Metric("coverage", "share of real sounds", "higher", 0.25, 0.75, 0.1),
    Metric("kernel distance", "how far", "lower", -0.5, 0.1, 1.0),
    Metric("Frechet distance", "the same", "lower", None, None, 0.0, "99 sounds are too few"),
    Metric(NEIGHBOUR_RATIO, "how new", "higher", 0.9, 1.0, 0.01),
)


class Page(HTMLParser):
    """Checks that every element is closed where it should be, and gathers what there is."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.attributes = [], [], "", []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if "style" not in self.open else ""

    def values(self, tag, name):
        return [value for t, n, value in self.attributes if (t, n) == (tag, name)]


def _assessment(name="mine", *, note="mind the gap", role="kick", **changes):
    sounds = tuple(kick(RATE, seed=seed) for seed in range(2))
    examples = (Example(role, sounds, (snare(RATE),)), Example("ride", sounds, ()))
    closest = (Closest("kick 3", f"{name}.wav", 0.5, 0.25), Closest("kick 4", "b.wav", 0.7))
    whole = Assessment(
        "model", name, Path("models") / "x", Path("real"), 3, 500, 998, RATE, FIGURES, closest, False, (note,), examples
    )
    return replace(whole, **changes)


def test_a_page_is_whole_and_tells_all():
    page = Page(html_report([_assessment()]))
    assert page.tags[0] == "html"
    for words in ("mine against real", "500 sounds drawn from the model mine", "998 real sounds of real, seed 3",
                  "mind the gap", "0.25", "0.75", "worse", "as real", "99 sounds are too few", "how new",
                  "mine.wav", "kick 3", "kick, mine", "kick, real"):  # fmt: skip
        assert words in page.text, words


def test_it_needs_nothing_else():
    text = re.sub('base64,[^"]+', "", html_report([_assessment()]))
    page = Page(text)
    assert not re.search(r"(?i)https?:|//[a-z]|url\(|@import|<script|<link|<iframe| on[a-z]+=", text)
    assert not {"script", "link", "iframe", "object", "form"} & set(page.tags)
    assert {name for _, name, _ in page.attributes} & {"href", "srcset", "action", "onload"} == set()
    assert "default-src 'none'" in page.values("meta", "content")[0]


def test_its_pictures_are_in_it():
    sources = Page(html_report([_assessment()])).values("img", "src")
    assert len(sources) == 3  # two roles of sounds, one of them with a real one
    for source in sources:
        head, data = source.split(",")
        assert head == "data:image/png;base64"
        with Image.open(BytesIO(base64.b64decode(data, validate=True))) as picture:
            assert picture.height == 136


def test_bars_are_as_long_as_their_values_say():
    page = Page(html_report([_assessment()]))
    widths = [float(width) for width in page.values("rect", "width")]
    kinds = page.values("rect", "class")
    assert kinds == ["drawn", "real"] * 3  # none for what is missing
    assert widths[:4] == pytest.approx([100 / 3, 100, 0, 100], abs=0.01)  # two digits; less than nothing is no bar
    assert widths[4:] == pytest.approx([90, 100], abs=0.01)


def test_several_stand_side_by_side_with_their_ranks():
    page = Page(html_report([_assessment("first"), _assessment("second", closest=(), type="pack")], [1.25, 1.75]))
    assert "first, second against real" in page.text
    assert page.text.index("1.25") < page.text.index("1.75")
    assert page.values("rect", "class") == ["drawn", "real"] * 6
    assert "sounds of the pack second" in page.text
    assert "Nothing is known of its training sounds." in page.text
    assert "mean rank" not in Page(html_report([_assessment()])).text


def test_names_of_strangers_mean_nothing():
    hostile = _assessment(HOSTILE, note=HOSTILE, against=Path(HOSTILE), closest=(Closest(HOSTILE, HOSTILE, 1.0, 1.0),))
    text = html_report([hostile])
    page = Page(text)
    assert text.encode("utf-8")  # lone surrogates would not be
    assert "script" not in page.tags
    assert len(page.values("img", "src")) == 3
    assert {name for tag, name, _ in page.attributes if tag == "img"} == {"src", "alt"}
    assert page.text.count("<script>alert(1)</script>") >= 6
    assert "\\x1b[31m\\u202e\\udcff" in page.text


def test_light_and_dark_and_narrow_screens_are_thought_of():
    text = html_report([_assessment()])
    assert "prefers-color-scheme: dark" in text
    assert "max-width: 40rem" in text
    assert 'name="viewport"' in text
