"""Reading, mixing down, resampling, writing; and every file that cannot be used."""

import errno
import os
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import BAD_FILES, RATE, kick, write_bad_files

from samplegen.arrays import Signal
from samplegen.audio import reading, signals, writing
from samplegen.errors import AudioError, OutputError

# (ending, subtype, largest error of a sample): integers err by a step of their depth, half of it
# from rounding and half from the offset that is removed; lossy formats by what they leave out
EXACT = [
    (".wav", "PCM_U8", 2.0**-7),
    (".wav", "PCM_16", 2.0**-15),
    (".wav", "PCM_24", 2.0**-23),
    (".wav", "PCM_32", 2.0**-23),  # float32 holds 24 bits
    (".wav", "FLOAT", 2.0**-23),
    (".wav", "DOUBLE", 2.0**-23),
    (".flac", "PCM_16", 2.0**-15),
    (".flac", "PCM_24", 2.0**-23),
    (".aiff", "PCM_16", 2.0**-15),
    (".aiff", "PCM_24", 2.0**-23),
]
LOSSY = [(".ogg", "VORBIS"), (".mp3", "MPEG_LAYER_III")]
RATES = [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000]


def tone(frequency: float, rate: int, seconds: float, level: float = 0.5) -> Signal:
    return (level * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def decibels(ratio: float) -> float:
    return 20 * np.log10(ratio)


def level(samples: Signal) -> float:
    """Effective level of the middle half, where no filter has an edge."""
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    return float(np.sqrt(np.mean(np.square(middle, dtype=np.float64))))


def spectrum_peak(samples: Signal, rate: int) -> float:
    """Frequency in Hz of the loudest bin."""
    return float(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax() * rate / len(samples))


@pytest.fixture
def save(tmp_path):
    def write(samples, rate=RATE, name="a.wav", subtype="FLOAT") -> Path:
        soundfile.write(tmp_path / name, samples, rate, subtype=subtype)
        return tmp_path / name

    return write


@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("kind", EXACT)
def test_exact_formats_are_read_to_the_step_of_their_depth(save, kind, rate, channels):
    end, subtype, error = kind
    sound = tone(200, rate, 0.1)  # 20 whole periods: its median is 0
    read, found = reading.read_audio(save(np.tile(sound[:, None], channels), rate, f"a{end}", subtype))
    assert (read.dtype, read.shape, found) == (np.float32, sound.shape, rate)
    # the mean of eight equal float32 is exact to one more step
    np.testing.assert_allclose(read, sound, rtol=0, atol=error + 2.0**-24)


@pytest.mark.parametrize("channels", range(1, 9))
def test_every_channel_count_keeps_the_sound(save, channels):
    sound = kick()
    read, _ = reading.read_audio(save(np.tile(sound[:, None], channels)))
    np.testing.assert_allclose(read, sound, rtol=0, atol=2.0**-22)  # the roundings of eight sums


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("end", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_every_rate_is_read(save, end, rate):
    if end == ".mp3" and rate > 48_000:
        pytest.skip("mp3 has no rates above 48 kHz")
    subtype = dict(LOSSY).get(end, "PCM_16")
    read, found = reading.read_audio(save(kick(rate), rate, f"a{end}", subtype))
    assert found == rate
    assert len(read) == len(kick(rate))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("end", "subtype"), LOSSY)
def test_lossy_formats_keep_the_tone(save, end, subtype, channels):
    sound = tone(1_000, RATE, 0.5)
    read, _ = reading.read_audio(save(np.tile(sound[:, None], channels), RATE, f"a{end}", subtype))
    assert spectrum_peak(read, RATE) == pytest.approx(1_000, abs=RATE / len(read))  # one bin
    assert decibels(level(read) / level(sound)) == pytest.approx(0, abs=0.2)  # measured: 0.02 dB


@pytest.mark.parametrize("seconds", [0.02, 0.1, 1.0, 4.0])
@pytest.mark.parametrize("end", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_short_and_long_sounds_keep_their_length(save, end, seconds):
    path = save(tone(440, RATE, seconds), RATE, f"a{end}", dict(LOSSY).get(end, "PCM_16"))
    for rate in (8_000, RATE, 96_000):
        read, _ = reading.read_audio(path, rate)
        assert len(read) == pytest.approx(seconds * rate, abs=1)


def test_ten_minutes_need_the_memory_of_their_samples_only(save):
    path = save(np.tile(tone(100, 8_000, 60), 10), 8_000, "long.flac", "PCM_16")
    tracemalloc.start()
    read, _ = reading.read_audio(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(read) == 600 * 8_000
    assert peak < 2.2 * read.nbytes  # the blocks and their concatenation, and one block of everything


@pytest.mark.parametrize("cancels", [False, True])
def test_the_memory_does_not_grow_with_the_channels(save, cancels):
    signs = np.array([1, -1 if cancels else 1, 1, -1 if cancels else 1] * 2)
    path = save(np.tile(tone(100, 8_000, 60), 2)[:, None] * signs, 8_000, "wide.flac", "PCM_16")
    tracemalloc.start()
    read, _ = reading.read_audio(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * read.nbytes  # eight channels are 8 times


def test_channels_are_averaged(save):
    left, right = tone(300, RATE, 0.2), tone(500, RATE, 0.2)
    read, _ = reading.read_audio(save(np.column_stack((left, right))))
    np.testing.assert_allclose(read, (left + right) / 2, rtol=0, atol=2.0**-24)


@pytest.mark.parametrize("right", [-1.0, -0.95])
@pytest.mark.parametrize("offset", [0.0, 0.3])
@pytest.mark.parametrize("rate", [None, 22_050])
def test_out_of_phase_stereo_is_not_lost(save, right, offset, rate):
    sound = tone(200, RATE, 2.0)  # 88,200 frames: more than a block
    read, own = reading.read_audio(save(np.column_stack((sound, right * sound)) + np.float32(offset)), rate)
    assert decibels(level(read) / level(sound)) == pytest.approx(0, abs=0.01)  # the left one, whole
    assert spectrum_peak(read, own) == pytest.approx(200, abs=1)


def test_one_sounding_channel_of_two_is_no_cancellation(save):
    sound = tone(200, RATE, 0.5)
    read, _ = reading.read_audio(save(np.column_stack((sound, 0 * sound))))
    assert decibels(level(read) / level(sound)) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("offset", [-0.4, 0.01, 0.5])
def test_a_constant_offset_is_removed(save, offset):
    sound = 0.4 * kick()
    read, _ = reading.read_audio(save(sound + np.float32(offset)))
    assert abs(float(read[-1000:].mean())) < 1e-3  # -60 dB: the tail of the kick
    np.testing.assert_allclose(read, sound, atol=2e-3)


def test_a_sound_without_offset_is_not_given_one(save):
    burst = np.zeros(RATE, np.float32)
    burst[:4_000] = np.abs(tone(100, RATE, 4_000 / RATE))  # its mean is not 0, its rest is
    np.testing.assert_array_equal(reading.read_audio(save(burst))[0], burst)


def test_what_goes_beyond_full_scale_is_turned_down_not_clipped(save):
    read, _ = reading.read_audio(save(tone(200, RATE, 0.1, level=3.0)))
    assert signals.peak(read) == pytest.approx(1.0)
    np.testing.assert_allclose(read, tone(200, RATE, 0.1, level=1.0), atol=1e-4)


@pytest.mark.parametrize("to", [8_000, 22_050, 48_000, 96_000])
@pytest.mark.parametrize("rate", [16_000, 44_100, 192_000])
def test_resampling_keeps_frequency_and_level(rate, to):
    sound = signals.resample(tone(1_000, rate, 1.0), rate, to)
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx(to, abs=1)
    assert spectrum_peak(sound, to) == pytest.approx(1_000, abs=1)
    assert decibels(level(sound) / level(tone(1_000, rate, 1.0))) == pytest.approx(0, abs=0.01)


def test_resampling_leaves_no_alias():
    folded = signals.resample(tone(15_000, RATE, 1.0), RATE, 22_050)  # above the new half rate of 11,025 Hz
    # soxr's high quality promises 20 bits, -120 dB; 100 dB leave room for float32
    assert decibels(level(folded) / level(tone(15_000, RATE, 1.0))) < -100


def test_the_same_rate_is_the_same_signal():
    sound = kick()
    assert signals.resample(sound, RATE, RATE) is sound


@pytest.mark.parametrize(("rate", "to"), [(44_100, 22_050), (48_000, 44_100), (22_050, 44_100), (8_000, 96_000)])
def test_blocks_and_the_whole_are_resampled_alike(save, monkeypatch, rate, to):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * rate).astype(np.float32)
    path = save(noise, rate)
    monkeypatch.setattr(reading, "_BLOCK_SAMPLES", 5_000)
    blocks, _ = reading.read_audio(path, to)
    monkeypatch.setattr(reading, "_BLOCK_SAMPLES", 1 << 20)
    whole, _ = reading.read_audio(path, to)
    assert len(blocks) == len(whole)
    difference = np.sqrt(np.mean((blocks - whole) ** 2)) / np.sqrt(np.mean(whole**2))
    assert decibels(difference + 1e-12) < -100  # measured: below -130 dB


@pytest.mark.parametrize("channels", [1, 3])
def test_blocks_and_the_whole_are_the_same_samples(save, monkeypatch, channels):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (20_001, channels)).astype(np.float32)
    path = save(noise)
    whole, _ = reading.read_audio(path)
    monkeypatch.setattr(reading, "_BLOCK_SAMPLES", 1_000)
    np.testing.assert_array_equal(reading.read_audio(path)[0], whole)


@pytest.fixture(scope="module")
def bad_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    write_bad_files(folder)
    return folder


@pytest.mark.parametrize("rate", [None, 22_050])
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_ends_in_a_sentence_that_names_it(bad_folder, name, rate):
    with pytest.raises(AudioError, match=name.replace(".", r"\.") + ".*" + BAD_FILES[name]):
        reading.read_audio(bad_folder / name, rate)


def test_every_cut_of_a_file_is_an_error_or_a_sound(save):
    """A download breaks off anywhere: at every 97th byte there is a sentence or finite samples."""
    for end, subtype in [(".wav", "PCM_16"), (".flac", "PCM_16"), (".ogg", "VORBIS"), (".aiff", "PCM_24")]:
        path = save(kick(8_000), 8_000, f"a{end}", subtype)
        data = path.read_bytes()
        for length in range(0, len(data), 97):
            path.write_bytes(data[:length])
            with suppress(AudioError):
                assert np.isfinite(reading.read_audio(path)[0]).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [3e38, np.inf, np.nan])
def test_a_damaged_float_file_gives_a_sentence_and_no_warning(save, value):
    with pytest.raises(AudioError, match="not numbers"):  # the mean of eight 3e38 overflows
        reading.read_audio(save(np.full((900, 8), value, np.float32)))


def test_of_a_wav_that_breaks_off_the_rest_is_read(save):
    path = save(kick(), subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:20_044])
    assert len(reading.read_audio(path)[0]) == 10_000


def test_a_wav_header_of_billions_of_frames_is_not_believed(save):
    path = save(kick(), subtype="PCM_16")
    data = path.read_bytes()
    size = data.index(b"data") + 4
    path.write_bytes(data[:size] + b"\xfe\xff\xff\xff" + data[size + 4 :])  # as a stream's writer leaves it
    assert len(reading.read_audio(path)[0]) == len(kick())


def test_a_header_of_a_thousand_channels_needs_little_memory(save):
    path = save(np.tile(tone(100, 8_000, 0.25)[:, None], 1_000), 8_000)
    tracemalloc.start()
    reading.read_audio(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6  # a few blocks of 65,536 float32; the file is 8 MB


@pytest.mark.parametrize("rate", [1, 3_999, 900_000])
def test_an_absurd_rate_is_refused(save, rate):
    with pytest.raises(AudioError, match=rf"a\.wav claims a rate of {rate} Hz; 4000 to 768000"):
        reading.read_audio(save(kick(), rate))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"gone\.wav cannot be read as audio \(No such file"):
        reading.read_audio(tmp_path / "gone.wav")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="no file is closed to root")
def test_a_closed_file_is_named(save):
    path = save(kick())
    path.chmod(0)
    with pytest.raises(AudioError, match=r"a\.wav cannot be read as audio \(Permission denied"):
        reading.read_audio(path)


def test_a_file_that_the_system_refuses_is_named(save, monkeypatch):
    def refuse(self, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    def unopened(*_):
        raise soundfile.LibsndfileError(2)  # "System error", whatever it was

    path = save(kick())
    monkeypatch.setattr(soundfile, "SoundFile", unopened)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioError, match=r"a\.wav cannot be read as audio \(Permission denied\)"):
        reading.read_audio(path)


NAMES = ["a b", 'it\'s "so"', "kick 🥁", "new\nline", "x" * 200, "é" * 100, "-rf", "%s{0}", "a.b.c", "tab\tbell\a"]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_read_written_and_printed(tmp_path, name):
    path = tmp_path / f"{name}.wav"
    writing.write_audio(path, kick(), RATE)
    assert len(reading.read_audio(path)[0]) == len(kick())
    path.write_bytes(b"")
    with pytest.raises(AudioError, match="cannot be read") as caught:
        reading.read_audio(path)
    assert str(caught.value).isprintable()  # one line, and no bell
    assert name.splitlines()[0].split("\t")[0] in str(caught.value)


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names there are unicode")
def test_a_name_that_is_no_unicode_is_read(save):
    path = save(kick())
    odd = path.rename(path.with_name(os.fsdecode(b"caf\xe9.wav")))
    assert len(reading.read_audio(odd)[0]) == len(kick())
    odd.write_bytes(b"")
    with pytest.raises(AudioError, match=r"caf\\udce9\.wav") as caught:
        reading.read_audio(odd)
    str(caught.value).encode()


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_write_and_read_are_a_round_trip(tmp_path, subtype):
    writing.write_audio(tmp_path / "a.wav", tone(200, RATE, 0.1), RATE, subtype=subtype)
    step = 2.0**-15 if subtype == "PCM_16" else 2.0**-23
    np.testing.assert_allclose(reading.read_audio(tmp_path / "a.wav")[0], tone(200, RATE, 0.1), rtol=0, atol=step)


def test_write_clips(tmp_path):
    writing.write_audio(tmp_path / "a.wav", np.array([3.0, -3.0, 0.0], np.float32), RATE, subtype="FLOAT")
    np.testing.assert_array_equal(soundfile.read(tmp_path / "a.wav")[0], [1, -1, 0])


@pytest.mark.parametrize(
    ("path", "reason"),
    [("gone/a.wav", "No such file"), ("a.mp3", "Invalid combination"), ("a.xyz", "format"), (".", "Is a directory")],
)
def test_what_cannot_be_written_is_named(tmp_path, path, reason):
    with pytest.raises(OutputError, match=f"cannot write .*{reason}"):
        writing.write_audio(tmp_path / path, kick(), RATE)


def test_peak_is_the_largest_sample_of_either_sign():
    assert signals.peak(np.array([0.25, -0.5], np.float32)) == 0.5
    assert signals.peak(np.array([0.25, -0.125], np.float32)) == 0.25
    assert signals.peak(np.zeros(0, np.float32)) == 0.0


@pytest.mark.parametrize(("channels", "subtype", "said"), [(1, "PCM_16", "16 bit"), (8, "PCM_24", "24 bit")])
def test_info_tells_channels_and_depth(tmp_path, channels, subtype, said):
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.zeros((100, channels)), 8_000, subtype=subtype)
    assert reading.read_format(path)[0] == channels
    assert said in reading.read_format(path)[1]


def test_info_of_what_is_no_audio_says_so(tmp_path):
    (tmp_path / "text.wav").write_text("no audio")
    with pytest.raises(AudioError, match=r"text\.wav cannot be read as audio"):
        reading.read_format(tmp_path / "text.wav")
