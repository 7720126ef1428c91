"""Rendering of hits to audio, exact to the sample: layers and takes, chokes, tails, level and pan.

A track is mono `(frames,)`, a mix `(frames,)` or, where a lane is panned, `(frames, 2)`; all float32.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.errors import AudioError
from samplegen.sequencer.pad_mapping import PadAssignment
from samplegen.sequencer.pattern import Lane, Pattern
from samplegen.sequencer.rack import Rack
from samplegen.sequencer.scheduling import Playback, beats_to_frames, schedule
from samplegen.sequencer.timing import Hit

CHOKE_SECONDS = 0.005  # in which a choked sound fades
CUT_SECONDS = 0.005  # in which everything fades before a cut
MIX_PEAK = 10 ** (-1 / 20)  # of a mix


@dataclass(frozen=True)
class Mix:
    """Rendered mix, and the stem of every lane that sounds; the stems add up to the mix."""

    samples: Signal
    stems: dict[int, Signal]


def render(  # noqa: PLR0913
    pattern: Pattern,
    hits: Sequence[Hit],
    assignments: Sequence[PadAssignment],
    rack: Rack,
    *,
    repeat: int,
    tail: str,
    stems: bool,
) -> Mix:
    """Play hits with the pads of a pack.

    Args:
        pattern: lanes, tempo, and with `repeat` the loop's length.
        hits: those of `timing.events`, all inside the loop.
        assignments: one for each lane.
        rack: where the pads' files are read.
        repeat: how many times the pattern lasts.
        tail: a key of `TAILS`.
        stems: keep them.

    Returns:
        The mix, its peak at -1 dBFS, and with `stems` the stems at the same gain.

    Raises:
        AudioError: a file that cannot be read, or nothing that sounds.
    """
    length = beats_to_frames(repeat * pattern.beats, pattern.tempo, rack.rate)
    playbacks = schedule(pattern, hits, assignments, rack.rate, length, wrap=tail == "wrap")
    end = max([length, *(playback.frame + len(rack.sound(playback.file)) for playback in playbacks)])
    stereo = any(lane.pan for lane in pattern.lanes)
    mix, kept = np.zeros(0, np.float32), dict[int, Signal]()
    for index, lane in enumerate(pattern.lanes):
        own = [playback for playback in playbacks if playback.lane == index]
        if own:
            stem = _panned(TAILS[tail](mix_track(own, rack, end), length, rack.rate), lane, stereo=stereo)
            mix = np.add(mix, stem, out=mix) if len(mix) else stem.copy()
            kept |= {index: stem} if stems else {}
    return _levelled(mix, kept)


def mix_track(playbacks: Sequence[Playback], rack: Rack, end: int) -> Signal:
    """Mix playbacks, with the tails of their sounds, `(end,)`."""
    mixed = np.zeros(end, np.float32)
    for playback in playbacks:
        sound = rack.sound(playback.file)
        sound = sound if playback.stop is None else choke(sound, playback.stop - playback.frame, rack.rate)
        mixed[playback.frame : playback.frame + len(sound)] += sound * np.float32(playback.gain)
    return mixed


def choke(sound: Signal, held: int, rate: int) -> Signal:
    """Return a sound that is choked after `held` samples, with a ramp from there."""
    ramp = max(1, round(CHOKE_SECONDS * rate))
    if held >= len(sound):
        return sound
    cut = sound[: held + ramp].copy()
    cut[held:] *= np.linspace(1, 0, ramp, endpoint=False, dtype=np.float32)[: len(cut) - held]
    return cut


def _wrapped(track: Signal, length: int, _: int) -> Signal:
    """Add the part after the end to the start, as often as it goes round."""
    loop = track[:length].copy()
    for start in range(length, len(track), length):
        rest = track[start : start + length]
        loop[: len(rest)] += rest
    return loop


def _cut(track: Signal, length: int, rate: int) -> Signal:
    """Fade out before the end."""
    loop = track[:length].copy()
    ramp = min(length, round(CUT_SECONDS * rate))
    if ramp:
        loop[-ramp:] *= np.linspace(1, 0, ramp, dtype=np.float32)
    return loop


TAILS: dict[str, Callable[[Signal, int, int], Signal]] = {  # what becomes of sounds that outlast the loop
    "wrap": _wrapped,
    "append": lambda track, _, __: track,
    "cut": _cut,
}


def _panned(track: Signal, lane: Lane, *, stereo: bool) -> Signal:
    """Return a track at its level; in stereo `(frames, 2)` at constant power, in the middle as loud as in mono."""
    level = 10 ** (lane.level / 20)
    if not stereo:
        return track * np.float32(level)
    angle = (lane.pan + 1) * np.pi / 4
    gains = np.float32(level * np.sqrt(2)) * np.array([np.cos(angle), np.sin(angle)], np.float32)
    return np.multiply.outer(gains, track).T  # one channel after the other in memory, which is faster


def _levelled(mix: Signal, stems: dict[int, Signal]) -> Mix:
    """Scale mix and stems so that the mix peaks at -1 dBFS."""
    loudest = signals.peak(mix)
    if loudest < signals.SILENCE_PEAK:
        raise AudioError(
            "nothing in this pattern sounds with this pack; give it hits, and lanes that the pack can play"
        )
    gain = np.float32(MIX_PEAK / loudest)
    return Mix(mix * gain, {index: stem * gain for index, stem in stems.items()})
