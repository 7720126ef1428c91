"""Schedule of a loop: the sound, first sample, gain and end of every hit."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from samplegen.kits.kit import MAX_VELOCITY, Layer, Pad
from samplegen.sequencer.pad_mapping import PadAssignment
from samplegen.sequencer.pattern import Pattern
from samplegen.sequencer.timing import Hit


class Playback(NamedTuple):
    """One sound in the loop: its first frame, lane, file, gain, and the frame at which another one chokes it."""

    frame: int
    lane: int
    file: str
    gain: float
    stop: int | None


def beats_to_frames(beats: float, tempo: float, rate: int) -> int:
    """Convert beats to samples."""
    return round(beats * 60 / tempo * rate)


def layer_of(pad: Pad, velocity: int) -> Layer:
    """Return the layer of a pad that sounds at a velocity."""
    return next(layer for layer in pad.layers if velocity <= layer.high)


def gain_of(layer: Layer, velocity: int) -> float:
    """Return the gain of a layer at a velocity as in SFZ players: a curve, but a line for all but the loudest layer."""
    return (velocity / layer.high) ** _power(layer)


def velocity_of(layer: Layer, gain: float) -> int:
    """Return the velocity within a layer at which `gain_of` comes nearest to a gain."""
    return min(max(round(layer.high * gain ** (1 / _power(layer))), layer.low), layer.high)


def _power(layer: Layer) -> int:
    return 2 if layer.high == MAX_VELOCITY else 1


def schedule(  # noqa: PLR0913
    pattern: Pattern, hits: Sequence[Hit], assignments: Sequence[PadAssignment], rate: int, length: int, *, wrap: bool
) -> list[Playback]:
    """Schedule the playbacks of all hits in order of time: layers by velocity, takes in turn, chokes by group.

    With `wrap`, the first hit of a group also chokes the last one of the round before.
    """
    turns: dict[str, int] = defaultdict(int)
    planned: list[tuple[Playback, str | None]] = []
    for hit in hits:
        pad, frame = assignments[hit.lane].pad, beats_to_frames(hit.beat, pattern.tempo, rate)
        if pad:
            layer, at = layer_of(pad, hit.velocity), frame % length if wrap else min(frame, length - 1)
            playback = Playback(at, hit.lane, _take(layer, turns), gain_of(layer, hit.velocity), None)
            planned.append((playback, pad.choke))
    planned.sort(key=lambda pair: pair[0].frame)
    groups = {group for _, group in planned if group}
    onsets = {group: [playback.frame for playback, own in planned if own == group] for group in groups}
    stops = {group: _stops(onsets[group], length, wrap=wrap) for group in groups}
    return [
        playback._replace(stop=stops[group].get(playback.frame)) if group else playback for playback, group in planned
    ]


def _take(layer: Layer, turns: dict[str, int]) -> str:
    """Return the file whose turn it is; turns are counted by a layer's first file."""
    turn = turns[layer.files[0]]
    turns[layer.files[0]] += 1
    return layer.files[turn % len(layer.files)]


def _stops(onsets: Sequence[int], length: int, *, wrap: bool) -> dict[int, int]:
    """Return the frame at which each playback is choked by its first frame; simultaneous ones ring together."""
    places = sorted(set(onsets))
    return dict(pairwise([*places, places[0] + length] if wrap else places))
