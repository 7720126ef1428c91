"""Plain WAV files in the order of their notes, for samplers that read no kits: `01_36_kick_lantern.wav`."""

import numpy as np

from samplegen.audio import signals
from samplegen.kits.kit import Kit
from samplegen.kits.pcm import Wavs, read_pcm16, to_pcm16, write_pcm16

HARDWARE_RATE = 44_100  # Hz, which every hardware sampler plays
PROFILES = {"hardware": "16 bits, 44.1 kHz, no chunks but fmt and data"}


def write(kit: Kit, wavs: Wavs, *, profile: str | None = None) -> dict[str, bytes]:
    """Write the loudest first take of each pad by its path in the pack; the numbers run in the order of the notes.

    Args:
        kit: its files go into `pads/`, or `pads-2/` for the second of several.
        wavs: the content of each pad's `file`.
        profile: None for copies, or a key of `PROFILES`.
    """
    shaped = _shape_for_hardware if profile == "hardware" else _copy
    return {
        f"pads{kit.suffix}/{number:02}_{pad.note}_{pad.name}.wav": shaped(wavs[pad.file], pad.file)
        for number, pad in enumerate(kit.pads, 1)
    }


def _copy(wav: bytes, _: str) -> bytes:
    return wav


def _shape_for_hardware(wav: bytes, name: str) -> bytes:
    samples, rate = read_pcm16(wav, name)
    if rate != HARDWARE_RATE:
        samples = to_pcm16(signals.resample(samples.astype(np.float32) / np.float32(2**15), rate, HARDWARE_RATE))
    return write_pcm16(samples, HARDWARE_RATE)
