"""Conversion: takes aligned, pitch heard and moved, a voice learned from pairs. Two synthetic voices tell the truth."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import voices
from hypothesis import given, settings
from hypothesis import strategies as st
from voices import ALTO, BASS, RATE, say, sentence

from samplegen.audio import streaming
from samplegen.conversion import alignment, features, growl, metrics, pitch, takes
from samplegen.conversion.alignment import MIN_SCORE, align
from samplegen.conversion.voice import gain, psola
from samplegen.conversion.voice.frames import WEIGHTS, frame_features, take_level
from samplegen.errors import AudioError, DataError, OptionError

STFT = features.stft_config(RATE)
FRAME = 0.01  # seconds


def levels(samples):
    return features.log_mel(samples, STFT)


def moved(samples, ratio, heights=None):
    """A whole take at another pitch."""
    heights = pitch.track(samples) if heights is None else heights
    around = np.pad(samples, RATE)
    marker = psola.Marker(heights, RATE)
    marker.read(around, -RATE, len(samples))
    marks = marker.marks()
    return psola.overlap_add(around, -RATE, marks, psola.lay_out(marks, ratio), ratio)[RATE : RATE + len(samples)]


# --- features --------------------------------------------------------------------------------------


def test_levels_do_not_depend_on_blocks(monkeypatch):
    take = say(sentence(1), ALTO).samples
    whole = levels(take)
    monkeypatch.setattr(features, "_BLOCK_FRAMES", 37)
    np.testing.assert_allclose(levels(take), whole, atol=1e-3)  # dB; the sums are the same, in another order
    assert len(whole) == features.frame_count(len(take), STFT)


def test_a_full_sine_is_at_0_db_less_its_share_of_the_band():
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    loudest = levels(tone)[20:80].max()
    assert -10 < loudest <= 0  # the band around 1 kHz is some bins wide, over which the tone's power is averaged


def test_cepstra_measure_smoothed_levels_in_db():
    rng = np.random.default_rng(0)
    shape = rng.normal(0, 3, (50, 25)).astype(np.float32)
    smooth = features.smooth_levels(shape)
    np.testing.assert_allclose(features.cepstra(smooth, 24, zeroth=True), shape, atol=1e-4)
    apart = np.sqrt(((smooth[:-1] - smooth[1:]) ** 2).mean(axis=1))
    np.testing.assert_allclose(np.linalg.norm(shape[:-1] - shape[1:], axis=1), apart, rtol=1e-4)


def test_silence_does_not_sound_and_speech_does():
    assert not features.audible(features.loudness(levels(np.zeros(RATE, np.float32)))).any()
    spoken = say("sa_sa", ALTO, pause=0.6)
    heard = features.audible(features.loudness(levels(spoken.samples)))
    pause = slice(int((spoken.starts[2] + 0.06) / FRAME), int((spoken.starts[3] - 0.06) / FRAME))
    assert not heard[pause].any()
    assert heard.mean() > 0.3


# --- alignment -------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 9))
def test_path_goes_from_corner_to_corner_without_going_back(rows, columns, seed):
    rng = np.random.default_rng(seed)
    one, other = (rng.standard_normal((n, 3)).astype(np.float32) for n in (rows, columns))
    path = alignment.dtw(one, other)
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [rows - 1, columns - 1]
    steps = np.diff(path, axis=0)
    assert set(map(tuple, steps.tolist())) <= {(0, 1), (1, 0), (1, 1)}


def test_path_is_the_cheapest_there_is():
    rng = np.random.default_rng(3)
    one, other = (np.cumsum(rng.standard_normal((n, 2)), axis=0).astype(np.float32) for n in (50, 60))
    distance = np.linalg.norm(one[:, None] - other[None], axis=2)
    cost = np.full((51, 61), np.inf)
    cost[0, 0] = 0
    for i in range(50):
        for j in range(60):
            cost[i + 1, j + 1] = distance[i, j] + min(cost[i, j], cost[i, j + 1], cost[i + 1, j])
    path = alignment.dtw(one, other)
    assert distance[path[:, 0], path[:, 1]].sum() == pytest.approx(cost[-1, -1], rel=1e-5)


def _warped(levels_, seed):
    """A take at a wandering tempo, 0.8 to 1.3 times, with pauses put in, and the frame that each of its frames was."""
    rng = np.random.default_rng(seed)
    count = len(levels_)
    tempo = 2 ** np.interp(
        np.arange(count),
        np.arange(0, count + 30, 30),
        rng.uniform(-0.35, 0.35, count // 30 + 2)[: len(range(0, count + 30, 30))],
    )
    time = np.cumsum(tempo)
    place = np.interp(np.arange(int(time[-1])), time, np.arange(count))
    slow = np.stack([np.interp(place, np.arange(count), band) for band in levels_.T], axis=1)
    quiet = np.percentile(levels_, 3, axis=0)
    frames, truth, before = [], [], 0
    for cut in sorted(rng.choice(len(slow), 3, replace=False)):
        pause = quiet + rng.standard_normal((rng.integers(20, 80), levels_.shape[1]))
        frames += [slow[before:cut], pause]
        truth += [place[before:cut], np.full(len(pause), np.nan)]
        before = cut
    noise = rng.standard_normal
    whole = np.concatenate([*frames, slow[before:]])
    return (whole + noise(whole.shape)).astype(np.float32), np.concatenate([*truth, place[before:]])


def test_warps_with_pauses_put_in_are_undone():
    errors = []
    for seed in range(8):
        take = levels(say(sentence(seed, 30), ALTO, seed=seed).samples)
        warped, truth = _warped(take, seed)
        pairs = align(take, warped).pairs
        errors.append(np.abs(truth[pairs[:, 1]] - pairs[:, 0]) * FRAME)
    assert (
        np.mean(np.concatenate(errors) <= 0.05) >= 0.99
    )  # the figure; a pause would be NaN, so count as wrong


def test_two_voices_with_other_timing_are_aligned():
    near = []
    for seed in range(4):
        text = sentence(seed, 24)
        one, other = say(text, ALTO, seed=seed), say(text, BASS, seed=seed + 50)
        first, second = (align(levels(one.samples), levels(other.samples)).pairs * FRAME).T
        truth = np.interp(first, one.starts, other.starts)
        near.append(np.abs(second - truth) <= 0.05)
    assert np.mean(np.concatenate(near)) >= 0.95  # seen: 0.977; inside a long vowel nothing tells one time from another


def test_score_tells_another_sentence():
    text = sentence(5, 24)
    take = levels(say(text, ALTO).samples)
    same = align(take, levels(say(text, BASS, seed=4).samples)).score
    wrong = [align(take, levels(say(sentence(seed, 24), BASS, seed=seed).samples)).score for seed in range(10, 14)]
    assert same > MIN_SCORE
    assert max(wrong) < same - 0.1  # seen: 0.15 and more; these sentences share all of their few phones


def test_silence_aligns_with_nothing():
    silent = levels(np.zeros(RATE, np.float32))
    found = align(silent, levels(say(sentence(0), ALTO).samples))
    assert (found.pairs.shape, found.score) == ((0, 2), 0.0)


# --- pitch -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tracker", pitch.TRACKERS)
@pytest.mark.parametrize("voice", [ALTO, BASS])
def test_pitch_is_heard(voice, tracker):
    if tracker == pitch.SWIFT:
        pytest.importorskip("swift_f0", reason="the extra samplegen[pitch] is not installed")
    spoken = say(sentence(3, 20), voice, seed=2)
    heard = pitch.track(spoken.samples, tracker=tracker)
    assert not pitch.track(np.zeros(RATE, np.float32), tracker=tracker).any()
    assert len(pitch.track(spoken.samples[:100], tracker=tracker)) == 2
    truth = spoken.pitch[::2][: len(heard)]
    heard = pitch.fit_length(heard, len(truth))
    both = (heard > 0) & (truth > 0)
    cents = 1200 * np.log2(heard[both] / truth[both])
    assert both.sum() > 0.6 * (truth > 0).sum()
    assert np.median(np.abs(cents)) < 15  # the grid is 25 cents wide


def test_a_tracker_that_is_not_there_is_refused(monkeypatch):
    with pytest.raises(OptionError, match="no tracker 'ears'; choose pyin or swift-f0"):
        pitch.track(np.ones(RATE, np.float32), tracker="ears")
    monkeypatch.setitem(sys.modules, "swift_f0", None)
    with pytest.raises(OptionError, match=r"swift-f0 is not installed; pip install 'samplegen\[pitch\]'"):
        pitch.track(np.ones(RATE, np.float32), tracker=pitch.SWIFT)


def test_pitch_in_stretches_is_the_same(monkeypatch):
    take = say(sentence(3, 30), ALTO).samples
    whole = pitch.track(take)
    monkeypatch.setattr(pitch, "_STRETCH", 150)
    parted = pitch.track(take)
    assert len(parted) == len(whole)
    assert np.mean(np.isclose(parted, whole, rtol=0.02)) > 0.97  # the search over paths begins anew in each


def test_silence_and_noise_have_no_pitch():
    assert pitch.median(pitch.track(np.zeros(RATE, np.float32))) == 0
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    assert (pitch.track(noise) > 0).mean() < 0.2
    assert len(pitch.track(noise[:100])) == 2


@pytest.mark.parametrize("ratio", [0.7, 0.8, 1.25, 1.5])
@pytest.mark.parametrize("voice", [ALTO, BASS])
def test_pitch_is_moved_and_formants_stay(voice, ratio):
    text = sentence(4, 16)
    spoken = say(text, voice, seed=2)
    heights = pitch.track(spoken.samples)
    result = moved(spoken.samples, ratio, heights)
    heard = pitch.track(result)
    both = (heard > 0) & (heights > 0)
    cents = 1200 * np.log2(heard[both] / heights[both] / ratio)
    assert both.sum() > 0.5 * (heights > 0).sum()
    assert np.median(np.abs(cents)) < 20  # the figure
    drifted = say(text, replace(voice, formants=voice.formants * ratio), seed=2).samples  # as a faster tape has them
    sounding = features.audible(features.loudness(levels(result)))
    shapes = [features.cepstra(levels(take), 8) for take in (spoken.samples, result, drifted)]  # 8 see no harmonics
    stays, drifts = (np.linalg.norm(shapes[0] - shape, axis=1)[sounding].mean() for shape in shapes[1:])
    assert stays < 0.7 * drifts


def test_the_same_pitch_is_the_same_take():
    take = say(sentence(4, 16), ALTO).samples
    np.testing.assert_allclose(moved(take, 1.0)[: -RATE // 10], take[: -RATE // 10], atol=2e-3)  # of 0.5; interpolation


def test_parts_of_a_moved_take_are_the_whole():
    take = say(sentence(6, 16), BASS).samples
    marker = psola.Marker(pitch.track(take), RATE)
    for start in range(0, len(take), RATE):
        begin, stop = start - RATE, min(start + RATE, len(take))
        marker.read(takes.from_array(take, RATE).read(begin, stop + RATE)[:, 0], begin, stop)
    marks = marker.marks()
    layout = psola.lay_out(marks, 1.3)
    whole = psola.overlap_add(np.pad(take, RATE), -RATE, marks, layout, 1.3)[RATE:-RATE]
    part = psola.overlap_add(take[8_000:24_000], 8_000, marks, layout, 1.3)
    np.testing.assert_allclose(part[1600:-1600], whole[9_600:22_400], atol=1e-5)  # 0.1 s inside, all grains are there


# --- gain, growl, measures -------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
def test_a_flat_gain_only_changes_the_level(rate):
    take = say(sentence(2), ALTO, rate=rate).samples
    result = gain.apply(take, rate, np.full((500, 80), -20, np.float32), STFT)
    np.testing.assert_allclose(result, take / 10, atol=1e-4)  # of 0.5


def test_growl_is_a_half_and_a_third_of_the_pitch():
    heights = np.full(201, 120, np.float32)
    shape = growl.envelope(2 * RATE, 0, RATE, heights, 0.8)
    strength = np.abs(np.fft.rfft(shape - shape.mean()))
    assert set(np.argsort(strength)[-2:] / 2) == {40.0, 60.0}  # bins of half a Hz
    assert 0 < shape.min() < 0.4
    assert 1.6 < shape.max() < 2
    np.testing.assert_allclose(growl.envelope(RATE, 0, RATE, np.zeros(101, np.float32), 1.0), 1)
    np.testing.assert_allclose(
        growl.envelope(RATE, RATE // 2, RATE, heights, 0.8), shape[RATE // 2 :][:RATE], atol=1e-5
    )


def test_measures_know_the_same_take_and_a_louder_one():
    take = metrics.take_features(say(sentence(2, 20), ALTO).samples)
    same = metrics.measure(take, take)
    assert same["distortion"] == same["spectral"] == same["pitch_error"] == same["voicing_error"] == 0
    assert same["correlation"] == pytest.approx(1)
    assert same["variance"] == pytest.approx(1)
    louder = metrics.measure(metrics.TakeFeatures(take.levels + 6, take.pitch * 2), take)
    assert louder["distortion"] == pytest.approx(0, abs=1e-3)  # the level is not in it
    assert louder["pitch_error"] == pytest.approx(1200, abs=1)


def test_measures_of_silence_are_not_numbers():
    silent = metrics.take_features(np.zeros(RATE, np.float32))
    assert all(np.isnan(value) for value in metrics.measure(silent, silent).values())


def test_a_known_distance_is_measured():
    take = metrics.take_features(say(sentence(2, 20), ALTO).samples)
    shape = np.zeros((len(take.levels), 25), np.float32)
    shape[:, 3] = 2.0  # dB, in one cepstrum of all frames
    other = metrics.TakeFeatures(take.levels + features.smooth_levels(shape), take.pitch)
    assert metrics.measure(other, take)["distortion"] == pytest.approx(2.0, rel=0.35)  # warping takes some of it away


# --- takes -----------------------------------------------------------------------------------------


def test_pairs_by_name_and_by_table(tmp_path):
    for voice, names in (("a", ["one", "two", "three"]), ("b", ["two", "one"])):
        for name in names:
            (tmp_path / voice).mkdir(exist_ok=True)
            soundfile.write(tmp_path / voice / f"{name}.wav", np.ones(100) / 2, RATE)
    found = takes.find_pairs(tmp_path / "a", tmp_path / "b")
    assert [pair.name for pair in found] == ["one", "two"]
    (tmp_path / "pairs.csv").write_text("three.wav, two.wav\n\none.wav,one.wav\n")
    listed = takes.find_pairs(tmp_path / "a", tmp_path / "b", tmp_path / "pairs.csv")
    assert [(pair.source.stem, pair.target.stem) for pair in listed] == [("three", "two"), ("one", "one")]
    one = takes.find_pairs(tmp_path / "a/one.wav", tmp_path / "b/two.wav")
    assert [(pair.source.stem, pair.target.stem) for pair in one] == [("one", "two")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [("one.wav\n", "1 cells"), ("one.wav,none.wav\n", "not there"), (b"\xff\xfe\x00", "cannot be read")],
)
def test_a_table_that_cannot_be_used(tmp_path, line, reason):
    soundfile.write(tmp_path / "one.wav", np.ones(100) / 2, RATE)
    (tmp_path / "pairs.csv").write_bytes(line if isinstance(line, bytes) else line.encode())
    with pytest.raises(DataError, match=reason):
        takes.find_pairs(tmp_path, tmp_path, tmp_path / "pairs.csv")


def test_folders_without_a_name_in_common(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        soundfile.write(tmp_path / name / f"{name}.wav", np.ones(100) / 2, RATE)
    with pytest.raises(DataError, match="name takes of one sentence alike"):
        takes.find_pairs(tmp_path / "a", tmp_path / "b")
    with pytest.raises(DataError, match="is not there"):
        takes.find_pairs(tmp_path / "none", tmp_path / "b")


@pytest.mark.parametrize(
    "opened", [streaming.Recording, lambda path: takes.ArrayTake(soundfile.read(path, dtype="float32")[0], RATE)]
)
def test_a_take_is_read_in_parts_with_silence_around(tmp_path, opened):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (1000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    take = opened(tmp_path / "a.wav")
    assert (take.rate, take.frames, take.channels) == (RATE, 1000, 2)
    padded = np.pad(samples, ((200, 300), (0, 0)))
    for start, stop in ((-200, 1300), (0, 1000), (-100, 50), (900, 1250), (-150, -20), (1100, 1200)):
        np.testing.assert_array_equal(take.read(start, stop), padded[start + 200 : stop + 200])


def test_recordings_that_cannot_be_read(bad_files):
    for path in bad_files:
        if path.suffix in {".txt", ".flac"} or path.name in {"silent.wav", "offset.wav", "cut.mp3"}:
            continue
        with pytest.raises(AudioError), streaming.Recording(path) as take:
            take.read(0, take.frames)


def test_the_fixture_tells_the_truth():
    spoken = say("sa", ALTO)
    frame = int((spoken.starts[1] + 0.08) / FRAME)
    peaks = levels(spoken.samples)[frame]
    band = int(np.argmin(np.abs(np.arange(80) - gain._bands(STFT, STFT, 80)[round(voices.VOWELS["a"][0] / 25)])))
    assert peaks[band - 2 : band + 3].max() > peaks[band + 12] + 6  # the first formant stands out


def test_descriptions_do_not_depend_on_level_or_key():
    spoken = levels(say(sentence(2), ALTO).samples)
    heights = np.where(np.arange(len(spoken)) % 50 < 30, 200, 0).astype(np.float32)
    one = frame_features(spoken, heights, take_level(features.loudness(spoken), heights))
    louder, higher = spoken + 12, heights * 1.5
    other = frame_features(louder, higher, take_level(features.loudness(louder), higher))
    assert one.shape == (len(spoken), len(WEIGHTS))
    np.testing.assert_allclose(one, other, atol=1e-3)
