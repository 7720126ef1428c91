"""A drum loop as a pattern: tempo, grid, what is struck at each step, when exactly and how hard."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen import audio, loops
from samplegen.audio import Signal
from samplegen.errors import AudioError, OptionError
from samplegen.roles import ROLES
from samplegen.sequencer.pattern import REST, TEMPOS, Lane, Pattern, Step
from samplegen.transcription import grid as grids
from samplegen.transcription import tempo as tempi
from samplegen.transcription.features import RATE, folded
from samplegen.transcription.grid import Grid, Times
from samplegen.transcription.listening import Struck, Table, listen

LONGEST = 60.0  # seconds that are listened to
FEWEST = 2  # hits
_SURE = 0.55  # odds from which a drum is struck ...
_ALONE = 0.5  # ... and one at least where no onset says that something is ...
_AT_ONSET = 0.05  # ... or does say so: what is missed would leave a step empty
_BESIDE = 0.03  # seconds; a step without an onset so near is listened to on its own
_EXACT = 0.03  # steps beside the grid below which a hit lies on it
_UNSURE = 0.3  # of a tempo


@dataclass(frozen=True)
class Transcription:
    """What was heard in `seconds` of sound: a pattern, how sure its tempo is (0..1), and the tempo's rival.

    `whole` says that the sound is a loop of whole bars; `warnings` what is doubtful or was left out.
    """

    pattern: Pattern
    seconds: float
    sureness: float
    rival: float
    onsets: int
    whole: bool
    warnings: tuple[str, ...]


def transcribe(path: Path | str, *, bpm: float | None = None) -> Transcription:
    """Tempo and pattern of a drum loop, or of the first `LONGEST` seconds of a drum track.

    Raises:
        AudioError: unreadable, silent, too short, or fewer than two hits.
        OptionError: a tempo that no pattern can have.
    """
    samples, rate = audio.read(path)
    return of_samples(samples, rate, bpm=bpm, name=str(path))


def of_samples(samples: Signal, rate: int, *, bpm: float | None = None, name: str = "the sound") -> Transcription:
    """The same of mono samples `(n,)`; `name` is what errors call them."""
    if bpm is not None and not TEMPOS[0] <= bpm <= TEMPOS[1]:
        raise OptionError(f"the tempo is {bpm:g}; choose {TEMPOS[0]:g} to {TEMPOS[1]:g} bpm")
    whole_seconds = len(samples) / rate
    heard = folded(samples[: round(LONGEST * rate)], rate)
    seconds = min(whole_seconds, LONGEST)
    if seconds < tempi.LEAST_SECONDS:
        raise AudioError(f"{name} lasts {seconds:.2f} s; a loop of at least {tempi.LEAST_SECONDS:g} s can be told")
    onsets = loops.onsets(heard, RATE) / RATE
    if len(onsets) < FEWEST:
        raise AudioError(f"{name} has {len(onsets)} hits; a rhythm takes at least {FEWEST}")
    found = tempi.Tempo(bpm, 1.0, bpm) if bpm else tempi.estimate(heard)
    grid = grids.fit(onsets, seconds, found.bpm)
    pattern = _pattern(heard, onsets, grid, seconds)
    warnings = list(_doubts(found, whole_seconds))
    if pattern is None:
        raise AudioError(f"no drums are heard in {name}; give a loop or track of drums")
    beats = grids.whole_beats(seconds, found.bpm)
    return Transcription(pattern, seconds, found.sureness, found.rival, len(onsets),
                         beats is not None and beats == pattern.beats, tuple(warnings))  # fmt: skip


def _doubts(found: tempi.Tempo, seconds: float) -> Iterator[str]:
    if seconds > LONGEST:
        yield f"only the first {LONGEST:g} of {seconds:.0f} s were listened to; cut out the part that you want"
    if found.sureness < _UNSURE:
        yield f"the tempo is not sure: {found.bpm:.1f} bpm, or {found.rival:.1f}; --bpm decides"


def _pattern(heard: Signal, onsets: Times, grid: Grid, seconds: float) -> Pattern | None:
    """What is struck at every step, as a pattern; None if nothing is."""
    meter = grids.meter(grids.whole_beats(seconds, grid.bpm))
    steps = grid.per_beat * meter[0]
    bars = max(1, ceil(seconds * grid.bpm / 60 / meter[0] - 0.02))
    count = bars * steps
    moments = _moments(onsets, grid, count, seconds)
    at_onset = np.isin(moments, onsets)
    heard_at = listen(heard, np.maximum(moments, 0), at_onset, grid.bpm)
    struck = Struck(_sure(heard_at.odds, at_onset), heard_at.levels)
    places = grids.nearest(grid, moments, count)
    offsets = (moments - grid.times(count + 1)[places]) / grid.step + grid.origin / grid.step
    lanes = tuple(_lanes(struck, places, offsets, count))
    return Pattern(lanes, "", round(grid.bpm, 4), meter, steps, grid.swing, grid.swing_grid, bars) if lanes else None


def _sure(odds: Table, onset: NDArray[np.bool_]) -> Table:
    """The odds of what is struck, 0 elsewhere: at moments at which anything is, all that is sure, and the likeliest."""
    highest = odds.max(axis=1, keepdims=True)
    something = highest >= np.where(onset, _AT_ONSET, _ALONE)[:, None]
    kept: Table = odds * (something & ((odds >= _SURE) | (odds == highest)))
    return kept


def _moments(onsets: Times, grid: Grid, count: int, seconds: float) -> Times:
    """Onsets, and the steps of the grid that have none beside them."""
    steps = grid.times(count)
    steps = steps[steps < seconds - _BESIDE]
    alone = np.abs(steps[:, None] - onsets).min(axis=1) > _BESIDE
    return np.sort(np.concatenate([onsets, steps[alone]]))


def _lanes(struck: Struck, places: NDArray[np.int64], offsets: Times, count: int) -> Iterator[Lane]:
    """A lane for each role that is struck."""
    for role, name in enumerate(ROLES):
        moments = np.flatnonzero(struck.odds[:, role])
        steps = [REST] * count
        for moment in moments:
            step = _step(float(struck.levels[moment, role]), float(offsets[moment]))
            place = int(places[moment]) % count
            if step.velocity > steps[place].velocity:
                steps[place] = step
        if len(moments):
            yield Lane(name, tuple(steps))


def _step(level: float, offset: float) -> Step:
    late = round(min(max(offset, -1.0), 1.0), 2)
    return Step(min(127, max(1, round(127 * level))), offset=late if abs(late) >= _EXACT else 0.0)
