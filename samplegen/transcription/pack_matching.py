"""A loop as a sum of a pack's sounds: which begin when, and how loud.

First as if it were nothing but that sum. Where much is left, something lies between the pack and the loop: a filter, a
machine, a codec. It is measured on the sounds that were found, others are found through it, and so on until nothing
new is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.errors import AudioError
from samplegen.sequencer.pad_mapping import name_of
from samplegen.sequencer.rack import Rack
from samplegen.sequencer.scheduling import velocity_of
from samplegen.transcription import atoms, matching_pursuit
from samplegen.transcription import channel as channels
from samplegen.transcription.atoms import RATE, MatchedHit, PackSample
from samplegen.transcription.channel import LEAD_SAMPLES, Channel
from samplegen.transcription.matching_pursuit import Circle, Scene
from samplegen.transcription.quantize import QuantizedHit

_MAX_ROUNDS = 16
_EXACT_UNEXPLAINED = 0.05  # energy left, below which nothing lies between the pack and the loop
_LOST_UNEXPLAINED = 0.3  # ... above which what was found is no good to measure by
_MIN_GAIN_POWER = (9 / 127) ** 2  # gain of the softest hit beside the loudest, about that of velocity 9 ...
_MIN_GAIN_POWER_THROUGH_CHANNEL = (
    14 / 127
) ** 2  # ... where a channel lies between, whose own faults sound like softer ones
_MIN_ROUND_GAIN = 0.02  # of the energy left, that a round without new hits has to win


@dataclass(frozen=True)
class Match:
    """Hits in order of time, and the share of the loop's energy that they leave unexplained, 0..1."""

    hits: list[MatchedHit]
    left: float


def match(loop: Signal, takes: Sequence[PackSample], *, around: bool) -> Match:
    """Find a pack's sounds in a loop `(n,)` at `RATE` Hz; with `around`, its end goes on with its start."""
    silence = 0 if around else max(len(take.samples) for take in takes)
    circle = Circle(np.pad(loop, (0, silence)), len(loop))
    plain = _pursue(_scene(circle, takes, channels.flat(), _MIN_GAIN_POWER))
    found = plain if plain.left < _EXACT_UNEXPLAINED else _through_channel(circle, takes, plain)
    hits = [hit._replace(time=(hit.time + LEAD_SAMPLES) % len(circle.samples)) for hit in found.hits]
    return Match([hit for hit in hits if hit.time < len(loop)], found.left)


def _pursue(scene: Scene) -> Match:
    """Rounds until one finds nothing more."""
    hits, rest = list[MatchedHit](), scene.loop.samples
    for _ in range(_MAX_ROUNDS):
        known = _identities(hits)
        hits, rest = matching_pursuit.step(scene, hits, rest)
        if _identities(hits) == known:
            break
    return Match(hits, scene.share(rest))


def _through_channel(loop: Circle, takes: Sequence[PackSample], found: Match) -> Match:
    """Rounds, the channel measured anew before each."""
    if found.left > _LOST_UNEXPLAINED:
        found = Match([], 1.0)
    for _ in range(_MAX_ROUNDS):
        scene = _scene(loop, takes, _channel(loop, takes, found.hits), _MIN_GAIN_POWER_THROUGH_CHANNEL)
        hits, rest = matching_pursuit.step(scene, *matching_pursuit.fit(scene, found.hits))
        before, found = found, Match(hits, scene.share(rest))
        if _identities(hits) <= _identities(before.hits) and found.left > (1 - _MIN_ROUND_GAIN) * before.left:
            break
    return found


def _identities(hits: Sequence[MatchedHit]) -> set[tuple[int, int]]:
    return {(hit.time, hit.take) for hit in hits}


def _channel(loop: Circle, takes: Sequence[PackSample], hits: Sequence[MatchedHit]) -> Channel:
    if not hits:
        return channels.from_spectra([take.samples for take in takes], loop.samples[: loop.length])
    bare = [atoms.Atom(np.pad(take.samples, LEAD_SAMPLES), 1.0) for take in takes]
    played = np.zeros_like(loop.samples)
    for hit, shape in zip(hits, atoms.hit_waveforms(hits, takes, bare, len(played)), strict=True):
        atoms.add(played, hit.time, shape, hit.gain)
    return channels.measure(played[: loop.length], loop.samples[: loop.length])


def _scene(loop: Circle, takes: Sequence[PackSample], channel: Channel, softest: float) -> Scene:
    return Scene(Circle(channel.weighed(loop.samples), loop.length), takes, atoms.atoms(takes, channel), softest)


WARN_UNEXPLAINED = 0.6  # unexplained, above which to warn: other packs leave 0.7 and more, a tape in between up to 0.46


class PackMatch(NamedTuple):
    """Hits of a pack, drum by drum in the pack's order, and the share of the loop's energy that they leave, 0..1."""

    hits: list[QuantizedHit]
    unexplained: float


def match_pack(samples: Signal, rate: int, pack: Rack, *, around: bool) -> PackMatch:
    """Find the sounds of a pack in a mono loop `(n,)`; with `around`, its end goes on with its start.

    Raises:
        AudioError: a sound of the pack that cannot be read, or none that is found.
    """
    loop, takes = signals.resample(samples, rate, RATE), atoms.pack_samples(pack)
    found = match(loop, takes, around=around)
    hits = sorted(found.hits, key=lambda hit: (hit.take, hit.time))
    if not hits:
        raise AudioError(f"none of the sounds of {pack.name} is in the loop; give the pack that played it, or none")
    names = [name_of(takes[hit.take].pad, pack.pads) for hit in hits]
    top = max(hit.gain for hit in hits)  # the loudest gets the highest velocity of its layer
    velocities = [velocity_of(takes[hit.take].layer, hit.gain / top) for hit in hits]
    named = zip(hits, names, velocities, strict=True)
    return PackMatch([QuantizedHit(hit.time / RATE, name, velocity) for hit, name, velocity in named], found.left)
