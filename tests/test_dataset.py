"""A folder of any kind -> an index with nothing lost, and a cache that is believed only where it is right."""

import os
import signal
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import soundfile
from conftest import DRUMS, hat, kick, loop, snare
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from samplegen import files
from samplegen.audio import reading
from samplegen.audio.sounds import Origin, Sound
from samplegen.data import dataset, ingest
from samplegen.data.cache import tables
from samplegen.data.cache.cache import Cache
from samplegen.data.cache.tables import CacheEntry, Clip, Extract
from samplegen.data.dataset import Dataset, OneShot, Report
from samplegen.errors import DataError, OutputError
from samplegen.features import spectrogram
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.packs import write

CONFIG = SpectrogramConfig(StftConfig(16_000, 256), steps=16, bands=16, seconds=0.25)  # small, so fast
RATE = 16_000
as_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="nothing is forbidden to root")


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """No test sees the user's cache, or another test's."""
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path):
    """A kick, a snare and a hat."""
    return _write(tmp_path / "sounds", {"kick.wav": kick(RATE), "snare.wav": snare(RATE), "hat.wav": hat(RATE)})


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that were decoded."""
    names, read = [], reading.read_audio

    def listed(path, rate):
        names.append(path.name)
        return read(path, rate)

    monkeypatch.setattr(reading, "read_audio", listed)
    return names


def _write(folder, sounds, rate=RATE):
    for name, sound in sounds.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            soundfile.write(file, sound, rate, format="WAV")
    return folder


def _paths(data):
    return [sound.path for sound in data.sounds]


def _close(data):
    """End the use of a cache, so that all of it is in its one file."""
    data.cache._database.close()
    return data.cache.path


# what is found


def test_mixed_formats_rates_and_channels_are_all_there(drum_folder):
    data = dataset.scan(drum_folder, CONFIG)
    assert Counter(sound.role for sound in data.sounds) == dict.fromkeys(DRUMS, 10)
    assert data.report == Report(files=40, one_shots=40)
    assert data.spectrograms().shape == (40, *CONFIG.shape)
    for index, sound in enumerate(data.sounds):
        waveform = data.waveform(index)
        assert len(waveform) == sound.stop - sound.start > 0
        drift = np.abs(spectrogram.encode(waveform, CONFIG) - data.spectrograms([index])[0]).max()
        assert drift < 1e-3  # float16 has 11 bits


@pytest.mark.parametrize("seconds", [0.001, 0.005, 0.02, 0.05, 5.0])
def test_a_one_shot_of_any_length_is_kept(tmp_path, seconds):
    sound = hat(RATE, seconds=seconds) if seconds < 1 else hat(RATE, seconds=seconds)[: round(4.9 * RATE)]
    data = dataset.scan(_write(tmp_path / "sounds", {"tick.wav": sound}), CONFIG)
    assert data.report == Report(files=1, one_shots=1)
    assert data.waveform(0) == pytest.approx(sound[: 4 * RATE], abs=0.02)  # its own small offset is taken out
    assert data.spectrograms().max() == 1.0


def test_loops_are_cut_and_counted(tmp_path):
    sounds = {"beat.wav": loop(RATE, 120, bars=1), "kick/one.wav": kick(RATE), "kick/two.wav": kick(RATE, seed=1)}
    data = dataset.scan(_write(tmp_path / "sounds", sounds), CONFIG)
    assert data.report == Report(files=3, one_shots=2, loops=1, slices=8)  # a hit on every eighth
    slices = [sound for sound in data.sounds if sound.path == "beat.wav"]
    starts = np.array([sound.start for sound in slices]) / RATE
    assert starts == pytest.approx(0.25 * np.arange(8), abs=0.002)
    assert {(sound.role, sound.kit) for sound in slices} == {(None, "beat.wav")}


def test_the_order_is_that_of_the_names(tmp_path, monkeypatch):
    names = ["b/2.wav", "b/10.wav", "a/z/1.wav", "a/y.wav", "c.wav", "B.wav"]
    _write(tmp_path / "sounds", dict.fromkeys(names, hat(RATE)))
    expected = ["B.wav", "c.wav", "a/y.wav", "a/z/1.wav", "b/10.wav", "b/2.wav"]
    assert _paths(dataset.scan(tmp_path / "sounds", CONFIG)) == expected
    walk = os.walk

    def backwards(*arguments, **options):
        for place, folders, names in walk(*arguments, **options):
            folders.sort(reverse=True)
            yield place, folders, sorted(names, reverse=True)

    monkeypatch.setattr(os, "walk", backwards)
    assert _paths(dataset.scan(tmp_path / "sounds", CONFIG)) == expected


@pytest.mark.parametrize(
    ("path", "role", "kit"),
    [
        ("808/kick/a.wav", "kick", "808"),
        ("snare/kick.wav", "snare", "kick"),
        ("kits/tr808/tr808_snare_01.wav", "snare", "tr808"),
        ("tr909_kick.wav", "kick", "tr909"),
        ("kick_01.wav", "kick", "kick_01"),
        ("field/3.wav", None, "field"),
        ("x.wav", None, "x"),
    ],
)
def test_role_and_kit_are_told_by_folder_then_name(tmp_path, path, role, kit):
    (sound,) = dataset.scan(_write(tmp_path / "sounds", {path: kick(RATE)}), CONFIG).sounds
    assert (sound.path, sound.role, sound.kit) == (path, role, kit)


def test_of_a_pack_only_its_one_shots_count(tmp_path):
    origin = Origin(1, "", "", "", "CC0")
    manifest = write.write_pack([Sound(kick(), "kick", {})], tmp_path / "in/p", origin=origin)
    assert {path.parent.name for path in (tmp_path / "in").rglob("*.wav")} >= {"Kick", "pads", "Loops"}
    _write(tmp_path / "in", {"q/pads/snare.wav": snare(RATE)})
    found = [sound.path for sound in dataset.scan(tmp_path / "in", CONFIG).sounds]
    assert found == [f"p/{manifest['sounds'][0]['path']}", "q/pads/snare.wav"]


def test_progress_counts_every_file(folder):
    (folder / "text.wav").write_text("no sound")
    seen = []
    dataset.scan(folder, CONFIG, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_more_files_than_a_thread_takes_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "_TASK_FILES", 4)
    sounds = {f"{number:02d}.wav": hat(RATE, seed=number) for number in range(10)}
    data = dataset.scan(_write(tmp_path / "sounds", sounds), CONFIG)
    assert _paths(data) == sorted(sounds)
    for index, name in enumerate(sorted(sounds)):
        assert np.abs(data.spectrograms([index])[0] - spectrogram.encode(data.waveform(index), CONFIG)).max() < 1e-3, (
            name
        )


def test_a_subset_has_the_sounds_that_were_asked_for(folder):
    data = dataset.scan(folder, CONFIG)
    some = data.subset(np.array([2, 0]))
    assert _paths(some) == ["snare.wav", "hat.wav"]
    assert np.array_equal(some.spectrograms(), data.spectrograms([2, 0]))
    assert data.spectrograms([]).shape == (0, *CONFIG.shape)


# what is skipped


def test_every_bad_file_is_skipped_with_its_reason(bad_files, tmp_path):
    _write(tmp_path / "bad", {"good.wav": kick(RATE)})
    data = dataset.scan(tmp_path / "bad", CONFIG)
    assert _paths(data) == ["good.wav"]
    reasons = dict(data.report.skipped)
    files = {path: reason for path, reason in bad_files.items() if path.is_file()}  # a folder may be named x.wav
    assert reasons.keys() == {path.name for path in files}
    for path, words in files.items():
        assert words in reasons[path.name]
        assert path.name not in reasons[path.name]  # it stands beside it
    assert data.report.files == len(files) + 1


def test_what_is_skipped_is_remembered(bad_files, tmp_path, decoded):
    _write(tmp_path / "bad", {"good.wav": kick(RATE)})
    first = dataset.scan(tmp_path / "bad", CONFIG).report.skipped
    decoded.clear()
    assert dataset.scan(tmp_path / "bad", CONFIG).report.skipped == first
    assert decoded == []


def test_strict_makes_the_first_an_error(folder):
    (folder / "l.wav").write_bytes(b"")
    (folder / "m.wav").write_text("no sound")
    with pytest.raises(DataError, match=r"l\.wav cannot be read as audio"):
        dataset.scan(folder, CONFIG, strict=True)


def test_strict_minds_links_to_nowhere(folder):
    (folder / "gone.wav").symlink_to(folder / "nothing.wav")
    with pytest.raises(DataError, match=r"gone\.wav is a link to nowhere"):
        dataset.scan(folder, CONFIG, strict=True)


def test_links_to_nowhere_and_in_circles_are_skipped(folder):
    (folder / "gone.wav").symlink_to(folder / "nothing.wav")
    (folder / "self.wav").symlink_to(folder / "self.wav")
    (folder / "circle").symlink_to(folder / "circle")
    os.mkfifo(folder / "pipe.wav")  # to open it would wait for ever
    data = dataset.scan(folder, CONFIG)
    assert len(data) == 3
    assert data.report.skipped == [
        (name, "is a link to nowhere or no ordinary file") for name in ("gone.wav", "pipe.wav", "self.wav")
    ]


def test_links_are_followed_but_no_folder_is_visited_twice(folder, tmp_path):
    _write(tmp_path / "elsewhere", {"clap.wav": snare(RATE, seed=3)})
    (folder / "to").symlink_to(tmp_path / "elsewhere")
    (folder / "too").symlink_to(tmp_path / "elsewhere")
    (folder / "back").symlink_to(folder)
    (tmp_path / "elsewhere" / "back").symlink_to(folder)
    assert _paths(dataset.scan(folder, CONFIG)) == ["hat.wav", "kick.wav", "snare.wav", "to/clap.wav"]


ODD = ["a b.wav", 'it\'s "so".wav', "🥁.wav", "two\nlines.wav", "x" * 200 + ".wav", "-rf.wav", "%s{0}.wav", " .wav"]


def test_odd_names_are_names(tmp_path, decoded):
    names = [*ODD, os.fsdecode(b"kick\xff\xfe.wav")]
    folder = _write(tmp_path / "sounds", {name: kick(RATE, seed=seed) for seed, name in enumerate(names)})
    data = dataset.scan(folder, CONFIG)
    assert sorted(_paths(data)) == sorted(names)
    data.split(0.3)
    assert dataset.scan(folder, CONFIG).report.cached == len(names)
    assert len(decoded) == len(names)
    assert all(len(data.waveform(index)) for index in range(len(data)))


def test_odd_names_of_bad_files_are_not_part_of_the_reason(folder):
    for name in ("two\nlines.wav", os.fsdecode(b"\xff.wav")):
        (folder / name).write_text("no sound")
    reasons = [reason for _, reason in dataset.scan(folder, CONFIG).report.skipped]
    assert reasons == ["cannot be read as audio (Format not recognised)"] * 2


def test_other_files_and_shadows_are_left_alone(folder):
    for name in ("notes.txt", "._kick.wav", ".DS_Store", "wav"):
        (folder / name).write_text("no sound")
    assert dataset.scan(folder, CONFIG).report == Report(files=3, one_shots=3)


@as_root
def test_a_forbidden_file_is_skipped(folder):
    (folder / "kick.wav").chmod(0)
    data = dataset.scan(folder, CONFIG)
    assert data.report.skipped == [("kick.wav", "cannot be read as audio (Permission denied)")]
    (folder / "kick.wav").chmod(0o600)
    assert len(dataset.scan(folder, CONFIG)) == 3


@as_root
@pytest.mark.parametrize("mode", [0, 0o400])
def test_a_forbidden_folder_is_skipped(folder, mode):
    _write(folder, {"deep/tom.wav": kick(RATE)})
    (folder / "deep").chmod(mode)
    try:
        data = dataset.scan(folder, CONFIG)
        assert _paths(data) == ["hat.wav", "kick.wav", "snare.wav"]
        assert [name for name, _ in data.report.skipped] == ["deep" if mode == 0 else "deep/tom.wav"]
    finally:
        (folder / "deep").chmod(0o700)


@pytest.fixture
def forbidden(folder, monkeypatch):
    """A folder that cannot be listed, whoever asks."""
    _write(folder, {"deep/tom.wav": kick(RATE)})
    listed = os.scandir

    def scandir(path):
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return folder / "deep"


def test_a_folder_that_cannot_be_opened_is_skipped(forbidden):
    data = dataset.scan(forbidden.parent, CONFIG)
    assert data.report.skipped == [("deep", "is a folder that cannot be opened (Permission denied)")]
    assert len(data) == 3
    with pytest.raises(DataError, match=r"deep is a folder that cannot be opened"):
        dataset.scan(forbidden.parent, CONFIG, strict=True)
    with pytest.raises(DataError, match=r"1 was skipped, as \., which is a folder that cannot be opened"):
        dataset.scan(forbidden, CONFIG)


def test_a_folder_that_vanishes_on_the_way_is_no_crash(folder, monkeypatch):
    _write(folder, {"deep/tom.wav": kick(RATE)})
    stat = Path.stat

    def vanished(path, **options):
        if path.name == "deep":
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", vanished)
    assert _paths(dataset.scan(folder, CONFIG))[:3] == ["hat.wav", "kick.wav", "snare.wav"]


def _during(monkeypatch, name, change):
    """Do something to a file just before, or after, it is decoded."""
    read = reading.read_audio

    def interfered(path, rate):
        if path.name != name:
            return read(path, rate)
        return change(path, lambda: read(path, rate))

    monkeypatch.setattr(reading, "read_audio", interfered)


def test_a_file_that_vanishes_during_the_scan_is_skipped(folder, monkeypatch):
    def vanish(path, decode):
        path.unlink()
        return decode()

    _during(monkeypatch, "kick.wav", vanish)
    data = dataset.scan(folder, CONFIG)
    assert _paths(data) == ["hat.wav", "snare.wav"]
    assert data.report.skipped == [("kick.wav", "cannot be read as audio (No such file or directory)")]


def test_a_file_that_vanishes_after_it_was_read_is_skipped(folder, monkeypatch):
    def vanish(path, decode):
        result = decode()
        path.unlink()
        return result

    _during(monkeypatch, "kick.wav", vanish)
    assert dataset.scan(folder, CONFIG).report.skipped == [("kick.wav", "changed while it was read")]


@pytest.mark.parametrize("early", [True, False])
def test_a_file_that_changes_during_the_scan_is_never_taken_for_another(folder, monkeypatch, early):
    def change(path, decode):
        if early:
            _write(folder, {path.name: snare(RATE, seed=7)})
        result = decode()
        if not early:
            _write(folder, {path.name: snare(RATE, seed=7)})
        return result

    with monkeypatch.context() as patch:
        _during(patch, "kick.wav", change)
        assert dataset.scan(folder, CONFIG).report.skipped == [("kick.wav", "changed while it was read")]
    data = dataset.scan(folder, CONFIG)
    assert data.spectrograms([1])[0] == pytest.approx(spectrogram.encode(data.waveform(1), CONFIG), abs=1e-3)  # float16


# no folder to use


def test_an_empty_folder_says_what_is_read(tmp_path):
    (tmp_path / "sounds").mkdir()
    with pytest.raises(DataError, match=r"sounds holds no sound that can be used; wav, flac, ogg, mp3 and aiff"):
        dataset.scan(tmp_path / "sounds", CONFIG)
    (tmp_path / "sounds" / "notes.txt").write_text("kick")
    with pytest.raises(DataError, match="wav, flac, ogg, mp3 and aiff"):
        dataset.scan(tmp_path / "sounds", CONFIG)


def test_a_folder_of_bad_files_says_what_is_wrong(bad_files, tmp_path):
    with pytest.raises(DataError, match=r"15 were skipped, as cut\.flac, which cannot be read as audio"):
        dataset.scan(tmp_path / "bad", CONFIG)


@pytest.mark.parametrize("name", ["nothing", "kick.wav", "x" * 5000, "nul\0", "link"])
def test_what_is_no_folder_is_refused(folder, name):
    (folder / "link").symlink_to(folder / "nothing")
    with pytest.raises(DataError, match="is no folder; give the path of a folder of drum sounds"):
        dataset.scan(folder / name, CONFIG)


def test_a_path_may_be_text_and_relative(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert len(dataset.scan("sounds", CONFIG).waveform(0))


# the split


def _made_up(kits):
    sounds = tuple(OneShot(f"{number}.wav", 0, 1, None, kit, number) for number, kit in enumerate(kits))
    return Dataset(Path(), CONFIG, sounds, Report(), None)


@effort(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12).map(str), min_size=2, max_size=80), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_a_split_parts_no_kit_and_loses_no_sound(kits, share, seed):
    data = _made_up(kits)
    train, held = data.split(share, seed=seed)
    assert sorted([*train, *held]) == list(range(len(kits)))
    assert len(held)
    by_kit = len(set(kits)) >= 4
    assert len(held) <= max(share * len(kits), min(Counter(kits).values()) if by_kit else 1)
    if by_kit:
        assert not {kits[index] for index in train} & {kits[index] for index in held}
    assert all(map(np.array_equal, (train, held), data.split(share, seed=seed)))


def test_a_large_kit_is_no_reason_to_hold_out_most():
    data = _made_up(["large"] * 90 + ["a"] * 4 + ["b"] * 3 + ["c"] * 3)
    for seed in range(20):
        train, held = data.split(0.1, seed=seed)
        assert len(train) >= 90
        assert len(held) == 10


def test_the_seed_decides_what_is_held_out():
    data = _made_up([str(number) for number in range(50)])
    assert len({tuple(data.split(0.2, seed=seed)[1]) for seed in range(5)}) == 5


# the cache


def test_a_second_scan_reads_no_file(folder, decoded, monkeypatch):
    first = dataset.scan(folder, CONFIG)
    assert first.report.cached == 0
    assert sorted(decoded) == ["hat.wav", "kick.wav", "snare.wav"]
    monkeypatch.setattr(files, "sha256_digest", lambda path: pytest.fail(f"{path} was read"))
    again = dataset.scan(folder, CONFIG)
    assert again.report == Report(files=3, cached=3, one_shots=3)
    assert again.sounds == first.sounds
    assert np.array_equal(again.spectrograms(), first.spectrograms())
    assert len(decoded) == 3


def test_only_what_changed_is_made_anew(folder, decoded):
    before = dataset.scan(folder, CONFIG)
    decoded.clear()
    _write(folder, {"kick.wav": snare(RATE, seed=5)[:3000]})
    after = dataset.scan(folder, CONFIG)
    assert decoded == ["kick.wav"]
    assert after.report.cached == 2
    assert np.array_equal(after.spectrograms([0, 2]), before.spectrograms([0, 2]))
    assert after.spectrograms([1])[0] == pytest.approx(
        spectrogram.encode(after.waveform(1), CONFIG), abs=1e-3
    )  # float16


def test_a_touched_moved_or_copied_file_is_known_by_its_content(folder, decoded, monkeypatch):
    dataset.scan(folder, CONFIG)
    decoded.clear()
    (folder / "kick.wav").touch()
    (folder / "snare.wav").rename(folder / "other.wav")
    (folder / "hat2.wav").write_bytes((folder / "hat.wav").read_bytes())
    data = dataset.scan(folder, CONFIG)
    assert (data.report.cached, decoded) == (4, [])
    monkeypatch.setattr(files, "sha256_digest", lambda path: pytest.fail(f"{path} was read again"))
    assert dataset.scan(folder, CONFIG).report.cached == 4


def test_copies_in_one_folder_have_maps_each(tmp_path):
    names = {"a.wav": 0, "b.wav": 1, "c.wav": 0, "d.wav": 1, "e.wav": 0}
    folder = _write(tmp_path / "sounds", {name: hat(RATE, seed=seed) for name, seed in names.items()})
    for _ in range(2):
        data = dataset.scan(folder, CONFIG)
        for index in range(5):
            assert data.spectrograms([index])[0] == pytest.approx(
                spectrogram.encode(data.waveform(index), CONFIG), abs=1e-3
            )


def test_each_configuration_has_its_own_cache(folder, decoded):
    other = SpectrogramConfig(StftConfig(16_000, 256), steps=32, bands=16, seconds=0.25)
    shapes = [dataset.scan(folder, config).spectrograms().shape for config in (CONFIG, other, CONFIG)]
    assert shapes == [(3, 16, 16, 2), (3, 32, 16, 2), (3, 16, 16, 2)]
    assert len(decoded) == 6


def test_the_cache_is_where_the_environment_says(folder, cache_folder, tmp_path, monkeypatch):
    assert _close(dataset.scan(folder, CONFIG)).parent == cache_folder
    monkeypatch.setenv("SAMPLEGEN_CACHE", "")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "home" / name))
    assert _close(dataset.scan(folder, CONFIG)).parent == tmp_path / "home" / "samplegen"


def _damage(path, edit):
    path.write_bytes(edit(path.read_bytes()))


def test_a_flipped_bit_in_a_map_is_not_believed(folder, decoded):
    first = dataset.scan(folder, CONFIG)
    expected = first.spectrograms()
    inside = expected[1].astype(np.float16).tobytes()[400:420]
    path = _close(first)
    assert path.read_bytes().count(inside) == 1
    _damage(path, lambda data: data.replace(inside, bytes([inside[0] ^ 1]) + inside[1:]))
    decoded.clear()
    again = dataset.scan(folder, CONFIG)
    assert decoded == ["kick.wav"]
    assert np.array_equal(again.spectrograms(), expected)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE clips SET start = start + 1 WHERE key = 2",
        "UPDATE clips SET stop = NULL WHERE key = 2",
        "UPDATE clips SET map = NULL WHERE key = 2",
        "UPDATE clips SET map = 'text' WHERE key = 2",
        "UPDATE clips SET map = substr(map, 2) WHERE key = 2",
        "UPDATE clips SET crc = crc + 1 WHERE key = 2",
        "DELETE FROM clips WHERE key = 2",
        "UPDATE extracts SET count = 2 WHERE digest = (SELECT digest FROM clips WHERE key = 2)",
        "UPDATE extracts SET count = 'x' WHERE digest = (SELECT digest FROM clips WHERE key = 2)",
        "DELETE FROM extracts WHERE digest = (SELECT digest FROM clips WHERE key = 2)",
        "UPDATE extracts SET reason = cast(x'ff' AS TEXT) WHERE digest = (SELECT digest FROM clips WHERE key = 2)",
        "UPDATE files SET digest = NULL",
        "UPDATE files SET digest = x'00', size = 'x'",
    ],
)
def test_a_row_that_is_wrong_is_made_anew(folder, damage):
    first = dataset.scan(folder, CONFIG)
    expected, cuts = first.spectrograms(), [(sound.start, sound.stop) for sound in first.sounds]
    with sqlite3.connect(_close(first)) as database:
        assert database.execute(damage).rowcount > 0
    for _ in range(2):
        again = dataset.scan(folder, CONFIG)
        assert [(sound.start, sound.stop) for sound in again.sounds] == cuts
        assert np.array_equal(again.spectrograms(), expected)
    assert again.report == Report(files=3, cached=3, one_shots=3)


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_cache_is_made_anew(folder, share, decoded):
    first = dataset.scan(folder, CONFIG)
    expected = first.spectrograms()
    _damage(_close(first), lambda data: data[: int(share * len(data))])
    decoded.clear()
    assert np.array_equal(dataset.scan(folder, CONFIG).spectrograms(), expected)
    assert decoded
    assert dataset.scan(folder, CONFIG).report.cached == 3


@pytest.mark.parametrize("garbage", [b"no database", os.urandom(10_000), b"SQLite format 3\0" + bytes(5000)])
def test_garbage_in_its_place_is_removed(folder, garbage):
    first = dataset.scan(folder, CONFIG)
    expected, path = first.spectrograms(), _close(first)
    path.write_bytes(garbage)
    Path(f"{path}-wal").write_bytes(garbage)
    assert np.array_equal(dataset.scan(folder, CONFIG).spectrograms(), expected)
    assert dataset.scan(folder, CONFIG).report.cached == 3


def test_tables_of_another_make_are_removed(folder, cache_folder):
    path = _close(dataset.scan(folder, CONFIG))
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE clips (something TEXT)")
    assert len(dataset.scan(folder, CONFIG).spectrograms()) == 3


@pytest.mark.parametrize("seed", range(25))
def test_flipped_bytes_anywhere_never_change_a_map(folder, seed):
    first = dataset.scan(folder, CONFIG)
    expected = first.spectrograms()

    def flip(data):
        rng, data = np.random.default_rng(seed), np.frombuffer(data, np.uint8).copy()
        data[rng.integers(0, len(data), 20)] ^= rng.integers(1, 256, 20).astype(np.uint8)
        return data.tobytes()

    _damage(_close(first), flip)
    try:
        found = dataset.scan(folder, CONFIG).spectrograms()
    except OutputError:  # "run the command again": a table's definition was hit, which only use brings to light
        found = dataset.scan(folder, CONFIG).spectrograms()
    assert np.array_equal(found, expected)


def test_what_is_not_wanted_any_more_is_not_read(folder, monkeypatch):
    """Stand in for a user who interrupts: only the files are read that a thread has begun with."""
    monkeypatch.setattr(ingest, "_TASK_FILES", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    names, first, read = [], threading.Event(), reading.read_audio

    def slow(path, rate):
        names.append(path.name)
        assert len(names) == 1 or first.wait(10)
        return read(path, rate)

    monkeypatch.setattr(reading, "read_audio", slow)
    rows = ingest.extract_files(sorted(folder.iterdir()), CONFIG, Cache.of(CONFIG))
    assert next(rows)[0].name == "hat.wav"
    threading.Timer(0.2, first.set).start()
    rows.close()
    assert names in (["hat.wav"], ["hat.wav", "kick.wav"])


def test_damage_that_only_use_brings_to_light_is_removed(folder, monkeypatch):
    data = dataset.scan(folder, CONFIG)
    expected = data.spectrograms()
    with data.cache._database as database:
        database.execute("DROP TABLE clips")
    with pytest.raises(OutputError, match=r"was damaged and is removed; run the command again"):
        data.spectrograms()
    assert np.array_equal(dataset.scan(folder, CONFIG).spectrograms(), expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process of its own is killed")
def test_a_killed_writer_leaves_the_cache_as_it_was(folder):
    before = dataset.scan(folder, CONFIG)

    class Deadly:
        def __getattr__(self, name):
            os.kill(os.getpid(), signal.SIGKILL)

    _write(folder, {"new.wav": hat(RATE, seed=9)})
    child = os.fork()
    if child == 0:
        extract = Extract([(0, 1), (1, 2)], [np.ones(CONFIG.shape, np.float32), Deadly()])
        Cache.of(CONFIG).store({folder / "new.wav": extract})
        os._exit(0)  # not reached
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    after = dataset.scan(folder, CONFIG)
    assert after.report == Report(files=4, cached=3, one_shots=4)
    assert np.array_equal(after.spectrograms([0, 1, 3]), before.spectrograms())


def test_two_programs_at_once_leave_each_other_s_maps_alone(folder):
    path = folder / "kick.wav"
    extract = ingest.extract_file(path, CONFIG)
    one, other = Cache.of(CONFIG), Cache.of(CONFIG)
    assert one.find([path]) == other.find([path]) == {}  # both begin before either has written
    known = one.store({path: extract})[path]
    assert other.store({path: extract})[path] == known
    assert one.spectrograms([known.clips[0].key], CONFIG.shape)[0] == pytest.approx(
        extract.spectrograms[0], abs=1e-3
    )  # float16


def test_a_key_never_comes_to_mean_another_sound(folder):
    first = dataset.scan(folder, CONFIG)
    with first.cache._database as database:
        database.execute("DELETE FROM clips")
    second = dataset.scan(folder, CONFIG)
    assert {sound.key for sound in first.sounds}.isdisjoint(sound.key for sound in second.sounds)
    with pytest.raises(DataError, match="changed while it was in use; run the command again"):
        first.spectrograms()


def test_threads_may_read_together(folder):
    data = dataset.scan(folder, CONFIG)
    expected, wrong = data.spectrograms(), []

    def read(index):
        for _ in range(30):
            if not np.array_equal(data.spectrograms([index])[0], expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=read, args=(number % 3,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_store_skips_what_is_gone_and_says_why(tmp_path):
    gone = tmp_path / "gone.wav"
    picture = np.ones(CONFIG.shape, np.float32)
    stored = Cache.of(CONFIG).store({gone: Extract([(0, 1)], [picture])})
    assert stored == {gone: CacheEntry([], "changed while it was read")}
    assert Cache.of(CONFIG).store({gone: Extract([], [], "is silent")}) == {gone: CacheEntry([], "is silent")}
    assert Cache.of(CONFIG).find([gone]) == {}


def test_store_alone_keeps_what_find_gives_back(folder):
    path = folder / "kick.wav"
    extract = ingest.extract_file(path, CONFIG)
    stored = Cache.of(CONFIG).store({path: extract})
    assert stored[path] == CacheEntry([Clip(*extract.cuts[0], stored[path].clips[0].key)], None)
    assert Cache.of(CONFIG).find([path]) == stored


def test_a_cache_that_cannot_be_written_is_one_clear_error(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OutputError, match=r"cannot use the cache .*Not a directory.*; set SAMPLEGEN_CACHE to a folder"):
        dataset.scan(folder, CONFIG)


def test_a_folder_in_the_place_of_the_cache_is_left_alone(folder):
    path = _close(dataset.scan(folder, CONFIG))
    path.unlink()
    _write(path, {"precious.wav": kick(RATE)})
    with pytest.raises(OutputError, match=r"cannot use the cache .*unable to open database file"):
        dataset.scan(folder, CONFIG)
    assert (path / "precious.wav").exists()


@as_root
def test_a_read_only_cache_is_one_clear_error(folder, cache_folder):
    _close(dataset.scan(folder, CONFIG)).chmod(0o400)
    cache_folder.chmod(0o500)
    try:
        with pytest.raises(OutputError, match=r"cannot use the cache .*; set SAMPLEGEN_CACHE to a folder"):
            dataset.scan(folder, CONFIG)
    finally:
        cache_folder.chmod(0o700)


def test_a_full_disk_is_one_clear_error_and_no_loss(folder, monkeypatch):
    dataset.scan(folder, CONFIG)
    _write(folder, {f"{number}.wav": hat(RATE, seed=1 + number) for number in range(40)})
    connect = tables.connect

    def small(path):
        database = connect(path)
        database.execute("PRAGMA max_page_count = 10")  # SQLite says the same of a disk that is full
        return database

    with monkeypatch.context() as patch:
        patch.setattr(tables, "connect", small)
        with pytest.raises(OutputError, match=r"database or disk is full.*set SAMPLEGEN_CACHE to a folder on a disk"):
            dataset.scan(folder, CONFIG)
    after = dataset.scan(folder, CONFIG).report
    assert after == Report(files=43, cached=after.cached, one_shots=43)
    assert after.cached >= 3  # and what else there was room for


def test_a_cache_in_long_use_by_another_is_no_damage(folder, monkeypatch):
    path = _close(dataset.scan(folder, CONFIG))
    _write(folder, {"new.wav": hat(RATE, seed=9)})
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *arguments, **options: connect(*arguments, **options | {"timeout": 0.05})
    )
    with connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="database is locked"):
            dataset.scan(folder, CONFIG)
        other.execute("ROLLBACK")
    assert dataset.scan(folder, CONFIG).report.cached == 3


def test_a_map_is_what_the_file_sounds_like_through_every_layer(folder):
    data = dataset.scan(folder, CONFIG)
    samples, _ = reading.read_audio(folder / "snare.wav", RATE)
    sound = data.sounds[2]
    assert data.spectrograms([2])[0] == pytest.approx(
        spectrogram.encode(samples[sound.start : sound.stop], CONFIG), abs=1e-3
    )


def test_loops_may_stay_whole(tmp_path):
    even = SpectrogramConfig(CONFIG.stft, steps=64, bands=16, seconds=2.0, spacing="even")
    folder = _write(tmp_path / "mixed", {"groove.wav": loop(RATE), "kick.wav": kick(RATE)})
    cut, whole, again = (dataset.scan(folder, even, whole=w) for w in (False, True, True))
    assert (len(cut), len(whole)) == (17, 2)  # two bars of eighths
    assert again.report.cached == 2  # the cache of whole files is one of its own, so that neither takes the other's
    assert (whole.sounds[0].start, whole.sounds[0].stop) == (0, 4 * RATE)
    assert whole.spectrograms([0])[0, -8:, :, spectrogram.LEVEL].any()  # the last eighth of the two seconds is sounding
    assert [sound.role for sound in whole.sounds] == [None, "kick"]


def test_a_cache_of_version_7_still_loads(tmp_path, decoded, cache_folder):
    """The fixture was written before the packages were laid out anew, from a kick of the shipped pack."""
    root = Path(__file__).parents[1]
    kick_of_pack = root / "packs/starter/One_Shots/Kick/starter_kick_fjord.wav"
    sounds = tmp_path / "sounds"
    sounds.mkdir()
    (sounds / kick_of_pack.name).write_bytes(kick_of_pack.read_bytes())
    cache_folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(cache_folder / "maps-8b030124363531f3.sqlite")) as database:
        database.executescript((root / "tests/fixtures/cache-7.sql").read_text())
    data = dataset.scan(sounds, SpectrogramConfig(steps=16, bands=16))
    assert (data.report.cached, decoded) == (1, [])
    assert data.sounds == (OneShot(kick_of_pack.name, 1, 24_861, "kick", "starter", 1),)
    assert data.spectrograms().sum() == pytest.approx(191.12146)
