"""Sound <-> map: what the networks see is small and tidy, and what they draw comes back as a drum."""

import numpy as np
import pytest
from conftest import DRUMS
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from samplegen.audio import onsets, signals
from samplegen.errors import ModelError
from samplegen.features import spectrogram, stft, tiling
from samplegen.features.spectrogram import LEVEL, NOISINESS, SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.settings import build

CONFIG = SpectrogramConfig()
RATE = CONFIG.stft.rate
CONFIGS = (
    CONFIG,
    SpectrogramConfig(StftConfig.at(44_100)),
    SpectrogramConfig(StftConfig.at(16_000), steps=32, bands=48, seconds=0.5),
)


def _noise(seconds, rate=RATE):
    return (0.2 * np.random.default_rng(0).standard_normal(round(seconds * rate))).astype(np.float32)


def _tone(frequency, seconds, rate=RATE):
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def _drums(rate=RATE, seeds=(0, 1)):
    return [make(rate, seed=seed) for make in DRUMS.values() for seed in seeds]


def _apart(one, other, channel=LEVEL):
    """Mean difference where either can be heard, up to a constant for levels: each map has its own 0 dB."""
    heard = np.maximum(one, other)[..., LEVEL] > 0.25  # the top 60 dB
    difference = (one - other)[..., channel][heard]
    return float(np.abs(difference - (np.median(difference) if channel == LEVEL else 0)).mean())


def _mean_spectrum(samples, config):
    """Level of each band over the whole sound, in dB."""
    power = (np.abs(stft.analyse(samples, config.stft)) ** 2).sum(axis=0)
    edges = np.unique(np.rint(np.geomspace(2, config.stft.bins, 17)).astype(int)) - 2
    return 10 * np.log10(np.add.reduceat(power, edges[:-1]) + 1e-9)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("drum", DRUMS)
def test_a_map_has_its_shape_and_range(drum, config):
    picture = spectrogram.encode(DRUMS[drum](config.stft.rate, seed=0), config)
    assert picture.shape == config.shape == (config.steps, config.bands, 2)
    assert picture.dtype == np.float32
    assert picture.min() == 0.0
    assert picture[..., LEVEL].max() == 1.0  # the loudest cell
    assert picture[..., NOISINESS].max() <= 1.0


@effort(max_examples=40, deadline=None)
@given(st.integers(1, 40_000), st.floats(1e-4, 1.0), st.integers(0, 2**32 - 1))
def test_any_sound_gives_numbers_from_0_to_1(samples, gain, seed):
    sound = np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)
    picture = spectrogram.encode(gain * sound / signals.peak(sound), CONFIG)
    assert picture.min() >= 0.0
    assert picture.max() == 1.0  # neither depends on the gain


def test_the_gain_does_not_matter():
    sound = DRUMS["kick"](RATE, seed=0)
    assert spectrogram.encode(sound / 100, CONFIG) == pytest.approx(
        spectrogram.encode(sound, CONFIG), abs=0.01
    )  # grain is a root: 1e-5 of float32 is 0.003


def test_silence_has_an_empty_map_and_an_empty_map_is_silent():
    picture = spectrogram.encode(np.zeros(5000, np.float32), CONFIG)
    assert not picture.any()
    (back,) = spectrogram.decode([picture], CONFIG)
    assert len(back) >= 1
    assert not back.any()


@pytest.mark.parametrize("config", CONFIGS)
def test_after_the_sound_there_is_nothing(config):
    sound = _noise(0.1, config.stft.rate)
    picture = spectrogram.encode(sound, config)
    last = np.flatnonzero(picture.any(axis=(1, 2)))[-1]
    ends = spectrogram._tiling(config).time[last] * config.stft.hop
    assert ends <= len(sound) + config.stft.n_fft // 2  # the last window that still sees a bit of it
    assert not picture[last + 1 :].any()


def test_what_is_too_long_is_left_out():
    sound = _noise(3.0)
    assert np.array_equal(spectrogram.encode(sound, CONFIG), spectrogram.encode(sound[: CONFIG.samples], CONFIG))


def test_noise_is_grainy_and_a_tone_is_not():
    tiling = spectrogram._tiling(CONFIG)
    long = np.flatnonzero(np.diff(tiling.time) > 8)[:-1]  # cells over more than a window see how power varies
    noise, tone = spectrogram.encode(_noise(1.5), CONFIG), spectrogram.encode(_tone(300, 1.5), CONFIG)
    band = int(tone[long, :, LEVEL].mean(axis=0).argmax())
    assert noise[long][..., NOISINESS].mean() > 0.85  # 1 but for chance: 0.96
    assert tone[long, band, LEVEL].min() > 0.95
    assert tone[long, band, NOISINESS].max() < 0.1  # 0 but for the start: 0.002


def test_the_finest_cells_hold_one_number_and_no_grain():
    tiling = spectrogram._tiling(CONFIG)
    assert np.diff(tiling.time)[0] == np.diff(tiling.band)[0] == 1  # attack and bass are seen as they are
    assert not spectrogram.encode(_noise(1.0), CONFIG)[0, 0, NOISINESS]


@effort(max_examples=60, deadline=None)
@given(st.data())
def test_cells_cover_everything_once_and_never_shrink(data):
    cells = data.draw(st.integers(16, 256))
    fine = data.draw(st.integers(cells, 30_000))
    edges = tiling._widening_edges(fine, cells)
    widths = np.diff(edges)
    assert (edges[0], edges[-1], len(widths)) == (0, fine, cells)
    assert widths.min() >= 1
    assert np.all(np.diff(widths) >= -1)  # rounding may take one off


def test_a_click_is_as_loud_wherever_in_a_wide_cell_it_falls():
    edges = tiling.make_tiling(CONFIG.stft.frames(CONFIG.samples), CONFIG.stft.bins, *CONFIG.shape[:2]).time
    step = int(np.flatnonzero(np.diff(edges) >= 16)[0])
    middle = CONFIG.stft.hop * int(edges[step] + edges[step + 1]) // 2
    sound = np.pad(_noise(0.2), (0, CONFIG.samples))
    levels = []
    for off in range(0, 2 * CONFIG.stft.hop, 8):
        sound[middle + off] = 1.0
        levels.append(-CONFIG.floor_db * spectrogram.encode(sound, CONFIG)[step, 8:, LEVEL].mean())
        sound[middle + off] = 0.0
    assert max(levels) > 20.0
    assert np.ptp(levels) < 0.3  # the windows of every second frame add up within 0.24 dB


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("drum", DRUMS)
def test_a_drum_comes_back_from_its_map(drum, config):
    rate, step = config.stft.rate, config.stft.hop
    sound = DRUMS[drum](rate, seed=1)
    picture = spectrogram.encode(sound, config)
    (back,) = spectrogram.decode([picture], config)
    assert onsets.find_onset(back, rate) <= rate / 1000  # an ear hears 1 ms as one
    widest = np.diff(spectrogram._tiling(config).time).max()
    assert abs(len(back) - min(len(sound), config.samples)) <= (widest + 8) * step  # a cell, and half a window
    assert (
        _apart(spectrogram.encode(back, config), picture) * -config.floor_db < 4
    )  # dB; two kicks are 4 apart at least
    error = _mean_spectrum(back, config) - _mean_spectrum(sound[: config.samples], config)
    loud = _mean_spectrum(sound, config) > _mean_spectrum(sound, config).max() - 40
    assert np.abs(error - np.median(error[loud]))[loud].max() < 3  # dB; 1 is what an ear hears in a band


def test_noise_comes_back_as_noise():
    (back,) = spectrogram.decode([spectrogram.encode(_noise(1.5), CONFIG)], CONFIG)
    smooth = spectrogram.encode(_noise(1.5), CONFIG)
    smooth[..., NOISINESS] = 0
    (smoothed,) = spectrogram.decode([smooth], CONFIG)
    long = np.diff(spectrogram._tiling(CONFIG).time) > 8
    grain, without = (spectrogram.encode(sound, CONFIG)[long][..., NOISINESS].mean() for sound in (back, smoothed))
    assert grain > 0.85  # as in the test of noise above
    assert without < grain - 0.2  # so that the channel is heard


def test_a_level_under_the_floor_is_no_hiss():
    picture = spectrogram.encode(_tone(300, 1.0), CONFIG)
    (back,) = spectrogram.decode([picture], CONFIG)
    power = np.abs(stft.analyse(back, CONFIG.stft))[50:-50] ** 2
    assert 10 * np.log10(power[:, 100:].max() / power.max()) < -75  # the range of the map is 80 dB


def test_the_seed_decides_and_so_does_the_place_in_the_batch():
    picture = spectrogram.encode(DRUMS["snare"](RATE, seed=0), CONFIG)
    one, again, other = (spectrogram.decode([picture, picture], CONFIG, seed=seed, iterations=0) for seed in (1, 1, 2))
    assert all(map(np.array_equal, one, again))
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[0], one[1])  # two takes of a snare, not one twice


@effort(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_whatever_is_drawn_is_sound(seed, share):
    rng = np.random.default_rng(seed)
    picture = rng.uniform(0, 1, CONFIG.shape).astype(np.float32) * (rng.uniform(0, 1, CONFIG.shape) < share)
    picture[int(share * CONFIG.steps) :] = 0
    (back,) = spectrogram.decode([picture.astype(np.float32)], CONFIG, iterations=2)
    assert 1 <= len(back) <= CONFIG.samples
    assert np.isfinite(back).all()


def test_a_map_with_one_step_is_a_click():
    picture = np.zeros(CONFIG.shape, np.float32)
    picture[0, :, LEVEL] = 1
    (back,) = spectrogram.decode([picture], CONFIG)
    assert len(back) == CONFIG.stft.hop
    assert back.any()


@pytest.mark.parametrize("config", CONFIGS)
def test_a_map_of_the_same_configuration_stays_as_it_is(config):
    steps, bands = spectrogram.conversion_matrices(config, config)
    assert steps == pytest.approx(np.eye(config.steps), abs=1e-6)
    assert bands == pytest.approx(np.eye(config.bands), abs=1e-6)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_converted_map_is_near_that_of_the_resampled_sound(rate):
    fine = SpectrogramConfig(StftConfig.at(rate), steps=96)
    steps, bands = spectrogram.conversion_matrices(fine, CONFIG)
    assert (steps.shape, bands.shape) == ((64, 96), (64, 64))
    for sound in _drums(rate, seeds=(0,)):
        converted = np.einsum("ts,sbc,bd->tdc", steps, spectrogram.encode(sound, fine), bands)
        wanted = spectrogram.encode(signals.resample(sound, rate, RATE), CONFIG)
        assert _apart(converted, wanted) * -CONFIG.floor_db < 2.5  # dB: bands that overlap are averaged in dB
        assert _apart(converted, wanted, NOISINESS) < 0.3  # 0.15 for most; a cell one bin wide has none to give


def test_a_conversion_leaves_out_what_the_source_does_not_reach():
    steps, bands = spectrogram.conversion_matrices(
        SpectrogramConfig(seconds=0.5), SpectrogramConfig(StftConfig.at(44_100))
    )
    reached = (
        np.searchsorted(spectrogram._tiling(SpectrogramConfig(StftConfig.at(44_100))).time, 0.5 * 44_100 / 128) + 1
    )
    assert not steps[reached:].any()
    assert not bands[:, -1].any()  # 22 kHz
    assert steps.sum(axis=1).max() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": 0},
        {"steps": 15},
        {"bands": 257},
        {"seconds": 0.1},
        {"seconds": float("nan")},
        {"seconds": 11.0},
        {"floor_db": 80.0},
        {"stft": StftConfig(8_000, 192)},
        {"stft": StftConfig(96_000, 2240)},
    ],
)
def test_a_map_that_cannot_be_is_refused(settings):
    with pytest.raises(ModelError, match="it should be from"):
        SpectrogramConfig(**settings)


@pytest.mark.parametrize(
    "settings",
    [{"steps": 256, "seconds": 0.25}, {"stft": StftConfig(22_050, 128), "bands": 66}],
)
def test_more_cells_than_the_spectrogram_has_are_refused(settings):
    with pytest.raises(ModelError, match="cells are more than"):
        SpectrogramConfig(**settings)


# ---- evenly spaced


EVEN = SpectrogramConfig(steps=128, spacing="even")


def test_even_cells_are_as_long_as_each_other():
    widths = np.diff(spectrogram._tiling(EVEN).time)
    assert (widths.sum(), widths.min(), widths.max()) == (518, 4, 5)  # rounding
    assert np.array_equal(spectrogram._tiling(EVEN).band, spectrogram._tiling(CONFIG).band)


@pytest.mark.parametrize("drum", DRUMS)
def test_a_drum_comes_back_from_an_even_map(drum):
    sound = DRUMS[drum](RATE, seed=1)
    picture = spectrogram.encode(sound, EVEN)
    (back,) = spectrogram.decode([picture], EVEN)
    assert onsets.find_onset(back, RATE) <= RATE / 1000  # an ear hears 1 ms as one
    assert _apart(spectrogram.encode(back, EVEN), picture) * -EVEN.floor_db < 4  # dB, as above


def test_a_longer_map_has_the_same_steps():
    long = EVEN.with_steps(200)
    assert (long.steps, EVEN.with_steps(128)) == (200, EVEN)
    sound = _noise(3.0)
    one, other = spectrogram.encode(sound, EVEN), spectrogram.encode(sound, long)
    # the cells' borders fall on other frames by rounding, and each map has its own loudest cell: 0.06 by chance
    assert np.abs(one - other[:128])[..., LEVEL].mean() < 0.06
    assert other[-1, :, LEVEL].any()


def test_an_even_map_is_heard_as_a_widening_one():
    steps, bands = spectrogram.conversion_matrices(EVEN, CONFIG)
    for sound in _drums(seeds=(0,)):
        converted = np.einsum("ts,sbc,bd->tdc", steps, spectrogram.encode(sound, EVEN), bands)
        assert _apart(converted, spectrogram.encode(sound, CONFIG)) * -CONFIG.floor_db < 4  # dB: the attack is coarser


def test_a_configuration_from_before_there_were_spacings_is_a_widening_one():
    old = {"stft": {"rate": 22_050, "n_fft": 512}, "steps": 64, "bands": 64, "seconds": 1.5, "floor_db": -80.0}
    assert build(SpectrogramConfig, old) == CONFIG


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"spacing": "odd"}, "no spacing 'odd'; there are widening, even"),
        (
            {"steps": 4096, "seconds": 10.0, "stft": StftConfig(44_100, 512), "spacing": "even"},
            "4096 steps are too many for 10 seconds",
        ),
    ],
)
def test_a_spacing_or_length_that_cannot_be_is_refused(settings, words):
    with pytest.raises(ModelError, match=words):
        SpectrogramConfig(**settings)
