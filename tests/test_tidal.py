"""Tidal's mini-notation: what each sign does, in onsets by hand; what is refused, and where."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplegen.errors import PatternError
from samplegen.sequencer import cycles, notation, tidal
from samplegen.sequencer.header import Line
from samplegen.sequencer.pattern import Pattern
from samplegen.sequencer.tidal_parser import parse_line


def onsets(pattern: Pattern) -> dict[str, list[Fraction]]:
    """Onsets of each lane, in bars."""
    found = {}
    for lane in pattern.lanes:
        grid = pattern.grid(lane)
        found[lane.name] = [Fraction(index, grid) for index, step in enumerate(lane.steps) if step.velocity]
    return found


def parts(text: str) -> list[Fraction]:
    return [Fraction(part) for part in text.split()]


@pytest.mark.parametrize(
    ("text", "bars", "meant"),
    [
        ("a b", 1, {"a": "0", "b": "1/2"}),
        ("a ~ b ~", 1, {"a": "0", "b": "1/2"}),
        ("a [b c]", 1, {"a": "0", "b": "1/2", "c": "3/4"}),
        ("a [b [c d e]]", 1, {"a": "0", "b": "1/2", "c": "3/4", "d": "5/6", "e": "11/12"}),
        ("a*4", 1, {"a": "0 1/4 1/2 3/4"}),
        ("a*2 b", 1, {"a": "0 1/4", "b": "1/2"}),
        ("a/2", 2, {"a": "0"}),
        ("a b/2", 2, {"a": "0 1", "b": "1/2"}),
        ("[a b]/2", 2, {"a": "0", "b": "1"}),
        ("a*1.5", 2, {"a": "0 2/3 4/3"}),
        ("a!3 b", 1, {"a": "0 1/4 1/2", "b": "3/4"}),
        ("a@3 b", 1, {"a": "0", "b": "3/4"}),
        ("<a b>", 2, {"a": "0", "b": "1"}),
        ("<a b>*2", 1, {"a": "0", "b": "1/2"}),
        ("<a <b c>>", 4, {"a": "0 2", "b": "1", "c": "3"}),
        ("<a!2 b@3>", 5, {"a": "0 1", "b": "2"}),
        ("a, b b", 1, {"a": "0", "b": "0 1/2"}),
        ("[a, b b] c", 1, {"a": "0", "b": "0 1/4", "c": "1/2"}),
        ("{a b c}%4", 3, {"a": "0 3/4 6/4 9/4", "b": "1/4 1 7/4 10/4", "c": "2/4 5/4 2 11/4"}),
        ("{a b, c d e}", 3, {"a": "0 1 2", "b": "1/2 3/2 5/2", "c": "0 3/2", "d": "1/2 2", "e": "1 5/2"}),
        ("a(3,8)", 1, {"a": "0 3/8 6/8"}),
        ("a(3,8,1)", 1, {"a": "2/8 5/8 7/8"}),
        ("a(<3>,8)", None, "whole number"),
        ("[a b](1,2)", 1, {"a": "0", "b": "1/4"}),
        ("a\nb b", 1, {"a": "0", "b": "0 1/2"}),
        ("a a, a a a", 1, {"a": "0 1/3 1/2 2/3"}),
        ("bd2 36 open-hat", 1, {"bd2": "0", "36": "1/3", "open-hat": "2/3"}),
    ],
)
def test_each_sign(text, bars, meant):
    if bars is None:
        with pytest.raises(PatternError, match=meant):
            tidal.parse_tidal(text)
        return
    pattern = tidal.parse_tidal(text)
    assert pattern.bars == bars
    assert onsets(pattern) == {name: parts(times) for name, times in meant.items()}


def test_a_question_mark_leaves_a_hit_to_chance():
    lanes = tidal.parse_tidal("a? b*2?").lanes
    assert [[step.maybe for step in lane.steps if step.velocity] for lane in lanes] == [[True], [True, True]]
    sure_in_one_layer = tidal.parse_tidal("a?, a").lanes[0]
    assert [step.maybe for step in sure_in_one_layer.steps if step.velocity] == [False]


def test_the_header_is_the_same_as_in_the_grid():
    pattern = tidal.parse_tidal("# tempo 90 swing 60 bars 3\n# free words\nbd*4")
    assert (pattern.tempo, pattern.swing, pattern.bars, len(pattern.lanes)) == (90, 60, 3, 1)


def test_steps_that_fit_the_bar_are_written_in_its_sixteenths():
    assert tidal.parse_tidal("a b").lanes[0].grid is None
    assert tidal.parse_tidal("a b c").lanes[1].grid == 3


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:3", 1, 2, "unknown token ':'"),
        ("a . b", 1, 3, r"unknown token '\.'"),
        ("bd _", 1, 4, "unknown token '_'"),
        ("a\n  b $ c", 2, 5, r"unknown token '\$'"),
        ("a 1.5", 1, 3, "unknown token '1.5'"),
        ("a b]", 1, 4, "']' closes nothing"),
        ("[a b", 1, 5, r"'\[' of column 1 is not closed"),
        ("[a b>", 1, 5, "not closed with ']'"),
        ("a*", 1, 3, "number up to 256"),
        ("a*0", 1, 3, "number up to 256"),
        ("a*9999", 1, 3, "number up to 256"),
        ("a!1.5", 1, 3, "whole number"),
        ("a!0", 1, 3, "whole number"),
        ("a(9,8)", 1, 1, r"the number of onsets of \(9,8\) is 9; it can be 0 to 8"),
        ("a(3)", 1, 5, "Euclidean rhythm is written"),
        ("a(3,8,1,2)", 1, 11, "Euclidean rhythm is written"),
        ("[]", 1, 2, "something to play is missing"),
        ("a,", 1, 3, "something to play is missing"),
        ("*2", 1, 1, r"unknown token '\*'"),
        ("~ ? *", 1, 6, "number up to"),
        ("[" * 41 + "a" + "]" * 41, 1, 41, "more than 40 deep"),
        ("a*200*200", 1, 1, "40000 sounds a cycle"),
        ("[[[a!256]!256]!256]!256", 1, 2, "65536 sounds a cycle"),
        ("<a b c>/7 b <a b c d e>/13", None, None, "only after 1365 cycles"),
        ("a*7 a*11 a*13 a*17", None, None, "68068 steps"),
    ],
)
def test_errors_point_at_their_place(text, line, column, words):
    with pytest.raises(PatternError, match=words) as caught:
        tidal.parse_tidal(text)
    if line:
        assert (caught.value.line, caught.value.column) == (line, column)
        assert str(caught.value).split("\n")[2].index("^") >= 2


@pytest.mark.parametrize("text", ["", "~", "~ ~", "# tempo 120"])
def test_nothing_to_play_is_refused(text):
    with pytest.raises(PatternError, match="0 lanes"):
        tidal.parse_tidal(text)


_NUMBERS = st.integers(1, 6)
_TREES = st.recursive(
    st.sampled_from(["a", "b2", "~", "c-d"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda found: f"[{' '.join(found)}]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda found: f"<{' '.join(found)}>"),
        st.tuples(inner, inner).map(lambda found: f"[{found[0]}, {found[1]}]"),
        st.tuples(inner, inner, _NUMBERS).map(lambda found: f"{{{found[0]} {found[1]}}}%{found[2]}"),
        st.tuples(inner, st.sampled_from("*/!@"), _NUMBERS).map(lambda found: f"[{found[0]}{found[1]}{found[2]} a]"),
        st.tuples(inner, _NUMBERS).map(lambda found: f"[{found[0]}({found[1]},7,{found[1]})]"),
        inner.map(lambda found: f"{found}?"),
    ),
    max_leaves=5,
)


@given(_TREES)
@settings(max_examples=150, deadline=None)
def test_any_nesting_is_read_into_a_pattern_that_prints_or_is_refused_in_words(text):
    try:
        pattern = tidal.parse_tidal(text)
    except PatternError as error:
        if not any(words in str(error) for words in ("steps", "cycles", "0 lanes")):
            raise
        return
    assert notation.parse_pattern(notation.show_pattern(pattern)) == pattern


@given(_TREES)
@settings(max_examples=100, deadline=None)
def test_what_a_part_promises_holds(text):
    """No more onsets than its density in every cycle, and the same again after its period."""
    try:
        node = parse_line(Line(1, text))
    except PatternError:
        return
    first, again = (
        sorted(
            (onset.time - start, onset.name) for onset in node.onsets(Fraction(start), Fraction(start + node.period))
        )
        for start in (0, node.period)
    )
    assert first == again
    assert len(first) <= node.density * node.period
    assert all(0 <= time < node.period for time, _ in first)
    assert node.density <= cycles.MAX_ONSETS_PER_CYCLE
