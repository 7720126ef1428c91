"""Bitwig and PreSonus `.multisample`: a zip of `multisample.xml` and the sounds, nothing compressed.

The format maps samples and leaves all playing to the instrument that loads it: no choke, no one-shot.
Schema: https://github.com/bitwig/multisample
"""

import io
import zipfile
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from samplegen.kits.kit import Kit, Layer, Pad
from samplegen.kits.pcm import Wavs
from samplegen.kits.xml import add, document

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; a real one would change the bytes


def write(kit: Kit, wavs: Wavs) -> bytes:
    """Write a kit as a `.multisample`; `wavs` holds the content of each of its files, whose own names differ."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(_entry("multisample.xml"), _mapping(kit))
        for file in kit.files:
            packed.writestr(_entry(PurePosixPath(file).name), wavs[file])
    return archive.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a stored member of the zip, the same on every system."""
    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _mapping(kit: Kit) -> bytes:
    root = Element("multisample", {"name": kit.name})
    for tag, text in {"generator": "samplegen", "category": "Drums", "creator": "samplegen"}.items():
        add(root, tag, text)
    for pad in kit.pads:
        add(root, "group", name=pad.name)
    for number, pad in enumerate(kit.pads):
        for layer in pad.layers:
            for file in layer.files:
                _sample(root, number, pad, layer, file)
    return document(root)


def _sample(root: Element, group: int, pad: Pad, layer: Layer, file: str) -> None:
    logic = "round-robin" if len(layer.files) > 1 else "always-play"
    sample = add(root, "sample", file=PurePosixPath(file).name, gain="0.0", group=group, zone_logic=logic)
    add(sample, "key", low=pad.note, high=pad.note, root=pad.note, track="1.0", tune="0.0")
    add(sample, "velocity", low=layer.low, high=layer.high)
    add(sample, "select")
    add(sample, "loop", mode="off")
