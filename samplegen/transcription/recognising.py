"""A loop told by the pack that played it: every hit is one of the pack's sounds, at a gain that tells its velocity."""

from typing import NamedTuple

from samplegen.audio import signals
from samplegen.audio.signals import Signal
from samplegen.errors import AudioError
from samplegen.sequencer.pad_mapping import name_of
from samplegen.sequencer.rack import Rack
from samplegen.sequencer.voices import velocity_of
from samplegen.transcription import atoms, matching
from samplegen.transcription.atoms import RATE
from samplegen.transcription.lanes import Stroke

STRANGE = 0.6  # unexplained, above which to warn: other packs leave 0.7 and more, a tape in between up to 0.46


class Played(NamedTuple):
    """What a pack played, drum by drum in the pack's order, and the share of the loop's energy that is not it, 0..1."""

    strokes: list[Stroke]
    unexplained: float


def listen(samples: Signal, rate: int, pack: Rack, *, around: bool) -> Played:
    """Find the sounds of a pack in a mono loop `(n,)`; with `around`, its end goes on with its start.

    Raises:
        AudioError: a sound of the pack that cannot be read, or none that is found.
    """
    loop, takes = signals.resample(samples, rate, RATE), atoms.takes(pack)
    found = matching.match(loop, takes, around=around)
    hits = sorted(found.hits, key=lambda hit: (hit.take, hit.time))
    if not hits:
        raise AudioError(f"none of the sounds of {pack.name} is in the loop; give the pack that played it, or none")
    names = [name_of(takes[hit.take].pad, pack.pads) for hit in hits]
    top = max(hit.gain for hit in hits)  # the loudest is told as the highest velocity of its layer
    velocities = [velocity_of(takes[hit.take].layer, hit.gain / top) for hit in hits]
    told = zip(hits, names, velocities, strict=True)
    return Played([Stroke(hit.time / RATE, name, velocity) for hit, name, velocity in told], found.left)
