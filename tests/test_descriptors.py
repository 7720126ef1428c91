"""Descriptors: of sounds whose brightness, decay, pitch and noise are known, and each apart from the others."""

import numpy as np
import pytest
import scipy.signal

import models
from samplegen.features import spectrogram
from samplegen.features.descriptors import DESCRIPTORS, measure
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig

CONFIG = SpectrogramConfig()
RATE = CONFIG.stft.rate


def described(*sounds: np.ndarray, config: SpectrogramConfig = CONFIG) -> dict[str, np.ndarray]:
    pictures = np.stack([spectrogram.encode(sound.astype(np.float32), config) for sound in sounds])
    return dict(zip(DESCRIPTORS, measure(pictures, config).T, strict=True))


def tone(frequency: float, *, fall: float = 0.1, rate: int = RATE) -> np.ndarray:
    time = np.arange(rate) / rate
    return np.sin(2 * np.pi * frequency * time) * np.exp(-time / fall)


def noise(*, fall: float = 0.1, low: float | None = None) -> np.ndarray:
    """White or, with `low`, without what is above so many Hz; of a tone's power."""
    sound = np.random.default_rng(0).standard_normal(RATE)
    if low:
        sound = scipy.signal.sosfilt(scipy.signal.butter(2, low, fs=RATE, output="sos"), sound)
    return sound / sound.std() / np.sqrt(2) * np.exp(-np.arange(RATE) / RATE / fall)


def test_brightness_is_the_centroid():
    one, two, low, white = described(tone(1500), tone(3000), noise(low=1500), noise())["bright"]
    assert two - one == pytest.approx(1, abs=0.1)  # an octave; cells are up to a tenth of one wide
    assert white == pytest.approx(np.log2(RATE / 4), abs=0.1)  # half of what there is
    assert low < white - 1


def test_decay_is_the_time_to_fall_by_30_db():
    for sound in (tone(200, fall=0.1), tone(3000, fall=0.1), noise(fall=0.1), 0.01 * noise(fall=0.1)):
        # e-fold of amplitude 8.7 dB; noise of so few cells falls a little earlier or later
        assert 2 ** described(sound)["decay"][0] == pytest.approx(0.345, rel=0.1)
    short, long = described(noise(fall=0.03), noise(fall=0.12))["decay"]
    assert long - short == pytest.approx(2, abs=0.2)


def test_pitch_is_that_of_the_loudest():
    one, two, both = described(tone(200), tone(400), tone(200) + 0.1 * tone(2500))["pitch"]
    assert two - one == pytest.approx(1, abs=0.15)  # bands of 43 Hz
    assert both == pytest.approx(one, abs=0.15)  # a partial 20 dB under it is none of its business


def test_noise_is_told_from_tones_wherever_it_lies():
    rows = [described(tone(200) + level * noise(low=low))["noisy"][0] for low in (None, 2000) for level in (0.03, 0.3)]
    pure, (low, white) = described(tone(200))["noisy"][0], described(noise(low=2000), noise())["noisy"]
    assert pure < rows[0] < rows[1] < white
    assert pure < rows[2] < rows[3] < low
    assert white == pytest.approx(-2.5, abs=0.5)  # dB: flatness of noise, e to the power of -0.577
    assert abs(white - low) < 1.5 < low - rows[3]  # a slope is no tone; over the whole spectrum it is 15 dB


def test_a_louder_sound_and_one_at_another_rate_are_the_same():
    fine = SpectrogramConfig(StftConfig.at(44_100))
    one, soft = described(tone(300), 0.1 * tone(300)), described(tone(300, rate=44_100), config=fine)
    for knob in DESCRIPTORS:
        assert one[knob][0] == pytest.approx(one[knob][1], abs=1e-3)
    assert [soft[knob][0] for knob in ("bright", "decay", "pitch")] == pytest.approx(
        [one[knob][0] for knob in ("bright", "decay", "pitch")], abs=0.2
    )  # cells lie elsewhere


def test_silence_has_descriptors():
    assert np.isfinite(measure(np.zeros((1, *models.TINY.shape), np.float32), models.TINY)).all()
