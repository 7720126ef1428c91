"""Checks of the sounds of a pack: format, levels, chunks, agreement with the manifest, duplicates."""

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from samplegen.audio.duplicates import find_copies
from samplegen.audio.wavchunks import ONE_SHOT_FLAG
from samplegen.packs.checks.opened import Finding, Pack, finding

_BITS = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_TOLERANCES = {"seconds": 1e-3, "peak_dbfs": 0.01}  # of the values in a manifest
MAX_PEAK_DBFS, MIN_PEAK_DBFS = -0.1, -1.0  # as packs that are sold: just below full scale


def check_metric(pack: Pack, metric: str, low: float, high: float, unit: str) -> Iterator[Finding]:
    """Check one metric of each sound against its bounds."""
    for wav in pack.wavs:
        if wav.metrics:
            value = wav.metrics[metric]
            yield Finding(wav.path, f"{value:.3g} {unit}".strip(), max(low - value, value - high, 0.0))


def check_peak(pack: Pack) -> Iterator[Finding]:
    """Check the peak of each drum; its layers and takes share its gain, so they have no lower bound."""
    for wav in pack.wavs:
        if wav.metrics:
            value, low = wav.metrics["peak_dbfs"], MIN_PEAK_DBFS if wav.is_drum else -math.inf
            yield Finding(wav.path, f"{value:.2f} dBFS", max(low - value, value - MAX_PEAK_DBFS, 0.0))


def check_format(pack: Pack) -> Iterator[Finding]:
    """Check channels, rate and depth, and whether a sound can be read at all."""
    problem = (1, pack.manifest["rate"], pack.manifest["bit_depth"])
    for wav in pack.wavs:
        channels, rate, subtype = wav.form
        fits = not wav.fault and (channels, rate, _BITS.get(subtype)) == problem
        stored = wav.fault or f"{channels} channel{'s' * (channels > 1)}, {rate} Hz, {subtype}"
        yield Finding(wav.path, stored, 0.0 if fits else math.inf)


def check_chunks(pack: Pack) -> Iterator[Finding]:
    """Check the metadata of each WAV file; one without chunks passes."""
    for wav in pack.wavs:
        note, acid = wav.chunks.note, wav.chunks.acid
        faults = {
            "a loop in a one-shot": wav.chunks.loops > 0,
            f"root note {note} instead of {wav.entry['note']}": note not in (None, wav.entry["note"]),
            "acid does not call it a one-shot": acid is not None and not acid.flags & ONE_SHOT_FLAG,
        }
        yield finding(wav.path, [fault for fault, there in faults.items() if there])


def check_duplicates(pack: Pack) -> Iterator[Finding]:
    """Check each sound against those listed before it."""
    wavs = [wav for wav in pack.wavs if wav.print is not None]
    prints = np.array([wav.print for wav in wavs]).reshape(len(wavs), -1)
    twice = {at: (first, likeness) for at, first, likeness in find_copies(prints)}
    for at, wav in enumerate(wavs):
        first, likeness = twice.get(at, (at, 0.0))
        yield Finding(wav.path, f"sounds like {wavs[first].path} ({likeness:.4f} of 1)" if likeness else "", likeness)


def check_manifest(pack: Pack) -> Iterator[Finding]:
    """Check length and peak against the manifest, and that a key has one drum."""
    places = Counter((sound["kit"], sound["note"]) for sound in pack.manifest["sounds"])
    for wav in (wav for wav in pack.wavs if wav.metrics):
        faults = [
            f"{name} is {wav.metrics[name]:.4g}, said {wav.entry[name]:.4g}"
            for name, room in _TOLERANCES.items()
            if abs(wav.metrics[name] - wav.entry[name]) > room
        ]
        shared = "kit" in wav.entry and places[wav.entry["kit"], wav.entry["note"]] > 1
        yield finding(wav.path, faults + [f"shares note {wav.entry['note']}"] * shared)
