"""Tonality: partials are told from noise, and come back in the same number."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from samplegen.features import spectrogram, tonality
from samplegen.features.spectrogram import LEVEL, TONALITY
from samplegen.models.codec import SPECTROGRAM as FULL_BAND

RATE = FULL_BAND.stft.rate
CENTRES = np.linspace(100, 21_000, 48)
TIME = np.arange(2 * RATE) / RATE
ABOVE_MEDIAN_DB = 12.0  # of a peak that counts as a partial


def noise(seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32)


def cymbal(partials: int = 1_000, seed: int = 0) -> np.ndarray:
    """Return as many sines as a cymbal has modes, each as loud and as long as chance will, over a little noise."""
    rng = np.random.default_rng(seed)
    sound = 0.3 * np.sqrt(partials / 2) * noise() * np.exp(-1.5 * TIME)
    for frequency, phase, decay in rng.uniform((400, 0, 1), (18_000, 2 * np.pi, 4), (partials, 3)):
        sound += (
            np.exp(0.8 * rng.standard_normal()) * np.sin(2 * np.pi * frequency * TIME + phase) * np.exp(-decay * TIME)
        )
    return (sound / np.abs(sound).max()).astype(np.float32)


def count_partials(samples: np.ndarray) -> int:
    """Return how many peaks of the first second's spectrum stand out from the median of their neighbours."""
    levels = 20 * np.log10(np.abs(np.fft.rfft(samples[:RATE] * np.hanning(RATE))) + 1e-9)
    apart = levels - scipy.ndimage.median_filter(levels, 401)
    return len(scipy.signal.find_peaks(apart[200:20_000], height=ABOVE_MEDIAN_DB)[0])


def test_noise_has_none_whatever_its_colour_and_level():
    coloured = scipy.signal.lfilter([1], [1, -0.9], noise()).astype(np.float32)
    for sound in (noise(), 0.01 * noise(), coloured):
        assert tonality.measure(sound, RATE, CENTRES).max() < 0.12  # chance, of some hundred bins a group


def test_partials_have_much():
    inside = (CENTRES > 1_000) & (CENTRES < 17_000)
    assert tonality.measure(cymbal(), RATE, CENTRES)[inside].min() > 0.35


def test_a_click_has_none():
    np.testing.assert_array_equal(tonality.measure(noise(0.05), RATE, CENTRES), 0)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_excitation_is_as_loud_at_every_frequency(value):
    made = tonality.excitation(np.full(48, value, np.float32), RATE, CENTRES, noise())
    _, power = scipy.signal.welch(made, RATE, nperseg=32)  # 1.4 kHz a bin, wider than the smoothing
    assert np.ptp(10 * np.log10(power[2:-2])) < 3  # dB
    assert np.mean(made**2) == pytest.approx(1, abs=0.1)


def test_excitation_of_no_tonality_is_the_noise_itself_but_for_its_smooth_colour():
    made = tonality.excitation(np.zeros(48, np.float32), RATE, CENTRES, noise())
    assert np.corrcoef(made, noise())[0, 1] > 0.99


def test_partials_of_a_cymbal_come_back_in_their_number():
    real = cymbal()
    spectrograms = spectrogram.encode(real, FULL_BAND)[None]
    (made,) = spectrogram.decode(spectrograms, FULL_BAND, iterations=1)
    spectrograms[..., TONALITY] = 0
    (without,) = spectrogram.decode(spectrograms, FULL_BAND, iterations=1)
    assert 0.8 < count_partials(made) / count_partials(real) < 1.25
    assert count_partials(without) < 0.1 * count_partials(real)


def test_silence_has_no_tonality():
    spectrograms = spectrogram.encode(cymbal()[: RATE // 2], FULL_BAND)
    silent = spectrograms[..., LEVEL] == 0
    assert silent.any()
    assert not spectrograms[silent][:, TONALITY].any()
