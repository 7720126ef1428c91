"""A sample pack on disk: WAVs, kits, MIDI, licence and a manifest, the same bytes for the same input.

Its folder holds `pack.json`, a page `index.html`, `LICENSE.txt`, `Previews/`, three `Loops/` with their `MIDI/`, for
each role a folder with `One_Shots/Kick/NAME_kick_WORD.wav`, and what formats make of the kit: `Kits/NAME.sfz`,
`pads/`. Several kits are numbered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from samplegen.audio.signals import Signal


@dataclass(frozen=True)
class Origin:
    """Where a pack comes from: what remakes it, and the full text of its licence."""

    seed: int
    model: str
    model_hash: str
    command: str
    licence: str


@dataclass(frozen=True)
class Take:
    """One more sound `(n,)` of a drum: its velocity layer, 0 the loudest, and its place in turn, 0 the first."""

    samples: Signal
    layer: int
    robin: int


@dataclass(frozen=True)
class Sound:
    """A finished mono sound `(n,)` in -1..1, its role, and what else the manifest shall say of it (JSON values).

    It is the first take of the loudest layer; `takes` are the others, in any order, numbered without a gap. Their
    levels are kept as they are: a kit has one gain for all layers of a drum.
    """

    samples: Signal
    role: str
    facts: Mapping[str, object]
    takes: tuple[Take, ...] = ()


Rank = tuple[int, int]  # velocity layer and place in turn of a take


def samples_by_rank(sound: Sound) -> dict[Rank, Signal]:
    """All takes of a drum, the sound itself as the first of the loudest layer."""
    return {(0, 0): sound.samples} | {(take.layer, take.robin): take.samples for take in sound.takes}
