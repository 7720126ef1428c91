"""Sounds of a path that are kept: even steps, none of them back, on paths whose places are known."""

import numpy as np
import pytest

import models
from samplegen.features import metrics
from samplegen.generation import even_path
from samplegen.models import classify


def even(monkeypatch: pytest.MonkeyPatch, along: np.ndarray, steps: int, beside: np.ndarray | None = None) -> list[int]:
    """Places kept of a path that is heard `along` a line, and as far `beside` it."""
    rows = np.stack([along, np.zeros_like(along) if beside is None else beside], axis=1).astype(np.float32)
    monkeypatch.setattr(classify, "classify_roles", lambda *_: classify.Predictions(rows, rows))
    monkeypatch.setattr(metrics, "fingerprints", lambda *_: rows)
    return list(even_path.evenly_spaced(np.zeros((len(rows), *models.TINY.shape), np.float32), models.TINY, steps))


def test_what_runs_evenly_is_kept_evenly(monkeypatch):
    assert even(monkeypatch, np.linspace(0, 1, 33), 5) == [0, 8, 16, 24, 32]


def test_a_path_that_stands_still_and_then_leaps(monkeypatch):
    along = np.linspace(0, 1, 65) ** 3
    lengths = np.diff(along[even(monkeypatch, along, 9)])
    assert lengths.max() / lengths.mean() < 1.2  # the last steps are 0.05 long and cannot be split
    assert np.diff(along[::8]).max() / np.diff(along[::8]).mean() > 2.5  # at equal steps of the code


def test_a_way_back_is_left_out(monkeypatch):
    along = np.concatenate([np.linspace(0, 0.6, 20), np.linspace(0.6, 0.2, 10), np.linspace(0.2, 1, 30)])
    assert (np.diff(along[even(monkeypatch, along, 9)]) > 0).all()


def test_a_detour_is_passed_by(monkeypatch):
    along, beside = np.linspace(0, 1, 33), np.zeros(33)
    beside[10] = 5.0
    assert 10 not in even(monkeypatch, along, 9, beside)


@pytest.mark.parametrize("steps", [2, 3, 9])
def test_both_ends_are_kept_and_places_rise(monkeypatch, steps):
    for along in (np.zeros(9), np.sin(np.arange(9.0)), np.linspace(1, 0, 9)):
        places = even(monkeypatch, along, steps)
        assert (places[0], places[-1], len(places)) == (0, 8, steps)
        assert (np.diff(places) > 0).all()
