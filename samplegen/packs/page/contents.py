"""Contents of a page: sounds, patterns and facts. No text in it is trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PageLayer = tuple[
    int, int, tuple[bytes, ...]
]  # lowest and highest velocity 1..127, and the takes that are played in turn
Lanes = Mapping[int, Sequence[int]]  # MIDI note -> velocity 0..127 of each sixteenth
ALL_VELOCITIES = (1, 127)  # velocities of a sound with one layer


@dataclass(frozen=True)
class PageSound:
    """Sound on a pad.

    Attributes:
        name: what it is called on the page.
        role: decides the pad's colour.
        note: MIDI note 0..127 that plays it.
        choke: sounds of one group end each other; None rings on.
        path: posix path of the file to download, relative to the page.
        layers: one or more, softest first, each with takes as files that any browser decodes (WAV, FLAC).
        place: on the sound map, x and y in 0..1 from the lower left.
    """

    name: str
    role: str
    note: int
    choke: str | None
    path: str
    layers: tuple[PageLayer, ...]
    place: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True)
class PagePattern:
    """Rhythm: tempo in quarter notes a minute, swing in percent (50 is straight), and lanes of steps.

    Lanes may be of different lengths.
    """

    name: str
    bpm: float
    swing: float
    lanes: Lanes


@dataclass(frozen=True)
class PageContents:
    """Whole page: title and a line about it, sounds, patterns; for its foot facts and a licence; perhaps a notice."""

    title: str
    about: str
    sounds: tuple[PageSound, ...]
    patterns: tuple[PagePattern, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    licence: str = ""
