"""Patterns as text: the step grid says what it seems to say, prints what it read, and shows where it is wrong."""

import pytest
from hypothesis import example, given, settings
from patterns import PATTERNS

from samplegen.errors import PatternError, SamplegenError
from samplegen.sequencer import header, notation
from samplegen.sequencer.euclid import euclid
from samplegen.sequencer.pattern import ACCENT, GHOST, NORMAL, REST, Lane, Pattern, Step, unroll

REFERENCE = """
# tempo 120  swing 56  bars 2
kick   x... x... x... x..o
snare  .... X... .... X...      # X accent 120, x 100, o ghost 45, 1-9 velocity decade, . rest, x! flam, x2 ratchet
ch     (11,16,2)                # Euclid: onsets, steps, rotation
perc   x..x..x.x..x             # 12 steps against 16: polymeter
"""


def steps(text: str) -> tuple[Step, ...]:
    return notation.parse_pattern(f"kick {text}").lanes[0].steps


def velocities(text: str) -> list[int]:
    return [step.velocity for step in steps(text)]


def test_the_reference_reads_as_it_is_meant():
    pattern = notation.parse_pattern(REFERENCE)
    assert (pattern.tempo, pattern.swing, pattern.bars, pattern.steps) == (120, 56, 2, 16)
    assert [lane.name for lane in pattern.lanes] == ["kick", "snare", "ch", "perc"]
    assert [len(lane.steps) for lane in pattern.lanes] == [16, 16, 16, 12]
    assert [step.velocity for step in pattern.lanes[0].steps if step.velocity] == [100, 100, 100, 100, 45]
    assert [bool(step.velocity) for step in pattern.lanes[2].steps] == list(euclid(11, 16, 2))


@given(PATTERNS)
@settings(max_examples=200, deadline=None)
@example(Pattern((Lane("x", (Step(100), Step(20), Step(100, ratchet=5), Step(45, ratchet=2), Step(30))),)))
@example(Pattern((Lane("a", (Step(70, offset=1e-9), Step(1, True, 9, True, -1.0), REST)),), title="# tempo 1"))
def test_what_is_printed_reads_as_the_same_pattern(pattern):
    text = notation.show_pattern(pattern)
    assert notation.parse_pattern(text) == pattern
    assert notation.show_pattern(notation.parse_pattern(text)) == text


def test_every_letter_and_digit_is_its_velocity():
    assert velocities("X x o . 1 2 3 4 5 6 7 8 9 {87}") == [ACCENT, NORMAL, GHOST, 0, *range(10, 100, 10), 87]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x2", [Step(100, ratchet=2)]),
        ("x 2", [Step(100), Step(20)]),
        ("x.2", [Step(100), REST, Step(20)]),
        ("72", [Step(70), Step(20)]),
        ("7:2", [Step(70, ratchet=2)]),
        ("x23", [Step(100, ratchet=2), Step(30)]),
        ("x:8", [Step(100, ratchet=8)]),
        ("X!x?", [Step(120, flam=True), Step(100, maybe=True)]),
        ("o3!?", [Step(45, flam=True, ratchet=3, maybe=True)]),
        ("{87@-.12}", [Step(87, offset=-0.12)]),
        ("{5@+1}!", [Step(5, flam=True, offset=1.0)]),
        ("x|.| x", [Step(100), REST, Step(100)]),
        ("o(2,5)", [Step(45), REST, Step(45), REST, REST]),
        ("9(1,2,1)", [REST, Step(90)]),
    ],
)
def test_steps_with_marks(text, meant):
    assert list(steps(text)) == meant


@pytest.mark.parametrize(
    ("numbers", "rhythm"),
    [
        ((3, 8), "x..x..x."),
        ((5, 8), "x.xx.xx."),
        ((5, 16), "x..x..x..x..x..."),
        ((2, 5), "x.x.."),
        ((7, 16), "x..x.x.x..x.x.x."),
        ((3, 8, 2), ".x..x.x."),
        ((0, 3), "..."),
        ((3, 3), "xxx"),
        ((3, 8, -1), ".x..x..x"),
    ],
)
def test_euclid_is_bjorklund_with_the_first_onset_on_0(numbers, rhythm):
    assert "".join(".x"[hit] for hit in euclid(*numbers)) == rhythm


def test_lanes_have_level_pan_and_steps_of_their_own():
    lane = notation.parse_pattern("ch[level -6, pan .3 steps 12] x.x").lanes[0]
    assert (lane.name, lane.level, lane.pan, lane.grid) == ("ch", -6.0, 0.3, 12)


def test_without_a_number_of_bars_the_longest_lane_is_heard_once():
    assert notation.parse_pattern("kick x...............x\nsnare x").bars == 2
    assert notation.parse_pattern("# meter 7/8\nkick x.............").bars == 1
    assert notation.parse_pattern("kick[steps 4] xxxxx").bars == 2


def test_comments_are_free_unless_they_begin_with_a_key():
    pattern = notation.parse_pattern(
        "# this is mine\n#tempo 90, swing 60 grid 8\n# title  A # day\n\n  kick x # tempo 99\r\nch x"
    )
    assert (pattern.tempo, pattern.swing, pattern.swing_grid, pattern.title) == (90, 60, 8, "A # day")
    assert len(pattern.lanes) == 2


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("kick x..q..", 1, 9, "unknown token 'q'"),
        ("kick x...\nsnare ..x\t*", 2, 11, r"unknown token '\*'"),
        ("kick x7", 1, 7, "x 7 for a hit and then velocity 70, x:7 for 7 hits"),
        ("kick x!!", 1, 8, "unknown token '!'"),
        ("kick (9,8)", 1, 6, r"the number of onsets of \(9,8\) is 9; it can be 0 to 8"),
        ("kick (3,8", 1, 6, r"unknown token '\('"),
        ("kick {0}", 1, 6, "velocity is 1 to 127"),
        ("kick {128}", 1, 6, "velocity is 128"),
        ("kick x2:3", 1, 6, "one ratchet"),
        ("kick {90@2}", 1, 6, "offset is 2"),
        ("kick", 1, 5, "kick has no steps"),
        ("kick # x...", 1, 5, "kick has no steps"),
        ("x...x...", 1, 1, "begins with the name of a lane"),
        ("kick[level] x", 1, 6, "level needs a number"),
        ("kick[loud 3] x", 1, 6, "unknown attribute 'loud'"),
        ("kick[pan 3] x", 1, 1, "pan of kick is 3"),
        ("kick[level nan] x", 1, 12, "level needs a number"),
        ("# tempo fast\nkick x", 1, 9, "tempo is 'fast'"),
        ("# swing nan\nkick x", 1, 9, "swing is 'nan'"),
        ("# bars 1.5\nkick x", 1, 8, "bars is '1.5'"),
        ("# tempo 120 colour 3\nkick x", 1, 13, "unknown key 'colour'"),
        ("# meter 4/5\nkick x", 1, 9, "meter is '4/5'"),
        ("# meter 0/4\nkick x", 1, 9, "meter is '0/4'"),
        ("# meter 4/0\nkick x", 1, 9, "meter is '4/0'"),
        ("kick[steps 0] x", 1, 1, "steps a bar of kick is 0"),
        ("# tempo\nkick x", 1, 8, "tempo is ''"),
        ("kick " + "x" * 10_001, 1, 10_006, "more than 10000 steps"),
        ("kick " + "(200,256)" * 50, 1, 357, "more than 10000 steps"),
        ("küche x", 1, 1, "begins with the name of a lane"),
        ("kick x\x1b[2J", 1, 7, "unknown token"),
    ],
)
def test_errors_point_at_their_place(text, line, column, words):
    with pytest.raises(PatternError, match=words) as caught:
        notation.parse_pattern(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    said, shown, caret = str(caught.value).split("\n")
    assert said.startswith(f"line {line}, column {column}: ")
    # the caret stands under the character, also where a long line is shown in part
    of_line = text.split("\n")[line - 1]
    assert shown[caret.index("^") :][:1].strip() == of_line[column - 1 : column].strip(" \t\x1b")
    assert isinstance(caught.value, SamplegenError)
    assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 lanes"),
        ("# tempo 120", "0 lanes"),
        (" \n\t\n", "0 lanes"),
        ("# tempo 0\nkick x", "tempo is 0; it can be 20 to 999"),
        ("# tempo 1000\nkick x", "tempo is 1000"),
        ("# swing 80\nkick x", "swing is 80; it can be 50 to 75"),
        ("# grid 12\nkick x", "swing grid is 12; it can be 8, 16"),
        ("# steps 0\nkick x", "steps a bar is 0"),
        ("# meter 65/4\nkick x", "meter's beats is 65"),
        ("# bars 0\nkick x", "bars is 0"),
        ("\n".join(f"k{number} x" for number in range(65)), "65 lanes"),
        ("kick x" + " " * header.MAX_TEXT_CHARACTERS, "1000006 characters"),
    ],
)
def test_what_no_pattern_can_be_is_refused(text, words):
    with pytest.raises(PatternError, match=words):
        notation.parse_pattern(text)


def test_ten_thousand_steps_can_be_read():
    assert len(steps("x" * 10_000)) == 10_000


@pytest.mark.parametrize("field", [{"tempo": float("nan")}, {"swing": float("nan")}, {"swing": float("inf")}])
def test_values_that_are_no_numbers_are_refused(field):
    with pytest.raises(PatternError, match=f"the {next(iter(field))} is"):
        Pattern((Lane("kick", (Step(100),)),), **field)


def test_a_rest_has_nothing_else():
    with pytest.raises(PatternError, match="a rest"):
        Step(0, flam=True)


def test_written_out_lanes_are_as_long_as_the_pattern():
    lanes = unroll(notation.parse_pattern("# bars 3\nkick x..\nch[steps 4] x.xx.")).lanes
    assert [len(lane.steps) for lane in lanes] == [48, 12]
    assert [bool(step.velocity) for step in lanes[1].steps[5:8]] == [True, False, True]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"MThd\x00\x00\x00\x06\x00\x01\xff\x92"])
def test_files_that_are_no_text_are_told(tmp_path, content):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(SamplegenError, match=r"a\.txt is no text"):
        header.read_text(tmp_path / "a.txt")
