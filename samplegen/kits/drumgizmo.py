"""DrumGizmo: a folder of XML files that point to the sounds, with a file for each drum and one for the notes.

DrumGizmo picks the sample whose power is nearest to the velocity, with some chance, so that takes and layers
alternate by themselves. Format: https://www.drumgizmo.org, "Drumkit file format", version 2.0.
"""

from xml.etree.ElementTree import Element

from samplegen.kits.kit import MAX_VELOCITY, Kit, Pad
from samplegen.kits.xml import add, document

_CHANNELS = ("left", "right")
_CHOKE_FADE_MS = 6  # of a choked sound


def write(kit: Kit, *, prefix: str, rate: int, licence: str = "") -> dict[str, bytes]:
    """Write the files of a kit by their name; users load `drumkit.xml` and `midimap.xml`.

    Args:
        kit: any.
        prefix: path from the folder of these files to the folder that the pads' files start from.
        rate: sampling rate of the sounds in Hz.
        licence: in one line.
    """
    maps = Element("midimap")
    for pad in kit.pads:
        add(maps, "map", note=pad.note, instr=pad.name)
    own = {f"{pad.name}.xml": _instrument(pad, prefix) for pad in kit.pads}
    return {"drumkit.xml": _drumkit(kit, rate, licence), "midimap.xml": document(maps)} | own


def _drumkit(kit: Kit, rate: int, licence: str) -> bytes:
    root = Element("drumkit", {"version": "2.0", "samplerate": str(rate)})
    metadata = add(root, "metadata")
    facts = {"version": "1.0", "title": kit.name, "description": f"{len(kit.pads)} pads", "license": licence}
    for tag, text in (facts | {"author": "samplegen", "email": "none"}).items():
        add(metadata, tag, text)
    add(metadata, "defaultmidimap", src="midimap.xml")
    channels = add(root, "channels")
    for side in _CHANNELS:
        add(channels, "channel", name=side)
    instruments = add(root, "instruments")
    for pad in kit.pads:
        _list_instrument(instruments, pad, kit)
    return document(root)


def _list_instrument(instruments: Element, pad: Pad, kit: Kit) -> None:
    """Add a drum to the list of the kit; it names the drums that it chokes, not those that choke it."""
    element = add(instruments, "instrument", name=pad.name, file=f"{pad.name}.xml")
    others = [other.name for other in kit.pads if pad.choke and other.choke == pad.choke and other != pad]
    chokes = add(element, "chokes") if others else element
    for name in others:
        add(chokes, "choke", instrument=name, choketime=_CHOKE_FADE_MS)
    for side in _CHANNELS:
        add(element, "channelmap", **{"in": side, "out": side, "main": "true"})


def _instrument(pad: Pad, prefix: str) -> bytes:
    """Write a drum; soft hits turn a single layer down (`normalized`), several layers have levels of their own."""
    root = Element("instrument", {"version": "2.0", "name": pad.name})
    samples = add(root, "samples")
    single = {"normalized": "true"} if len(pad.layers) == 1 else {}
    for layer in pad.layers:
        for number, file in enumerate(layer.files, 1):
            power = f"{layer.high / MAX_VELOCITY:.6f}"
            sample = add(samples, "sample", name=f"{pad.name}-{layer.high}-{number}", power=power, **single)
            for side in _CHANNELS:
                add(sample, "audiofile", channel=side, file=f"{prefix}{file}", filechannel=1)
    return document(root)
