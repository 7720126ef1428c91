"""Times at which hits are played: exact times by hand, and what must hold for every pattern."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import PATTERNS

from samplegen.errors import PatternError
from samplegen.sequencer import notation
from samplegen.sequencer.timing import FLAM_LEVEL, FLAM_SECONDS, Hit, events, swing_beat


def beats(text: str, **options) -> list[float]:
    return [hit.beat for hit in events(notation.parse_pattern(text), **options)]


def test_a_bar_of_sixteenths_is_on_quarters_of_beats():
    assert beats("kick xxxx xxxx xxxx xxxx") == [step / 4 for step in range(16)]


def test_lanes_of_other_lengths_go_round_on_their_own():
    # three against sixteen: after 16 steps the lane is where it began plus one
    assert beats("# bars 2\nkick x..") == [step / 4 for step in range(0, 32, 3)]
    assert beats("kick[steps 12] x.x") == [4 * step / 12 for step in range(12) if step % 3 != 1]


@pytest.mark.parametrize(("swing", "late"), [(50, 0.25), (54, 0.27), (66, 0.33), (75, 0.375)])
def test_the_odd_sixteenth_lands_at_its_share_of_the_pair(swing, late):
    played = beats(f"# swing {swing}\nkick xxxx xxxx xxxx xxxx")
    assert played == pytest.approx([pair / 2 + odd for pair in range(8) for odd in (0, late)], abs=1e-12)


def test_eighths_swing_where_they_are_named():
    played = beats("# swing 66 grid 8\nkick xxxx")[:4]
    # the sixteenths in between are stretched and squeezed with their eighths
    assert played == pytest.approx([0, 0.33, 0.66, 0.83], abs=1e-12)


def test_triplets_stay_where_they_are_and_so_does_half_a_pair():
    assert beats("# swing 75\nkick[steps 12] xxxx xxxx xxxx") == pytest.approx([n / 3 for n in range(12)])
    seven = beats("# swing 75 grid 8 meter 7/8\nkick xx xx xx xx xx xx xx")
    assert seven[-2:] == [3.0, 3.25]


def test_a_ratchet_fills_its_step_evenly():
    assert beats("kick .x4..............") == pytest.approx([0.25, 0.3125, 0.375, 0.4375])


def test_a_flam_has_a_softer_grace_note_before_it():
    hits = events(notation.parse_pattern("# tempo 90\nkick ....X!..........."))
    assert hits == (Hit(1 - FLAM_SECONDS * 1.5, 0, round(FLAM_LEVEL * 120)), Hit(1.0, 0, 120))


def test_a_grace_note_before_the_loop_goes_round_or_is_left_out():
    pattern = notation.parse_pattern("kick x!...............")
    assert [hit.beat for hit in events(pattern)] == pytest.approx([0.0, 4 - FLAM_SECONDS * 2])
    assert [hit.beat for hit in events(pattern, wrap=False)] == [0.0]


def test_offsets_are_parts_of_a_step():
    assert beats("kick .{90@+.5}..............") == [0.375]
    assert beats("kick {90@-.5}...............") == [3.875]
    assert beats("kick {90@-.5}...............", wrap=False) == [0.0]
    assert beats("kick ...............{90@+1}") == [0.0]


def test_repeats_begin_anew():
    assert beats("kick x..", repeat=2) == beats("kick x..") + [beat + 4 for beat in beats("kick x..")]


def test_chance_is_seeded_and_fair():
    pattern = notation.parse_pattern("# bars 100\nkick x?")
    counts = [len(events(pattern, seed=seed)) for seed in range(20)]
    assert events(pattern, seed=3) == events(pattern, seed=3)
    assert len(set(counts)) > 5
    # of 1600 fair coins, 800 +- 20 (one deviation); 20 means of them lie within 5 deviations
    assert abs(np.mean(counts) - 800) < 5 * 20 / np.sqrt(20)


def test_a_lane_does_not_change_with_its_neighbours():
    alone = events(notation.parse_pattern("# bars 8\nkick x?x?"), seed=5, humanize=0.5)
    together = events(notation.parse_pattern("# bars 8\nsnare x?.\nkick x?x?"), seed=5, humanize=0.5)
    assert [(hit.beat, hit.velocity) for hit in together if hit.lane == 1] == [
        (hit.beat, hit.velocity) for hit in alone
    ]


def test_humanising_drifts_together():
    """Drums on one step move together; the kit's clock remembers 0.37 of itself from step to step."""
    pattern = notation.parse_pattern("# bars 500 tempo 120\nkick x\nsnare x")
    hits = events(pattern, humanize=1.0, seed=2, wrap=False)
    late = np.array([[hit.beat - index * 0.25 for index, hit in enumerate(_of(hits, lane))] for lane in (0, 1)]) / 2
    late = late[:, 1:]  # the first cannot be early
    assert late.std() == pytest.approx(np.hypot(0.012, 0.004), rel=0.1)  # of 8000 values clipped at 2.5 deviations
    assert np.corrcoef(late)[0, 1] == pytest.approx(0.012**2 / (0.012**2 + 0.004**2), abs=0.05)
    mean = late.mean(axis=0)
    # the mean of both has a clock of 12 ms and noise of 4 / sqrt 2 ms: 0.37 * 144 / (144 + 8); 8000 values give +-0.011
    assert np.corrcoef(mean[:-1], mean[1:])[0, 1] == pytest.approx(0.37 * 144 / 152, abs=0.05)


def _of(hits, lane):
    return [hit for hit in hits if hit.lane == lane]


@given(PATTERNS, st.booleans(), st.floats(0, 1), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_every_hit_is_inside_the_loop_in_order_and_the_same_again(pattern, wrap, humanize, seed):
    pattern = replace(pattern, bars=min(pattern.bars, 3))
    hits = events(pattern, humanize=humanize, seed=seed, wrap=wrap)
    assert list(hits) == sorted(hits)
    assert all(0 <= hit.beat < pattern.beats and 1 <= hit.velocity <= 127 for hit in hits)
    assert hits == events(pattern, humanize=humanize, seed=seed, wrap=wrap)


@given(PATTERNS)
@settings(max_examples=50, deadline=None)
def test_swing_keeps_the_order_of_steps_and_the_pairs(pattern):
    places = np.arange(0, min(pattern.bar, 16), 1 / 16)
    moved = np.array([swing_beat(place, pattern) for place in places.tolist()])
    assert (np.diff(moved) > 0).all()
    on_pairs = places % (8 / pattern.swing_grid) == 0
    assert (moved[on_pairs] == places[on_pairs]).all()
    assert (moved < pattern.bar).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"humanize": float("nan")}, "humanize is nan"),
        ({"humanize": 1.5}, "humanize is 1.5"),
        ({"repeat": 0}, "repeat is 0"),
        ({"repeat": 9_999}, "1599840 hits"),
    ],
)
def test_what_cannot_be_played_is_refused(options, words):
    with pytest.raises(PatternError, match=words):
        events(notation.parse_pattern("# bars 10\nkick x"), **options)
