"""`samplegen convert TAKE --trigger PACK`: hits found, told apart, and struck to the sample."""

import json
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from commands import run
from conftest import DRUMS, RATE, hat, kick, snare
from patterns import pack

from samplegen.audio import onsets, reading, signals
from samplegen.cli import lookup
from samplegen.errors import AudioError, DataError
from samplegen.sequencer import rack, render
from samplegen.transcription import calibration, hit_classifier, trigger
from samplegen.transcription import hits as transcription_hits

BEATBOX = Path(__file__).parents[2] / "shared/data/beatbox"
THREE = ("kick", "snare", "closed-hat")
PLAYED = ("kick", "snare", "closed-hat", "kick", "closed-hat", "snare", "kick", "closed-hat")
STEP = 0.3  # seconds between hits


def take(rate: int = RATE, *, names=PLAYED, gains=None, seed: int = 100):
    """Hits one after the other, the first at sample 0, and where each begins."""
    starts = [round(index * STEP * rate) for index in range(len(names))]
    samples = np.zeros(round(len(names) * STEP * rate) + 123, np.float32)
    for index, (start, name) in enumerate(zip(starts, names, strict=True)):
        sound = DRUMS[name](rate, seed=seed + index)[: len(samples) - start]
        samples[start : start + len(sound)] += 0.6 * sound * (gains[index] if gains else 1)
    return samples, starts


def labelled(folder: Path, each: int = 5, names=THREE) -> Path:
    """A calibration folder: hits of the same mouth, none of which is in a take."""
    for name in names:
        (folder / name).mkdir(parents=True)
        for seed in range(each):
            soundfile.write(folder / name / f"{seed}.wav", DRUMS[name](RATE, seed=seed), RATE)
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A working folder with the pack `kit`, a take and its calibration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lookup, "_SHIPPED_PACKS", tmp_path / ".shipped")
    pack(tmp_path / "packs/kit", ("kick", "snare", "closed-hat", "open-hat"))
    soundfile.write(tmp_path / "take.wav", take()[0], RATE, subtype="FLOAT")
    labelled(tmp_path / "mouth")
    return tmp_path


def told(*words: object) -> dict:
    return json.loads(run("convert", *words, "--json").stdout)


# --- hits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_every_hit_is_found_where_it_begins(rate):
    samples, starts = take(rate)
    found = transcription_hits.detect_hits(samples, rate)
    assert len(found.frames) == len(starts)
    # 1 ms: what begins softly, as a sine does, is picked a few samples late, and earlier where a tail rings into it
    assert np.abs(found.frames - starts).max() <= 0.001 * rate
    assert found.frames[0] == 0


def test_soft_hits_beside_loud_ones_are_found():
    gains = [1, 0.2, 0.06, 1, 0.06, 0.2, 1, 0.06]  # a mouth's hats, 24 dB below its kicks
    samples, starts = take(gains=gains)
    assert len(transcription_hits.detect_hits(samples, RATE).frames) == len(starts)


@pytest.mark.parametrize("kind", ["white", "pink", "tone"])
def test_what_never_begins_suddenly_has_no_hits(kind):
    white = np.random.default_rng(0).standard_normal(9 * RATE)
    bins = np.fft.rfft(white) / np.sqrt(np.maximum(1, np.arange(len(white) // 2 + 1)))
    tone = np.sin(2 * np.pi * 220 * np.arange(9 * RATE) / RATE)
    steady = {"white": 0.1 * white, "pink": np.fft.irfft(bins), "tone": 0.5 * tone}[kind].astype(np.float32)
    with pytest.raises(AudioError, match="no hits"):
        transcription_hits.detect_hits(steady, RATE)


def test_velocities_keep_the_dynamics_of_each_role():
    names = ["kick", "snare", "kick", "snare"]
    assert transcription_hits.velocities(np.array([-10.0, -30.0, -22.0, -36.0]), names) == [
        127, 127, round(127 * 10 ** (-12 / 40)), round(127 * 10 ** (-6 / 40)),
    ]  # fmt: skip


# --- what a hit is -----------------------------------------------------------------------------------


def test_described_whatever_the_level_and_however_short():
    sound = signals.resample(snare(seed=1), RATE, transcription_hits.RATE)
    assert hit_classifier.describe(sound) == pytest.approx(hit_classifier.describe(0.01 * sound), abs=0.01)  # float32
    for length in (1, 100, 800):
        assert np.isfinite(hit_classifier.describe(sound[:length])).all()


@pytest.mark.parametrize("each", [1, 5])
def test_a_few_labelled_hits_tell_the_others(tmp_path, each):
    known = calibration.learn(labelled(tmp_path / "mouth", each))
    samples, _ = take()
    assert known.classifier(transcription_hits.detect_hits(samples, RATE).sounds) == list(PLAYED)
    assert known.counts == dict.fromkeys(THREE, each)
    assert len(known.notes) == (3 if each < calibration.RECOMMENDED_HITS else 0)


@pytest.mark.parametrize("rate", [11_025, 16_000, 96_000])
def test_take_and_calibration_need_not_share_a_rate(tmp_path, rate):
    known = calibration.learn(labelled(tmp_path / "mouth"), rate)
    samples = signals.resample(take()[0], RATE, rate)
    assert known.classifier(transcription_hits.detect_hits(samples, rate).sounds) == list(PLAYED)


def test_calibration_wins_over_what_a_sound_is_like(tmp_path):
    """A mouth whose "kick" is a hiss is understood: the labels decide, no idea of what a kick should be."""
    for role, make in {"kick": hat, "snare": kick}.items():
        (tmp_path / role).mkdir()
        for seed in range(5):
            soundfile.write(tmp_path / role / f"{seed}.wav", make(seed=seed), RATE)
    sounds = [signals.resample(make(seed=9), RATE, transcription_hits.RATE) for make in (hat, kick)]
    assert calibration.learn(tmp_path).classifier(sounds) == ["kick", "snare"]
    assert hit_classifier.classify_by_rule(sounds) == ["closed-hat", "kick"]


def test_one_file_may_hold_all_hits_of_a_kind(tmp_path):
    for name in THREE:
        soundfile.write(tmp_path / f"my_{name}.wav", take(names=[name] * 5)[0], RATE)
    assert calibration.learn(tmp_path).counts == dict.fromkeys(THREE, 5)


@pytest.mark.parametrize(("name", "seconds"), [("kick", 0.4), ("snare", 0.8), ("closed-hat", 0.1)])
def test_the_rule_tells_plain_drums(name, seconds):
    make = {"kick": kick, "snare": snare, "closed-hat": hat}[name]
    hits = [make(seed=seed, seconds=seconds) for seed in range(9)]  # a snare's noise outlasts a hat's, or it is one
    assert set(
        hit_classifier.classify_by_rule([signals.resample(hit, RATE, transcription_hits.RATE) for hit in hits])
    ) == {name}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no sound file in"),
        ({"a.wav": kick, "b.wav": snare}, "call them kick-1.wav"),
        ({"kick/a.wav": kick, "kick/b.wav": kick}, r"only hits of one kind \(kick\)"),
    ],
)
def test_calibration_that_tells_nothing(tmp_path, files, reason):
    for name, make in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / name, make(), RATE)
    with pytest.raises(DataError, match=reason):
        calibration.learn(tmp_path)


def test_what_calibration_leaves_out_is_said(tmp_path):
    labelled(tmp_path)
    (tmp_path / "kick/broken.wav").write_bytes(b"no sound")
    soundfile.write(tmp_path / "hum.wav", kick(), RATE)
    notes = calibration.learn(tmp_path).notes
    assert any("broken.wav" in note for note in notes)
    assert any("hum.wav" in note for note in notes)


@pytest.mark.skipif(not BEATBOX.is_dir(), reason="real beatboxing is not beside the checkout")
def test_five_hits_a_class_tell_nine_of_ten_of_a_real_mouth():
    sounds, labels = [], []
    for role in THREE:
        for path in sorted((BEATBOX / role).iterdir()):
            samples, _ = reading.read_audio(path, transcription_hits.RATE)
            sounds.append(samples[onsets.find_onset(samples, transcription_hits.RATE) :])
            labels.append(role)
    rng, labels = np.random.default_rng(0), np.array(labels)
    shares = []
    for _ in range(5):
        known = np.concatenate([rng.permutation(np.flatnonzero(labels == role))[:5] for role in THREE])
        rest = np.setdiff1d(np.arange(len(labels)), known)
        tell = hit_classifier.fit([sounds[index] for index in known], labels[known].tolist())
        shares.append(np.mean(np.array(tell([sounds[index] for index in rest])) == labels[rest]))
    assert np.mean(shares) >= 0.9  # 0.99 measured; 0.9 is what is promised


# --- playing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_each_drum_begins_at_the_sample_of_its_hit(home, rate):
    soundfile.write("take.wav", take(rate)[0], rate, subtype="FLOAT")
    driven = trigger.trigger_pack("take.wav", "packs/kit", calibrate="mouth")
    samples, _ = reading.read_audio("take.wav")
    assert len(driven.samples) == len(samples)
    assert driven.rate == rate
    assert driven.frames == transcription_hits.detect_hits(samples, rate).frames.tolist()
    kit = rack.load("packs/kit")
    expected = np.zeros(len(samples), np.float32)  # the pack's files laid at the take's hits
    for frame, hit in zip(driven.frames, driven.hits, strict=True):
        sound, _ = reading.read_audio(kit.folder / driven.parts[hit.lane].pad.file, rate)
        part = sound[: len(samples) - frame] * (hit.velocity / 127) ** 2
        expected[frame : frame + len(part)] += part
    ratio = np.float32(render.MIX_PEAK / np.abs(driven.samples).max())
    assert ratio == pytest.approx(1, abs=1e-6)
    body = slice(0, len(samples) - round(0.01 * rate))  # the last 5 ms fade
    scaled = driven.samples[body] * (np.abs(expected[body]).max() / np.abs(driven.samples[body]).max())
    assert scaled == pytest.approx(expected[body], abs=1e-5)  # float32


def test_a_take_becomes_a_wav_and_a_midi_file_of_its_hits(home):
    result = told("take.wav", "--trigger", "kit", "--calibrate", "mouth", "--out", "beat.wav")
    assert (result["wav"], result["midi"], result["notes"]) == ("beat.wav", "beat.mid", [])
    assert soundfile.info("beat.wav").frames == result["samples"] == len(take()[0])
    assert [hit["role"] for hit in result["hits"]] == list(PLAYED)
    now, notes = 0.0, []
    for message in mido.MidiFile("beat.mid"):
        now += message.time
        if message.type == "note_on" and message.velocity:
            notes.append((now, message.note, message.velocity))
    assert [note[1:] for note in notes] == [(hit["note"], hit["velocity"]) for hit in result["hits"]]
    seconds = [hit["sample"] / RATE for hit in result["hits"]]
    assert [note[0] for note in notes] == pytest.approx(seconds, abs=0.3e-3)  # half a tick at 120 bpm


def test_stereo_is_listened_to_as_one(home):
    mono = take()[0]
    soundfile.write("wide.wav", np.stack([mono, 0.5 * mono], axis=1), RATE, subtype="FLOAT")
    result = told("wide.wav", "--trigger", "kit", "--calibrate", "mouth", "--out", "wide-beat.wav")
    assert result["samples"] == len(mono)
    assert [hit["role"] for hit in result["hits"]] == list(PLAYED)


def test_without_calibration_it_says_that_it_guesses(home):
    result = run("convert", "take.wav", "--trigger", "kit", "--out", "beat.wav")
    assert "--calibrate" in result.stderr
    assert "kick" in result.stdout


def test_what_the_pack_lacks_is_said(home):
    pack(home / "packs/thin", ("kick", "clap"))
    result = told("take.wav", "--trigger", "thin", "--calibrate", "mouth", "--out", "beat.wav")
    assert any("snare is played by" in note for note in result["notes"])
    assert any("closed-hat is silent" in note for note in result["notes"])
    assert {hit["role"]: hit["pad"] for hit in result["hits"]}["closed-hat"] is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("take.wav",), "name a MODEL"),
        (("take.wav", "--calibrate", "mouth"), "name a MODEL"),
        (("take.wav", "some", "--trigger", "kit"), "without MODEL"),
        (("take.wav", "--trigger", "kit", "--mix", "0.5", "--pitch", "keep"), "without --pitch, --mix"),
        (("take.wav", "--trigger", "none"), "there is no pack 'none'"),
        (("none.wav", "--trigger", "kit"), "none.wav cannot be read"),
        (("silent.wav", "--trigger", "kit"), "silent.wav is silent"),
        (("noise.wav", "--trigger", "kit"), "noise.wav: no hits were found"),
        (("long.wav", "--trigger", "kit"), "cut it to 10 minutes"),
        (("take.wav", "--trigger", "kit", "--calibrate", "none"), "there is no folder none"),
        (("take.wav", "--trigger", "kit", "--calibrate", "mouth/kick"), "call them kick-1.wav"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(home, words, reason):
    soundfile.write("silent.wav", np.zeros(RATE), RATE)
    soundfile.write("noise.wav", 0.1 * np.random.default_rng(0).standard_normal(2 * RATE), RATE)
    soundfile.write("long.wav", np.zeros(4_000 * 601, np.int16), 4_000)
    before = set(home.rglob("*"))
    result = run("convert", *words, "--out", "x.wav", code=1)
    assert reason in " ".join(result.stderr.split())
    assert set(home.rglob("*")) == before


def test_nothing_is_replaced_unasked(home):
    Path("beat.mid").write_text("mine")
    words = ("convert", "take.wav", "--trigger", "kit", "--out", "beat.wav", "--quiet")
    assert "--force" in run(*words, code=1).stderr
    assert run(*words, "--force").stdout.split() == ["beat.wav", "beat.mid"]
    run("convert", "take.wav", "--trigger", "kit", "--out", "beat.flac", code=1)
