"""Loops of a pack: three styles drawn from its seed and a demo, played by its own sounds."""

import random
from dataclasses import replace

from samplegen import files
from samplegen.sequencer import arrange, loop_files, styles
from samplegen.sequencer.loop import play
from samplegen.sequencer.pad_mapping import map_lanes
from samplegen.sequencer.pattern import Pattern
from samplegen.sequencer.rack import Rack

STYLE_COUNT = 3  # of a pack
DEMO = "Previews/demo.wav"


def draw_styles(seed: int) -> dict[str, Pattern]:
    """Draw `STYLE_COUNT` styles in 4/4, main patterns by name; the same seed draws the same."""
    known = {name: styles.style_pattern(name) for name in styles.names()}
    fitting = [name for name, pattern in known.items() if pattern.meter == (4, 4)]
    return {name: known[name] for name in random.Random(f"loops {seed}").sample(fitting, STYLE_COUNT)}


def write_loops(rack: Rack, *, seed: int, subtype: str) -> list[str]:
    """Write loops into a pack whose sounds are there: `Loops/NAME_BPM_STYLE.wav`, its MIDI in `MIDI/`, and `DEMO`.

    Args:
        rack: of the pack, with the pads of one kit.
        seed: of the pack.
        subtype: of the WAV files, such as "PCM_24".

    Returns:
        Paths of the files; none for a style that the pack has no drums for.
    """
    chosen = {style: pattern for style, pattern in draw_styles(seed).items() if _audible(rack, pattern)}
    loops = {_name(rack, style, pattern): play(rack, pattern, seed=seed) for style, pattern in chosen.items()}
    waves = {f"Loops/{name}.wav": loop for name, loop in loops.items()}
    if chosen:
        waves[DEMO] = play(rack, _with_fill(*next(iter(chosen.items()))), seed=seed)
    for path, loop in waves.items():
        (rack.folder / path).parent.mkdir(exist_ok=True)
        loop_files.write_wave(loop, rack.folder / path, subtype=subtype)
    notes = {f"MIDI/{name}.mid": loop_files.loop_midi(loop) for name, loop in loops.items()}
    return [*waves, *files.write_files(notes, rack.folder)]


def _audible(rack: Rack, pattern: Pattern) -> bool:
    """Tell whether the pack has a drum for any lane that is played."""
    pairs = zip(map_lanes(pattern, rack.pads), pattern.lanes, strict=True)
    return any(assignment.pad and any(step.velocity for step in lane.steps) for assignment, lane in pairs)


def _name(rack: Rack, style: str, pattern: Pattern) -> str:
    return f"{rack.name}_{pattern.tempo:.0f}_{style}"


def _with_fill(style: str, pattern: Pattern) -> Pattern:
    """Return the pattern twice, then its fill."""
    fill = styles.style(style).patterns[styles.FILL]
    return replace(arrange.concatenate(arrange.concatenate(pattern, pattern), fill), title=f"{style} demo")
