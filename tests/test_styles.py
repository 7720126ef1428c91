"""The patterns that come along, and what makes new ones of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import PATTERNS

from samplegen.errors import OptionError, PatternError
from samplegen.sequencer import arrange, header, notation, pad_mapping, styles
from samplegen.sequencer.pattern import MAX_STEPS, REST, Pattern, unroll
from samplegen.sequencer.timing import events

ALL = [f"{name}/{which}" for name in styles.names() for which in styles.style(name).patterns]
WANTED = {
    "house", "techno", "boom-bap", "trap", "drum-and-bass", "footwork", "dembow", "afrobeat", "electro", "breakbeat",
    "lo-fi", "waltz", "five", "seven",
}  # fmt: skip
TURNING = {"techno/main", "techno/hypnotic", "footwork/battle"}  # with a lane that is meant to turn against the bar


def hits(pattern: Pattern) -> int:
    return sum(bool(step.velocity) for lane in unroll(pattern).lanes for step in lane.steps)


def test_there_are_enough_styles_and_patterns():
    assert set(styles.names()) >= WANTED
    assert sum(not name.endswith("/fill") for name in ALL) >= 24
    for name in styles.names():
        found = styles.style(name)
        assert len(found.about) > 20
        assert next(iter(found.patterns)) == "main"
        assert list(found.patterns)[-1] == "fill"
        assert found.patterns["fill"].bars == 1
        assert len({(one.meter, one.tempo, one.swing, one.swing_grid) for one in found.patterns.values()}) == 1


@pytest.mark.parametrize("name", ALL)
def test_lanes_fill_their_bars_and_name_drums(name):
    pattern = styles.style_pattern(name)
    odd = [lane.name for lane in pattern.lanes if len(lane.steps) % pattern.grid(lane)]
    assert bool(odd) == (name in TURNING), odd
    assert all(pad_mapping.role_of(lane.name)[0] for lane in pattern.lanes)
    assert max(len(lane.steps) for lane in pattern.lanes) <= pattern.bars * pattern.steps
    assert any(lane.name in ("kick", "cowbell") and lane.steps[0].velocity for lane in pattern.lanes)
    assert notation.parse_pattern(notation.show_pattern(pattern)) == pattern


def test_no_two_patterns_are_the_same():
    assert len({tuple(events(styles.style_pattern(name))) for name in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("house", 118, 128),
        ("trap", 130, 160),
        ("drum-and-bass", 165, 180),
        ("boom-bap", 80, 96),
        ("footwork", 155, 165),
        ("dembow", 85, 110),
    ],
)
def test_tempi_are_those_of_the_styles(name, low, high):
    assert low <= styles.style_pattern(name).tempo <= high


@pytest.mark.parametrize("name", ["polka", "", "house/nope", "../house", "house/"])
def test_unknown_styles_are_refused_with_what_there_is(name):
    if name == "house/":
        assert styles.style_pattern(name) == styles.style_pattern("house/main")
        return
    with pytest.raises(OptionError, match=r"house, lo-fi|main, deep, fill"):
        styles.style_pattern(name)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("amount", [0.2, 0.7])
def test_a_mutation_spares_the_backbone(name, amount):
    pattern = unroll(styles.style_pattern(name))
    changed = arrange.mutate(pattern, amount, seed=1)
    assert any(arrange.mutate(pattern, amount, seed) != pattern for seed in range(5))
    assert changed == arrange.mutate(pattern, amount, seed=1)
    for lane, new in zip(pattern.lanes, changed.lanes, strict=True):
        for step, after, weight in zip(lane.steps, new.steps, arrange.metrical_weights(pattern, lane), strict=True):
            if pad_mapping.role_of(lane.name)[0] in arrange.BACKBONE_ROLES and weight >= 3 and step.velocity >= 80:
                assert after == step


def test_a_little_mutation_changes_a_little():
    pattern = unroll(styles.style_pattern("breakbeat"))
    shares = []
    for seed in range(20):
        changed = arrange.mutate(pattern, 0.2, seed)
        pairs = [
            pair
            for a, b in zip(pattern.lanes, changed.lanes, strict=True)
            for pair in zip(a.steps, b.steps, strict=True)
        ]
        shares.append(sum(bool(old.velocity) != bool(new.velocity) for old, new in pairs) / len(pairs))
    assert 0.002 < sum(shares) / 20 < 0.1  # of the steps begin or cease to sound
    assert len(set(shares)) > 3


def test_no_mutation_is_the_same_pattern():
    pattern = styles.style_pattern("house")
    assert arrange.mutate(pattern, 0.0, 5) == arrange.change_density(pattern, 1.0, 5) == pattern


@pytest.mark.parametrize("name", ALL)
def test_density_thins_and_thickens(name):
    pattern = unroll(styles.style_pattern(name))
    counts = [hits(arrange.change_density(pattern, density, 3)) for density in (0, 0.5, 1, 1.5, 2)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]
    thin, thick = arrange.change_density(pattern, 0.5, 3), arrange.change_density(pattern, 1.5, 3)
    for lane, less, more in zip(pattern.lanes, thin.lanes, thick.lanes, strict=True):
        assert all(new in (old, REST) for old, new in zip(lane.steps, less.steps, strict=True))
        assert all(new == old for old, new in zip(lane.steps, more.steps, strict=True) if old.velocity)


@pytest.mark.parametrize("change", [arrange.mutate, arrange.change_density])
@pytest.mark.parametrize("amount", [-0.1, 2.1, float("nan")])
def test_amounts_out_of_range_are_refused(change, amount):
    with pytest.raises(OptionError, match="choose from 0 to"):
        change(styles.style_pattern("house"), amount)


@given(PATTERNS, st.floats(0, 1), st.floats(0, 2), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_any_pattern_can_be_varied(pattern, amount, density, seed):
    try:
        changed = arrange.mutate(arrange.change_density(pattern, density, seed), amount, seed)
    except PatternError as error:
        if str(MAX_STEPS) not in str(error):  # written out, it may be too long
            raise
        return
    if len(text := notation.show_pattern(changed)) <= header.MAX_TEXT_CHARACTERS:
        assert notation.parse_pattern(text) == changed


def test_one_pattern_follows_another():
    first = notation.parse_pattern("# bars 2 tempo 90\nkick x...............\nch[steps 12] xxx")
    second = notation.parse_pattern("kick ........x.......\nsnare[level -3] x")
    both = arrange.concatenate(first, second)
    assert (both.bars, both.tempo, [lane.name for lane in both.lanes]) == (3, 90, ["kick", "ch", "snare"])
    meant = [(hit.beat, first.lanes[hit.lane].name) for hit in events(first)]
    meant += [(8 + hit.beat, second.lanes[hit.lane].name) for hit in events(second)]
    played = [(hit.beat, both.lanes[hit.lane].name) for hit in events(both)]
    assert sorted((round(beat, 9), name) for beat, name in played) == sorted(
        (round(beat, 9), name) for beat, name in meant
    )
    assert both.lanes[2].level == -3


def test_lanes_of_other_grids_are_joined_without_moving():
    first = notation.parse_pattern("kick[steps 4] x.{90@+.25}x2")
    second = notation.parse_pattern("kick[steps 6] x..x..")
    beats = [hit.beat for hit in events(arrange.concatenate(first, second))]
    assert beats == pytest.approx([0, 2.25, 3, 3.5, 4, 6])


def test_other_meters_do_not_follow():
    with pytest.raises(PatternError, match="4/4 cannot go on in 7/8"):
        arrange.concatenate(styles.style_pattern("house"), styles.style_pattern("seven"))


def test_weights_are_those_of_the_meter():
    four, compound = notation.parse_pattern("kick x"), notation.parse_pattern("# meter 6/8\nkick x")
    whole = [unroll(pattern).lanes[0] for pattern in (four, compound)]
    assert arrange.metrical_weights(four, whole[0]) == [4, 1, 2, 1, 3, 1, 2, 1, 3, 1, 2, 1, 3, 1, 2, 1]
    assert arrange.metrical_weights(compound, whole[1]) == [4, 1, 2, 1, 2, 1, 3, 1, 2, 1, 2, 1]
