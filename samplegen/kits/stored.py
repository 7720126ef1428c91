"""The kits of a pack that is there, from what its manifest says."""

from collections.abc import Mapping
from typing import Any

from samplegen.kits.kit import Kit, Pad, Takes, pad_of, ranked


def kits_of(manifest: Mapping[str, Any]) -> list[Kit]:
    """The kits of a pack, from its manifest as `read_pack` returns it."""
    names = sorted({sound["kit"] for sound in manifest["sounds"]}, key=lambda name: (len(name), name))
    numbers = range(1, len(names) + 1) if len(names) > 1 else range(len(names))
    pads: dict[str, list[Pad]] = {name: [] for name in names}
    for sound in manifest["sounds"]:
        pad = pad_of(sound["note"], sound["role"], takes_of(sound), prefix=f"{manifest['name']}_")
        pads[sound["kit"]].append(pad)
    return [
        Kit(name, tuple(sorted(pads[name], key=lambda pad: pad.note)), number)
        for name, number in zip(names, numbers, strict=True)
    ]


def takes_of(sound: Mapping[str, Any]) -> Takes:
    """The files of one entry of `sounds`, layers from soft to hard, in each the takes in turn."""
    others = {(take["layer"], take["robin"]): take["path"] for take in sound["takes"]}
    return ranked({(0, 0): sound["path"]} | others)
