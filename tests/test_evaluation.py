"""Distances between sets of sounds that are known to be alike, unlike, or copies of each other."""

import numpy as np
import pytest
from conftest import DRUMS
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import LEVEL, SpectrogramConfig

CONFIG = SpectrogramConfig()


def _rows(count, *, shift=0.0, spread=1.0, seed=0, width=8):
    return (shift + spread * np.random.default_rng(seed).standard_normal((count, width))).astype(np.float32)


def _pictures(drum, seeds):
    return np.stack([spectrogram.encode(DRUMS[drum](CONFIG.stft.rate, seed=seed), CONFIG) for seed in seeds])


@effort(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_distances_are_euclidean(one, other, width, seed):
    rows, others = _rows(one, seed=seed, width=width), _rows(other, seed=seed + 1, width=width)
    assert metrics.distances(rows, others) == pytest.approx(cdist(rows, others), abs=3e-3)  # root of float32's 1e-6


def test_the_nearest_row_is_found_across_blocks(monkeypatch):
    among = _rows(50)
    wanted = np.random.default_rng(1).integers(0, 50, 30)
    for block in (1024, 7):
        monkeypatch.setattr(metrics, "_BLOCK_ROWS", block)
        index, distance = metrics.nearest(among[wanted] + np.float32(1e-3), among)
        assert np.array_equal(index, wanted)
        assert distance == pytest.approx(1e-3 * np.sqrt(8), abs=3e-3)  # as above


def test_draws_of_one_distribution_are_as_near_as_can_be():
    real, fake = _rows(400), _rows(400, seed=1)
    density, coverage = metrics.density_and_coverage(real, fake)
    assert density == pytest.approx(1, abs=0.15)  # expected of equal distributions (Naeem et al. 2020)
    assert coverage == pytest.approx(1 - 0.5**metrics.NEIGHBOUR_COUNT, abs=0.03)  # theirs too, for k = 5
    assert abs(metrics.kernel_distance(real, fake)) < 2  # 1/1000; unbiased: 0 but for chance
    assert metrics.frechet_distance(real, fake) < 0.5  # biased: d (d + 3) / 4 n = 0.06 and chance


@pytest.mark.parametrize("count", [20, 100, 400])
def test_the_kernel_distance_does_not_depend_on_how_many_there_are(count):
    rounds = [metrics.kernel_distance(_rows(count, seed=2 * n), _rows(count, seed=2 * n + 1)) for n in range(20)]
    assert abs(np.mean(rounds)) < 3 * np.std(rounds) / np.sqrt(20) + 0.1  # three standard errors


@pytest.mark.parametrize("measure", [metrics.kernel_distance, metrics.frechet_distance])
def test_the_further_apart_the_larger(measure):
    real = _rows(200)
    shifted = [measure(real, _rows(200, shift=shift, seed=1)) for shift in (0, 0.5, 1, 2)]
    spread = [measure(real, _rows(200, spread=spread, seed=1)) for spread in (1, 0.6, 0.2)]
    assert shifted == sorted(shifted)
    assert spread == sorted(spread)


def test_the_frechet_distance_is_that_of_the_two_gaussians():
    real, fake = _rows(20_000), _rows(20_000, shift=1.0, spread=2.0, seed=1)
    assert metrics.frechet_distance(real, fake) == pytest.approx(8 * 1**2 + 8 * (2 - 1) ** 2, rel=0.02)  # chance
    assert metrics.frechet_distance(real, real) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("width", [1, 2, 64])
def test_fewer_rows_than_numbers_still_give_a_distance(width):
    distance = metrics.frechet_distance(_rows(10, width=width), _rows(10, width=width, shift=3, seed=1))
    assert distance > 4 * width  # of the means alone 9


def test_one_sound_over_and_over_covers_little():
    real = _rows(200)
    density, coverage = metrics.density_and_coverage(real, np.repeat(real[:1], 200, axis=0))
    assert coverage < 0.1
    assert density > 0.5  # which is why coverage is told beside it


def test_copies_are_not_new_and_other_sounds_are():
    training, held_out, new = (_rows(300, seed=seed, width=20) for seed in (0, 1, 2))
    assert metrics.novelty(training[:50], training, held_out) < 0.01
    assert metrics.novelty(training[:50] + np.float32(0.02), training, held_out) < 0.1
    assert metrics.novelty(new, training, held_out) == pytest.approx(1, abs=0.1)


def test_novelty_is_a_number_even_where_the_held_out_are_copies():
    rows = _rows(20)
    assert np.isfinite(metrics.novelty(rows, rows, rows))


def test_descriptors_tell_drums_apart():
    kicks, snares = (metrics.fingerprints(_pictures(drum, range(4))) for drum in ("kick", "snare"))
    assert kicks.shape == (4, 144)
    assert kicks.dtype == np.float32
    within = metrics.distances(kicks, kicks).max()
    assert metrics.distances(kicks, snares).min() > 1.5 * within


def test_hiss_does_not_hide_a_copy():
    kicks = _pictures("kick", range(6))
    hiss = kicks[:1].copy()
    hiss[..., LEVEL] = np.maximum(hiss[..., LEVEL], 0.2)  # -64 dB
    index, distance = metrics.nearest(metrics.fingerprints(hiss), metrics.fingerprints(kicks))
    assert index == [0]
    assert distance[0] < 0.01


def test_grain_is_chance_and_does_not_count():
    kicks = _pictures("kick", range(2))
    grainless = kicks.copy()
    grainless[..., 1] = 0
    assert np.array_equal(metrics.fingerprints(kicks), metrics.fingerprints(grainless))


def test_diversity_is_the_mean_distance_between_two():
    rows = np.array([[0, 0], [3, 4], [0, 0]], np.float32)  # distances 5, 0, 5
    assert metrics.diversity(rows) == pytest.approx(10 / 3)
    assert metrics.diversity(np.repeat(_rows(1), 9, axis=0)) < 0.01  # the fast way cannot tell 0 from 0.003
    assert metrics.diversity(2 * _rows(50)) == pytest.approx(2 * metrics.diversity(_rows(50)), rel=1e-4)


def test_principal_axes_hold_what_differs_most():
    rows = _rows(300, width=6) * np.array([1, 9, 1, 4, 1, 1], np.float32) + 5
    axes = metrics.principal_axes(rows, dimensions=2)
    assert axes.shape == (6, 2)
    assert axes.T @ axes == pytest.approx(np.eye(2), abs=1e-5)
    assert abs(axes[1, 0]) == pytest.approx(1, abs=0.02)  # 300 draws turn the axis by about 1 / sqrt(300) * 4 / 9
    assert abs(axes[3, 1]) == pytest.approx(1, abs=0.02)
    assert metrics.principal_axes(rows[:3]).shape == (6, 3)  # never more than there are


def test_a_sound_is_known_again_and_another_take_is_not():
    kicks, others = (metrics.fingerprints(_pictures("kick", seeds)) for seeds in (range(6), range(6, 12)))
    stored = kicks.astype(np.float16).astype(np.float32)  # as fingerprints are
    assert metrics.find_known(kicks, stored).all()
    assert not metrics.find_known(others, stored).any()


def test_copies_are_told_without_other_real_sounds():
    training = _rows(300, width=20)
    assert metrics.are_copies(training[:50], training)
    assert metrics.are_copies(training[:50] + np.float32(0.3), training)  # 1.3 away; neighbours are about 4 apart
    assert not metrics.are_copies(_rows(50, seed=1, width=20), training)
    assert metrics.are_copies(training[:9], np.repeat(training[:9], 2, axis=0))  # every sound is there twice
    assert not metrics.are_copies(_rows(9, seed=1), _rows(1))
    assert metrics.are_copies(_rows(1), _rows(1))


# ---- log-spectral distance


def test_a_sound_at_half_its_level_is_off_by_six_decibels_where_it_sounds():
    noise = np.random.default_rng(0).standard_normal(8_000).astype(np.float32)
    assert metrics.log_spectral_distance(noise, noise) == 0
    assert metrics.log_spectral_distance(noise, noise / 2) == pytest.approx(6.02, abs=0.05)  # all above the floor


def test_what_lies_under_the_floor_is_not_told_apart():
    noise = np.random.default_rng(0).standard_normal(8_000).astype(np.float32)
    burst = np.where(np.arange(8_000) < 1_000, noise, 0).astype(np.float32)
    hiss = np.where(np.arange(8_000) < 4_000, 0, 1e-6 * noise).astype(np.float32)
    assert metrics.log_spectral_distance(burst, burst + hiss) < 1e-3
    assert metrics.log_spectral_distance(np.zeros(8_000, np.float32), burst) > 0
