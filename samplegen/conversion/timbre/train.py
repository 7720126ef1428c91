"""One instrument, learned from recordings of it alone: what its harmonics and its noise do at each pitch and loudness.

recordings -> pitch, loudness, harmonics, noise -> `nets.sounding` -> a network from conditions to levels
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samplegen.audio import reading, signals
from samplegen.audio.streaming import Recording
from samplegen.conversion import pitch
from samplegen.conversion.features import Levels, smoothed
from samplegen.conversion.pitch import Pitch
from samplegen.conversion.results import Learned, Progress
from samplegen.conversion.timbre import conditions, fit, harmonics
from samplegen.conversion.timbre.conditions import WEIGHTS
from samplegen.conversion.timbre.evaluate import measured
from samplegen.conversion.timbre.fit import Note
from samplegen.data import folders
from samplegen.errors import AudioError, DataError
from samplegen.features.stft import Signal
from samplegen.models.fourier_features import RATES
from samplegen.models.timbre import Config

FEWEST = 100  # frames to learn from: one second
LOWEST = -90.0  # dB under the loudness of a frame, of anything
_FALL = 50.0  # dB under its loudest frame, below which a recording teaches nothing
_STEADY = 2  # frames to each side over which the noise is averaged before it is measured in dB
_EDGES = (1, 50, 99)  # percentiles of the pitch ...
_LEVELS = (5, 50, 95)  # ... and of the loudness that a configuration holds


@dataclass(frozen=True)
class Studied:
    """A recording: pitch in Hz and loudness in dB `(frames,)`, levels `(frames, outputs)` in dB under that."""

    name: str
    pitch: Pitch
    loudness: NDArray[np.float32]
    levels: Levels

    @property
    def audible(self) -> NDArray[np.bool_]:
        """Which frames are at a pitch and far enough from silence."""
        return (self.pitch > 0) & (self.loudness > max(self.loudness.max() - _FALL, harmonics.FLOOR + _FALL))


def common_rate(rates: Sequence[int]) -> int:
    """The highest of `nets.voice.RATES` to which no recording of these rates in Hz is blown up, or the lowest."""
    return max([rate for rate in RATES if rate <= min(rates)], default=RATES[0])


def study(name: str, samples: Signal, config: Config) -> Studied:
    """Hear a mono recording `(n,)` at the rate of a configuration."""
    rate = config.rate
    resampled = signals.resample(samples, rate, pitch.RATE)
    heights = pitch.track(resampled, limits=pitch.INSTRUMENT, refine=True)
    loud = harmonics.loudness(samples, rate, len(heights))
    tones = harmonics.harmonics(samples, rate, heights, config.harmonics)
    density = 10 ** (harmonics.noise(samples, rate, heights, config.bands) / np.float32(10))
    power = smoothed(density.astype(np.float32), _STEADY)
    noise = 10 * np.log10(np.maximum(power, 10 ** (harmonics.FLOOR / 10)))
    levels = np.concatenate((tones, noise), axis=1) - loud[:, None]
    return Studied(name, heights, loud, np.maximum(levels, LOWEST).astype(np.float32))


def learn(studied: Sequence[Studied], rate: int, *, seed: int = 0, steps: int | None = None) -> Learned:
    """Teach a network how an instrument sounds, in so many steps or as many as help recordings that are held out.

    Raises:
        DataError: less than a second of the recordings is at a pitch.
    """
    kept, notes = _kept(studied)
    frames = sum(int(one.audible.sum()) for one in kept)
    if frames < FEWEST:
        raise DataError("less than a second of the recordings is at a pitch; give notes or phrases of one instrument")
    if len(kept) == 1:
        notes.append("one recording only: nothing tells when to stop learning, so the regression stands alone")
    config = _config(kept, rate)
    network, figures = fit.teach(config, [note(one, config) for one in kept], WEIGHTS, seed=seed, steps=steps)
    facts = {"sounds": len(kept), "seconds_at_a_pitch": round(frames / harmonics.FRAMES, 1)} | figures
    return Learned(config, network, facts, tuple(notes))


def _kept(studied: Sequence[Studied]) -> tuple[list[Studied], list[str]]:
    kept = [one for one in studied if one.audible.any()]
    return kept, [f"{one.name} is left out: it is never at a pitch" for one in studied if one not in kept]


def _config(studied: Sequence[Studied], rate: int) -> Config:
    heights = np.concatenate([one.pitch[one.audible] for one in studied])
    loud = np.concatenate([one.loudness[one.audible] for one in studied])
    return Config(
        rate=rate, inputs=len(WEIGHTS), pitches=tuple(map(float, np.percentile(heights, _EDGES))),
        levels=tuple(map(float, np.percentile(loud, _LEVELS))),
    )  # fmt: skip


def note(one: Studied, config: Config) -> Note:
    """What a network learns of a recording. Harmonics that do not exist are filled in with the last that does."""
    inputs = conditions.conditions(conditions.bridged(one.pitch), one.loudness, config.levels[-1])
    known = ~np.isnan(one.levels) & one.audible[:, None]
    levels = one.levels.copy()
    for column in range(1, config.harmonics):
        missing = np.isnan(levels[:, column])
        levels[missing, column] = levels[missing, column - 1]
    return Note(inputs, np.nan_to_num(levels), known)


_FEWEST, _EVERY, _MOST, _LONGEST = 6, 6, 12, 10  # recordings; which of them are held out, of each how many seconds


def train(folder: Path, *, seed: int = 0, progress: Progress | None = None) -> Learned:
    """How one instrument sounds.

    Args:
        folder: of recordings, notes or phrases, of any format; or one recording.
        seed: of everything random.
        progress: told (done, of) as recordings are heard.

    Raises:
        DataError: there are none that can be used, or none at a pitch.
    """
    notes: list[str] = []
    rates = _rates(folder, notes)
    rate = common_rate(list(rates.values()))
    studied = []
    for number, path in enumerate(rates, 1):
        try:
            studied.append((path, study(path.name, reading.read_audio(path, rate)[0], Config(rate=rate))))
        except AudioError as error:
            notes.append(f"left out: {error}")
        if progress:
            progress(number, len(rates))
    done = learn([one for _, one in studied], rate, seed=seed)
    figures = _proven(studied, done, seed) if len(studied) >= _FEWEST else {}
    return Learned(done.config, done.network, done.facts, (*notes, *done.notes), figures)


def _proven(studied: Sequence[tuple[Path, Studied]], done: Learned, seed: int) -> dict[str, float]:
    """Figures of recordings that were held out, by a model that learned from the others only."""
    held, rate = studied[_EVERY // 2 :: _EVERY][:_MOST], done.config.rate
    rest = [one for path, one in studied if path not in dict(held)]
    other = learn(rest, rate, seed=seed, steps=done.facts["steps"])
    takes = ((reading.read_audio(path, rate)[0][: _LONGEST * rate],) * 2 for path, _ in held)
    rows = measured(other.config, other.network, takes)
    figures = {f"held_out_{name}": value for name, value in rows["converted"].items() if name != "voicing_error"}
    figures["held_out_spectral_griffin_lim"] = rows["griffin-lim"]["spectral"]
    return {name: round(value, 4) for name, value in figures.items() if math.isfinite(value)}


def _rates(folder: Path, notes: list[str]) -> dict[Path, int]:
    """The recordings that can be opened with their rates in Hz; the others are noted."""
    paths = (
        [folder] if folder.is_file() else folders.audio_files(folder, lambda path, why: notes.append(f"{path} {why}"))
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
