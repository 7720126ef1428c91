"""Kit layout: which note each sound takes, and which velocities each layer takes.

The first sound of a role takes its General MIDI note. The next ones take its General MIDI siblings (35 is a second
kick, 40 a second snare), so that any drum track plays the right kind of drum. The rest lie outside the General MIDI
block, as near to the note of their role as there is room.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from samplegen.errors import OptionError
from samplegen.kits.kit import MAX_VELOCITY, Kit, Layer, Pad, Takes
from samplegen.roles import BY_NAME, GENERAL_MIDI, INDEX, NoteMap

KEYBOARD_NOTES = range(21, 109)  # the 88 keys of a full keyboard, so that every pad can be reached
MAX_PADS = len(KEYBOARD_NOTES)
_GENERAL_MIDI_NOTES = range(35, 83)  # where General MIDI tracks write their drums


def split_velocities(takes: Takes) -> tuple[Layer, ...]:
    """Return layers that share the velocities 1..127 evenly, from soft to hard: three are 1..42, 43..84, 85..127.

    Raises:
        OptionError: no layer, one without a file, or more layers than velocities.
    """
    if not 1 <= len(takes) <= MAX_VELOCITY or not all(takes):
        raise OptionError(f"a pad needs 1 to {MAX_VELOCITY} velocity layers with a file in each")
    edges = [MAX_VELOCITY * step // len(takes) for step in range(len(takes) + 1)]
    return tuple(Layer(low + 1, high, tuple(files)) for low, high, files in zip(edges, edges[1:], takes, strict=False))


def order_takes(takes: Mapping[tuple[int, int], str]) -> Takes:
    """Order the files of a drum, `{(layer, take): file}`; 0 is the loudest layer and the first take.

    Raises:
        OptionError: numbers that leave a gap.
    """
    layers = sorted({layer for layer, _ in takes}, reverse=True)
    rows = [[takes[key] for key in sorted(takes) if key[0] == layer] for layer in layers]
    expected = {
        (layer, take) for layer, row in zip(range(len(rows))[::-1], rows, strict=True) for take in range(len(row))
    }
    if unexpected := sorted(takes.keys() - expected):
        layer, take = unexpected[0]
        raise OptionError(f"its takes have a gap before layer {layer}, take {take}; both are counted 0, 1, 2, ...")
    return rows


def make_pad(note: int, role: str, takes: Takes, *, prefix: str) -> Pad:
    """Return the pad of one drum; its name is the stem of its file without the `prefix`."""
    name = PurePosixPath(takes[-1][0]).stem.removeprefix(prefix)
    return Pad(note, role, name, BY_NAME[role].choke, split_velocities(takes))


def lay_out_kits(
    roles: Sequence[str], files: Sequence[str | Takes], *, name: str, notes: NoteMap = GENERAL_MIDI
) -> list[Kit]:
    """Lay sounds out on as few kits as possible, each of `MAX_PADS` pads at most.

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
    by_role = sorted(zip(roles, map(_as_takes, files), strict=True), key=lambda sound: INDEX[sound[0]])
    count = math.ceil(len(by_role) / MAX_PADS)
    numbers = range(1, count + 1) if count > 1 else range(count)
    kits = (Kit(f"{name}-{number}" if number else name, (), number) for number in numbers)
    return [replace(kit, pads=_pads(by_role[hand::count], notes, f"{name}_")) for hand, kit in enumerate(kits)]


def _as_takes(files: str | Takes) -> Takes:
    return ((files,),) if isinstance(files, str) else files


def _pads(sounds: Sequence[tuple[str, Takes]], notes: NoteMap, prefix: str) -> tuple[Pad, ...]:
    placed = zip(_notes([role for role, _ in sounds], notes), sounds, strict=True)
    pads = [make_pad(note, role, takes, prefix=prefix) for note, (role, takes) in placed]
    return tuple(sorted(pads, key=lambda pad: pad.note))


def _notes(roles: Sequence[str], notes: NoteMap) -> list[int]:
    """Return a different note for each sound: those of its role while they last, then free ones."""
    unused = {role: iter(notes[role]) for role in set(roles)}
    own = [next(unused[role], None) for role in roles]
    free = set(KEYBOARD_NOTES) - set(own)
    return [_take_free(free, role, notes) if note is None else note for note, role in zip(own, roles, strict=True)]


def _take_free(free: set[int], role: str, notes: NoteMap) -> int:
    """Remove and return the free note nearest to the role's own, outside of General MIDI first."""
    home = (*notes[role], BY_NAME[role].note)[0]
    note = min(free, key=lambda note: (note in _GENERAL_MIDI_NOTES, abs(note - home), note))
    free.remove(note)
    return note
