"""A take through a voice network, part by part, so that a long one needs no more memory than a short one.

Two passes: the first surveys the take (pitch, loudness, where its periods lie), the second makes any part of the
result from the samples around it.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.conversion import features, growl, pitch, regression
from samplegen.conversion.features import Levels
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.pitch import Pitch
from samplegen.conversion.results import Progress
from samplegen.conversion.takes import Channels, Take, limit_peaks
from samplegen.conversion.voice import gain, psola
from samplegen.conversion.voice.frames import TakeLevel, frame_features, spectral_shape, take_level
from samplegen.models.model import Model
from samplegen.models.voice import Config

_SURVEY_SECONDS = 20  # seconds that are read at a time to lay out the periods
_CONTEXT_SECONDS = 1  # seconds read on each side of a part
_FADE_SECONDS = 0.02  # seconds over which one part becomes the next
_FRAMES_PER_SECOND = 100  # frames a second
_MIN_PITCH_RATIO = 2 ** (0.1 / 12)  # ratio of pitches below which moving it would cost more than it gives
_MAX_GAIN_DB = 30.0  # dB of any gain


class VoiceConverter:
    """Take that has been analysed and can be converted: `parts` gives the result, `notes` the warnings."""

    def __init__(
        self, config: Config, network: Any, take: Take, options: ConvertOptions, progress: Progress | None = None
    ):
        self.config, self.network, self.take, self.options = config, network, take, options
        self.stft = features.stft_config(config.rate)
        self.notes: list[str] = []
        self.pitch, self.loudness = self._surveyed(progress)
        self.audible = features.audible(self.loudness)
        self.level: TakeLevel = take_level(self.loudness, self.pitch)
        self.ratio = self._ratio()
        if not self.audible.any():
            self.notes.append("the take is silent, and stays so")

    def parts(self, *, seconds: int = _SURVEY_SECONDS, progress: Progress | None = None) -> Iterator[Channels]:
        """The converted take in parts `(n, channels)`, together as long as it is to the sample."""
        fade, tail = round(_FADE_SECONDS * self.take.rate), None
        ramp = np.linspace(0, 1, fade, dtype=np.float32)[:, None]
        for start in range(0, self.take.frames, seconds * self.take.rate):
            stop = min(start + seconds * self.take.rate, self.take.frames)
            part = self.part(start, min(stop + fade, self.take.frames))
            if tail is not None:
                both = min(len(tail), len(part))
                part[:both] = tail[:both] + ramp[:both] * (part[:both] - tail[:both])
            yield part[: stop - start]
            tail = part[stop - start :]
            if progress:
                progress(stop, self.take.frames)

    def part(self, start: int, stop: int) -> Channels:
        """Samples `(stop - start, channels)` of the result; `start` is at a whole second."""
        rate = self.take.rate
        begin = start - _CONTEXT_SECONDS * rate
        given = self.take.read(begin, stop + _CONTEXT_SECONDS * rate)
        moved = self._moved(given, begin)
        predicted = self._gain(given.mean(axis=1), moved.mean(axis=1), begin)
        made = np.stack([gain.apply(channel, rate, predicted, self.stft) for channel in moved.T], axis=1)
        if self.options.growl:
            made *= growl.envelope(len(made), begin, rate, self.pitch * self.ratio, self.options.growl)[:, None]
        made = self.options.mix * limit_peaks(made) + (1 - self.options.mix) * given
        return made[start - begin : stop - begin].astype(np.float32)

    def _moved(self, given: Channels, begin: int) -> Channels:
        """Return samples at the target's pitch."""
        if self.ratio == 1:
            return given
        marks, layout = self._layout
        parts = [psola.overlap_add(np.ascontiguousarray(c), begin, marks, layout, self.ratio) for c in given.T]
        return np.stack(parts, axis=1)

    def _gain(self, given: Signal, moved: Signal, begin: int) -> Levels:
        """Gain `(frames, bands)` in dB that makes what was moved sound as the network says of what was given.

        What the overlap of windows blurs of it is corrected for once.
        """
        levels = self._levels(given)
        frames = np.arange(len(levels)) + begin // self.take.rate * _FRAMES_PER_SECOND
        inside = np.clip(frames, 0, len(self.pitch) - 1)
        heights = np.where(frames == inside, self.pitch[inside], 0)
        predicted = regression.predict(self.network, frame_features(levels, heights, self.level))
        sound = self._resampled(moved)
        shape = predicted - spectral_shape(features.log_mel(sound, self.stft), self.level)
        audible = self.audible[inside]
        first = _limit_shape(shape, audible)
        once = gain.apply(sound, self.config.rate, first, self.stft)
        shape += predicted - spectral_shape(features.log_mel(once, self.stft), self.level)
        return _limit_shape(shape, audible)

    def _levels(self, mono: Signal) -> Levels:
        return features.log_mel(self._resampled(mono), self.stft)

    def _resampled(self, mono: Signal) -> Signal:
        return signals.resample(np.ascontiguousarray(mono), self.take.rate, self.config.rate)

    def _surveyed(self, progress: Progress | None) -> tuple[Pitch, NDArray[np.float32]]:
        """Pitch and loudness `(frames,)` of the whole take."""
        rate = self.take.rate
        frames = -(-self.take.frames * _FRAMES_PER_SECOND // rate) + 1
        loud = np.full(frames, features.FLOOR_DB, np.float32)

        def read(first: int, last: int) -> Signal:
            mono = self.take.read(
                first * rate // _FRAMES_PER_SECOND, min(last * rate // _FRAMES_PER_SECOND, self.take.frames)
            ).mean(axis=1)
            levels = features.loudness(self._levels(mono))
            loud[first : first + len(levels)] = levels[: frames - first]
            if progress:
                progress(min(last, frames), frames)
            return signals.resample(mono, rate, pitch.RATE)

        return pitch.track_stretches(frames, read, tracker=self.options.tracker), loud

    def _ratio(self) -> float:
        """Return how many times as high the result shall be."""
        if not self.level.pitch:
            self.notes.append("no pitch was found in the take, so pitch is left as it is")
            return 1.0
        ratio = self.options.ratio(self.level.pitch, self.config.pitches[1])
        return ratio if not 1 / _MIN_PITCH_RATIO < ratio < _MIN_PITCH_RATIO else 1.0

    @cached_property
    def _layout(self) -> tuple[psola.Marks, psola.Layout]:
        rate, marker = self.take.rate, psola.Marker(self.pitch, self.take.rate)
        for start in range(0, self.take.frames, _SURVEY_SECONDS * rate):
            begin, stop = start - _CONTEXT_SECONDS * rate, min(start + _SURVEY_SECONDS * rate, self.take.frames)
            marker.read(self.take.read(begin, stop + _CONTEXT_SECONDS * rate).mean(axis=1), begin, stop)
        marks = marker.marks()
        return marks, psola.lay_out(marks, self.ratio)


def _limit_shape(shape: Levels, audible: NDArray[np.bool_]) -> Levels:
    """A gain in dB from cepstra; silence is never made louder."""
    levels = features.smooth_levels(shape)
    return np.clip(levels, -_MAX_GAIN_DB, np.where(audible, _MAX_GAIN_DB, 0.0)[:, None]).astype(np.float32)


def converter(model: Model, take: Take, options: ConvertOptions, progress: Progress | None = None) -> VoiceConverter:
    """A take that has been surveyed and can be converted."""
    return VoiceConverter(model.config, model.network, take, options, progress)
