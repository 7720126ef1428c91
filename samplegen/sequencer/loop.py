"""Loops: a pattern played by a pack, as sound and notes."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio.lofi import apply_lofi
from samplegen.audio.lofi_presets import Preset
from samplegen.errors import OptionError, PatternError
from samplegen.sequencer import rack, render
from samplegen.sequencer.pad_mapping import PadAssignment, map_lanes
from samplegen.sequencer.pattern import Pattern
from samplegen.sequencer.scheduling import beats_to_frames
from samplegen.sequencer.timing import Hit, events

MAX_LOOP_SECONDS = 600.0  # 10 minutes: 200 MB of audio in stereo


@dataclass(frozen=True)
class Loop:
    """Played pattern: `samples` are `(frames,)` or `(frames, 2)` float32 at `rate` Hz, `stems` by the index of a lane.

    `assignments` says for every lane which pad plays it; `warnings` what the pack could not play as it is written.
    """

    samples: Signal
    rate: int
    pack: str
    pattern: Pattern
    repeat: int
    humanize: float
    hits: tuple[Hit, ...]
    assignments: tuple[PadAssignment, ...]
    stems: dict[int, Signal]
    warnings: tuple[str, ...]

    @property
    def bar_frames(self) -> list[int]:
        """First sample of every bar."""
        count = self.repeat * self.pattern.bars
        return [beats_to_frames(bar * self.pattern.bar, self.pattern.tempo, self.rate) for bar in range(count)]


def sequence(  # noqa: PLR0913
    pack: Path | str,
    pattern: Pattern,
    *,
    repeat: int = 1,
    humanize: float = 0.0,
    tail: str = "wrap",
    stems: bool = False,
    seed: int = 0,
) -> Loop:
    """Play a pattern with the sounds of a pack.

    Args:
        pack: the pack's folder.
        pattern: what to play; lanes without a sound in the pack are played by the nearest drum, or not at all.
        repeat: how many times.
        humanize: 0 (exact) to 1.
        tail: treatment of sounds that outlast the loop: "wrap" adds them to its start, so that it can go round;
            "append" lets them ring out after it, "cut" fades them at its end.
        stems: keep the sound of every lane.
        seed: decides chances and humanising.

    Returns:
        Loop; with "wrap" and "cut" it lasts exactly `round(bars * beats * 60 / tempo * rate)` samples.

    Raises:
        PatternError: nothing to play, or too much of it.
        DataError, AudioError: a pack or sound that cannot be read.
        OptionError: an unknown tail.

    Example:
        >>> import samplegen
        >>> loop = samplegen.sequence("packs/starter", samplegen.style_pattern("house"), repeat=2)
        >>> loop.rate, len(loop.bar_frames)
        (44100, 4)
    """
    return play(rack.load(pack), pattern, repeat=repeat, humanize=humanize, tail=tail, stems=stems, seed=seed)


def play(  # noqa: PLR0913
    sounds: rack.Rack,
    pattern: Pattern,
    *,
    repeat: int = 1,
    humanize: float = 0.0,
    tail: str = "wrap",
    stems: bool = False,
    seed: int = 0,
) -> Loop:
    """Play a pattern with the sounds of an open pack; arguments and errors are those of `sequence`."""
    if tail not in render.TAILS:
        raise OptionError(f"unknown tail {tail!r}; choose {', '.join(render.TAILS)}")
    seconds = repeat * pattern.beats * 60 / pattern.tempo
    if seconds > MAX_LOOP_SECONDS:
        raise PatternError(
            f"this would last {seconds / 60:.1f} minutes; up to {MAX_LOOP_SECONDS / 60:.0f} can be played, with fewer "
            "bars or repeats"
        )
    hits = events(pattern, repeat=repeat, humanize=humanize, seed=seed, wrap=tail == "wrap")
    if not hits:
        raise PatternError("the pattern holds nothing but rests; give it a hit, as in kick x...x...")
    assignments = map_lanes(pattern, sounds.pads)
    mix = render.render(pattern, hits, assignments, sounds, repeat=repeat, tail=tail, stems=stems)
    warnings = tuple(assignment.warning for assignment in assignments if assignment.warning)
    return Loop(
        mix.samples, sounds.rate, sounds.name, pattern, repeat, humanize, hits, assignments, mix.stems, warnings
    )


def lofi_loop(loop: Loop, preset: str | Preset, *, seed: int = 0) -> Loop:
    """Play a loop through a lo-fi preset, at the same peak and length; both channels share noise and speed.

    Raises:
        OptionError: an unknown preset.
    """
    sides = np.atleast_2d(loop.samples.T)
    played = [apply_lofi(side, loop.rate, preset, seed=seed) for side in sides]
    return replace(loop, samples=played[0] if len(played) == 1 else np.stack(played, axis=1))
