"""Packs in memory of the sounds of drum machines, on which transcription is measured.

Two ways: a sound drawn for each role from all machines, and whole machines, each as its maker meant its drums to sound
together. Machines of which the listener's training sounds hold a recording are no whole packs here.
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.common import MACHINES
from samplegen.arrays import Signal
from samplegen.audio import onsets, reading, signals
from samplegen.kits.kit import Layer, Pad
from samplegen.roles import BY_NAME, ROLES
from samplegen.sequencer import rack

_KNOWN = {  # machines that are recorded in `shared/data/drums` too
    "linndrum", "rolandtr808", "rolandcompurhythm78", "rolandtr505", "sequentialcircuitsdrumtracks",
    "rolandcompurhythm8000", "casiorz1", "univoxmicrorhythmer12",
}  # fmt: skip
_MOST = 12  # roles that a whole machine has at least


class Machines(rack.Rack):
    """A pack in memory: one sound of drum machines for each role that they have."""

    def sound(self, file: str) -> Signal:
        """The samples of a file, from its onset."""
        samples, _ = reading.read_audio(file, self.rate)
        return samples[onsets.find_onset(samples, self.rate) :] / signals.peak(samples)


def drawn(seed: int) -> Machines:
    """A pack of one sound a role, of any machine."""
    return _pack(seed, lambda _: True)


def whole(machine: str) -> Machines:
    """A pack of one sound a role, of one machine."""
    return _pack(0, lambda path: _machine(path) == machine)


def names() -> list[str]:
    """The machines that make whole packs."""
    roles = defaultdict(set)
    for path in MACHINES.glob("*/*.flac"):
        roles[_machine(path)].add(path.parent.name)
    return sorted(machine for machine, has in roles.items() if len(has) >= _MOST and machine not in _KNOWN)


def _machine(path: Path) -> str:
    return path.stem.partition("_")[0]


def _pack(seed: int, fits: Callable[[Path], bool]) -> Machines:
    rng, pads = np.random.default_rng(seed), []
    for role in ROLES:
        files = [path for path in sorted((MACHINES / role).glob("*.flac")) if fits(path)]
        if files:
            layer = Layer(1, 127, (str(files[rng.integers(len(files))]),))
            pads.append(Pad(BY_NAME[role].note, role, role, BY_NAME[role].choke, (layer,)))
    return Machines(MACHINES, "machines", 44_100, tuple(pads))
