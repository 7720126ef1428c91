"""Conditions of a timbre network: the note that a frame is part of, and how noise is measured and shared out."""

import numpy as np
import pytest

from samplegen.conversion import takes
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.timbre import conditioning, harmonics, synthesis
from samplegen.conversion.timbre.convert import TimbreConverter
from samplegen.errors import ModelError
from samplegen.models import timbre
from samplegen.models.timbre import INPUTS, Config

RATE = 16_000
LOUDEST = -10.0  # dB
UNDER, LASTED, LEFT, UNSTEADY = range(7, 11)  # columns


def told(loud) -> np.ndarray:
    loud = np.asarray(loud, np.float32)
    return conditioning.conditioning(np.full(len(loud), 440.0), loud, LOUDEST)


def test_every_number_has_its_weight():
    assert told(np.zeros(300)).shape == (300, INPUTS) == (300, len(conditioning.WEIGHTS))


def test_the_end_of_a_loud_note_is_no_soft_note():
    soft, fading = told(np.full(100, -30.0)), told(np.linspace(-10, -30, 100))
    assert soft[-1, 1] == fading[-1, 1]  # equally loud
    assert soft[-1, UNDER] == 0
    assert fading[-1, UNDER] == pytest.approx(2, abs=0.01)  # tens of dB


def test_how_long_a_note_has_lasted_and_will_last():
    note = np.concatenate((np.full(40, -60.0), np.full(120, -20.0), np.full(40, -60.0)))
    seen = told(note)
    lasted = np.expm1(seen[:, LASTED]) * 5  # frames
    np.testing.assert_allclose(lasted[40:92], [*range(1, 51), 50, 50], rtol=1e-3)
    assert not lasted[[*range(40), *range(160, 200)]].any()
    np.testing.assert_allclose(seen[::-1, LEFT], seen[:, LASTED])


def test_an_unsteady_note_is_told_from_a_steady_one_and_nothing_is_beyond_all_measure():
    wander = np.random.default_rng(0).standard_normal(200)
    still, breathy, wild = (told(-20 + spread * wander)[50:150, UNSTEADY].mean() for spread in (0.01, 0.3, 20))
    assert still + 1 < breathy < wild  # by a factor of e or more
    assert wild < np.log(1.1)  # dB: a limit of 1 and the least that is added
    assert np.isfinite(told(np.full(50, harmonics.FLOOR_DB))).all()


def test_a_trace_of_a_harmonic_is_not_taken_for_noise():
    time = np.arange(RATE) / RATE
    hiss = np.random.default_rng(0).normal(0, 0.01, RATE)
    stray = 0.02 * np.sin(2 * np.pi * 1350 * time)  # between the harmonics of 300 Hz, 3 dB over all of the noise
    heights = np.full(101, 300, np.float32)
    levels = [harmonics.noise((hiss + added).astype(np.float32), RATE, heights, 16)[20:80] for added in (0, stray)]
    assert levels[0].mean() == pytest.approx(-40, abs=0.7)  # dB: as white noise of variance 1 has 0
    # dB; 7 in the band of the line, of which half the bins are free of it: a mean of powers would have 19
    assert np.abs(levels[1] - levels[0]).mean(axis=0).max() < 12


def test_noise_keeps_its_level_and_tones_fill_the_rest():
    tones, noise = np.array([0.5, 0.5, 0.0, 1e-3]), np.array([0.01, 0.2, 0.3, 4.0])
    tonal, hissing = synthesis.power_factors(tones, noise)
    np.testing.assert_allclose(tones * tonal + noise * hissing, 1)
    np.testing.assert_allclose(hissing, [1, 1, 1 / 0.3, 0.125])  # no tones: all is noise; at most half of it else
    assert tonal[2] == 0


def test_a_net_that_was_told_less_still_plays_and_one_told_more_is_refused():
    config = Config(rate=RATE, inputs=7, harmonics=8, bands=8, waves=8, width=8)
    take = takes.from_array(np.sin(np.arange(RATE) * 0.2).astype(np.float32) * 0.1, RATE)
    made = TimbreConverter(config, timbre.network(config), take, ConvertOptions("keep")).part(0, RATE)
    assert made.std() == pytest.approx(0.07, rel=0.1)
    with pytest.raises(ModelError, match="inputs"):
        Config(inputs=INPUTS + 1)
