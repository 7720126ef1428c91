"""One drum kit: pads, velocity layers, round robins. Notes are 0..127, middle C is 60, the kick 36.

Every format is written from this one model: a kit has pads, a pad has layers for soft to hard hits, a
layer has takes that are played in turn.

A role's first sound takes its General MIDI note and the next ones take its General MIDI siblings
(35 is a second kick, 40 a second snare), so that any drum track plays the right kind of drum.
The rest lie outside the General MIDI block, as near to their role's note as there is room.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from samplegen.errors import OptionError
from samplegen.kits.notemap import GENERAL_MIDI, NoteMap
from samplegen.roles import BY_NAME, INDEX

NOTES = range(21, 109)  # the 88 keys of a full keyboard, so that every pad can be reached
MOST_PADS = len(NOTES)
LOUDEST = 127  # velocity; the softest is 1, for 0 is a note's end
_GENERAL_MIDI = range(35, 83)  # where General MIDI tracks write their drums


@dataclass(frozen=True)
class Layer:
    """What sounds at the velocities `low`..`high` (1..127): `files` in turn, posix paths relative to the pack."""

    low: int
    high: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Pad:
    """One drum on one key: `choke` is the group that cuts it off, `layers` go from soft to hard and leave no gap.

    Its `name` is letters, digits, `_` and `-`, and no other pad of the pack has it: `"kick_lantern"`.
    """

    note: int
    role: str
    name: str
    choke: str | None
    layers: tuple[Layer, ...]

    @property
    def file(self) -> str:
        """The first take of the hardest hit: the drum where one file must do."""
        return self.layers[-1].files[0]

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the pad, from soft to hard, takes in the order in which they are played."""
        return tuple(file for layer in self.layers for file in layer.files)


@dataclass(frozen=True)
class Kit:
    """A named kit; its pads are in ascending order of their notes, each note once.

    Of several kits of one pack it is the `number`th, counted from 1; 0 is the only one.
    """

    name: str
    pads: tuple[Pad, ...]
    number: int = 0

    @property
    def suffix(self) -> str:
        """What tells its files from those of the pack's other kits: `"-2"`, nothing for an only one."""
        return f"-{self.number}" if self.number else ""

    @property
    def choke_numbers(self) -> dict[str | None, int]:
        """Its choke groups, numbered from 1 in alphabetical order."""
        return {choke: number for number, choke in enumerate(sorted({pad.choke for pad in self.pads if pad.choke}), 1)}

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the kit, pad by pad."""
        return tuple(file for pad in self.pads for file in pad.files)


Takes = Sequence[Sequence[str]]  # files of one drum: layers from soft to hard, in each the takes in turn


def layered(takes: Takes) -> tuple[Layer, ...]:
    """Layers that share the velocities 1..127 evenly, from soft to hard: three are 1..42, 43..84, 85..127.

    Raises:
        OptionError: no layer, one without a file, or more layers than velocities.
    """
    if not 1 <= len(takes) <= LOUDEST or not all(takes):
        raise OptionError(f"a pad needs 1 to {LOUDEST} velocity layers with a file in each")
    edges = [LOUDEST * step // len(takes) for step in range(len(takes) + 1)]
    return tuple(Layer(low + 1, high, tuple(files)) for low, high, files in zip(edges, edges[1:], takes, strict=False))


def ranked(takes: Mapping[tuple[int, int], str]) -> Takes:
    """Order the files of a drum: `{(layer, take): file}`, 0 being the loudest layer and the first take.

    Raises:
        OptionError: numbers that leave a gap.
    """
    layers = sorted({layer for layer, _ in takes}, reverse=True)
    rows = [[takes[key] for key in sorted(takes) if key[0] == layer] for layer in layers]
    expected = {
        (layer, take) for layer, row in zip(range(len(rows))[::-1], rows, strict=True) for take in range(len(row))
    }
    if odd := sorted(takes.keys() - expected):
        layer, take = odd[0]
        raise OptionError(f"its takes have a gap before layer {layer}, take {take}; both are counted 0, 1, 2, ...")
    return rows


def pad_of(note: int, role: str, takes: Takes, *, prefix: str) -> Pad:
    """The pad of one drum; its name is that of its file without the `prefix`."""
    name = PurePosixPath(takes[-1][0]).stem.removeprefix(prefix)
    return Pad(note, role, name, BY_NAME[role].choke, layered(takes))


def deal(roles: Sequence[str], files: Sequence[str | Takes], *, name: str, notes: NoteMap = GENERAL_MIDI) -> list[Kit]:
    """Lay sounds out on as few kits as hold them, `MOST_PADS` pads each at most.

    Args:
        roles: the role of each sound, a name of `samplegen.roles.ROLES`.
        files: the posix path of each sound, relative to the pack's folder, or its `Takes`.
        name: the name of a single kit; several are called `name-1`, `name-2`, ...
        notes: where each role goes, for all roles.

    Returns:
        Kits of equal size (+-1); a role of at least as many sounds as there are kits is in all of them.

    Raises:
        OptionError: an unknown role, or more roles than files or fewer.
    """
    if len(roles) != len(files):
        raise OptionError(f"{len(roles)} roles were given for {len(files)} files; each file needs one")
    if unknown := sorted(set(roles) - BY_NAME.keys()):
        raise OptionError(f"unknown role {unknown[0]!r}; the roles are {', '.join(INDEX)}")
    by_role = sorted(zip(roles, map(_takes, files), strict=True), key=lambda sound: INDEX[sound[0]])
    count = math.ceil(len(by_role) / MOST_PADS)
    numbers = range(1, count + 1) if count > 1 else range(count)
    kits = (Kit(f"{name}-{number}" if number else name, (), number) for number in numbers)
    return [replace(kit, pads=_pads(by_role[hand::count], notes, f"{name}_")) for hand, kit in enumerate(kits)]


def _takes(files: str | Takes) -> Takes:
    return ((files,),) if isinstance(files, str) else files


def _pads(sounds: Sequence[tuple[str, Takes]], notes: NoteMap, prefix: str) -> tuple[Pad, ...]:
    placed = zip(_notes([role for role, _ in sounds], notes), sounds, strict=True)
    pads = [pad_of(note, role, takes, prefix=prefix) for note, (role, takes) in placed]
    return tuple(sorted(pads, key=lambda pad: pad.note))


def _notes(roles: Sequence[str], notes: NoteMap) -> list[int]:
    """A different note for each: those of its role while they last, then what is free."""
    wishes = {role: iter(notes[role]) for role in set(roles)}
    wished = [next(wishes[role], None) for role in roles]
    free = set(NOTES) - set(wished)
    return [_take(free, role, notes) if note is None else note for note, role in zip(wished, roles, strict=True)]


def _take(free: set[int], role: str, notes: NoteMap) -> int:
    """Remove and return the free note nearest to the role's own, outside of General MIDI first."""
    home = (*notes[role], BY_NAME[role].note)[0]
    note = min(free, key=lambda note: (note in _GENERAL_MIDI, abs(note - home), note))
    free.remove(note)
    return note
