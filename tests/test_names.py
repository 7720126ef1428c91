"""Names: readable, repeatable, unique, and safe wherever a pack may be unzipped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplegen import roles
from samplegen.errors import OptionError
from samplegen.files import MAX_NAME_CHARACTERS, check_name
from samplegen.packs import names
from samplegen.packs.names import pack_name, sound_words

WORD = re.compile(r"[a-z]+")


def test_the_word_lists_are_long_plain_and_without_doubles() -> None:
    for words, least in ((names._ADJECTIVES, 120), (names._NOUNS, 200)):
        assert len(words) >= least
        assert len(set(words)) == len(words)
        assert all(WORD.fullmatch(word) for word in words)


@pytest.mark.parametrize("role", roles.ROLES)
def test_no_word_hides_the_role_in_a_file_name(role: str) -> None:
    read = {word: roles.role_of_name(f"dusty-lantern_{role}_{word}") for word in names._NOUNS}
    read |= {word: roles.role_of_name(f"{word}-lantern_{role}_{word}-lantern") for word in names._ADJECTIVES}
    assert {word: found for word, found in read.items() if found != role} == {}


def test_a_seed_always_gives_the_same_pack_name_and_seeds_differ() -> None:
    assert pack_name(3) == pack_name(3)
    drawn = [pack_name(seed) for seed in range(1000)]
    assert all(re.fullmatch(r"[a-z]+-[a-z]+", name) for name in drawn)
    # 1000 of 70,000 pairs: about 7 doubles are chance (birthday), a stuck generator gives hundreds
    assert len(set(drawn)) > 970


@given(st.integers(0, 2**63), st.integers(0, 600))
def test_sound_words_are_unique_repeatable_names(seed: int, count: int) -> None:
    words = sound_words(seed, count)
    assert len({word.lower() for word in words}) == count
    assert words == sound_words(seed, count)
    assert all(check_name(word, "word") == word for word in words)


def test_more_words_than_all_pairs_stay_unique() -> None:
    pairs = len(names._ADJECTIVES) * len(names._NOUNS)
    count = 2 * (pairs + len(names._NOUNS)) + 10  # three rounds through the list
    assert len(set(sound_words(1, count))) == count


def test_fewer_words_are_the_start_of_more() -> None:
    assert sound_words(5, 1000)[:10] == sound_words(5, 10)


@pytest.mark.parametrize(
    "name", ["kit", "A", "_x", "9lives", "dusty-lantern", "Console", "com10", "a" * MAX_NAME_CHARACTERS]
)
def test_good_names_pass(name: str) -> None:
    assert check_name(name, "pack name") == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "../x", "..", ".", ".hidden", "a.b", "-rf", "a/b", "a\\b", "C:", "kit\n", "kit\0", "\ud800",
     "drüm", "🥁", "kit🥁", "٣", "a" * (MAX_NAME_CHARACTERS + 1), "x" * 200, "<script>", "$HOME", "%00"],
)  # fmt: skip
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(OptionError, match=r"^the pack name '.*' cannot be used: 1 to 64 letters") as caught:
        check_name(name, "pack name")
    assert len(str(caught.value)) < 300  # a long name is not repeated in full
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["con", "CON", "Nul", "aux", "prn", "com1", "LPT9"])
def test_names_reserved_by_windows_are_refused(name: str) -> None:
    with pytest.raises(OptionError, match=f"model name '{name}' is reserved by Windows"):
        check_name(name, "model name")


@given(st.text(max_size=80))
def test_whatever_passes_is_one_plain_path_part(name: str) -> None:
    try:
        check_name(name, "name")
    except OptionError:
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name, re.ASCII)
    assert name[0] != "-"
