"""The n-gram baseline of a language model, against counts by hand."""

import numpy as np
import pytest

from samplegen.training import ngram_baseline


def told(*rows: list[int]) -> list[np.ndarray]:
    """Sounds of one stage."""
    return [np.array(row)[:, None] for row in rows]


@pytest.fixture(autouse=True)
def _barely_smoothed(monkeypatch):
    monkeypatch.setattr(ngram_baseline, "SMOOTHING", (1e-9,))


def test_what_always_comes_takes_no_bits():
    known = told([0, 1, 0, 1, 0, 1])
    assert ngram_baseline.markov(known, known, codes=2, whole=6) == pytest.approx(0, abs=1e-6)
    assert ngram_baseline.unigram(known, known, codes=2, whole=6) == pytest.approx(1, abs=1e-6)


def test_the_end_is_told_unless_the_sound_may_have_been_cut_off():
    known = told([0, 0, 0])
    # 0 is followed by 0 twice and by the end once; it began with 0: 2 log2(3/2) + log2(3) bits for 4 events
    expected = (2 * np.log2(1.5) + np.log2(3)) / 4
    assert ngram_baseline.markov(known, known, codes=1, whole=9) == pytest.approx(expected, abs=1e-6)
    assert ngram_baseline.markov(known, known, codes=1, whole=3) == pytest.approx(0, abs=1e-6)


def test_later_stages_are_told_by_the_code_before_in_the_same_frame():
    known = [np.array([[0, 1], [1, 0], [0, 1], [1, 0]])]
    assert ngram_baseline.unigram(known, known, codes=2, whole=4) == pytest.approx(1, abs=1e-6)
    mixed = [np.array([[0, 0], [0, 1], [0, 0], [0, 1]])]
    assert ngram_baseline.unigram(mixed, mixed, codes=2, whole=4) == pytest.approx(1, abs=1e-6)


def test_what_was_never_seen_takes_what_smoothing_leaves(monkeypatch):
    monkeypatch.setattr(ngram_baseline, "SMOOTHING", (1.0,))
    # 0 began once of 1 + 3 smoothed counts, 1 never did
    assert ngram_baseline.markov(told([0]), told([1]), codes=2, whole=1) == pytest.approx(2)
    monkeypatch.setattr(ngram_baseline, "SMOOTHING", (1e-6, 1.0, 1e3))
    assert ngram_baseline.markov(told([0]), told([1]), codes=2, whole=1) == pytest.approx(
        np.log2(3), abs=0.01
    )  # the best
