"""Reading of sound files of any length, part by part."""

import os
from pathlib import Path

import numpy as np
import soundfile

from samplegen.arrays import Signal
from samplegen.audio.reading import error_reason
from samplegen.audio.signals import RATE_RANGE_HZ
from samplegen.errors import AudioError


class Recording:
    """A sound file of any length, read part by part with all its channels; closed by `with`.

    Raises:
        AudioError: it cannot be read as audio, has no samples, or a part holds NaN or infinity.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            self.path.open("rb").close()
            self._file = soundfile.SoundFile(os.fsencode(self.path))
        except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
            raise AudioError(f"{path} cannot be read as audio ({error_reason(error)})") from error
        self.rate, self.frames, self.channels = self._file.samplerate, self._file.frames, self._file.channels
        if self.frames < 2 or not RATE_RANGE_HZ[0] <= self.rate <= RATE_RANGE_HZ[1]:
            raise AudioError(f"{path} holds {self.frames} samples at {self.rate} Hz, which is no sound")

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Signal:
        """Read samples `(stop - start, channels)`; before the first and after the last is silence."""
        first, last = min(max(start, 0), self.frames), min(max(stop, 0), self.frames)
        try:
            self._file.seek(first)
            part = self._file.read(max(last - first, 0), dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, ValueError) as error:
            raise AudioError(f"{self.path} cannot be read as audio ({error_reason(error)})") from error
        if not np.isfinite(part).all():
            raise AudioError(f"{self.path} holds samples that are not numbers (NaN or infinite)")
        before = first - start if first > start else 0
        return np.pad(part, ((min(before, stop - start), max(stop - start - before - len(part), 0)), (0, 0)))
