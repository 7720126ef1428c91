"""Sounds with their roles and takes, as generators make them and packs store them."""

from collections.abc import Mapping
from dataclasses import dataclass

from samplegen.arrays import Signal


@dataclass(frozen=True)
class Origin:
    """Origin of a pack: the command, model and seed that make it again, and the full text of its licence."""

    seed: int
    model: str
    model_hash: str
    command: str
    licence: str


@dataclass(frozen=True)
class Take:
    """One more sound `(n,)` of a drum: its velocity layer, 0 the loudest, and its round robin, 0 the first."""

    samples: Signal
    layer: int
    robin: int


@dataclass(frozen=True)
class Sound:
    """A finished mono sound `(n,)` in -1..1, its role, and further facts for the manifest (JSON values).

    It is the first take of the loudest layer; `takes` are the others, in any order, numbered without a gap. Their
    levels are kept: a kit has one gain for all layers of a drum.
    """

    samples: Signal
    role: str
    facts: Mapping[str, object]
    takes: tuple[Take, ...] = ()


Rank = tuple[int, int]  # velocity layer and round robin of a take


def samples_by_rank(sound: Sound) -> dict[Rank, Signal]:
    """Return all takes of a drum by their rank; the sound itself is the first take of the loudest layer."""
    return {(0, 0): sound.samples} | {(take.layer, take.robin): take.samples for take in sound.takes}
