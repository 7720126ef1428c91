"""Waveform <-> spectrogram: exact there and back, and close where the phase has to be made up."""

import threading

import numpy as np
import pytest
from conftest import DRUMS
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from samplegen.audio import onsets, parallel
from samplegen.errors import ModelError
from samplegen.features import phase
from samplegen.features.stft import WINDOW_SECONDS, StftConfig, analyse, reconstruct, resynthesise

RATES = (16_000, 22_050, 44_100, 48_000)
STFT = StftConfig()


def _noise(samples, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)


def _magnitudes(samples, stft):
    return np.abs(analyse(samples, stft))


def _decibels(samples, stft, under_peak=60):
    """Levels, with what is `under_peak` dB under the loudest cell, and not heard, left out."""
    power = _magnitudes(samples, stft) ** 2
    return 10 * np.log10(np.maximum(power / power.max(), 10 ** (-under_peak / 10)))


def _convergence(wanted, samples, stft):
    """Spectral convergence in dB: how much of the wanted magnitudes is missed; lower is better."""
    return 20 * np.log10(np.linalg.norm(wanted - _magnitudes(samples, stft)) / np.linalg.norm(wanted))


@pytest.mark.parametrize("rate", range(16_000, 48_001, 500))
def test_resynthesis_undoes_analysis_at_every_rate_and_length(rate):
    stft = StftConfig.at(rate)
    for samples in (1, 2, stft.hop - 1, stft.hop + 1, stft.n_fft - 1, stft.n_fft, 5 * stft.n_fft + 7):
        sound = _noise(samples, seed=samples)
        back = resynthesise(analyse(sound, stft), stft, samples)
        assert back.shape == sound.shape
        assert np.abs(back - sound).max() <= 1e-6  # float32 leaves 4e-7; both ends are part of it


@effort(max_examples=40, deadline=None)
@given(st.integers(1, 20_000), st.integers(0, 2**32 - 1))
def test_resynthesis_undoes_analysis_of_anything(samples, seed):
    sound = _noise(samples, seed)
    spectrum = analyse(sound, STFT)
    assert spectrum.shape == (STFT.frames(samples), STFT.bins)
    assert np.abs(resynthesise(spectrum, STFT, samples) - sound).max() <= 1e-6  # as above


@pytest.mark.parametrize("rate", [8_000, *RATES, 96_000, 192_000])
def test_the_window_is_23_ms_at_every_rate(rate):
    assert StftConfig.at(rate).n_fft / rate == pytest.approx(WINDOW_SECONDS, abs=8 / rate)  # n_fft is a multiple of 16


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_frames_are_centred_on_multiples_of_the_hop(rate):
    stft = StftConfig.at(rate)
    click = np.zeros(40 * stft.hop, np.float32)
    click[17 * stft.hop] = 1.0
    spectrum = analyse(click, stft)
    assert np.argmax(np.abs(spectrum[:, 5])) == 17
    assert np.abs(np.angle(spectrum[17])).max() < 1e-5  # phases are those at the centre: a click there has none


@pytest.mark.parametrize(("rate", "n_fft"), [(22_050, 500), (22_050, 0), (22_050, -16), (0, 512), (-1, 512), (100, 0)])
def test_an_impossible_transform_is_refused(rate, n_fft):
    with pytest.raises(ModelError, match="multiple of 16"):
        StftConfig(rate, n_fft)


@pytest.mark.parametrize("frequency", [100, 440, 1000, 5000])
def test_the_phase_of_a_tone_advances_as_the_tone_does(frequency):
    tone = np.sin(2 * np.pi * frequency * np.arange(STFT.rate) / STFT.rate).astype(np.float32)
    phases = phase.integrate(_magnitudes(tone, STFT), STFT.gamma, STFT.hop, STFT.n_fft)
    steady = phases[40:-40, round(frequency * STFT.n_fft / STFT.rate)]  # clear of the ends, whose slope bends it
    advance = 2 * np.pi * frequency * STFT.hop / STFT.rate
    errors = np.angle(np.exp(1j * (np.diff(steady) - advance)))
    assert np.abs(errors).max() < 0.01  # a window that is cut off at 1 % of its height leaves 0.001
    assert abs(errors.sum()) < 0.3  # a twentieth of a turn over 265 frames: 0.1 here


def test_the_phase_of_a_click_turns_with_its_distance_from_the_frame():
    click = np.zeros(8 * STFT.n_fft, np.float32)
    click[4 * STFT.n_fft + 10] = 1.0  # 10 samples after the centre of frame 32
    phases = phase.integrate(_magnitudes(click, STFT), STFT.gamma, STFT.hop, STFT.n_fft)
    turn = np.diff(phases[32])[5:-5]
    assert np.angle(np.exp(1j * (turn + 2 * np.pi * 10 / STFT.n_fft))) == pytest.approx(0, abs=0.01)  # exact: 0.001


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("drum", DRUMS)
def test_a_drum_comes_back_from_its_magnitudes(drum, rate):
    stft = StftConfig.at(rate)
    sound = DRUMS[drum](rate, seed=1)
    back = reconstruct(_magnitudes(sound, stft), stft, len(sound))
    error = _decibels(back, stft) - _decibels(sound, stft)
    assert np.sqrt((error**2).mean()) < 1.5  # dB; 0.2 to 0.9 here, 3 to 6 with random phases
    assert (
        abs(onsets.find_onset(back, rate) - onsets.find_onset(sound, rate)) <= rate / 1000
    )  # an ear hears 1 ms as one


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("drum", DRUMS)
def test_little_is_heard_before_an_attack(drum, rate):
    stft, quiet = StftConfig.at(rate), rate // 10
    sound = np.pad(DRUMS[drum](rate, seed=1), (quiet, 0))
    back = reconstruct(_magnitudes(sound, stft), stft, len(sound))
    early = (back[: quiet - rate // 1000] ** 2).sum() / (back**2).sum()
    assert 10 * np.log10(early) < -30  # what a window of 23 ms costs on real drums; random phases: -15


@pytest.mark.parametrize("drum", DRUMS)
def test_integrated_phases_are_better_than_random_ones_and_rounds_better_still(drum, monkeypatch):
    sound = DRUMS[drum](STFT.rate, seed=2)
    wanted = _magnitudes(sound, STFT)

    def missed(iterations):
        return _convergence(wanted, reconstruct(wanted, STFT, len(sound), iterations=iterations), STFT)

    integrated, refined = missed(0), missed(10)
    drawn = np.random.default_rng(0).uniform(-np.pi, np.pi, wanted.shape).astype(np.float32)
    monkeypatch.setattr(phase, "integrate", lambda *_, **__: drawn)
    assert integrated < missed(0) - 8  # dB; the reason for all of `phase`: 10 or more here
    assert refined < integrated - 1  # the kick, all tone, is nearly done without


def test_the_seed_decides():
    tone = np.sin(np.arange(STFT.rate) * 0.3).astype(
        np.float32
    )  # most of its cells are 100 dB down: their phase is free
    wanted = _magnitudes(tone, STFT)
    one, again, other = (reconstruct(wanted, STFT, len(tone), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("samples", [0, 1, 64, 10_000])
def test_silence_stays_silent(samples):
    back = reconstruct(np.zeros((STFT.frames(samples), STFT.bins), np.float32), STFT, samples)
    assert back.shape == (samples,)
    assert not back.any()  # nor NaN, which is true


@pytest.mark.parametrize("iterations", [0, 10])
@pytest.mark.parametrize(("frames", "samples"), [(1, 0), (1, 1), (1, 64), (1, 5000), (3, 5000), (200, 100), (0, 700)])
def test_the_length_asked_for_is_what_comes_back_whatever_the_frames(frames, samples, iterations):
    magnitudes = np.abs(_noise(frames * STFT.bins)).reshape(frames, STFT.bins)
    back = reconstruct(magnitudes, STFT, samples, iterations=iterations)
    assert back.shape == (samples,)
    assert np.isfinite(back).all()


def test_one_frame_sounds():
    back = reconstruct(np.ones((1, STFT.bins), np.float32), STFT, STFT.hop)
    assert back.any()
    assert np.isfinite(back).all()


def test_threads_keep_the_order_though_the_first_ends_last():
    rest_done = threading.Event()

    def work(number):
        if number == 0:
            rest_done.wait(0.2)  # runs out where there is one core
        elif number == 19:
            rest_done.set()
        return number * number

    assert parallel.map(work, range(20)) == [number * number for number in range(20)]
    assert parallel.map(work, []) == []


def test_threads_pass_an_error_on():
    with pytest.raises(ZeroDivisionError):
        parallel.map(lambda number: 1 // number, [1, 0])
