"""Recordings of an instrument, analysed: pitch, loudness, and the levels of harmonics and noise of every frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio import reading, signals
from samplegen.audio.streaming import Recording
from samplegen.conversion import pitch
from samplegen.conversion.features import Levels, moving_average
from samplegen.conversion.pitch import Pitch
from samplegen.conversion.results import Progress
from samplegen.conversion.timbre import harmonics
from samplegen.data import folders
from samplegen.errors import AudioError, DataError
from samplegen.models.fourier_features import RATES
from samplegen.models.timbre import Config

MIN_LEVEL_DB = -90.0  # under the loudness of a frame, of anything
_AUDIBLE_DB = 50.0  # under its loudest frame, below which a recording teaches nothing
_SMOOTHED_FRAMES = 2  # to each side, over which the noise is averaged before it is measured in dB


@dataclass(frozen=True)
class Analysis:
    """A recording: pitch in Hz and loudness in dB `(frames,)`, levels `(frames, outputs)` in dB under that."""

    name: str
    pitch: Pitch
    loudness: NDArray[np.float32]
    levels: Levels

    @property
    def audible(self) -> NDArray[np.bool_]:
        """Mask of the frames that are at a pitch and far enough from silence."""
        loud_enough = self.loudness > max(self.loudness.max() - _AUDIBLE_DB, harmonics.FLOOR_DB + _AUDIBLE_DB)
        return (self.pitch > 0) & loud_enough


def analyse(name: str, samples: Signal, config: Config) -> Analysis:
    """Return a mono recording `(n,)` at the rate of a configuration, analysed."""
    rate = config.rate
    resampled = signals.resample(samples, rate, pitch.RATE)
    heights = pitch.track(resampled, limits=pitch.INSTRUMENT_RANGE_HZ, refine=True)
    loud = harmonics.loudness(samples, rate, len(heights))
    tones = harmonics.harmonics(samples, rate, heights, config.harmonics)
    density = 10 ** (harmonics.noise(samples, rate, heights, config.bands) / np.float32(10))
    power = moving_average(density.astype(np.float32), _SMOOTHED_FRAMES)
    noise = 10 * np.log10(np.maximum(power, 10 ** (harmonics.FLOOR_DB / 10)))
    levels = np.concatenate((tones, noise), axis=1) - loud[:, None]
    return Analysis(name, heights, loud, np.maximum(levels, MIN_LEVEL_DB).astype(np.float32))


def common_rate(rates: Sequence[int]) -> int:
    """Return the highest of `RATES` to which no recording of these rates in Hz is blown up, or the lowest."""
    return max([rate for rate in RATES if rate <= min(rates)], default=RATES[0])


def read_recordings(
    paths: Sequence[Path], rate: int, notes: list[str], progress: Progress | None = None
) -> list[tuple[Path, Analysis]]:
    """Read and analyse recordings at a rate in Hz; the ones that cannot be used are noted."""
    found = []
    for number, path in enumerate(paths, 1):
        try:
            found.append((path, analyse(path.name, reading.read_audio(path, rate)[0], Config(rate=rate))))
        except AudioError as error:
            notes.append(f"left out: {error}")
        if progress:
            progress(number, len(paths))
    return found


def read_rates(folder: Path, notes: list[str]) -> dict[Path, int]:
    """Return the recordings that can be opened with their rates in Hz; the others are noted.

    Raises:
        DataError: there are none.
    """
    paths = (
        [folder]
        if folder.is_file()
        else folders.find_audio_files(folder, lambda path, why: notes.append(f"{path} {why}"))
    )
    rates = {}
    for path in paths:
        try:
            with Recording(path) as recording:
                rates[path] = recording.rate
        except AudioError as error:
            notes.append(f"left out: {error}")
    if not rates:
        raise DataError(f"{folder} holds no recording that can be read; give notes or phrases of one instrument")
    return rates
