"""Sounds of a pack, ready to be played: the pads of its kits, and their files read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from samplegen.arrays import Signal
from samplegen.audio import reading, signals
from samplegen.errors import DataError
from samplegen.kits.kit import Pad
from samplegen.kits.manifest import kits_in, read_pack

MAX_SOUND_SECONDS = 30.0  # of a sound that is played; longer ones are cut


@dataclass(frozen=True)
class Rack:
    """Pads of a pack, of each role the first one first; `rate` in Hz. Files are read unless they are in `samples`."""

    folder: Path
    name: str
    rate: int
    pads: tuple[Pad, ...]
    samples: Mapping[str, Signal] = field(default_factory=dict)

    @cached_property
    def _read(self) -> dict[str, Signal]:
        return {file: samples[: round(MAX_SOUND_SECONDS * self.rate)] for file, samples in self.samples.items()}

    def sound(self, file: str) -> Signal:
        """Return the samples `(n,)` of a file at the rack's rate. Raises `AudioError` where it cannot be read."""
        if file not in self._read:
            samples, _ = reading.read_audio(self.folder / file, self.rate)
            self._read[file] = samples[: round(MAX_SOUND_SECONDS * self.rate)]
        return self._read[file]


def load(folder: Path | str) -> Rack:
    """Open a pack; none of its sounds is read yet.

    Raises:
        DataError: no pack, one that cannot be trusted, or one without sounds.
    """
    folder = Path(folder)
    manifest = read_pack(folder)
    low, high = signals.RATE_RANGE_HZ
    if not low <= manifest["rate"] <= high:
        raise DataError(f"{folder} claims a rate of {manifest['rate']} Hz; {low} to {high} Hz can be played")
    if not manifest["sounds"]:
        raise DataError(f"{folder} has no sounds to play; choose another pack")
    place = {sound["path"]: index for index, sound in enumerate(manifest["sounds"])}  # in which roles are counted
    pads = sorted((pad for kit in kits_in(manifest) for pad in kit.pads), key=lambda pad: place[pad.file])
    return Rack(folder, manifest["name"], manifest["rate"], tuple(pads))
