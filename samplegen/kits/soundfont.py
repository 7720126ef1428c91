"""SoundFont 2: a RIFF file that holds the sounds, too, in 16 bits. Of several takes of a layer it keeps the first.

One instrument lies in bank 128, where players look for drums, and in bank 0. The format has no one-shot: a release
of 20 s lets a sound ring on when the key is up. Source: SoundFont Technical Specification, version 2.04 (E-mu,
2006), chapters 4 to 9.
"""

import struct
from dataclasses import dataclass
from math import log2

from samplegen.errors import AudioError
from samplegen.kits.kit import MAX_VELOCITY, Kit, Layer, Pad
from samplegen.kits.pcm import Pcm16, Wavs, read_pcm16

GAP_FRAMES = 46  # of silence after every sample, for players that read beyond its end
RELEASE_SECONDS = 20.0
PRESET_BANKS = (0, 128)  # in this order, as the list of presets has to be sorted
_MAX_SOUND_BYTES = 2**32 - 2**20  # RIFF counts in 32 bits, and the tables need some
_NAME_BYTES = 19  # and a zero behind them

# generators (8.1.2)
_RELEASE, _INSTRUMENT, _KEYS, _VELOCITIES, _SAMPLE, _EXCLUSIVE = 38, 41, 43, 44, 53, 57
# the default modulator from velocity to attenuation (8.4.1): negative, concave, of the note's velocity
_VELOCITY, _ATTENUATION = 0x0502, 48
_MONO = 1
_HEADER = "<20sIIIIIBbHH"  # name, start, end, loop, rate in Hz, note, cents, partner, kind
_RELEASE_CENTS = round(1200 * log2(RELEASE_SECONDS))


@dataclass(frozen=True)
class _Zone:
    """A velocity layer of a pad with its sound."""

    name: bytes
    pad: Pad
    layer: Layer
    group: int | None
    samples: Pcm16
    rate: int


def write(kit: Kit, wavs: Wavs) -> bytes:
    """Write a kit as an SF2 file.

    Args:
        kit: any.
        wavs: the content of the first file of each of its layers: mono WAV of 16 or 24 bits.

    Raises:
        AudioError: another kind of content, or more than fits.
    """
    zones = _zones(kit, wavs)
    if 2 * sum(len(zone.samples) + GAP_FRAMES for zone in zones) > _MAX_SOUND_BYTES:
        raise AudioError(f"the sounds of {kit.name} are too long for one SoundFont; leave sf2 out of the formats")
    info = [("ifil", struct.pack("<HH", 2, 1)), ("isng", b"EMU8000\0"), ("INAM", _text(kit.name))]
    info.append(("ISFT", _text("samplegen")))
    silence = bytes(2 * GAP_FRAMES)
    smpl = b"".join(part for zone in zones for part in (zone.samples.astype("<i2").tobytes(), silence))
    body = _list("INFO", info) + _list("sdta", [("smpl", smpl)]) + _list("pdta", _hydra(kit, zones))
    return _chunk("RIFF", b"sfbk" + body)


def _zones(kit: Kit, wavs: Wavs) -> list[_Zone]:
    groups, zones = kit.choke_numbers, []
    for pad in kit.pads:
        for number, layer in enumerate(pad.layers, 1):
            samples, rate = read_pcm16(wavs[layer.files[0]], layer.files[0])
            zones.append(
                _Zone(_name(f"{pad.note}.{number} {pad.name}"), pad, layer, groups.get(pad.choke), samples, rate)
            )
    return zones


def _hydra(kit: Kit, zones: list[_Zone]) -> list[tuple[str, bytes]]:
    """Write the nine tables of presets, instrument and samples; the last row of each ends the row before."""
    name, presets = _name(kit.name), len(PRESET_BANKS)
    return [
        (
            "phdr",
            b"".join(_preset(name, bank, place) for place, bank in enumerate(PRESET_BANKS))
            + _preset(b"EOP", 0, presets),
        ),
        ("pbag", b"".join(struct.pack("<HH", place, 0) for place in range(presets + 1))),
        ("pmod", bytes(10)),
        ("pgen", struct.pack("<HH", _INSTRUMENT, 0) * presets + bytes(4)),
        ("inst", struct.pack("<20sH20sH", name, 0, b"EOI", len(zones))),
        *_instrument(zones),
        ("shdr", _headers(zones)),
    ]


def _preset(name: bytes, bank: int, bag: int) -> bytes:
    return struct.pack("<20sHHHIII", name, 0, bank, bag, 0, 0, 0)


def _instrument(zones: list[_Zone]) -> list[tuple[str, bytes]]:
    bags, modulators, generators = b"", b"", b""
    for number, zone in enumerate(zones):
        bags += struct.pack("<HH", len(generators) // 4, len(modulators) // 10)
        generators += _generators(zone, number)
        modulators += _modulators(zone.layer)
    bags += struct.pack("<HH", len(generators) // 4, len(modulators) // 10)
    return [("ibag", bags), ("imod", modulators + bytes(10)), ("igen", generators + bytes(4))]


def _generators(zone: _Zone, sample: int) -> bytes:
    """Write the generators of a zone; keys and velocities have to come first, and the sample last (8.1.3)."""
    note, layer = zone.pad.note, zone.layer
    ranges = struct.pack("<HBBHBB", _KEYS, note, note, _VELOCITIES, 0 if layer.low == 1 else layer.low, layer.high)
    choke = struct.pack("<HH", _EXCLUSIVE, zone.group) if zone.group else b""
    return ranges + struct.pack("<Hh", _RELEASE, _RELEASE_CENTS) + choke + struct.pack("<HH", _SAMPLE, sample)


def _modulators(layer: Layer) -> bytes:
    """Write the modulator of a layer: velocity has chosen a soft one and must not turn it down again."""
    return b"" if layer.high == MAX_VELOCITY else struct.pack("<HHhHH", _VELOCITY, _ATTENUATION, 0, 0, 0)


def _headers(zones: list[_Zone]) -> bytes:
    rows, start = [], 0
    for zone in zones:
        end = start + len(zone.samples)
        rows.append(struct.pack(_HEADER, zone.name, start, end, start, end, zone.rate, zone.pad.note, 0, 0, _MONO))
        start = end + GAP_FRAMES
    return b"".join(rows) + struct.pack(_HEADER, b"EOS", *[0] * 9)


def _name(text: str) -> bytes:
    return text.encode("ascii", "replace")[:_NAME_BYTES]


def _text(text: str) -> bytes:
    """Encode a text with one zero or two at its end, so that its length is even."""
    content = text.encode("ascii", "replace")[:254]
    return content + bytes(2 - len(content) % 2)


def _list(kind: str, chunks: list[tuple[str, bytes]]) -> bytes:
    return _chunk("LIST", kind.encode() + b"".join(_chunk(name, content) for name, content in chunks))


def _chunk(name: str, content: bytes) -> bytes:
    return struct.pack("<4sI", name.encode(), len(content)) + content
