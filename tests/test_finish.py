"""One-shots from raw sound: where they start and end, how loud they are, and that none is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplegen.arrays import Signal
from samplegen.audio.oneshot import postprocess
from samplegen.audio.signals import peak
from samplegen.errors import AudioError

RATE = 44_100
MS = RATE / 1000  # samples


def drum(seconds: float = 0.5, decay: float = 20.0, hz: float = 180.0) -> Signal:
    """A hit of a tone and noise that both die away by `decay` nepers a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    hit = np.cos(2 * np.pi * hz * time) + np.random.default_rng(1).uniform(-1, 1, len(time))
    return (0.2 * hit * np.exp(-decay * time)).astype(np.float32)


def after(seconds: float, sound: Signal, *, hiss: float = 0.0) -> Signal:
    lead = np.random.default_rng(2).uniform(-hiss, hiss, round(seconds * RATE))
    return np.concatenate([lead, sound]).astype(np.float32)


def db(ratio: float) -> float:
    return 20 * float(np.log10(max(ratio, 1e-12)))


def first_loud(sound: Signal, share: float = 0.5) -> int:
    return int(np.argmax(np.abs(sound) > share * peak(sound)))


@pytest.mark.parametrize("lead", [0.0, 0.0002, 0.01, 0.3])
@pytest.mark.parametrize("hiss", [0.0, 0.0005])
def test_it_starts_within_a_millisecond_of_the_hit(lead: float, hiss: float) -> None:
    done = postprocess(after(lead, drum(), hiss=hiss), RATE)
    assert first_loud(done, 0.03) <= MS


def test_the_pre_roll_is_kept_and_starts_near_zero() -> None:
    done = postprocess(after(0.1, drum(), hiss=0.001), RATE)
    assert first_loud(done, 0.03) == pytest.approx(0.5 * MS, abs=2)  # 22 samples; the hit itself takes one or two
    assert abs(done[0]) < 0.01


def test_the_attack_keeps_its_place_and_shape() -> None:
    raw = after(0.1, drum())
    done = postprocess(raw, RATE)
    attack = raw[round(0.1 * RATE) - round(0.5 * MS) :][: round(10 * MS)]
    cut = done[: len(attack)]
    # the high-pass turns 180 Hz by 6 degrees, so 0.99 of the energy agrees; one sample's shift leaves 0.5
    assert attack @ cut / np.sqrt((attack @ attack) * (cut @ cut)) > 0.99


def test_a_hit_cut_in_the_middle_is_faded_in_and_any_other_is_not() -> None:
    loud = postprocess(drum(), RATE)
    assert abs(loud[0]) < 0.02  # the raw sound starts at 0.7 of its peak
    quiet = np.zeros(RATE // 2, np.float32)
    quiet[1:] = drum(0.5)[1:]  # starts at zero and is loud at once: nothing to repair
    assert abs(postprocess(quiet, RATE)[1]) > 0.1


@pytest.mark.parametrize("offset", [0.0, 0.3, -0.8])
@pytest.mark.parametrize("seconds", [0.02, 0.1, 1.0])
def test_no_offset_is_left_and_none_moves_the_start(offset: float, seconds: float) -> None:
    done = postprocess(after(0.05, drum(seconds)) + np.float32(offset), RATE)
    # a thousandth is what players ask for; ours is exact but for float32's rounding (1e-7 a sample)
    assert abs(done.mean(dtype=np.float64)) < 1e-6
    if seconds >= 0.1:  # else most samples are the hit, and the offset can only be guessed
        assert first_loud(done, 0.03) <= MS


def test_rumble_below_hearing_is_turned_down_and_a_bass_drum_is_not() -> None:
    time = np.arange(RATE) / RATE
    for hz, low, high in ((2.0, -60.0, -15.0), (50.0, -1.5, 0.5)):  # first order: 2 Hz -20 dB, 50 Hz -0.6 dB
        hit = after(0.0, drum(1.0, decay=6.0)) + 0.3 * np.sin(2 * np.pi * hz * time) * np.exp(-3 * time)
        done = postprocess(hit.astype(np.float32), RATE, peak_dbfs=0.0)
        plain = postprocess(drum(1.0, decay=6.0), RATE, peak_dbfs=0.0)
        window = np.hanning(RATE // 2) * np.exp(-2j * np.pi * hz * time[: RATE // 2])
        added = [abs(np.dot(sound[: RATE // 2], window[: len(sound)])) for sound in (done, plain)]
        raw = abs(np.dot(hit[: RATE // 2], window)) / peak(hit)
        assert low < db(added[0] / raw) < high, hz


def test_the_tail_is_cut_below_66_db() -> None:
    done = postprocess(np.concatenate([drum(0.5, decay=60.0), np.zeros(RATE, np.float32)]), RATE)
    # exp(-60 t) is at -66 dB after 0.127 s; the peak is not exactly the envelope's, hence the room
    assert 0.10 * RATE < len(done) < 0.14 * RATE


@pytest.mark.parametrize("rate", [8_000, 44_100, 768_000])
def test_a_click_keeps_all_of_its_samples(rate: int) -> None:
    click = np.zeros(rate, np.float32)
    click[rate // 2 : rate // 2 + 4] = [0.5, -0.5, 0.5, -0.5]
    done = postprocess(click, rate, peak_dbfs=0.0)
    # the fade lies behind it; the high-pass at 8 kHz takes 1.6 % a sample off a constant
    assert sorted(np.abs(done))[-4:] == pytest.approx([1.0] * 4, abs=0.05)


@pytest.mark.parametrize("decay", [0.0, 3.0, 20.0, 60.0])
def test_the_end_is_faded_however_loud(decay: float) -> None:
    done = postprocess(drum(0.5, decay=decay), RATE)
    assert abs(done[-1]) < 10 ** (-66 / 20)
    last = [peak(done[-count:]) for count in (round(0.5 * MS), round(2 * MS), round(5 * MS))]
    assert last[0] < 0.1 * peak(done)  # no click: 10 % in the last tenth of the shortest fade
    assert last == sorted(last)


def gain_over_time(raw: Signal) -> list[float]:
    """Level of the finished sound against the raw one in ten parts of equal length, the fourth being 1."""
    done = postprocess(raw, RATE)
    parts = zip(np.array_split(done, 10), np.array_split(raw[-len(done) :], 10), strict=True)
    gains = [float(np.sqrt(np.mean(part**2) / np.mean(was**2))) for part, was in parts]
    return [gain / gains[3] for gain in gains]


def test_a_sound_cut_while_loud_fades_over_the_last_third_of_its_tail() -> None:
    gains = gain_over_time(drum(0.5, decay=0.0))
    # a raised cosine over 30 % to the power 1.2, which brings its last 5 ms from -51 to -61 dB
    assert gains[7:] == pytest.approx([0.92, 0.47, 0.08], abs=0.05)
    assert gains[:7] == pytest.approx([1.0] * 7, abs=0.02)  # the high-pass moves a part's level by under 1 %


@pytest.mark.parametrize("seconds", [0.03, 0.1, 1.0])
@pytest.mark.parametrize("decay", [0.0, 3.0, 20.0])
def test_the_last_5_ms_are_below_60_db_and_nothing_follows_them(seconds: float, decay: float) -> None:
    done = postprocess(drum(seconds, decay=decay), RATE)
    assert db(peak(done[-round(5 * MS) :]) / peak(done)) < -60
    loud = np.flatnonzero(np.abs(done) > 10 ** (-72 / 20) * peak(done))
    assert len(done) - 1 - loud[-1] <= 6 * MS  # the fade, and a millisecond: -72 dB of the peak before the centring


def test_a_slow_start_is_cut_to_the_hit() -> None:
    swell = np.concatenate([0.02 * drum(0.05, decay=0.0), drum()])  # 50 ms at 2 % of what follows
    assert first_loud(postprocess(swell, RATE), 0.03) <= MS


def test_what_the_fade_in_takes_away_is_not_the_hit() -> None:
    early = np.zeros(round(0.003 * RATE), np.float32)
    early[:10] = 0.035 * 0.4  # 3.5 % of the drum's peak in the first quarter of a millisecond
    assert first_loud(postprocess(np.concatenate([early, drum(hz=400.0)]), RATE), 0.03) <= MS


def test_a_sound_that_has_died_away_is_faded_at_its_very_end_only() -> None:
    dead = drum(0.5, decay=14.5)  # ends at -63 dB: 5 ms of the last part's 50 fade
    assert len(postprocess(dead, RATE)) == len(dead)
    assert gain_over_time(dead) == pytest.approx([1.0] * 10, abs=0.08)


def test_a_swell_keeps_its_end() -> None:
    # backwards, its quiet first part is cut off and its peak is the end, of which only 5 ms may go
    gains = gain_over_time(drum(0.5, decay=14.5)[::-1].copy())
    assert min(gains[:9]) > 0.9


@pytest.mark.parametrize("level", [-0.1, -0.5, -6.0])
@pytest.mark.parametrize("gain", [1e-3, 1.0, 50.0])
def test_it_is_levelled(level: float, gain: float) -> None:
    done = postprocess(drum() * np.float32(gain), RATE, peak_dbfs=level)
    assert db(peak(done)) == pytest.approx(level, abs=1e-4)  # float32 rounds to 5e-7 dB
    assert done.dtype == np.float32


def test_the_input_is_left_alone() -> None:
    raw = drum()
    before = raw.copy()
    postprocess(raw, RATE)
    assert np.array_equal(raw, before)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.floats(-1, 1, width=32), min_size=20, max_size=400), st.sampled_from([8_000, 44_100, 192_000]))
def test_a_short_sound_is_never_lost(values: list[float], rate: int) -> None:
    raw = np.array(values, np.float32)
    if np.abs(raw - np.median(raw)).max() < 0.001:
        return  # silence, or nothing but an offset
    done = postprocess(raw, rate)
    assert 1 <= len(done) <= len(raw)
    assert np.isfinite(done).all()
    assert db(peak(done)) == pytest.approx(-0.5, abs=1e-4)
    assert abs(done.mean(dtype=np.float64)) < 1e-3


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.zeros(1000, np.float32), "silent"),
        (np.full(1000, 0.5, np.float32), "silent"),
        (np.zeros(0, np.float32), "silent"),
        (np.full(1000, np.nan, np.float32), "not numbers"),
        (np.array([0.0, 1.0, np.inf], np.float32), "not numbers"),
    ],
)
def test_what_is_no_sound_is_refused(raw: Signal, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        postprocess(raw, RATE)
