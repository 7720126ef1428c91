"""Hydrogen `.h2drumkit`, the layout of its versions 1.x: a tar.gz of one folder with `drumkit.xml` and the sounds.

Hydrogen gives the note 36 to the first instrument of the list, 37 to the second and so on. So the list is in
the order of the notes, and instruments without sound fill the gaps; notes below 36 come after all others.
The schema: data/xsd/drumkit.xsd of https://github.com/hydrogen-music/hydrogen
"""

import gzip
import io
import tarfile
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from samplegen.kits.kit import MAX_VELOCITY, Kit, Layer, Pad
from samplegen.kits.pcm import Wavs
from samplegen.kits.xml import add, document

FIRST_NOTE = 36
MAX_TAKES = 16  # of an instrument; Hydrogen leaves out further ones
_MIN_INSTRUMENTS = 16  # of a kit, empty or not: 36..51
_GZIP_LEVEL = 1  # sounds shrink little at any, and the highest takes six times as long
_NAMESPACE = "http://www.hydrogen-music.org/drumkit"
_FIXED_SETTINGS = {  # of an instrument, in the order of the schema
    "isMuted": "false", "isSoloed": "false", "pan": 0, "pitchOffset": 0, "randomPitchFactor": 0, "gain": 1,
    "applyVelocity": "true", "filterActive": "false", "filterCutoff": 1, "filterResonance": 0,
    "Attack": 0, "Decay": 0, "Sustain": 1, "Release": 1000,
}  # fmt: skip


def write(kit: Kit, wavs: Wavs, *, licence: str = "") -> bytes:
    """Write a kit as a `.h2drumkit`, which must be named as the kit is.

    Args:
        kit: its files' own names differ, whatever their folders.
        wavs: the content of each of its files.
        licence: in one line.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as tar:
        _put(tar, f"{kit.name}/drumkit.xml", _drumkit(kit, licence))
        for file in kit.files:
            _put(tar, f"{kit.name}/{_name(file)}", wavs[file])
    return gzip.compress(archive.getvalue(), _GZIP_LEVEL, mtime=0)


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)  # owner, mode and time are the same for everyone
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _name(file: str) -> str:
    return PurePosixPath(file).name


def _drumkit(kit: Kit, licence: str) -> bytes:
    root = Element("drumkit_info", {"xmlns": _NAMESPACE})
    texts = {"name": kit.name, "author": "samplegen", "info": f"{len(kit.pads)} pads", "license": licence}
    for tag, text in (texts | {"image": "", "imageLicense": ""}).items():
        add(root, tag, text)
    component = add(add(root, "componentList"), "drumkitComponent")
    for tag, value in {"id": 0, "name": "Main", "volume": 1}.items():
        add(component, tag, value)
    instruments = add(root, "instrumentList")
    groups = kit.choke_numbers
    for number, (note, pad) in enumerate(_instruments(kit)):
        _instrument(instruments, number, note, pad, groups.get(pad.choke) if pad else None)
    return document(root)


def _instruments(kit: Kit) -> list[tuple[int, Pad | None]]:
    """Return note and pad of each instrument; None where no pad lies on a note."""
    placed = {pad.note: pad for pad in kit.pads}
    end = max(FIRST_NOTE + _MIN_INSTRUMENTS, *(note + 1 for note in placed))
    low = [(note, pad) for note, pad in placed.items() if note < FIRST_NOTE]
    return [(note, placed.get(note)) for note in range(FIRST_NOTE, end)] + low


def _instrument(parent: Element, number: int, note: int, pad: Pad | None, group: int | None) -> None:
    turns = pad is not None and any(len(layer.files) > 1 for layer in pad.layers)
    values = {"id": number, "name": pad.name if pad else f"note-{note}", "volume": 1} | _FIXED_SETTINGS
    values |= {"muteGroup": -1 if group is None else group, "midiOutChannel": -1, "midiOutNote": note}
    values |= {"isStopNote": "false", "sampleSelectionAlgo": "ROUND_ROBIN" if turns else "VELOCITY"}
    values |= {"isHihat": -1, "lower_cc": 0, "higher_cc": 127} | {f"FX{send}Level": 0 for send in range(1, 5)}
    instrument = add(parent, "instrument")
    for tag, value in values.items():
        add(instrument, tag, value)
    component = add(instrument, "instrumentComponent")
    add(component, "component_id", 0)
    add(component, "gain", 1)
    for layer in pad.layers if pad else ():
        for file in layer.files:
            _layer(component, layer, file)


def _layer(component: Element, layer: Layer, file: str) -> None:
    """Add a layer. Velocities are 0..1 and turn the sound down, so a soft layer is brought up to the level of its
    file.

    Layers meet halfway between two velocities, where no note can hit both.
    """
    low, high = ((edge + 0.5) / MAX_VELOCITY for edge in (layer.low - 1, layer.high))
    bounds = {"min": 0 if layer.low == 1 else f"{low:.6f}", "max": 1 if layer.high == MAX_VELOCITY else f"{high:.6f}"}
    values = {"filename": _name(file)} | bounds | {"gain": f"{MAX_VELOCITY / layer.high:.6g}", "pitch": 0}
    element = add(component, "layer")
    for tag, value in values.items():
        add(element, tag, value)
