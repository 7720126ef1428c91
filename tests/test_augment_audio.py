"""Paired augmentation: a sound changed both ways."""

import numpy as np
import pytest

import models
from samplegen.training import augment_audio
from samplegen.training.augment_audio import Change

RATE = models.TINY.stft.rate
TIME = np.arange(RATE // 2) / RATE
TONE = (np.sin(2 * np.pi * 200 * TIME) * np.exp(-TIME / 0.1)).astype(np.float32)
NONE = Change(0, 0, 0, 0)


def _height(samples: np.ndarray) -> float:
    """The loudest frequency in Hz."""
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples))


def _length(samples: np.ndarray) -> float:
    """Time at which half of the energy has gone by, in s."""
    power = np.cumsum(samples.astype(float) ** 2)
    return float(np.searchsorted(power, power[-1] / 2) / RATE)


def test_no_change_is_none():
    np.testing.assert_allclose(augment_audio.changed(TONE, RATE, NONE), TONE / np.abs(TONE).max(), atol=1e-5)


@pytest.mark.parametrize("octaves", [-1, 1])
def test_speed_moves_pitch_and_length(octaves):
    sped = augment_audio.changed(TONE, RATE, Change(octaves, 0, 0, 0))
    assert _height(sped) == pytest.approx(200 * 2**octaves, abs=4)
    assert _length(sped) == pytest.approx(_length(TONE) / 2**octaves, rel=0.05)


@pytest.mark.parametrize("doublings", [-1, 1])
def test_decay_moves_the_length_alone(doublings):
    made = augment_audio.changed(TONE, RATE, Change(0, 0, doublings, 0))
    assert _height(made) == pytest.approx(200, abs=4)
    assert _length(made) == pytest.approx(_length(TONE) / 2**doublings, rel=0.4)  # a flat envelope at the start stays


def test_drive_comes_off_again():
    there = augment_audio.changed(TONE, RATE, Change(0, 0, 0, 0.4))
    np.testing.assert_allclose(augment_audio.changed(there, RATE, Change(0, 0, 0, -0.4)), TONE / TONE.max(), atol=2e-2)


def test_the_bend_ends():
    bent = augment_audio.changed(TONE, RATE, Change(0, 1, 0, 0))
    zeros = np.flatnonzero(np.diff(np.signbit(bent))) / RATE
    assert np.diff(zeros)[0] < 0.7 * np.diff(zeros)[-10]
    assert np.diff(zeros)[-10] == pytest.approx(1 / 400, rel=0.1)


@pytest.mark.parametrize("sound", [TONE, np.zeros(100, np.float32), TONE[:50]])
def test_a_pair_is_two_maps(sound):
    found = augment_audio.pair(sound, models.TINY, np.random.default_rng(0))
    assert found.shape == (2, *models.TINY.shape)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, augment_audio.pair(sound, models.TINY, np.random.default_rng(0)))
