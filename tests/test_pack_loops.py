"""The loops of a pack: drawn from its seed, of its own sounds, whole bars long, with their notes beside them."""

from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from conftest import DRUMS

from samplegen.audio import wavchunks
from samplegen.audio.sounds import Origin, Sound
from samplegen.packs import loops
from samplegen.packs.write import write_pack
from samplegen.sequencer import styles

RATE = 22_050
ROLES = ("kick", "snare", "closed-hat")


def pack(folder: Path, *, roles=ROLES, seed: int = 3) -> Path:
    drums = [Sound(DRUMS.get(role, DRUMS["open-hat"])(RATE, seed=1)[:RATE], role, {}) for role in roles]
    write_pack(drums, folder / "kit", origin=Origin(seed, "m", "", "", "CC0"), rate=RATE)
    return folder / "kit"


def test_a_seed_draws_three_styles_in_four_four():
    draws = [tuple(loops.draw_styles(seed)) for seed in range(20)]
    assert all(len(set(names)) == 3 for names in draws)
    assert len(set(draws)) > 10
    assert tuple(loops.draw_styles(5)) == draws[5]
    assert all(styles.style_pattern(name).meter == (4, 4) for names in draws for name in names)


def test_each_loop_is_whole_bars_long_says_its_tempo_and_has_its_notes(tmp_path):
    folder = pack(tmp_path)
    assert len(list((folder / "Loops").iterdir())) == 3
    for style, pattern in loops.draw_styles(3).items():
        name = f"kit_{pattern.tempo:.0f}_{style}"
        wav = folder / f"Loops/{name}.wav"
        samples, rate = soundfile.read(wav)
        assert (rate, len(samples)) == (RATE, round(pattern.beats * 60 / pattern.tempo * RATE))
        assert np.abs(samples).max() == pytest.approx(10 ** (-1 / 20), abs=1e-4)
        assert wavchunks.read_chunks(wav.read_bytes()).acid.tempo == pytest.approx(pattern.tempo)
        notes = mido.MidiFile(folder / f"MIDI/{name}.mid")
        assert notes.length == pytest.approx(pattern.beats * 60 / pattern.tempo, abs=1e-3)  # of a MIDI tempo's rounding
        assert {m.note for m in notes if m.type == "note_on"} <= {36, 38, 42}


def test_the_demo_is_the_first_style_twice_and_its_fill(tmp_path):
    style, pattern = next(iter(loops.draw_styles(3).items()))
    bars = 2 * pattern.bars + styles.style(style).patterns["fill"].bars
    samples, _ = soundfile.read(pack(tmp_path) / loops.DEMO)
    assert len(samples) == round(bars * 4 * 60 / pattern.tempo * RATE)


def test_a_pack_that_can_play_nothing_has_no_loops(tmp_path, monkeypatch):
    nothing = {name: styles.read(name, "[main]\nkick ....\n[fill]\nkick ....").patterns["main"] for name in "abc"}
    monkeypatch.setattr(loops, "draw_styles", lambda _seed: nothing)
    folder = pack(tmp_path)
    assert not (folder / "Loops").exists()
    assert sorted(path.name for path in (folder / "MIDI").iterdir()) == ["kit.mid"]


@pytest.mark.parametrize("role", ["crash", "perc", "kick"])
def test_a_pack_of_one_drum_is_written(tmp_path, role):
    assert (pack(tmp_path, roles=(role,)) / "pack.json").is_file()
