"""The lo-fi chain, each stage measured on a sound whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from samplegen.arrays import Signal
from samplegen.audio import lofi
from samplegen.audio.lofi_presets import PRESETS, Preset
from samplegen.audio.signals import peak
from samplegen.errors import OptionError

RATE = 48_000
NOISY = [name for name, preset in PRESETS.items() if preset.noise_db is not None]
ALL = pytest.mark.parametrize("name", PRESETS)


def sine(hz: float, seconds: float = 1.0, rate: int = RATE) -> Signal:
    return (0.8 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def drum(seconds: float = 0.3, lead: float = 0.0, rate: int = RATE) -> Signal:
    """A tone with noise that both decay, after a silence of `lead` seconds."""
    time = np.arange(round(seconds * rate)) / rate
    hit = (np.cos(2 * np.pi * 400 * time) + np.random.default_rng(5).uniform(-1, 1, len(time))) * np.exp(-20 * time)
    return np.concatenate([np.zeros(round(lead * rate)), hit / 2.5]).astype(np.float32)


def level_at(samples: Signal, hz: float, rate: int = RATE) -> float:
    """Level of the partial at `hz`, in dB of the samples' loudest partial."""
    spectrum = np.abs(np.fft.rfft(samples * np.blackman(len(samples))))
    at = round(hz * len(samples) / rate)
    return 20 * float(np.log10(spectrum[at - 2 : at + 3].max() / spectrum.max()))


def deviation(samples: Signal, hz: float) -> NDArray[np.float64]:
    """Relative error of a tone of `hz`, over time; without the half second at either end."""
    phase = np.unwrap(np.angle(signal.hilbert(samples.astype(np.float64))))
    return (np.diff(phase) * RATE / (2 * np.pi) / hz - 1)[RATE // 2 : -RATE // 2]


def main_modulation(swing: NDArray[np.float64]) -> tuple[float, float]:
    """Frequency in Hz and depth of the strongest sine in a deviation."""
    spectrum = np.abs(np.fft.rfft(swing)) * 2 / len(swing)
    return spectrum.argmax() * RATE / len(swing), spectrum.max()


def onset(samples: Signal, db: float, rate: int = RATE) -> float:
    """Seconds until the samples first come within `db` of their peak."""
    return float(np.argmax(np.abs(samples) >= peak(samples) * 10 ** (db / 20)) / rate)


def test_every_preset_says_what_it_is() -> None:
    assert len(PRESETS) >= 8
    assert len({preset.about for preset in PRESETS.values()}) == len(PRESETS)
    assert all(0 < len(preset.about) < 90 and "\n" not in preset.about for preset in PRESETS.values())


def test_every_stage_has_its_parameters_in_the_preset() -> None:
    fields = set(vars(Preset("")))
    assert all(set(parameters) <= fields for _, parameters in lofi.STAGES)


def test_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"'minidisc'.*cassette.*vinyl"):
        lofi.apply_lofi(drum(), RATE, "minidisc")


@pytest.mark.parametrize(
    ("field", "value"), [("bits", 1), ("rate", 0), ("wow", 1.5), ("noise_db", 6.0), ("drive", float("nan"))]
)
def test_impossible_parameter_is_refused(field: str, value: float) -> None:
    with pytest.raises(OptionError, match=rf"{field} is {value:g}; choose from"):
        replace(Preset("mine"), **{field: value})


def test_unknown_colour_is_refused() -> None:
    with pytest.raises(OptionError, match=r"'mauve'.*white, pink, brown"):
        Preset("mine", colour="mauve")


def test_neutral_preset_changes_nothing() -> None:
    # only the scaling to full scale and back, in double precision: one float32 rounding
    np.testing.assert_allclose(lofi.apply_lofi(drum(), RATE, Preset("nothing")), drum(), rtol=1e-6, atol=0)


@pytest.mark.parametrize("bits", [2, 4, 8, 12])
def test_bits_bound_the_number_of_levels(bits: int) -> None:
    tone = sine(441.7)
    crushed = lofi.apply_lofi(tone, RATE, Preset("crushed", bits=bits))
    levels = np.unique(crushed)
    assert 2**bits // 2 < len(levels) <= 2**bits  # a sine at full scale meets nearly all of them
    assert 0 in levels
    assert np.abs(crushed - tone).max() <= 0.5001 * peak(tone) / (2 ** (bits - 1) - 1)  # half a step


def test_a_sound_is_crushed_alike_at_any_level() -> None:
    soft = lofi.apply_lofi(sine(441.7) * np.float32(0.01), RATE, "crunch-8")
    np.testing.assert_allclose(soft * 100, lofi.apply_lofi(sine(441.7), RATE, "crunch-8"), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "rate", "alias"), [("crunch-8", 44_100, 11_025 - 9_000), ("toy", 44_100, 9_380 - 9_000)]
)
def test_alias_of_9_khz_is_where_it_must_be(name: str, rate: int, alias: int) -> None:
    folded = replace(Preset("only the rate"), rate=PRESETS[name].rate, aliases=PRESETS[name].aliases)
    processed = lofi.apply_lofi(sine(9_000, rate=rate), rate, folded)
    assert level_at(processed, alias, rate) == pytest.approx(0.0, abs=0.1)  # held steps have most of their power below


@pytest.mark.parametrize("to", [11_025, 26_040, 44_000])
def test_each_hold_is_its_first_sample(to: int) -> None:
    ramp = np.linspace(0, 1, RATE, dtype=np.float32)
    held = lofi.apply_lofi(ramp, RATE, Preset("", rate=to, aliases=True))
    starts = np.flatnonzero(np.diff(held, prepend=-1))
    assert len(starts) == to
    # the level is matched, so the last hold becomes the ramp's peak; the rest is float32 rounding
    np.testing.assert_allclose(held[starts], ramp[starts] / ramp[starts[-1]], atol=1e-6)


def test_a_click_between_two_holds_is_lost() -> None:
    click = np.zeros(100, np.float32)
    click[1] = 1.0
    assert not lofi.apply_lofi(click, RATE, Preset("", rate=12_000, aliases=True)).any()


def test_a_band_above_half_the_rate_is_held_below() -> None:
    assert peak(lofi.apply_lofi(drum(rate=4_000), 4_000, Preset("", low_hz=2_000, high_hz=16_000))) > 0.1


def test_no_alias_where_the_reduction_is_band_limited() -> None:
    # 440 Hz passes and is the reference; 9 kHz must fold to 12 - 9 = 3 kHz, or be gone
    pair = (sine(440) + sine(9_000)) / 2
    folded, limited = (
        lofi.apply_lofi(pair, RATE, Preset("", rate=12_000, aliases=aliases)) for aliases in (True, False)
    )
    assert level_at(folded, 3_000) > -6
    assert level_at(folded, 3_000) - level_at(limited, 3_000) > 70  # 80 dB of filter; the window leaks less
    assert level_at(limited, 9_000) < -70


def test_band_limited_reduction_keeps_what_fits() -> None:
    tone = sine(4_800)  # 80 % of the new half rate; the filter is flat to 0.1 dB up to 85 %
    pair = lofi.apply_lofi((tone + sine(440)) / 2, RATE, Preset("", rate=12_000))
    assert level_at(pair, 4_800) - level_at(pair, 440) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("aliases", [True, False])
def test_a_rate_above_the_sounds_own_keeps_all(aliases: bool) -> None:
    np.testing.assert_allclose(
        lofi.apply_lofi(drum(), RATE, Preset("", rate=96_000, aliases=aliases)), drum(), rtol=1e-6
    )


def test_saturation_adds_odd_harmonics_only() -> None:
    soft, hard = (lofi.apply_lofi(sine(500), RATE, Preset("", drive=drive)) for drive in (0.5, 3.0))
    for harmonic in (3, 5):
        assert level_at(hard, harmonic * 500) > -30
        assert level_at(hard, harmonic * 500) > level_at(soft, harmonic * 500) + 15
    # tanh is odd; what is left is float32 rounding and the window's leak (-110 dB)
    assert max(level_at(hard, harmonic * 500) for harmonic in (2, 4, 6)) < -90


@pytest.mark.parametrize(("depth", "hz"), [(0.003, 0.55), (0.01, 1.4)])
def test_wow_bends_the_pitch_by_its_depth(depth: float, hz: float) -> None:
    swing = deviation(lofi.apply_lofi(sine(1_000, 9.0), RATE, Preset("", wow=depth, wow_hz=hz)), 1_000)
    assert swing.max() == pytest.approx(depth, rel=0.02)  # float32 samples, read sample by sample
    assert swing.min() == pytest.approx(-depth, rel=0.02)
    assert main_modulation(swing)[0] == pytest.approx(hz, abs=0.125)  # eight seconds: bins of 0.125 Hz


def test_flutter_is_a_second_faster_sine() -> None:
    swing = deviation(lofi.apply_lofi(sine(1_000, 3.0), RATE, Preset("", flutter=0.004, flutter_hz=10)), 1_000)
    assert main_modulation(swing) == pytest.approx((10, 0.004), rel=0.05)  # two seconds: bins of 0.5 Hz


def test_unsteady_speed_keeps_the_top() -> None:
    # linear interpolation would lose up to 3 dB at 12 kHz, coming and going; a cubic spline 0.2 dB
    tone = lofi.apply_lofi(sine(12_000, 2.0), RATE, Preset("", wow=0.003))
    loudness = [np.std(block) for block in np.split(tone, 100)[5:-5]]
    assert 20 * np.log10(max(loudness) / min(loudness)) < 0.5


def test_band_is_the_telephones() -> None:
    chord = (sine(50) + sine(1_000) + sine(9_000)) / 3
    line = lofi.apply_lofi(chord, RATE, Preset("", low_hz=300, high_hz=3_400))
    assert level_at(line, 1_000) == 0
    assert level_at(line, 50) == pytest.approx(-40 * np.log10(300 / 50), abs=1)  # 12 dB an octave
    ratio = np.tan(np.pi * 9_000 / RATE) / np.tan(np.pi * 3_400 / RATE)  # as the bilinear transform bends it
    assert level_at(line, 9_000) == pytest.approx(-80 * np.log10(ratio), abs=1)  # 24 dB an octave


def test_tone_is_a_low_pass_behind_the_bits() -> None:
    crushed = [lofi.apply_lofi(sine(500), RATE, Preset("", bits=4, tone_hz=hz)) for hz in (None, 2_000)]
    above = [np.std(signal.sosfilt(signal.butter(6, 8_000, "highpass", fs=RATE, output="sos"), x)) for x in crushed]
    assert above[1] < above[0] / 30


@ALL
def test_silence_stays_silent(name: str) -> None:
    assert not lofi.apply_lofi(np.zeros(RATE, np.float32), RATE, name).any()


def test_noise_has_its_level_while_the_sound_sounds() -> None:
    tone = sine(1_000)
    noise = lofi.apply_lofi(tone, RATE, Preset("", noise_db=-40)) - tone
    # full scale is the sound's peak; the noise adds to it, and 1 % of level matching leaves some of the tone
    noise -= tone * (noise @ tone) / (tone @ tone)
    assert 20 * np.log10(noise[: -RATE // 10].std() / 0.8) == pytest.approx(-40, abs=0.5)


@pytest.mark.parametrize(("colour", "slope"), [("white", 0.0), ("pink", -3.0), ("brown", -6.0)])
def test_noise_has_its_colour(colour: str, slope: float) -> None:
    hum = sine(20, 4.0)
    noise = lofi.apply_lofi(hum, RATE, Preset("", noise_db=-20, colour=colour))
    _, power = signal.welch(noise, RATE, nperseg=4_096)
    octaves = [
        10 * np.log10(power[round(hz * 4_096 / RATE) :][: round(hz / 40)].mean()) for hz in (500, 1_000, 2_000, 4_000)
    ]
    assert np.diff(octaves).mean() == pytest.approx(slope, abs=0.5)  # some 50 windows over ten bins: +-0.3 dB


def test_dust_has_its_density() -> None:
    tone = sine(50, 4.0)
    specks = lofi.apply_lofi(tone, RATE, Preset("", crackle=20, crackle_db=-30)) - tone
    clicks = np.abs(np.diff(specks)) > 0.003  # a tenth of the mean speck: nine in ten are above
    count = np.count_nonzero(np.diff(np.flatnonzero(clicks)) > RATE // 1_000) + 1
    assert count == pytest.approx(80, abs=30)  # Poisson: three standard deviations of 9


@pytest.mark.parametrize("name", NOISY)
def test_noise_comes_and_goes_with_the_sound(name: str) -> None:
    lead, tail = np.zeros(RATE // 10, np.float32), np.zeros(RATE // 2, np.float32)
    hit = np.concatenate([lead, sine(700, 0.2) * 2 / 3, tail])
    processed = lofi.apply_lofi(hit, RATE, name)
    sounding = RATE // 10 + RATE // 5
    assert peak(processed[: RATE // 10 - RATE // 1_000]) < 1e-6  # nothing before; 1 ms for the wow at 0.1 s
    hiss = processed[sounding + RATE // 50 : sounding + RATE // 20]
    assert 1e-4 < np.std(hiss) < 0.1  # it does not stop dead with the sound either
    # the envelope falls 60 dB in 0.2 s; 20 ms for the band filter to ring out
    assert peak(processed[sounding + RATE // 5 + RATE // 50 :]) < 1e-6


def test_noise_fades_where_the_sound_is_cut_off() -> None:
    cut = np.ones(2_000, np.float32)
    processed = np.stack([lofi.apply_lofi(cut, RATE, Preset("", noise_db=-40), seed=seed) for seed in range(30)])
    spread = np.std(processed - np.median(processed, axis=1, keepdims=True), axis=0)
    assert spread[-10:].mean() < spread[:1_000].mean() / 5  # 10 samples before the end 4 % are left


@ALL
def test_same_seed_same_sound(name: str) -> None:
    first, again, other = (lofi.apply_lofi(drum(), RATE, name, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (name not in NOISY and not PRESETS[name].wow)


@ALL
@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
@pytest.mark.parametrize("lead", [0.0, 0.02])
def test_attack_stays_within_a_millisecond(name: str, rate: int, lead: float) -> None:
    hit = drum(lead=lead, rate=rate)
    processed = lofi.apply_lofi(hit, rate, name, seed=2)
    for db in (-40, -20, -6):
        assert onset(processed, db, rate) == pytest.approx(onset(hit, db, rate), abs=0.001)


@ALL
def test_samples_handed_in_are_left_alone(name: str) -> None:
    hit = drum()
    lofi.apply_lofi(hit, RATE, name)
    np.testing.assert_array_equal(hit, drum())


def test_what_is_no_sound_is_made_one() -> None:
    broken = np.array([0.5, np.nan, np.inf, -np.inf, -3.0], np.float32)
    np.testing.assert_allclose(lofi.apply_lofi(broken, RATE, Preset("nothing")), [0.5, 0, 1, -1, -1])


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(list(PRESETS)),
    length=st.integers(0, 40) | st.integers(0, 4_000),
    rate=st.sampled_from([8_000, 11_025, 44_100, 48_000, 192_000]) | st.integers(8_000, 192_000),
    level=st.sampled_from([1e-40, 1e-20, 1e-4, 0.5, 1.0]),
    seed=st.integers(0, 2**32),
)
def test_any_sound_comes_back_whole(name: str, length: int, rate: int, level: float, seed: int) -> None:
    sound = (np.random.default_rng(seed).uniform(-1, 1, length) * level).astype(np.float32)
    processed = lofi.apply_lofi(sound, rate, name, seed=seed)
    assert processed.dtype == np.float32
    assert processed.shape == (length,)
    assert np.isfinite(processed).all()
    assert peak(processed) <= 1.0
    assert peak(processed) == pytest.approx(peak(sound), rel=1e-6)


@ALL
@pytest.mark.parametrize("length", [1, 2, 100])
def test_a_step_comes_back_whole(name: str, length: int) -> None:
    processed = lofi.apply_lofi(np.full(length, -0.3, np.float32), 8_000, name)
    assert np.isfinite(processed).all()
    assert peak(processed) == pytest.approx(0.3)
