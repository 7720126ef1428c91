"""Contents of a pack's page, from its kits and their sounds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from samplegen.arrays import Signal
from samplegen.audio import writing
from samplegen.kits.kit import Kit, Layer, Pad
from samplegen.packs.page import sound_map
from samplegen.packs.page.contents import ALL_VELOCITIES, PageContents, PageSound
from samplegen.packs.page.html import FILE_NAME, page_html
from samplegen.packs.page.patterns import page_patterns
from samplegen.roles import BY_NAME, INDEX
from samplegen.sequencer.pattern import Pattern

MAX_TAKES = 256  # of all pads together: the page gets about 8 MB
_FACTS = {"model": "model", "seed": "seed", "command": "made by"}  # of the manifest -> on the page


def pack_page(
    kits: Sequence[Kit],
    signals: Mapping[str, Signal],
    head: Mapping[str, Any],
    patterns: Mapping[str, Pattern],
    *,
    licence: str = "",
) -> dict[str, bytes]:
    """Return the page of a pack under its path there; the arguments are those of `page_contents`."""
    return {FILE_NAME: page_html(page_contents(kits, signals, head, patterns, licence=licence))}


def page_contents(
    kits: Sequence[Kit],
    signals: Mapping[str, Signal],
    head: Mapping[str, Any],
    patterns: Mapping[str, Pattern],
    *,
    licence: str = "",
) -> PageContents:
    """Return the contents of a pack's page: its first kit, and a notice of what else the pack holds.

    Args:
        kits: at least one.
        signals: the sound `(n,)` of every file of the kits.
        head: of the pack's manifest: name, rate in Hz, model, seed, command.
        patterns: by name, in 4/4, for the sequencer to begin with.
        licence: its full text.
    """
    rate, pads = head["rate"], _laid_out(kits[0].pads)
    whole = len(kits[0].files) <= MAX_TAKES
    places = sound_map.places([signals[pad.file] for pad in pads], rate)
    shown = pads if whole else [replace(pad, layers=(Layer(*ALL_VELOCITIES, (pad.file,)),)) for pad in pads]
    sounds = tuple(_sound(pad, signals, rate, (x, y)) for pad, (x, y) in zip(shown, places, strict=True))
    facts = {label: str(head[key]) for key, label in _FACTS.items() if head[key] != ""}
    count = sum(len(kit.pads) for kit in kits)
    about = f"{count} sound{'s' * (count > 1)}"
    return PageContents(
        head["name"], about, sounds, page_patterns(pads, patterns), facts, _notice(kits, whole=whole), licence
    )


def _sound(pad: Pad, signals: Mapping[str, Signal], rate: int, place: tuple[float, float]) -> PageSound:
    layers = tuple(
        (layer.low, layer.high, tuple(writing.encode_flac(signals[file], rate) for file in layer.files))
        for layer in pad.layers
    )
    name = pad.name.removeprefix(f"{pad.role}_")
    return PageSound(name, pad.role, pad.note, pad.choke, pad.file, layers, place)


def _notice(kits: Sequence[Kit], *, whole: bool) -> str:
    """Name the sounds that are in the pack's folder and not on the page."""
    count = len(kits[0].pads)
    left_out = [f"the {count} sounds of the first of {len(kits)} kits"] * (len(kits) > 1)
    left_out += ["the first take of the hardest hits"] * (not whole)
    return f"This page plays {' and '.join(left_out)}; the pack's folder holds everything." if left_out else ""


def _laid_out(pads: Sequence[Pad]) -> list[Pad]:
    """Sort pads so that the first sixteen are a kit: one of each role before the second, General MIDI's own first."""
    turns: Counter[str] = Counter()
    keyed = []
    for pad in sorted(pads, key=lambda pad: (pad.note != BY_NAME[pad.role].note, pad.note)):
        keyed.append((turns[pad.role], INDEX[pad.role], pad))
        turns[pad.role] += 1
    return [pad for _, _, pad in sorted(keyed, key=lambda place: place[:2])]
