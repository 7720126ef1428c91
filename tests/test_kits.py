"""Kits: where the pads lie, and whether a real SFZ player plays the file as it is meant."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from samplegen import audio
from samplegen.errors import OptionError
from samplegen.kits import kit as kits
from samplegen.kits import sfz
from samplegen.kits.kit import MOST_PADS, Kit, deal
from samplegen.kits.notemap import GENERAL_MIDI
from samplegen.roles import BY_NAME, ROLES

RATE = 44_100
BLOCK = 64
MS = RATE / 1000  # samples
HATS = ("closed-hat", "pedal-hat", "open-hat")
# drawn by a seed, since hypothesis hardly ever makes a list of more than one kit's length
ALL_ROLES = st.builds(
    lambda seed, count: random.Random(seed).choices(ROLES, k=count), st.integers(0, 10**6), st.integers(1, 300)
)


def dealt(roles: list[str]) -> list[Kit]:
    return deal(roles, [f"One_Shots/{number}.wav" for number in range(len(roles))], name="kit")


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
    assert len(made) == -(-len(roles) // MOST_PADS)
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
    assert set(notes) <= set(kits._GENERAL_MIDI)
    assert list(GENERAL_MIDI) == list(BY_NAME)


def test_all_hats_share_one_choke_group_and_nothing_else_has_one() -> None:
    (kit,) = dealt(list(ROLES) * 3)
    assert {pad.choke for pad in kit.pads if pad.role in HATS} == {BY_NAME["open-hat"].choke} != {None}
    assert {pad.choke for pad in kit.pads if pad.role not in HATS} == {None}


def test_several_kits_are_numbered_and_no_sounds_are_no_kit() -> None:
    assert [kit.name for kit in dealt(["kick"] * (MOST_PADS + 1))] == ["kit-1", "kit-2"]
    assert [kit.name for kit in dealt(["kick"])] == ["kit"]
    assert dealt([]) == []


def test_wrong_roles_are_refused() -> None:
    with pytest.raises(OptionError, match="unknown role 'gong'; the roles are kick, snare"):
        dealt(["kick", "gong"])
    with pytest.raises(OptionError, match="2 roles were given for 1 files"):
        deal(["kick", "snare"], ["a.wav"], name="kit")


def test_a_line_holds_everything_that_its_pad_needs() -> None:
    text = sfz.write(dealt(["kick", "open-hat"])[0], prefix="../").decode()
    assert text.splitlines() == [
        "// kit: 2 pads",
        "<region> sample=../One_Shots/0.wav lokey=36 hikey=36 pitch_keycenter=36 loop_mode=one_shot",
        "<region> sample=../One_Shots/1.wav lokey=46 hikey=46 pitch_keycenter=46 loop_mode=one_shot"
        " group=1 off_by=1 off_mode=fast",
    ]


# --- played by sfizz ---------------------------------------------------------------------------------------------


def ring(seed: int) -> NDArray[np.float32]:
    """0.15 s that are loud from the first sample on and far from silent at the end.

    Below 8192 frames, which sfizz keeps in memory: the rest of longer files it may read too late.
    """
    time = np.arange(round(0.15 * RATE)) / RATE
    return (0.8 * np.random.default_rng(seed).choice([-1.0, 1.0], len(time)) * np.exp(-8 * time)).astype(np.float32)


@pytest.fixture
def sfz_kit(tmp_path: Path) -> tuple[Path, Kit]:
    """A written kit of every role and a second open hat, and its SFZ file in `Kits/`."""
    roles = [*ROLES, "open-hat", "kick"]
    paths = [f"One_Shots/{role.title()}/kit_{role}_{number}.wav" for number, role in enumerate(roles)]
    (kit,) = deal(roles, paths, name="kit")
    for number, path in enumerate(paths):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        audio.write(tmp_path / path, ring(number), RATE)
    file = tmp_path / "Kits" / "kit.sfz"
    file.parent.mkdir()
    file.write_bytes(sfz.write(kit, prefix="../"))
    return file, kit


def play(synth, events: dict[int, list[tuple[str, int]]], seconds: float) -> NDArray[np.float32]:
    """Left channel of a performance; events are `{block: [("on" | "off", note)]}`."""
    blocks = []
    for block in range(round(seconds * RATE / BLOCK)):
        for kind, note in events.get(block, []):
            synth.note_on(0, note, 127) if kind == "on" else synth.note_off(0, note, 0)
        blocks.append(np.array(synth.render_block()[0]))  # a copy: the buffer is sfizz's own
    return np.concatenate(blocks)


def assert_plays(file: Path, kit: Kit) -> None:
    """What a drummer expects of the file: every pad sounds, at once, to its end, and hats choke each other."""
    pysfizz = pytest.importorskip("pysfizz", reason="the SFZ player sfizz is not installed")
    synth = pysfizz._sfizz.Synth(RATE, BLOCK)
    synth.enable_freewheeling()
    assert synth.load_sfz_file(str(file)), "the file does not load"
    assert synth.get_num_regions() == len(kit.pads), "some regions were dropped"
    late = round(0.05 * RATE / BLOCK)  # the block in which a key is released, or the second hat struck
    for pad in kit.pads:
        sound = play(synth, {0: [("on", pad.note)], late: [("off", pad.note)]}, 0.15)
        synth.all_sound_off()
        assert np.argmax(np.abs(sound) > 0.03 * np.abs(sound).max()) <= 3 * MS, f"{pad.role} is late"
        # exp(-8 * 0.1) = 0.45 of the start's level is left when the key has been up for 50 ms
        assert audio.peak(sound[round(0.1 * RATE) :]) > 0.2 * audio.peak(sound) > 0, f"{pad.role} is cut off"
    closed = next(pad.note for pad in kit.pads if pad.role == "closed-hat")
    for pad in (pad for pad in kit.pads if pad.choke and pad.note != closed):
        alone = play(synth, {late: [("on", closed)]}, 0.15)
        synth.all_sound_off()
        choked = play(synth, {0: [("on", pad.note)], late: [("on", closed)]}, 0.15)
        synth.all_sound_off()
        # the difference is the open hat alone; 20 ms after the closed one, sfizz's 6 ms fade is over
        rest = (choked - alone)[late * BLOCK + round(20 * MS) :]
        assert audio.peak(rest) < 0.001, f"{pad.role} is not choked"


def test_sfizz_plays_the_kit_as_meant(sfz_kit: tuple[Path, Kit]) -> None:
    assert_plays(*sfz_kit)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("kit_kick_0", "kit_kick_missing", "regions were dropped"),
        (" off_by=1", "", "is not choked"),
        (" group=1", "", "is not choked"),
        (" loop_mode=one_shot", "", "is cut off"),
        (" loop_mode=one_shot", " loop_mode=one_shot delay=0.004", "is late"),
        ("../One_Shots", "One_Shots", "does not load|regions were dropped"),
    ],
)
def test_a_broken_kit_is_told_from_a_good_one(sfz_kit: tuple[Path, Kit], old: str, new: str, complaint: str) -> None:
    file, kit = sfz_kit
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(AssertionError, match=complaint):
        assert_plays(file, kit)


def test_the_pads_sound_like_their_own_files(sfz_kit: tuple[Path, Kit]) -> None:
    pysfizz = pytest.importorskip("pysfizz", reason="the SFZ player sfizz is not installed")
    file, kit = sfz_kit
    synth = pysfizz._sfizz.Synth(RATE, BLOCK)
    synth.enable_freewheeling()
    synth.load_sfz_file(str(file))
    for pad in kit.pads:
        sound = play(synth, {0: [("on", pad.note)]}, 0.1)
        synth.all_sound_off()
        own, _ = audio.read(file.parent.parent / pad.file)
        # sfizz plays one sample late and interpolates; files that are not this one correlate under 0.1
        assert np.corrcoef(sound[1:4001], own[:4000])[0, 1] > 0.9, pad.role


def validate(file: Path) -> int:
    pytest.importorskip("sfzen", reason="the SFZ checker sfzen is not installed")
    code = "import sys; from sfzen.scripts.sfz_validate import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code, file], capture_output=True, check=False).returncode


def test_the_checker_finds_no_fault(sfz_kit: tuple[Path, Kit]) -> None:
    file, _ = sfz_kit
    assert validate(file) == 0
    file.write_text(file.read_text().replace("loop_mode=one_shot", "loop_mode=one_shoot"))
    assert validate(file) != 0
