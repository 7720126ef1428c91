"""One drum kit: which sound lies on which MIDI note. Notes are 0..127, middle C is 60, the kick 36.

A role's first sound takes its General MIDI note and the next ones take its General MIDI siblings
(35 is a second kick, 40 a second snare), so that any drum track plays the right kind of drum.
The rest lie outside the General MIDI block, as near to their role's note as there is room.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from samplegen.errors import OptionError
from samplegen.roles import BY_NAME, INDEX

NOTES = range(21, 109)  # the 88 keys of a full keyboard, so that every pad can be reached
MOST_PADS = len(NOTES)
_GENERAL_MIDI = range(35, 83)  # where General MIDI tracks write their drums

# Disjoint from each other and from the roles' own notes, so no role can take another's place.
_SIBLINGS: dict[str, tuple[int, ...]] = {
    "kick": (35,),  # acoustic bass drum
    "snare": (40,),  # electric snare
    "low-tom": (43, 41),  # high and low floor tom
    "mid-tom": (48,),  # hi-mid tom
    "crash": (57, 55, 52),  # crash 2, splash, china
    "ride": (59, 53),  # ride 2, ride bell
    "shaker": (70, 69),  # maracas, cabasa
    "perc": (76, 77, 60, 61, 62, 63, 64, 65, 66, 67, 68, 73, 74, 78, 79, 80, 81, 58),  # blocks to vibraslap
}


@dataclass(frozen=True)
class Pad:
    """One sound on one key: `file` is a posix path relative to the pack, `choke` the group that cuts it off."""

    note: int
    role: str
    file: str
    choke: str | None


@dataclass(frozen=True)
class Kit:
    """A named kit; its pads are in ascending order of their notes, each note once."""

    name: str
    pads: tuple[Pad, ...]


def deal(roles: Sequence[str], files: Sequence[str], *, name: str) -> list[Kit]:
    """Lay sounds out on as few kits as hold them, `MOST_PADS` pads each at most.

    Args:
        roles: the role of each sound, a name of `samplegen.roles.ROLES`.
        files: the posix path of each sound, relative to the pack's folder.
        name: the name of a single kit; several are called `name-1`, `name-2`, ...

    Returns:
        Kits of equal size (+-1); a role of at least as many sounds as there are kits is in all of them.

    Raises:
        OptionError: an unknown role, or more roles than files or fewer.
    """
    if len(roles) != len(files):
        raise OptionError(f"{len(roles)} roles were given for {len(files)} files; each file needs one")
    if unknown := sorted(set(roles) - BY_NAME.keys()):
        raise OptionError(f"unknown role {unknown[0]!r}; the roles are {', '.join(INDEX)}")
    by_role = sorted(zip(roles, files, strict=True), key=lambda sound: INDEX[sound[0]])
    count = math.ceil(len(by_role) / MOST_PADS)
    names = [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]
    return [_kit(kit, by_role[hand::count]) for hand, kit in enumerate(names)]


def _kit(name: str, sounds: Sequence[tuple[str, str]]) -> Kit:
    notes = _notes([role for role, _ in sounds])
    pads = [Pad(note, role, file, BY_NAME[role].choke) for note, (role, file) in zip(notes, sounds, strict=True)]
    return Kit(name, tuple(sorted(pads, key=lambda pad: pad.note)))


def _notes(roles: Sequence[str]) -> list[int]:
    """A different note for each: its role's own and sibling notes while they last, then what is free."""
    wishes = {role: iter((BY_NAME[role].note, *_SIBLINGS.get(role, ()))) for role in set(roles)}
    wished = [next(wishes[role], None) for role in roles]
    free = set(NOTES) - set(wished)
    return [_take(free, role) if note is None else note for note, role in zip(wished, roles, strict=True)]


def _take(free: set[int], role: str) -> int:
    """Remove and return the free note nearest to the role's own, outside of General MIDI first."""
    home = BY_NAME[role].note
    note = min(free, key=lambda note: (note in _GENERAL_MIDI, abs(note - home), note))
    free.remove(note)
    return note
