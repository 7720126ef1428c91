"""Options of the commands that write a pack, and their checks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samplegen import files
from samplegen.errors import OptionError

if TYPE_CHECKING:
    from samplegen.kits.formats import PackOptions

FORMATS = "wav,sfz,hydrogen,sf2"
RATE, BITS, OUT = 44_100, 24, Path("packs")
PACK_DEFAULTS = {"rate": RATE, "bits": BITS, "formats": FORMATS}
_SUBTYPES = {16: "PCM_16", 24: "PCM_24"}

Rate = Annotated[int, typer.Option(help="Sampling rate of the files in Hz, 4000 to 768000.")]
Bits = Annotated[int, typer.Option(help="Bit depth of the files, 16 or 24.")]
Formats = Annotated[
    str,
    typer.Option(
        help="Kit formats, with commas: wav (pads/), sfz, hydrogen, sf2, decentsampler, bitwig, drumgizmo; or all."
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        help="Of the files in pads/: hardware (16 bits, 44.1 kHz, no further chunks). Default: as the sounds."
    ),
]
NoteMapFile = Annotated[
    Path | None,
    typer.Option(
        "--map",
        metavar="FILE",
        help="Text file of which notes a drum takes, one a line: 'snare 38 40'. Default: General MIDI.",
    ),
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder that the pack's folder is made in.")]


def destination(out: Path, name: str, *, force: bool) -> Path:
    """The folder of a pack to be written.

    Raises:
        OptionError: a name that no pack can have.
        OutputError: the folder is there already, without `force`.
    """
    files.check_name(name, "pack name")
    folder = (out.resolve() if ".." in out.parts else out) / name  # a pack's path may not go through ..
    files.refuse_existing(folder, force=force)
    return folder


def pack_options(formats: str, profile: str | None, note_map: Path | None) -> "PackOptions":
    """Return the layout of a pack from the values of `Formats`, `Profile` and `NoteMapFile`.

    Raises:
        OptionError: unknown names, or a map that cannot be read or used.
    """
    from samplegen.kits import formats as table
    from samplegen.kits import notemap
    from samplegen.roles import GENERAL_MIDI

    notes = notemap.read_note_map(note_map) if note_map else GENERAL_MIDI
    return table.PackOptions(table.parse_formats(formats), profile, notes)


def subtype(bits: int) -> str:
    """libsndfile's name of a bit depth. Raises `OptionError` for one that is not offered."""
    if bits not in _SUBTYPES:
        raise OptionError(f"--bits is {bits}; choose 16 or 24")
    return _SUBTYPES[bits]
