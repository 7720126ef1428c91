"""Lane-to-pad mapping: from the name of a lane to a pad of a pack, or to the nearest one that there is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from samplegen import roles
from samplegen.kits.kit import Pad
from samplegen.roles import BY_NAME, GENERAL_MIDI
from samplegen.sequencer.pattern import Pattern

ROLE_OF_NOTE = {note: role for role, notes in GENERAL_MIDI.items() for note in notes}
_ALIASES = {"sh": "shaker", "tb": "tambourine", "pc": "perc", "hc": "closed-hat", "ho": "open-hat", "tom": "mid-tom"}
SUBSTITUTES: dict[str, tuple[str, ...]] = {  # roles that are played instead, the best first
    "kick": ("low-tom", "mid-tom"),
    "snare": ("clap", "rim", "high-tom"),
    "rim": ("perc", "cowbell", "snare"),
    "clap": ("snare", "rim"),
    "closed-hat": ("pedal-hat", "shaker", "tambourine", "open-hat"),
    "pedal-hat": ("closed-hat", "shaker", "tambourine"),
    "open-hat": ("ride", "crash", "closed-hat", "tambourine"),
    "low-tom": ("mid-tom", "high-tom", "kick"),
    "mid-tom": ("high-tom", "low-tom", "perc"),
    "high-tom": ("mid-tom", "low-tom", "perc"),
    "crash": ("ride", "open-hat"),
    "ride": ("crash", "open-hat", "closed-hat"),
    "cowbell": ("perc", "rim", "ride"),
    "tambourine": ("shaker", "closed-hat", "pedal-hat"),
    "shaker": ("tambourine", "closed-hat", "pedal-hat"),
    "perc": ("cowbell", "rim", "high-tom", "mid-tom"),
}


@dataclass(frozen=True)
class PadAssignment:
    """Pad of a lane or None, its MIDI note, and a warning where it is a substitute or missing."""

    pad: Pad | None
    note: int | None
    warning: str = ""


def role_of(name: str) -> tuple[str | None, int]:
    """Return role and pad number, from 1, of a lane's name: `kick2` is `("kick", 2)`, `42` the first closed hat."""
    if name.isdecimal():
        return ROLE_OF_NOTE.get(int(name)), 1
    stem, number = re.fullmatch(r"(.*?)[_-]?(\d{0,3})", name, re.DOTALL).groups()  # type: ignore[union-attr]
    role = stem if stem in BY_NAME else _ALIASES.get(stem.lower()) or roles.role_of_name(stem)
    return role, max(1, int(number or 1))


def note_of(name: str) -> int | None:
    """Return the General MIDI note of a lane, by its name alone."""
    role, number = role_of(name)
    if name.isdecimal():
        return int(name) if int(name) <= 127 else None
    notes = GENERAL_MIDI[role] if role else ()
    return notes[min(number, len(notes)) - 1] if notes else None


def name_of(pad: Pad, pads: Sequence[Pad]) -> str:
    """Name a lane that plays a pad: its role, `snare2` for the second pad of one, or the pad's own name."""
    number = [other.name for other in pads if other.role == pad.role].index(pad.name) + 1
    name = pad.role if number == 1 else f"{pad.role}{number}"
    return name if _part(name, pads).pad is pad else pad.name


def map_lanes(pattern: Pattern, pads: Sequence[Pad]) -> tuple[PadAssignment, ...]:
    """Assign a pad to every lane of a pattern: by the pad's name, by its note, by its role, or the nearest role's."""
    return tuple(_part(lane.name, pads) for lane in pattern.lanes)


def _part(name: str, pads: Sequence[Pad]) -> PadAssignment:
    exact = next((pad for pad in pads if name.lower() == pad.name.lower() or name == str(pad.note)), None)
    if exact:
        return PadAssignment(exact, exact.note)
    role, number = role_of(name)
    if role is None:
        return PadAssignment(
            None, note_of(name), f"lane {name} is silent: that is no pad of the pack, no drum and no note of one"
        )
    own = [pad for pad in pads if pad.role == role]
    if len(own) >= number:
        return PadAssignment(own[number - 1], own[number - 1].note)
    return _substitute(name, role, own, pads)


def _substitute(name: str, role: str, own: Sequence[Pad], pads: Sequence[Pad]) -> PadAssignment:
    if own:
        return PadAssignment(
            own[-1], own[-1].note, f"lane {name} is played by {own[-1].name}: the pack has {len(own)} of {role}"
        )
    for other in SUBSTITUTES[role]:
        for pad in pads:
            if pad.role == other:
                return PadAssignment(
                    pad, pad.note, f"lane {name} is played by {pad.name} ({other}): the pack has no {role}"
                )
    return PadAssignment(None, note_of(name), f"lane {name} is silent: the pack has no {role}, and nothing near it")
