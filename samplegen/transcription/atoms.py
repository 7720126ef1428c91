"""The sounds of a pack as atoms of a loop: filtered, cut where they are choked, laid on the loop's circle.

Everything is mono at `RATE` Hz. An atom begins `LEAD_SAMPLES` samples before its sound, for filters ring to both sides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.kits.kit import Layer, Pad
from samplegen.sequencer.rack import Rack
from samplegen.sequencer.render import choke
from samplegen.transcription.channel import LEAD_SAMPLES, Channel

RATE = 44_100  # Hz at which waveforms are compared: some hats have all but nothing below 11 kHz
_MAX_SECONDS = 3.0  # seconds of a sound
_HEAD_SECONDS = 0.2  # by which a sound is matched and its gain is measured
_SIMULTANEOUS_SECONDS = 0.01  # seconds between two hits of a choke group that ring together
_TAIL_ENERGY = 1e-6  # of its energy, that a sound's end may lack


class PackSample(NamedTuple):
    """One file of a pad, of the layer that it sounds for."""

    pad: Pad
    layer: Layer
    samples: Signal


class MatchedHit(NamedTuple):
    """A sound in the loop: the sample at which it begins, the number of its take, and its gain."""

    time: int
    take: int
    gain: float


@dataclass(frozen=True)
class Atom:
    """A take as the loop's channel passes it, `(n,)`, and the energy of its head."""

    samples: Signal
    energy: float

    @property
    def head(self) -> Signal:
        """Return the head, by which the sound is recognised."""
        return self.samples[: _head()]


def pack_samples(rack: Rack) -> list[PackSample]:
    """Every file of a pack once a pad. Raises `AudioError` where one cannot be read."""
    return [
        PackSample(pad, layer, _trim_tail(signals.resample(rack.sound(file), rack.rate, RATE)))
        for pad in rack.pads
        for layer in pad.layers
        for file in dict.fromkeys(layer.files)
    ]


def atoms(sources: Sequence[PackSample], channel: Channel) -> list[Atom]:
    """Takes through a channel."""
    passed = [channel.passed(take.samples) for take in sources]
    return [Atom(samples, float(np.sum(samples[: _head()] ** 2)) + 1e-12) for samples in passed]


def hit_waveforms(
    hits: Sequence[MatchedHit], sources: Sequence[PackSample], atoms: Sequence[Atom], length: int
) -> Iterator[Signal]:
    """Yield the sound of each hit at gain 1 on a circle of `length` samples, up to the next of its choke group."""
    for hit in hits:
        samples, group = atoms[hit.take].samples[:length], sources[hit.take].pad.choke
        rivals = [
            (other.time - hit.time) % length for other in hits if group and sources[other.take].pad.choke == group
        ]
        stop = min((after for after in rivals if after > _SIMULTANEOUS_SECONDS * RATE), default=length) + LEAD_SAMPLES
        yield choke(samples, stop, RATE)


def add(circle: Signal, at: int, samples: Signal, gain: float) -> None:
    """Add samples to a circle in place, no longer than it."""
    there = min(len(samples), len(circle) - at)
    circle[at : at + there] += np.float32(gain) * samples[:there]
    circle[: len(samples) - there] += np.float32(gain) * samples[there:]


def window(circle: Signal, at: int, length: int) -> Signal:
    """`length` samples of a circle from one on."""
    there = circle[at : at + length]
    return there if len(there) == length else np.concatenate([there, circle[: length - len(there)]])


def _head() -> int:
    return LEAD_SAMPLES + round(_HEAD_SECONDS * RATE)


def _trim_tail(samples: Signal) -> Signal:
    """A sound without what is too soft to matter at its end."""
    samples = samples[: round(_MAX_SECONDS * RATE)]
    rest = np.cumsum(samples[::-1] ** 2, dtype=np.float64)[::-1]
    return samples[: max(1, int(np.searchsorted(-rest, -_TAIL_ENERGY * rest[0])))]
