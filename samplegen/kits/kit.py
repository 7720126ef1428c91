"""The kit model: a kit has pads, a pad has velocity layers, a layer has takes that are played in turn (round robin).

Every sampler format is written from this one model. Notes are 0..127, middle C is 60, the kick is 36.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_VELOCITY = 127  # of MIDI; the softest is 1, because 0 is the end of a note

Takes = Sequence[Sequence[str]]  # files of one drum: layers from soft to hard, in each the takes in turn


@dataclass(frozen=True)
class Layer:
    """One velocity layer: it sounds at `low`..`high` (1..127).

    `files` are played in turn; they are posix paths relative to the pack.
    """

    low: int
    high: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Pad:
    """One drum on one key.

    `choke` is the group that cuts it off. `layers` go from soft to hard and leave no gap. `name` has letters, digits,
    `_` and `-`, and is unique in the pack: `"kick_lantern"`.
    """

    note: int
    role: str
    name: str
    choke: str | None
    layers: tuple[Layer, ...]

    @property
    def file(self) -> str:
        """First take of the hardest layer: the drum where one file must do."""
        return self.layers[-1].files[0]

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the pad, from soft to hard, takes in the order in which they are played."""
        return tuple(file for layer in self.layers for file in layer.files)


@dataclass(frozen=True)
class Kit:
    """A named kit; its pads are in ascending order of their notes, each note once.

    `number` is its place among several kits of one pack, counted from 1; 0 is the only one.
    """

    name: str
    pads: tuple[Pad, ...]
    number: int = 0

    @property
    def suffix(self) -> str:
        """Ending that tells its files from those of the pack's other kits: `"-2"`, or nothing for an only one."""
        return f"-{self.number}" if self.number else ""

    @property
    def choke_numbers(self) -> dict[str | None, int]:
        """Number of each choke group, from 1 in alphabetical order."""
        return {choke: number for number, choke in enumerate(sorted({pad.choke for pad in self.pads if pad.choke}), 1)}

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the kit, pad by pad."""
        return tuple(file for pad in self.pads for file in pad.files)
