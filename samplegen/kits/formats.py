"""Table of kit formats: programs that read each, how its file is named, and what it loses of a kit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from samplegen.errors import OptionError
from samplegen.kits import bitwig, decentsampler, drumgizmo, hydrogen, pads, sfz, soundfont
from samplegen.kits.kit import Kit
from samplegen.kits.pcm import Wavs
from samplegen.roles import GENERAL_MIDI, NoteMap

Files = dict[str, bytes]  # path relative to the pack -> content


@dataclass(frozen=True)
class KitFiles:
    """Material of a kit beside its pads: files, sampling rate in Hz, licence in one line, pad profile."""

    wavs: Wavs
    rate: int
    licence: str = ""
    profile: str | None = None


@dataclass(frozen=True)
class Format:
    """A kit format: programs that read it, suffix of its file, and its substitute for each feature that it lacks."""

    about: str
    suffix: str
    loses: dict[str, str]
    write: Callable[[Kit, KitFiles], Files]


FEATURES: dict[str, Callable[[Kit], bool]] = {  # of a kit, that a format may lose
    "velocity layers": lambda kit: any(len(pad.layers) > 1 for pad in kit.pads),
    "round robins": lambda kit: any(len(layer.files) > 1 for pad in kit.pads for layer in pad.layers),
    "choke groups": lambda kit: sum(pad.choke is not None for pad in kit.pads) > 1,
    "one-shots": lambda kit: bool(kit.pads),
    "pads of more than 16 takes": lambda kit: any(len(pad.files) > hydrogen.MAX_TAKES for pad in kit.pads),
    "notes below 36": lambda kit: any(pad.note < hydrogen.FIRST_NOTE for pad in kit.pads),
}

FORMATS: dict[str, Format] = {
    "wav": Format(
        "samplers and hardware: plain files in the order of the notes", ".wav",
        {"velocity layers": "pads/ holds the loudest of each drum", "round robins": "pads/ holds the first take"},
        lambda kit, of: pads.write(kit, of.wavs, profile=of.profile),
    ),
    "sfz": Format(
        "sfizz, ARIA, TX16Wx and other SFZ players", ".sfz", {},
        lambda kit, _: {f"Kits/{kit.name}.sfz": sfz.write(kit, prefix="../")},
    ),
    "hydrogen": Format(
        "Hydrogen 1.x", ".h2drumkit",
        {"notes below 36": "these pads lie above all others", "pads of more than 16 takes": "the loudest are left out"},
        lambda kit, of: {f"Kits/{kit.name}.h2drumkit": hydrogen.write(kit, of.wavs, licence=of.licence)},
    ),
    "sf2": Format(
        "SoundFont players: FluidSynth, Polyphone, LMMS, MuseScore", ".sf2",
        {"round robins": "it holds the first take of each layer"},
        lambda kit, of: {f"Kits/{kit.name}.sf2": soundfont.write(kit, of.wavs)},
    ),
    "decentsampler": Format(
        "DecentSampler", ".dspreset", {},
        lambda kit, _: {f"Kits/{kit.name}.dspreset": decentsampler.write(kit, prefix="../")},
    ),
    "bitwig": Format(
        "Bitwig Studio and Studio One", ".multisample",
        {"choke groups": "hats ring on over each other", "one-shots": "switch the sampler to one-shot"},
        lambda kit, of: {f"Kits/{kit.name}.multisample": bitwig.write(kit, of.wavs)},
    ),
    "drumgizmo": Format(
        "DrumGizmo", ".xml", {"round robins": "takes are drawn by chance, not in turn"},
        lambda kit, of: {
            f"Kits/{kit.name}_drumgizmo/{name}": content
            for name, content in drumgizmo.write(kit, prefix="../../", rate=of.rate, licence=of.licence).items()
        },
    ),
}  # fmt: skip
DEFAULT_FORMATS = ("wav", "sfz", "hydrogen", "sf2")


@dataclass(frozen=True)
class PackOptions:
    """Layout of the kits of a pack.

    Args:
        formats: keys of `FORMATS`.
        profile: of the files in `pads/`, a key of `pads.PROFILES`.
        notes: where each role goes, for all roles.

    Raises:
        OptionError: an unknown format or profile, or a profile without the format wav.

    Example:
        >>> from samplegen import PackOptions
        >>> PackOptions(["sfz"]).notes["kick"]
        (36, 35)
    """

    formats: Sequence[str] = DEFAULT_FORMATS
    profile: str | None = None
    notes: NoteMap = field(default_factory=lambda: GENERAL_MIDI)

    def __post_init__(self) -> None:
        if unknown := [name for name in self.formats if name not in FORMATS]:
            raise OptionError(f"unknown kit format {unknown[0]!r}; the formats are all, {', '.join(FORMATS)}")
        if self.profile is not None and self.profile not in pads.PROFILES:
            raise OptionError(f"unknown profile {self.profile!r}; the profiles are {', '.join(pads.PROFILES)}")
        if self.profile and "wav" not in self.formats:
            raise OptionError(f"the profile {self.profile} is one of the files in pads/; add wav to the formats")


def parse_formats(text: str) -> tuple[str, ...]:
    """Read a list of formats: `"sfz,sf2"`, `"all"` -> names in the order of the table, each once.

    Raises:
        OptionError: an unknown name, or none at all.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not names:
        raise OptionError(f"no kit format is given; the formats are all, {', '.join(FORMATS)}")
    if "all" in names:
        return tuple(FORMATS)
    PackOptions(names)  # refuses the unknown
    return tuple(name for name in FORMATS if name in names)


def list_losses(kits: Iterable[Kit], formats: Iterable[str]) -> list[str]:
    """Return a sentence for each feature that a kit has and a format lacks."""
    kits = list(kits)
    had = [feature for feature, has in FEATURES.items() if any(has(kit) for kit in kits)]
    rows = ((name, feature, FORMATS[name].loses.get(feature)) for name in formats for feature in had)
    return [f"{name} has no {feature}: {instead}" for name, feature, instead in rows if instead]
