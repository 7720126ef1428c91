"""Patterns for the tests, any that there can be (hypothesis), and a pack to play them with."""

import json
from pathlib import Path

import numpy as np
import soundfile
from conftest import RATE
from hypothesis import strategies as st

from samplegen.audio.sounds import Origin, Sound
from samplegen.kits.manifest import read_pack
from samplegen.packs.write import write_pack
from samplegen.sequencer.pattern import MAX_BARS, METER_UNITS, REST, SWING_GRIDS, Lane, Pattern, Step

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,11}", fullmatch=True)
HITS = st.builds(
    Step,
    velocity=st.integers(1, 127),
    flam=st.booleans(),
    ratchet=st.integers(1, 9),
    maybe=st.booleans(),
    offset=st.just(0.0) | st.floats(-1, 1),
)
STEPS = st.lists(st.just(REST) | HITS, min_size=1, max_size=24).map(tuple)
LANES = st.builds(
    Lane,
    NAMES,
    STEPS,
    level=st.just(0.0) | st.floats(-60, 12),
    pan=st.just(0.0) | st.floats(-1, 1),
    grid=st.none() | st.integers(1, 96),
)
TITLES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20).map(str.strip)
PATTERNS = st.builds(
    Pattern,
    st.lists(LANES, min_size=1, max_size=4).map(tuple),
    title=TITLES.filter(str.isprintable),
    tempo=st.floats(20, 999),
    meter=st.tuples(st.integers(1, 64), st.sampled_from(METER_UNITS)),
    steps=st.integers(1, 96),
    swing=st.floats(50, 75),
    swing_grid=st.sampled_from(SWING_GRIDS),
    bars=st.integers(1, MAX_BARS),
)

ORIGIN = Origin(seed=1, model="none", model_hash="0", command="none", licence="CC0")


def click(seconds: float = 0.1, *, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """A sound that starts at its peak, 0.5, so that its onset is one sample, and decays to -60 dB."""
    noise = np.random.default_rng(seed).uniform(-1, 1, round(seconds * rate)) * 0.25
    noise[0] = 0.5
    return (noise * np.geomspace(1, 1e-3, len(noise))).astype(np.float32)


def pack(folder: Path, roles: tuple[str, ...], *, seconds: float = 0.1) -> Path:
    """A pack with one click a role; the same role again is its next pad."""
    sounds = [Sound(click(seconds, seed=seed), role, {}) for seed, role in enumerate(roles)]
    write_pack(sounds, folder, origin=ORIGIN)
    return folder


def sound_of(folder: Path, index: int) -> np.ndarray:
    """The samples of a pack's sound as they were written."""
    return soundfile.read(folder / read_pack(folder)["sounds"][index]["path"], dtype="float32")[0]


def edited(folder: Path, **changes: object) -> Path:
    """The pack with other values in its manifest."""
    path = folder / "pack.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder
