"""Transcription of a loop: places in the bar, drums told by all of their strokes; what speaks for a tempo."""

import numpy as np
import pytest
import scipy.signal as ss
from conftest import RATE as LOOP_RATE
from conftest import hat, kick, loop

from samplegen.audio import signals
from samplegen.roles import INDEX, ROLES
from samplegen.transcription import drum_classifier, tempo, tempo_features, transcribe
from samplegen.transcription.features import HOP_SAMPLES, RATE, downmix

BPM = 120.0
EIGHTHS = np.arange(16) * 0.25  # seconds, two bars


@pytest.fixture(scope="module")
def beat() -> np.ndarray:
    """Two bars: kicks on one and three, snares on two and four, hats on eighths."""
    return signals.resample(loop(LOOP_RATE, BPM, bars=2), LOOP_RATE, RATE)


def told(samples: np.ndarray, times: np.ndarray, bpm: float = BPM) -> drum_classifier.DrumProbabilities:
    return drum_classifier.classify(samples, times, np.ones(len(times), bool), bpm)


@pytest.mark.parametrize(("pitch", "heard"), [(3_000, 3_000), (14_000, 8_050)])
def test_treble_is_mirrored_at_half_the_rate(pitch: float, heard: float) -> None:
    times = np.arange(2 * RATE) / (2 * RATE)
    sound = downmix(np.sin(2 * np.pi * pitch * times).astype(np.float32), 2 * RATE)
    assert len(sound) == RATE
    spectrum = np.abs(np.fft.rfft(sound)) / (RATE / 2)  # of one second: a bin a Hz
    assert spectrum.argmax() == heard
    assert spectrum.max() == pytest.approx(1, abs=1e-3)  # single precision


def test_hats_of_nothing_but_treble_are_heard() -> None:
    samples, step = np.zeros(4 * LOOP_RATE, np.float32), LOOP_RATE // 8  # sixteenths at 120
    tick = ss.sosfilt(ss.butter(8, 12_000, "high", fs=LOOP_RATE, output="sos"), hat(LOOP_RATE))
    for number in range(0, 32, 2):
        sound = kick(LOOP_RATE) if number % 8 == 0 else (tick / np.abs(tick).max()).astype(np.float32)
        end = min(len(sound), len(samples) - number * step)
        samples[number * step :][:end] += sound[:end] * np.float32(0.5)
    lanes = transcribe.transcribe_samples(samples, LOOP_RATE, bpm=BPM).pattern.lanes
    struck = {index for lane in lanes for index, at in enumerate(lane.steps) if at.velocity}
    assert struck == set(range(0, 32, 2))


def test_a_rate_without_such_treble_is_kept() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * np.float32(0.1)
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    assert len(downmix(noise, RATE)) == RATE
    # away from the ends, where the resampler has half of its samples; its passband is flat within 0.1 dB
    np.testing.assert_allclose(downmix(tone, RATE)[1000:-1000], tone[1000:-1000], atol=0.01)


def test_drums_of_a_loop_are_told(beat: np.ndarray) -> None:
    odds = told(beat, EIGHTHS).probabilities
    assert odds.shape == (16, len(ROLES))
    assert (odds[::4, INDEX["kick"]] > 0.5).all()
    assert (odds[2::4, INDEX["snare"]] > 0.5).all()
    assert (odds[2::4, INDEX["kick"]] < 0.5).all()


def test_gain_does_not_matter(beat: np.ndarray) -> None:
    # features are of the loop over its peak; what is left is rounding of float32
    np.testing.assert_allclose(
        told(beat * np.float32(0.01), EIGHTHS).probabilities, told(beat, EIGHTHS).probabilities, atol=1e-3
    )


def test_other_moments_are_evidence(beat: np.ndarray) -> None:
    alone = np.concatenate([told(beat, EIGHTHS[at : at + 1]).probabilities for at in range(16)])
    assert np.abs(alone - told(beat, EIGHTHS).probabilities).max() > 0.01


def test_more_moments_than_are_compared_at_once(beat: np.ndarray) -> None:
    times = np.arange(2 * drum_classifier.MAX_MOMENTS + 3) * 4.0 / (2 * drum_classifier.MAX_MOMENTS + 3)
    assert told(beat, times).levels.shape == (len(times), len(ROLES))


def test_places_repeat_after_the_longest_period_alone() -> None:
    longest = max(drum_classifier.PERIODS_BEATS) * 60 / BPM
    times = np.array([0.1, 0.1 + longest, 0.1 + 60 / BPM])
    found = drum_classifier.places(times, np.array([True, True, False]), BPM)
    assert found.shape == (3, drum_classifier.PLACE_FEATURES)
    even = [
        at
        for at, period in enumerate(drum_classifier.PERIODS_BEATS)
        if max(drum_classifier.PERIODS_BEATS) % period == 0
    ]
    np.testing.assert_allclose(found[0, even], found[1, even], atol=1e-5)  # single precision
    assert np.abs(found[0] - found[2]).max() > 0.5
    assert found[:, -1].tolist() == [1, 1, 0]


def test_pulse_is_strongest_at_its_rate() -> None:
    row = np.zeros((1, round(8 * RATE / HOP_SAMPLES)))
    row[0, np.round(np.arange(16) * 0.5 * RATE / HOP_SAMPLES).astype(int)] = 1 / 16
    found = np.abs(tempo_features.pulse(row, np.array([120.0, 97.0, 60.0])))[0]
    # a hit is up to half a frame, 2.5 ms, beside its time, which costs 0.01 of the strength
    assert found[0] == pytest.approx(1, abs=0.02)
    assert found[1:].max() < 0.3


def test_a_length_of_whole_beats_speaks_for_its_tempo() -> None:
    fit = tempo_features.whole_beats_fit(4 * 60 / 97, 4)
    assert abs(tempo_features.CANDIDATES_BPM[fit.argmax()] / 97 - 1) < 0.003  # candidates are 0.3 per cent apart
    assert tempo_features.is_short(4 * 60 / 97)
    assert not tempo_features.is_short(3.0)  # a clip of whole seconds
    assert not tempo_features.is_short(8 * 60 / 97)


@pytest.mark.parametrize("bpm", [70.0, 92.5, 118.0, 150.0])
def test_a_backbeat_has_its_tempo_and_not_its_double_or_half(bpm: float) -> None:
    samples = signals.resample(loop(LOOP_RATE, bpm, bars=8), LOOP_RATE, RATE)[: 8 * RATE]
    found = tempo.estimate(samples)
    assert found.bpm == pytest.approx(bpm, rel=0.01)
    assert 0 <= found.sureness <= 1
    assert abs(np.log(found.rival / found.bpm)) > 0.03
