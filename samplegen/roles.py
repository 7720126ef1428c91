"""The drum roles: General MIDI notes, choke groups, and how file and folder names say them.

A role vector is `(len(ROLES),)` float32, non-negative, sum 1, in the order of `ROLES`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from samplegen.errors import OptionError, did_you_mean

RoleVector = NDArray[np.float32]


@dataclass(frozen=True)
class Role:
    """One kind of drum: its name, General MIDI note, choke group (None: rings on) and how names say it.

    `words` and `hints` are regular expressions over one or a few words of a name, joined by single
    spaces, without digits. Hints are abbreviations and adjectives: they count only in a name that
    has no words, so that the "oh" of an overhead microphone turns no snare into an open hat.
    """

    name: str
    note: int
    choke: str | None
    words: str
    hints: str


def _either_side(word: str, sort: str) -> str:
    """A word with its sort before or after it: `"open hat"`, `"hatopen"`, `"toms small tom"`."""
    return rf"(?:{sort}) ?(?:{word})|(?:{word}) ?(?:{sort})(?: (?:{word}))?"


_HAT = r"(?:hi ?|hit ?)?hats?|hh|cymbal"
_TOM = r"toms?"
_DRUM = r"(?: ?drums?)?"
_CYMBAL = r"(?: ?cym[a-z]*)?"
_HAND = r"(?:congas?|bongos?|timbal(?:es?)?|agogos?)(?: (?:high|hi|h+|mid|m|low|lo|l+))?|tablas?|cajons?|djembes?"
_OTHER = r"[a-z]*perc|claves?|[a-z]*blocks?|triangles?|guiros?|vibraslaps?|gongs?|quijadas?"

_TABLE = (
    Role("kick", 36, None, rf"[a-z]*(?:kick|kck)s?{_DRUM}|[a-z]*bass ?drums?|drum bass|kdrum[lr]?", r"[a-z]*bd|kd|kik"),
    Role("snare", 38, None, rf"[a-z]*snares?{_DRUM}", r"snr|sd|sn|brush"),
    Role("rim", 37, None, r"[a-z]*rim ?(?:shot|click)s?|rims?|(?:side|cross|x) ?sticks?", r"rs|ss|rimsd"),
    Role("clap", 39, None, r"[a-z]*claps?", r"cp|clp"),
    Role("closed-hat", 42, "hat", rf"(?:c?hi ?|hit ?)?hats?|{_either_side(_HAT, 'closed?|clsd')}", r"hh|h*chh?|hhc"),
    Role("pedal-hat", 44, "hat", _either_side(_HAT, "pedal|foot"), r"fhh?|phh?|hhp"),
    Role("open-hat", 46, "hat", rf"o(?:hi ?)?hats?|{_either_side(_HAT, 'open(?:ed)?')}", r"h*ohh?|hho"),
    Role("low-tom", 45, None, rf"[a-z]*lotoms?|{_either_side(_TOM, 'low|lo|l+|floor|large')}", r"lt|ft"),
    Role("mid-tom", 47, None, rf"[a-z]*midtoms?|{_TOM}|{_either_side(_TOM, 'middle|mid|medium|m')}", r"mt"),
    Role("high-tom", 50, None, rf"[a-z]*hitoms?|{_either_side(_TOM, 'high|hi|h+|small')}", r"ht"),
    Role("crash", 49, None, rf"[a-z]*crash(?:es)?[lr]?{_CYMBAL}|cym[a-z]*|splash|z?china", r"cy|cr"),
    Role("ride", 51, None, rf"ride[lrs]?(?: ?bells?)?{_CYMBAL}", r"rd"),
    Role("cowbell", 56, None, r"[a-z]*cow ?bell?s?|cowb", r"cb"),
    Role("tambourine", 54, None, r"[a-z]*tamb[a-z]*", r"tmb"),
    Role("shaker", 82, None, r"shakers?|maracas?|[a-z]*cabasa[a-z]*", r"shk|ma"),
    Role("perc", 75, None, rf"{_HAND}|{_OTHER}", r"percussion|[a-z]*snaps?"),
)
ROLES = tuple(role.name for role in _TABLE)
CATCH_ALL_ROLE = "perc"
BY_NAME = {role.name: role for role in _TABLE}
INDEX = {name: index for index, name in enumerate(ROLES)}
NoteMap = Mapping[str, tuple[int, ...]]  # role -> the notes of its first, second, ... sound
_SIBLING_NOTES: dict[str, tuple[int, ...]] = {  # further sounds of a role
    "kick": (35,),  # acoustic bass drum
    "snare": (40,),  # electric snare
    "low-tom": (43, 41),  # high and low floor tom
    "mid-tom": (48,),  # hi-mid tom
    "crash": (57, 55, 52),  # crash 2, splash, china
    "ride": (59, 53),  # ride 2, ride bell
    "shaker": (70, 69),  # maracas, cabasa
    "perc": (76, 77, 60, 61, 62, 63, 64, 65, 66, 67, 68, 73, 74, 78, 79, 80, 81, 58),  # blocks to vibraslap
}
# Different for all roles, so no role can take another's place.
GENERAL_MIDI: NoteMap = {name: (role.note, *_SIBLING_NOTES.get(name, ())) for name, role in BY_NAME.items()}
_WORDS = {role.name: re.compile(role.words) for role in _TABLE}
_HINTS = {role.name: re.compile(role.hints) for role in _TABLE}
_MAX_PHRASE_WORDS = 3  # words in the longest pattern, as in "hi hat open"


@lru_cache(maxsize=1 << 12)  # a folder's name is asked for once for every file in it
def role_of_name(name: str) -> str | None:
    """The role that a folder or file name says, or None: `"BD_hard-01"` -> `"kick"`.

    Names begin with the kit and end with the drum, so the rightmost match decides, and of those
    that end there the longest: `"Crash Kit - TomHi 2"` -> `"high-tom"`. A bare or numbered tom is a
    mid-tom: some kits count from the highest, some from the lowest.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)  # HiHatOpen -> Hi Hat Open
    words = re.findall(r"[a-z]+", spaced.lower())
    return _rightmost(words, _WORDS) or _rightmost(words, _HINTS)


def role_of_path(parts: Sequence[str]) -> str | None:
    """The role that the parts of a path say: its nearest telling folder, else the file's own name.

    A folder of percussion is a catch-all: there a file's own name comes first. Give the path relative to
    the folder of sounds, or the folders above that one have their say too.
    """
    *folders, name = parts
    of_folder = next((role for folder in reversed(folders) if (role := role_of_name(folder))), None)
    own = role_of_name(name.rpartition(".")[0] or name)
    return own or of_folder if of_folder in (None, CATCH_ALL_ROLE) else of_folder


def _rightmost(words: list[str], patterns: dict[str, re.Pattern[str]]) -> str | None:
    matches = (role for phrase in _phrases(words) for role, pattern in patterns.items() if pattern.fullmatch(phrase))
    return next(matches, None)


def _phrases(words: list[str]) -> Iterator[str]:
    """Every run of up to `_LONGEST` words, those that end rightmost first, the longest of them first."""
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - _MAX_PHRASE_WORDS), end):
            yield " ".join(words[start:end])


def parse_roles(text: str) -> RoleVector:
    """Read a role or a mix of roles: `"kick"`, `"kick=0.7,snare=0.3"` -> role vector.

    Raises:
        OptionError: an unknown role, a weight that is no positive number.
    """
    vector = np.zeros(len(ROLES), np.float32)
    for part in text.split(","):
        name, _, weight = part.partition("=")
        vector[_index(name.strip())] += _parse_weight(weight.strip() or "1", text)
    return vector / vector.sum()


def one_hot(name: str) -> RoleVector:
    """The role vector of one role."""
    vector = np.zeros(len(ROLES), np.float32)
    vector[_index(name)] = 1.0
    return vector


def _index(name: str) -> int:
    if name not in INDEX:
        raise OptionError(f"unknown role {name!r}; the roles are {', '.join(ROLES)}{did_you_mean(name, ROLES)}")
    return INDEX[name]


def _parse_weight(text: str, whole: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 1e-6 <= weight <= 1e6:
        raise OptionError(f"the role mix {whole!r} needs weights from 1e-6 to 1e6, as in kick=0.7,snare=0.3")
    return weight
