"""Kits: where the pads lie, how takes become layers, and what notes a map of one's own gives them."""

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplegen.errors import OptionError
from samplegen.kits import layout, notemap, sfz
from samplegen.kits.kit import Kit
from samplegen.kits.layout import MAX_PADS, lay_out_kits
from samplegen.roles import BY_NAME, GENERAL_MIDI, ROLES

HATS = ("closed-hat", "pedal-hat", "open-hat")
# drawn by a seed, since hypothesis hardly ever makes a list of more than one kit's length
ALL_ROLES = st.builds(
    lambda seed, count: random.Random(seed).choices(ROLES, k=count), st.integers(0, 10**6), st.integers(1, 300)
)


def dealt(roles: list[str]) -> list[Kit]:
    return lay_out_kits(roles, [f"One_Shots/{number}.wav" for number in range(len(roles))], name="kit")


@given(ALL_ROLES)
def test_every_sound_is_on_one_pad_and_no_two_share_a_note(roles: list[str]) -> None:
    made = dealt(roles)
    pads = [pad for kit in made for pad in kit.pads]
    assert sorted(pad.file for pad in pads) == sorted(f"One_Shots/{number}.wav" for number in range(len(roles)))
    assert all(pad.role == roles[int(Path(pad.file).stem)] for pad in pads)
    for kit in made:
        notes = [pad.note for pad in kit.pads]
        assert notes == sorted(set(notes))
        assert 21 <= notes[0] <= notes[-1] <= 108  # the keys of a full keyboard


@given(ALL_ROLES)
def test_kits_are_as_few_and_as_even_as_can_be_and_share_the_roles(roles: list[str]) -> None:
    made = dealt(roles)
    sizes = [len(kit.pads) for kit in made]
    assert len(made) == -(-len(roles) // MAX_PADS)
    assert max(sizes) - min(sizes) <= 1
    for role, count in Counter(roles).items():
        per_kit = [sum(pad.role == role for pad in kit.pads) for kit in made]
        assert max(per_kit) - min(per_kit) <= 1, (role, count)


@given(ALL_ROLES)
def test_each_role_of_a_kit_is_on_its_general_midi_note(roles: list[str]) -> None:
    for kit in dealt(roles):
        placed = {pad.note: pad.role for pad in kit.pads}
        for role in {pad.role for pad in kit.pads}:
            assert placed[BY_NAME[role].note] == role


def test_further_sounds_take_their_siblings_then_notes_outside_of_general_midi() -> None:
    (kit,) = dealt(["kick"] * 4 + ["snare"] * 2 + ["crash"] * 3 + ["closed-hat"] * 2)
    notes = {
        role: [pad.note for pad in kit.pads if pad.role == role] for role in ("kick", "snare", "crash", "closed-hat")
    }
    assert notes == {"kick": [33, 34, 35, 36], "snare": [38, 40], "crash": [49, 55, 57], "closed-hat": [32, 42]}


def test_the_first_sound_of_a_role_is_the_first_given() -> None:
    (kit,) = dealt(["kick", "snare", "kick"])
    assert {pad.note: pad.file for pad in kit.pads}[36] == "One_Shots/0.wav"


def test_no_role_can_take_anothers_note() -> None:
    notes = [note for row in GENERAL_MIDI.values() for note in row]
    assert len(notes) == len(set(notes))
    assert set(notes) <= set(layout._GENERAL_MIDI_NOTES)
    assert list(GENERAL_MIDI) == list(BY_NAME)


def test_all_hats_share_one_choke_group_and_nothing_else_has_one() -> None:
    (kit,) = dealt(list(ROLES) * 3)
    assert {pad.choke for pad in kit.pads if pad.role in HATS} == {BY_NAME["open-hat"].choke} != {None}
    assert {pad.choke for pad in kit.pads if pad.role not in HATS} == {None}


def test_several_kits_are_numbered_and_no_sounds_are_no_kit() -> None:
    assert [kit.name for kit in dealt(["kick"] * (MAX_PADS + 1))] == ["kit-1", "kit-2"]
    assert [kit.name for kit in dealt(["kick"])] == ["kit"]
    assert dealt([]) == []


def test_wrong_roles_are_refused() -> None:
    with pytest.raises(OptionError, match="unknown role 'gong'; the roles are kick, snare"):
        dealt(["kick", "gong"])
    with pytest.raises(OptionError, match="2 roles were given for 1 files"):
        lay_out_kits(["kick", "snare"], ["a.wav"], name="kit")


def test_a_line_holds_everything_that_its_pad_needs() -> None:
    text = sfz.write(dealt(["kick", "open-hat"])[0], prefix="../").decode()
    assert text.splitlines() == [
        "// kit: 2 pads",
        "<region> sample=../One_Shots/0.wav lokey=36 hikey=36 pitch_keycenter=36 loop_mode=one_shot",
        "<region> sample=../One_Shots/1.wav lokey=46 hikey=46 pitch_keycenter=46 loop_mode=one_shot"
        " group=1 off_by=1 off_mode=fast",
    ]


# --- layers and takes --------------------------------------------------------------------------------------------


def test_layers_share_the_velocities_and_leave_no_gap() -> None:
    layers = layout.split_velocities([["soft.wav"], ["a.wav", "b.wav"], ["hard.wav"]])
    assert [(layer.low, layer.high) for layer in layers] == [(1, 42), (43, 84), (85, 127)]
    assert layers[1].files == ("a.wav", "b.wav")
    for count in range(1, 128):
        edges = [(layer.low, layer.high) for layer in layout.split_velocities([["x.wav"]] * count)]
        assert [velocity for low, high in edges for velocity in range(low, high + 1)] == list(range(1, 128))
    for takes in ([], [[]], [["x.wav"]] * 128):
        with pytest.raises(OptionError, match="1 to 127 velocity layers with a file in each"):
            layout.split_velocities(takes)


def test_a_pad_knows_its_files_and_the_loudest_of_them() -> None:
    (kit,) = lay_out_kits(
        ["snare"], [[["kit_snare_owl_v2_r1.wav"], ["kit_snare_owl.wav", "kit_snare_owl_v1_r2.wav"]]], name="kit"
    )
    (pad,) = kit.pads
    assert (pad.name, pad.file) == ("snare_owl", "kit_snare_owl.wav")
    assert pad.files == kit.files == ("kit_snare_owl_v2_r1.wav", "kit_snare_owl.wav", "kit_snare_owl_v1_r2.wav")


def test_numbered_takes_are_put_in_order_and_a_gap_is_refused() -> None:
    takes = {(1, 0): "soft", (0, 1): "b", (0, 0): "a"}
    assert layout.order_takes(takes) == [["soft"], ["a", "b"]]
    for gap in ((2, 1), (3, 0), (0, 3), (1, 2)):
        with pytest.raises(OptionError, match=f"gap before layer {gap[0]}, take {gap[1]}"):
            layout.order_takes(takes | {gap: "odd"})


# --- a note map of one's own -------------------------------------------------------------------------------------


def test_a_map_places_its_drums_and_leaves_the_others() -> None:
    notes = notemap.parse_note_map("# mine\n\nkick 38, 99\nSnare=36\nclosed_hat;60\n", "my.map")
    (kit,) = lay_out_kits(
        ["kick"] * 3 + ["snare", "closed-hat", "clap", "perc"], list("abcdefg"), name="kit", notes=notes
    )
    placed = {pad.note: pad.file for pad in kit.pads}
    assert (placed[38], placed[99], placed[36], placed[60], placed[39], placed[75]) == tuple("abdefg")
    assert next(note for note, file in placed.items() if file == "c") == 34  # the nearest to 38 outside General MIDI


def test_any_map_leaves_a_note_for_every_drum() -> None:
    notes = notemap.parse_note_map("kick " + " ".join(map(str, range(128))), "my.map")  # takes all there are
    (kit,) = lay_out_kits(
        ["kick"] * 70 + ["snare"] * 18, [f"{number}" for number in range(88)], name="kit", notes=notes
    )
    assert len({pad.note for pad in kit.pads}) == 88


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kick 36\ngong 40", "line 2 of my.map has the unknown drum 'gong'; the drums are kick, snare"),
        ("kick", "line 1 of my.map gives kick no note; write one, such as 'kick 36'"),
        ("kick 36\n\nkick 35", "line 3 of my.map places kick again"),
        ("kick 36\nsnare 38 36", "line 2 of my.map puts snare on note 36, where kick is already"),
        ("kick 36 36", "line 1 of my.map puts kick on note 36, where kick is already"),
        ("kick 128", "line 1 of my.map has '128' where a note is due"),
        ("kick -1", "has '-1' where a note is due"),
        ("kick C1", "has 'C1' where a note is due"),
        ("kick ３６", "where a note is due"),
        ('{"kick": 36}', "line 1 of my.map has the unknown drum"),
        ("", "my.map places no drum"),
        ("# kick 36", "my.map places no drum"),
        ("x" * 100_001, "my.map is too long for a note map"),
    ],
)
def test_a_bad_map_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        notemap.parse_note_map(text, "my.map")
    assert words in str(caught.value)


@given(st.text())
def test_garbage_is_a_map_or_an_error_and_nothing_else(text: str) -> None:
    with suppress(OptionError):
        assert set(notemap.parse_note_map(text, "my.map")) == set(ROLES)


def test_files_that_are_no_map_are_told(tmp_path: Path) -> None:
    (tmp_path / "binary.map").write_bytes(b"\xff\xfe\x00kick")
    for path, words in (("binary.map", "is no text"), ("missing.map", "cannot be read"), (".", "cannot be read")):
        with pytest.raises(OptionError, match=words):
            notemap.read_note_map(tmp_path / path)
    (tmp_path / "bom.csv").write_bytes("\ufeffkick,40\r\n".encode())  # as spreadsheets write it
    assert notemap.read_note_map(tmp_path / "bom.csv")["kick"] == (40,)
