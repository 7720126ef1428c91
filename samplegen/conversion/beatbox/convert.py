"""A beatboxed or tapped take through a beatbox network, part by part: a drum for every hit, at its very sample.

Two passes: the first finds the hits and what each is, stretch by stretch, the second makes the drums of any part. What
is kept of a hit is a few thousand numbers, so a long take needs hardly more memory than a short one.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio import oneshot, onsets, parallel, signals
from samplegen.conversion.beatbox import hits
from samplegen.conversion.beatbox.hits import Hits
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.results import Progress
from samplegen.conversion.takes import Channels, Take, limit_peaks
from samplegen.errors import AudioError
from samplegen.features import spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models.beatbox import DISCRIMINANT, Config
from samplegen.models.model import Model
from samplegen.transcription import hits as transcription_hits

STRETCH, AROUND = 30, 1  # seconds that are analysed at a time, and on each side; no --chunk changes what is found
_BATCH_HITS = 64  # hits that are converted at a time
_MIN_GAIN_DB = -60.0  # dB of a drum below the loudest of its role


class BeatboxConverter:
    """A take whose hits have been found: `frames` are their first samples `(n,)`, `roles` index the network's own.

    `parts` gives the result, mono in all channels, and `notes` the warnings.
    """

    def __init__(
        self, config: Config, network: Any, take: Take, options: ConvertOptions, progress: Progress | None = None
    ):
        self.config, self.network, self.take, self.options = config, network, take, options
        hits.check(config)
        self.ratio = 2 ** (options.transpose / 12)
        self.peak = max(self._peaks(), default=0.0)
        self.frames, levels, self.features = self._found(progress)
        self.roles = np.asarray(network.get_layer(DISCRIMINANT)(self.features.cepstra)).argmax(axis=1)
        self.gains = _gains(levels, self.roles)
        self.notes = self._notes()

    def parts(self, *, seconds: int, progress: Progress | None = None) -> Iterator[Channels]:
        """The result in parts `(n, channels)`, together as long as the take to the sample."""
        tail, size = np.zeros(0, np.float32), seconds * self.take.rate
        for start in range(0, self.take.frames, size):
            stop = min(start + size, self.take.frames)
            first, last = np.searchsorted(self.frames, (start, stop))
            played = self._played(int(first), int(last), start, stop - start, tail)
            tail = played[stop - start :]
            dry = self.take.read(start, stop)
            wet = limit_peaks(played[: stop - start, None])
            yield (self.options.mix * wet + (1 - self.options.mix) * dry).astype(np.float32)
            if progress:
                progress(stop, self.take.frames)

    def _played(self, first: int, last: int, start: int, length: int, tail: Signal) -> Signal:
        """Some of the hits as drums, from sample `start` on, upon what still sounds; longer where drums outlast it."""
        sounds = [
            render_drum
            for at in range(first, last, _BATCH_HITS)
            for render_drum in self._drums(at, min(at + _BATCH_HITS, last))
        ]
        places = (self.frames[first:last] - start).tolist()
        end = max([length, len(tail), *(at + len(render_drum) for at, render_drum in zip(places, sounds, strict=True))])
        played = np.pad(tail, (0, end - len(tail)))
        for at, render_drum in zip(places, sounds, strict=True):
            played[at : at + len(render_drum)] += render_drum
        return played

    def _drums(self, first: int, last: int) -> list[Signal]:
        """The drums of some hits at the take's rate, as loud as each is to be; no hit depends on those beside it."""
        given = self.features.at(slice(first, last)).inputs()
        pictures: Spectrogram = self.network.predict(given, batch_size=_BATCH_HITS, verbose=0)[1]
        numbered = zip(range(first, last), pictures, strict=True)
        return parallel.map(lambda pair: self.gains[pair[0]] * self.peak * self._drum(*pair), numbered)

    def _drum(self, number: int, picture: Spectrogram) -> Signal:
        return render_drum(picture, self.config.map, self.take.rate, ratio=self.ratio, seed=number)

    def _peaks(self) -> Iterator[float]:
        for start in range(0, self.take.frames, STRETCH * self.take.rate):
            yield signals.peak(self._mono(start, min(start + STRETCH * self.take.rate, self.take.frames)))

    def _found(self, progress: Progress | None) -> tuple[NDArray[np.int64], NDArray[np.float64], Hits]:
        """Return where hits begin, their levels in dB, and their features."""
        frames, levels, features = [np.zeros(0, np.int64)], [np.zeros(0)], []
        rate = self.take.rate
        for start in range(0, self.take.frames if self.peak >= signals.SILENCE_PEAK else 0, STRETCH * rate):
            begin, stop = max(start - AROUND * rate, 0), min(start + STRETCH * rate, self.take.frames)
            try:
                struck = transcription_hits.detect_hits(self._mono(begin, stop + AROUND * rate), rate, peak=self.peak)
            except AudioError:  # no hits in this stretch
                continue
            own = np.flatnonzero((struck.frames + begin >= start) & (struck.frames + begin < stop))
            frames.append(struck.frames[own] + begin)
            levels.append(struck.levels[own])
            if len(own):
                features.append(hits.extract([struck.sounds[index] for index in own]))
            if progress:
                progress(stop, self.take.frames)
        return np.concatenate(frames), np.concatenate(levels), hits.concatenate(features)

    def _mono(self, start: int, stop: int) -> Signal:
        return self.take.read(start, stop).mean(axis=1)

    def _notes(self) -> list[str]:
        if self.peak < signals.SILENCE_PEAK:
            return ["the take is silent, and stays so"]
        if not len(self.frames):
            return ["no hits were found, as nothing in the take begins suddenly; the result is silent"]
        wide = "the hits are heard in the mean of the channels, and the drums are the same in each"
        counts = np.bincount(self.roles, minlength=len(self.config.roles))
        found = ", ".join(f"{count} {name}" for count, name in zip(counts, self.config.roles, strict=True))
        return [f"hits found: {found}", *([wide] if self.take.channels > 1 else [])]


def render_drum(
    picture: Spectrogram, config: SpectrogramConfig, rate: int, *, ratio: float = 1.0, seed: int = 0
) -> Signal:
    """The sound `(n,)` at `rate` Hz of a map, from its attack on and at peak 1, its pitch moved as a sampler does.

    Raises `AudioError` for a map without sound.
    """
    (raw,) = spectrogram.decode([picture], config, seed=seed)
    sound = signals.resample(oneshot.postprocess(raw, config.stft.rate), round(config.stft.rate * ratio), rate)
    sound = sound[onsets.find_onset(sound, rate) :]
    return sound / np.float32(signals.peak(sound))


def _gains(levels: NDArray[np.float64], roles: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return how loud each drum is: the loudest of each role 1, the others as many decibels softer as their hits were.

    A mouth's hats are far softer than its kicks, so each role has its own dynamics, as in `striking.velocities`.
    """
    top = np.full(int(roles.max(initial=0)) + 1, -np.inf)
    np.maximum.at(top, roles, levels)
    return (10 ** (np.maximum(levels - top[roles], _MIN_GAIN_DB) / 20)).astype(np.float32)


def converter(model: Model, take: Take, options: ConvertOptions, progress: Progress | None = None) -> BeatboxConverter:
    """Return a take whose hits have been found and can be converted."""
    return BeatboxConverter(model.config, model.network, take, options, progress)
