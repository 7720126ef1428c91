"""Drum loops written down: the tempo of loops, tracks and rendered patterns, and the steps of all shipped styles.

A tempo is right within 1 %; one that is right but for a factor of 2, 3, 4, 3/2 or 4/3 counts as an octave error. The
weights of the tempo were fitted on every second track (sorted by name, from the first), so the others stand apart, and
on the shipped patterns at other tempi than those here; a rule for short loops was chosen on the 13 loops, and the odds
from which a drum counts on the starter pack.

A step is right if it is found struck, or found empty, as it was played; a cell is that for one drum of those that are
played or heard. Roles confused: of all hits, those in whose step another drum was heard instead. The listener does
not know the packs, and learned from other drums, but from loops of these patterns too, thinned and mutated, at other
tempi. It may lean on them: after ten more rounds of other patterns and wilder drums it confused 7 % of the starter's
hits in place of 2. Packs of drum machines: three of a sound drawn for each role from all machines, and one of each
machine that has most roles. Many of their sounds are not told alone either: of the hits of the three packs 57, 51 and
62 % are played by sounds in which `samplegen.models.classify` hears their role first. With the pack given, hits are
told by its very sounds; what is too soft to count there was chosen on the starter pack and the first of the three.
"""

from collections import Counter
from dataclasses import replace

import numpy as np

from benchmarks import machines
from benchmarks.common import DATA, ROOT, Figures
from samplegen.arrays import Signal
from samplegen.audio import reading
from samplegen.errors import AudioError
from samplegen.sequencer import rack, render, styles, timing
from samplegen.sequencer.pad_mapping import map_lanes, role_of
from samplegen.sequencer.pattern import Pattern
from samplegen.transcription import transcribe
from samplegen.transcription.transcribe import Transcription

LOOPS = {  # what their author says: length and beats
    "breakbeat": 126, "compus": 148, "electric": 97, "garzul": 120, "industrial": 135.78, "mehackit1": 97,
    "mehackit2": 97, "mika": 120, "perc1": 97, "perc2": 97, "safari": 120, "tabla": 90, "weirdo": 97,
}  # fmt: skip
OCTAVES = (1 / 2, 2, 1 / 3, 3, 1 / 4, 4, 2 / 3, 3 / 2, 3 / 4, 4 / 3)
RENDERED = 200
NAMES = [f"{name}/{which}" for name in styles.names() for which in styles.style(name).patterns]


def run() -> Figures:
    """Tempi, then steps at a known and at an unknown tempo."""
    starter = rack.load(ROOT / "packs" / "starter")
    figures = _tempi(starter)
    figures |= _steps("starter", starter, known=True) | _steps("starter", starter, known=False)
    for seed in range(3):
        figures |= _steps(f"machines {seed + 1}", machines.drawn(seed), known=True)
        figures |= _steps(f"machines {seed + 1}", machines.drawn(seed), known=True, given=True)
    figures |= _steps("starter", starter, known=True, given=True) | _steps("starter", starter, known=False, given=True)
    return figures | _whole(given=False) | _whole(given=True)


def rendered(pattern: Pattern, pack: rack.Rack, **feel: float) -> tuple[Signal, list[tuple[float, str]]]:
    """The sound of a pattern in mono, and what is struck: beat and role."""
    hits, parts = timing.events(pattern, **feel), map_lanes(pattern, pack.pads)
    mix = render.render(pattern, hits, parts, pack, repeat=1, tail="wrap", stems=False).samples
    struck = [(hit.beat, parts[hit.lane].pad.role) for hit in hits if parts[hit.lane].pad]
    return np.ascontiguousarray(mix if mix.ndim == 1 else mix.mean(axis=1)), struck


def _tempi(pack: rack.Rack) -> Figures:
    files = sorted((DATA / "tracks").glob("*.ogg"))
    told = {path: float(path.stem.split("_")[0]) for path in files}
    sets = {
        "loops": [(*reading.read_audio(DATA / "loops" / f"loop-{name}.flac"), bpm) for name, bpm in LOOPS.items()],
        "tracks of the fitted half": [(*reading.read_audio(path), told[path]) for path in files[::2]],
        "tracks of the other half": [(*reading.read_audio(path), told[path]) for path in files[1::2]],
        "rendered, 60 to 180 bpm": [played(number, pack) for number in range(RENDERED)],
    }
    figures: Figures = {}
    for name, rows in sets.items():
        found = [_judged(samples, rate, bpm) for samples, rate, bpm in rows]
        figures[f"tempo right, {name} ({len(rows)})"] = found.count("right") / len(rows)
        figures[f"... octave errors, {name}"] = found.count("octave") / len(rows)
    return figures


def played(number: int, pack: rack.Rack) -> tuple[Signal, int, float]:
    """A shipped pattern at a tempo of its turn, of about 8 s in whole bars; every second one humanised."""
    bpm = round(60 + 120 * number / (RENDERED - 1), 2)
    pattern = styles.style_pattern(NAMES[int(np.random.default_rng(number).integers(len(NAMES)))])
    bars = max(1, min(8, round(8 * bpm / 60 / pattern.bar)))
    samples, _ = rendered(replace(pattern, tempo=bpm, bars=bars), pack, humanize=0.3 * (number % 2), seed=number)
    return samples, pack.rate, bpm


def _judged(samples: Signal, rate: int, bpm: float) -> str:
    try:
        ratio = transcribe.transcribe_samples(samples, rate).pattern.tempo / bpm
    except AudioError:
        return "refused"
    if abs(ratio - 1) < 0.01:
        return "right"
    return "octave" if any(abs(ratio / octave - 1) < 0.01 for octave in OCTAVES) else "wrong"


def _whole(*, given: bool) -> Figures:
    """Figures of the whole machines together, and how far apart they lie."""
    counts = [_counted(machines.whole(name), known=True, given=given) for name in machines.names()]
    steps = [each["steps right"] / each["steps"] for each in counts]
    confused = [each["confused"] / each["hits"] for each in counts]
    told = f"{len(counts)} whole machines, tempo{' and pack' if given else ''} given"
    return _shares(sum(counts, Counter()), told) | {
        f"... steps right by the worst and the best, {told}": f"{min(steps):.3f} {max(steps):.3f}",
        f"... roles confused by the best and the worst, {told}": f"{min(confused):.3f} {max(confused):.3f}",
    }


def _steps(name: str, pack: rack.Rack, *, known: bool, given: bool = False) -> Figures:
    told = f"{name}, tempo {'given' if known else 'not given'}{', pack given' if given else ''}"
    return _shares(_counted(pack, known=known, given=given), told)


def _counted(pack: rack.Rack, *, known: bool, given: bool = False) -> Counter[str]:
    counts: Counter[str] = Counter()
    for style in NAMES:
        pattern = styles.style_pattern(style)
        samples, struck = rendered(pattern, pack)
        bpm = pattern.tempo if known else None
        heard = transcribe.transcribe_samples(samples, pack.rate, bpm=bpm, pack=pack if given else None)
        counts.update(_compared(pattern, struck, heard))
    return counts


def _shares(counts: Counter[str], told: str) -> Figures:
    return {
        f"steps right, {told}": counts["steps right"] / counts["steps"],
        f"... cells right, {told}": counts["cells right"] / counts["cells"],
        f"... hits found, {told}": counts["found"] / counts["hits"],
        f"... hits heard that were played, {told}": counts["found"] / max(1, counts["heard"]),
        f"... roles confused, {told}": counts["confused"] / counts["hits"],
    }


def _compared(pattern: Pattern, struck: list[tuple[float, str]], heard: Transcription) -> dict[str, int]:
    count = pattern.bars * pattern.steps
    played = {(_step(pattern, beat), role) for beat, role in struck}
    lanes = heard.pattern.lanes
    scale = pattern.tempo / heard.pattern.tempo
    heard_at = timing.events(heard.pattern)
    found = {(_step(pattern, hit.beat * scale), role_of(lanes[hit.lane].name)[0]) for hit in heard_at}
    wrong, missed = (Counter(step for step, _ in cells) for cells in (found - played, played - found))
    roles = len({role for _, role in played | found})
    return {
        "steps": count,
        "steps right": count - len({step for step, _ in played} ^ {step for step, _ in found}),
        "cells": count * roles,
        "cells right": count * roles - len(played ^ found),
        "hits": len(played),
        "heard": len(found),
        "found": len(played & found),
        "confused": sum(min(wrong[step], missed[step]) for step in wrong),
    }


def _step(pattern: Pattern, beat: float) -> int:
    """The step of a pattern that a beat is nearest to, on its swung grid."""
    within = [timing.swing_beat(step * pattern.bar / pattern.steps, pattern) for step in range(pattern.steps)]
    grid = np.add.outer(np.arange(pattern.bars) * pattern.bar, within).ravel()
    return int(np.abs(np.append(grid, pattern.beats) - beat).argmin()) % len(grid)
