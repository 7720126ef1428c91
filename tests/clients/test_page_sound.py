"""The audition page in a real Chromium: what its loops sound like, sample by sample."""

import json
from dataclasses import replace
from itertools import pairwise

import browsing
import numpy as np
import pytest
from browsing import CONTENTS, SOUNDS, TAKES, opened, saved, shown, tone
from conftest import RATE

from samplegen.packs.page.contents import PagePattern

pytestmark = pytest.mark.clients
browser, page = browsing.browser, browsing.page
STEP = 60 / 120 / 4  # seconds of a sixteenth of the first pattern

NOTES = {"kick": 36, "snare": 38, "closed_hat": 42, "open_hat": 46}  # of the page's sounds
VELOCITIES = {"X": 120, "x": 100, "o": 45, ".": 0}


@pytest.fixture
def with_pattern(browser, tmp_path):
    """Gives the loop that a page with these lanes, and perhaps other sounds, saves."""

    def loop(sounds=SOUNDS, **lanes):
        pattern = PagePattern(
            "p", 120, 50, {NOTES[lane]: [VELOCITIES[step] for step in steps] for lane, steps in lanes.items()}
        )
        with opened(browser, tmp_path, replace(CONTENTS, sounds=sounds, patterns=(pattern,))) as page:
            return saved(page)

    return loop


def _peak(samples, start, end):
    return np.abs(samples[round(start * RATE) : round(end * RATE)]).max()


def test_a_saved_loop_is_as_long_as_its_bar_and_its_hits_are_in_time(page):
    loop = saved(page)
    assert len(loop) == round(16 * STEP * RATE)
    peaks = json.loads(page.get_attribute("#sequencer", "data-peaks"))
    edges = np.round(np.arange(17) * STEP * RATE).astype(int)
    heard = [np.abs(loop[start:end]).max() for start, end in pairwise(edges)]
    assert max(peaks) > 1  # kick and snare together; the file is turned down, not clipped
    assert np.divide(peaks, max(peaks)) == pytest.approx(heard, abs=2**-14)  # a step of 16 bits
    for beat in range(4):
        start = round(4 * beat * STEP * RATE)
        first = start + np.flatnonzero(np.abs(loop[start:]) > 0.03 * max(heard))[0]
        assert first - start < 0.003 * RATE


def test_the_sound_shown_is_downloaded(page):
    page.keyboard.press("4")
    shown(page, "sundial")
    assert np.abs(saved(page, "#download") - tone(0.5, 1.5)).max() < 2**-14  # two roundings to 16 bits


def test_swing_moves_the_second_of_a_pair(page):
    page.get_by_role("button", name="slow").click()
    loop, pair = saved(page), 60 / 75 / 2
    assert len(loop) == round(8 * pair * RATE)
    sounding = np.flatnonzero(np.abs(loop) > 0.03 * np.abs(loop).max()) / RATE
    assert sounding[sounding > 0.1][0] == pytest.approx(0.66 * pair, abs=0.003)


def test_a_closed_hat_ends_the_open_one(with_pattern):
    lanes = {"open_hat": "X...............", "closed_hat": "....x..........."}
    choked = with_pattern(**lanes)
    hit = 4 * STEP
    assert _peak(choked, 0.1, hit) > 0.3
    assert _peak(choked, hit + 0.04, hit + 0.5) == 0  # after the ramp of 5 ms and the closed hat's own 30
    ringing = with_pattern(tuple(replace(one, choke=None) for one in SOUNDS), **lanes)
    assert _peak(ringing, hit + 0.04, hit + 0.5) > 0.3


def test_velocity_chooses_the_layer_and_its_takes_come_in_turn(with_pattern):
    loop = with_pattern(snare="o...o...X...X...")
    peaks = [_peak(loop, 4 * beat * STEP, (4 * beat + 3) * STEP) for beat in range(4)]
    wanted = [take * (45 / 64) ** 2 for take in TAKES["soft"]] + [take * (120 / 127) ** 2 for take in TAKES["hard"]]
    assert peaks == pytest.approx(wanted, rel=0.01)  # the tone's samples miss its crest by less than that


def test_the_tail_of_the_last_hit_is_in_the_beginning(with_pattern):
    loop = with_pattern(open_hat="...............X")
    assert _peak(loop, 0, 0.5) > 0.3  # of the 1.5 s tone


def test_lanes_of_other_lengths_go_round_on_their_own(with_pattern):
    loop = with_pattern(snare="x....", kick="................")
    hits = [_peak(loop, step * STEP, (step + 0.9) * STEP) > 0.1 for step in range(16)]
    # the second time round, which is what is saved, the sixteenth step is the lane's second
    assert [step for step, hit in enumerate(hits) if hit] == [(step - 16) for step in range(16, 32) if step % 5 == 0]
