"""DecentSampler `.dspreset`: XML that points to the sounds. Each pad has a group, so that it counts its takes alone.

Elements: https://github.com/DecentSamples/DecentSampler-Developers-Guide
"""

from math import log10
from xml.etree.ElementTree import Element

from samplegen.kits.kit import MAX_VELOCITY, Kit, Layer, Pad
from samplegen.kits.xml import add, document

_RELEASE_SECONDS = 20  # lets a sound ring on when the key is up: the format has no one-shot


def write(kit: Kit, *, prefix: str) -> bytes:
    """Write a kit as a `.dspreset`; `prefix` as for `samplegen.kits.sfz.write`."""
    root = Element("DecentSampler", {"minVersion": "1.0.0"})
    groups = add(root, "groups", attack=0, decay=0, sustain=1, release=_RELEASE_SECONDS, releaseCurve=0)
    for pad in kit.pads:
        _group(groups, pad, prefix)
    return document(root)


def _group(parent: Element, pad: Pad, prefix: str) -> None:
    choke = {"tags": pad.choke, "silencedByTags": pad.choke, "silencingMode": "fast"} if pad.choke else {}
    group = add(parent, "group", name=pad.name, ampVelTrack=1, **choke)
    for layer in pad.layers:
        for number, file in enumerate(layer.files, 1):
            _sample(group, pad, layer, number, f"{prefix}{file}")


def _sample(group: Element, pad: Pad, layer: Layer, number: int, path: str) -> None:
    """Add a sample; velocity turns it down in proportion, so a soft layer is brought up to the level of its file."""
    count = len(layer.files)
    turn = {"seqMode": "round_robin", "seqLength": count, "seqPosition": number} if count > 1 else {}
    level = {"volume": f"{20 * log10(MAX_VELOCITY / layer.high):.2f}dB"} if layer.high < MAX_VELOCITY else {}
    keys = {"rootNote": pad.note, "loNote": pad.note, "hiNote": pad.note, "loVel": layer.low, "hiVel": layer.high}
    add(group, "sample", path=path, **keys, loopEnabled="false", **level, **turn)
