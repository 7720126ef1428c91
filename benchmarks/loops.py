"""Loops: 16 bars of 12 lanes of sixteenths at 44.1 kHz with the starter pack, after start-up; where its hits begin.

The bare loop adds the same sounds at the same samples to one mono buffer, and does nothing else. The onset error is
that of a click on every hit of every shipped style, against its own times rounded to samples.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.common import ROOT, Figures
from samplegen.audio.sounds import Origin, Sound
from samplegen.packs import write
from samplegen.roles import ROLES
from samplegen.sequencer import loop, rack, styles
from samplegen.sequencer.pad_mapping import map_lanes
from samplegen.sequencer.pattern import Lane, Pattern, Step
from samplegen.sequencer.render import render
from samplegen.sequencer.timing import events

PACK = ROOT / "packs" / "starter"
LANES = ("kick", "snare", "rim", "clap", "ch", "oh", "lt", "mt", "ht", "crash", "ride", "cowbell")


def run() -> Figures:
    """Times are processor time, the least of five: other programs disturb it less than the clock on the wall."""
    full = Pattern(tuple(Lane(name, (Step(100),) * 16) for name in LANES), bars=16)
    wide = Pattern(tuple(Lane(name, (Step(100),) * 16, pan=0.1) for name in LANES), bars=16)
    sounds = rack.load(PACK)
    parts, hits = map_lanes(full, sounds.pads), events(full)
    options = {"repeat": 1, "tail": "wrap", "stems": False}
    rendered = _work(lambda: render(full, hits, parts, sounds, **options))
    bare = _work(lambda: _bare(full, hits, parts, sounds))
    return {
        "hits": len(hits),
        "16 bars of 12 lanes, from pattern to samples (s)": _work(lambda: loop.sequence(PACK, full)),
        "... humanised and in stereo (s)": _work(lambda: loop.sequence(PACK, wide, humanize=0.3)),
        "rendering over a bare loop of additions": rendered / bare,
        "rendering over the loop's own length": rendered / (full.beats * 60 / full.tempo),
        "largest onset error over all styles (samples)": _onset_error(),
    }


def _work(task: Callable[[], object]) -> float:
    spent = []
    for _ in range(5):
        began = time.process_time()
        task()
        spent.append(time.process_time() - began)
    return min(spent)


def _bare(pattern: Pattern, hits, parts, sounds: rack.Rack) -> np.ndarray:
    mix = np.zeros(round(pattern.beats * 60 / pattern.tempo * sounds.rate) + 10 * sounds.rate, np.float32)
    for hit in hits:
        sound = sounds.sound(parts[hit.lane].pad.layers[0].files[0])
        at = round(hit.beat * 60 / pattern.tempo * sounds.rate)
        mix[at : at + len(sound)] += sound
    return mix


def _onset_error() -> float:
    """In samples; a hit without a click of its own, or a click without a hit, counts as infinite."""
    click = np.array([0.5, -0.4], np.float32)
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "clicks"
        origin = Origin(seed=0, model="", model_hash="", command="", licence="")
        write.write_pack([Sound(click, role, {}) for role in ROLES], pack, origin=origin)
        names = [f"{name}/{which}" for name in styles.names() for which in styles.style(name).patterns]
        return max(_error_of(loop.sequence(pack, styles.style_pattern(name), stems=True)) for name in names)


def _error_of(played: loop.Loop) -> float:
    worst = 0.0
    for lane, stem in played.stems.items():
        level = np.abs(stem).reshape(len(stem), -1).max(axis=1)
        rising = np.flatnonzero(level > 1e-4)
        found = rising[np.diff(rising, prepend=-9) > 1]
        meant = {round(hit.beat * 60 / played.pattern.tempo * played.rate) for hit in played.hits if hit.lane == lane}
        if len(found) != len(meant):
            return np.inf
        worst = max(worst, float(np.abs(found - np.array(sorted(meant))).max()))
    return worst
