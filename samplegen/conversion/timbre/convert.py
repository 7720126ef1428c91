"""A take played by an instrument: its pitch and loudness lead a timbre network, whose answer is made audible.

Two passes: the first surveys the take, the second makes any part of the result. What a sample becomes depends on its
place in the take and not on the part, so that parts fit together.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.conversion import features, growl, pitch, polyphony
from samplegen.conversion.features import Levels
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.results import Progress
from samplegen.conversion.takes import Channels, Take, limit_peaks
from samplegen.conversion.timbre import conditioning, harmonics, synthesis
from samplegen.conversion.timbre.harmonics import FLOOR_DB, FRAMES_PER_SECOND, MAX_FREQUENCY
from samplegen.models import timbre
from samplegen.models.model import Model
from samplegen.models.timbre import Config

CHUNK_SECONDS = 20  # seconds that are made at a time
_BLOCK = 2000  # frames that the network answers at a time
_CONTEXT_FRAMES = 10  # frames of controls read on each side of a part: what the noise's windows reach
_PITCH_MARGIN_SEMITONES = 2  # semitones beyond the learned pitches, from where on the timbre stays what it is
_MAX_GAP_FRAMES = 5  # frames that are bridged where a tracker loses a tone
_MAX_OUTSIDE_SHARE = 0.05  # share of the voiced frames outside of the range, from which on a note warns of it
_EDGE_FRAMES = 4  # frames at the ends of what is read whose loudness lacks what is beside


class TimbreConverter:
    """Take that has been analysed and can be played: `parts` gives the result, `notes` the warnings."""

    def __init__(
        self, config: Config, network: Any, take: Take, options: ConvertOptions, progress: Progress | None = None
    ):
        self.config, self.network, self.take, self.options = config, network, take, options
        self.notes: list[str] = []
        self.frames = -(-take.frames * FRAMES_PER_SECOND // take.rate) + 1
        self.loudness = np.full((self.frames, take.channels + 1), FLOOR_DB, np.float32)  # of each channel, and the mid
        unexplained: list[NDArray[np.float64]] = []
        heights = self._surveyed(unexplained, progress)
        self.voiced = binary_closing(heights > 0, np.ones(_MAX_GAP_FRAMES)) | (heights > 0)
        self.ratio = self._ratio(heights)
        self.hertz = conditioning.interpolate_unvoiced(heights) * self.ratio
        self.turned = synthesis.phase(self.hertz)
        self.conditions = self._conditions()
        self._answered = lru_cache(2)(self._answer)
        self._add_notes(heights, np.concatenate([np.zeros(0), *unexplained]))

    def parts(self, *, seconds: int = CHUNK_SECONDS, progress: Progress | None = None) -> Iterator[Channels]:
        """The converted take in parts `(n, channels)`, together as long as it is to the sample."""
        for start in range(0, self.take.frames, seconds * self.take.rate):
            stop = min(start + seconds * self.take.rate, self.take.frames)
            yield self.part(start, stop)
            if progress:
                progress(stop, self.take.frames)

    def part(self, start: int, stop: int) -> Channels:
        """Samples `(stop - start, channels)` of the result: one sound, in each channel as loud as that was."""
        rate = self.take.rate
        first = max(start * FRAMES_PER_SECOND // rate - _CONTEXT_FRAMES, 0)
        last = min(stop * FRAMES_PER_SECOND // rate + _CONTEXT_FRAMES + 2, self.frames)
        tones, noise = self._controls(first, last)
        sound = synthesis.harmonic_tone(start, stop, rate, self.hertz, self.turned, tones, first)
        sound += synthesis.filtered_noise(start, stop, rate, noise, first, band_rate=self.config.rate)
        if self.options.growl:
            heights = np.where(self.voiced, self.hertz, 0).astype(np.float32)
            sound *= growl.envelope(len(sound), start, rate, heights, self.options.growl)
        made = limit_peaks(sound[:, None] * self._gains(start, stop, first, last))
        if self.options.mix < 1:
            made = self.options.mix * made + (1 - self.options.mix) * self.take.read(start, stop)
        return made.astype(np.float32)

    def _gains(self, start: int, stop: int, first: int, last: int) -> Levels:
        """Amplitudes `(stop - start, channels)` that samples have in the take; nothing where it is silent."""
        loud = self.loudness[first:last, :-1]
        heights = np.where(loud > FLOOR_DB + 1, 10 ** (loud / 20), 0)
        place = np.arange(start, stop) * FRAMES_PER_SECOND / self.take.rate - first
        return np.stack([np.interp(place, np.arange(len(loud)), column) for column in heights.T], axis=1)

    def _controls(self, first: int, last: int) -> tuple[Levels, Levels]:
        """Amplitudes `(frames, harmonics)` and noise `(frames, bands)` in dB of a sound whose power is 1."""
        levels = self._levels(first, last)
        tones, noise = levels[:, : self.config.harmonics], levels[:, self.config.harmonics :]
        frequency = self.hertz[first:last, None] * np.arange(1, self.config.harmonics + 1)
        below_limit = (frequency < MAX_FREQUENCY * min(self.take.rate, self.config.rate)) & self.voiced[
            first:last, None
        ]
        power = np.where(below_limit, 10 ** (tones / 10), 0)
        stft = features.stft_config(self.take.rate)
        weights, inside = synthesis.band_interpolation(stft, self.config.bands, self.config.rate)
        density = np.where(inside, 10 ** (noise @ weights / 10), 0).mean(axis=1) * self.take.rate / self.config.rate
        tonal, hissing = synthesis.power_factors(power.sum(axis=1), density)
        loud = noise + 10 * np.log10(np.maximum(hissing, 1e-12))[:, None]
        return np.sqrt(2 * power * tonal[:, None]).astype(np.float32), loud.astype(np.float32)

    def _levels(self, first: int, last: int) -> Levels:
        """Return what the network says of frames `first` to `last`, in blocks that do not depend on these."""
        blocks = range(first // _BLOCK, (last - 1) // _BLOCK + 1)
        answers = np.concatenate([self._answered(block) for block in blocks])
        return answers[first - blocks.start * _BLOCK :][: last - first]

    def _answer(self, block: int) -> Levels:
        start, reach = block * _BLOCK, timbre.REACH
        stop = min(start + _BLOCK, self.frames)
        before, behind = min(reach, start), min(reach, self.frames - stop)
        levels = conditioning.predict(self.network, self.conditions[start - before : stop + behind])
        return levels[before : before + stop - start]

    def _surveyed(self, unexplained: list[NDArray[np.float64]], progress: Progress | None) -> pitch.Pitch:
        """Pitch `(frames,)` of the whole take; its loudness is kept on the way."""
        rate = self.take.rate

        def read(first: int, last: int) -> Signal:
            given = self.take.read(
                first * rate // FRAMES_PER_SECOND, min(last * rate // FRAMES_PER_SECOND, self.take.frames)
            )
            mono = given.mean(axis=1)
            count = min(last, self.frames) - first
            skipped = _EDGE_FRAMES if first else 0
            for column, channel in enumerate((*given.T, mono)):
                loud = harmonics.loudness(channel, rate, count)[skipped:]
                self.loudness[first + skipped : first + count, column] = loud
            if progress:
                progress(min(last, self.frames), self.frames)
            return signals.resample(mono, rate, pitch.RATE)

        def note(samples: Signal, found: pitch.Pitch) -> None:
            unexplained.append(polyphony.score(samples, found))

        return pitch.track_stretches(
            self.frames, read, limits=pitch.INSTRUMENT_RANGE_HZ, refine=True, tracker=self.options.tracker, note=note
        )

    def _ratio(self, heights: pitch.Pitch) -> float:
        own = pitch.median(heights)
        return self.options.ratio(own, self.config.pitches[1]) if own else 1.0

    def _conditions(self) -> Levels:
        """Return the network's input: pitches that it knows, and a loudness in the range that it learned."""
        low, high = self.config.pitches[0], self.config.pitches[-1]
        beyond = 2 ** (_PITCH_MARGIN_SEMITONES / 12)
        heights = np.clip(self.hertz, low / beyond, high * beyond)
        inputs = conditioning.conditioning(heights, self._levelled(), self.config.levels[-1])
        return inputs[:, : self.config.inputs]

    def _levelled(self) -> NDArray[np.float32]:
        """The take's loudness, moved to that of the instrument where its middle lies outside of what that plays."""
        loud = self.loudness[:, -1]
        audible = features.audible(loud)
        if not audible.any():
            return loud
        middle, (soft, usual, hard) = np.median(loud[audible]), self.config.levels
        return loud if soft <= middle <= hard else loud + np.float32(usual - middle)

    def _add_notes(self, heights: pitch.Pitch, unexplained: NDArray[np.float64]) -> None:
        voiced = self.hertz[heights > 0]
        if self.loudness.max() <= FLOOR_DB + 1:
            self.notes.append("the take is silent, and stays so")
        elif not len(voiced):
            self.notes.append("no pitch was found in the take, so only the instrument's noise plays")
        if len(unexplained) and (several := float(np.median(unexplained))) > polyphony.MIN_SCORE:
            self.notes.append(
                f"the take seems to have several notes at once ({several:.2f}, where single ones have up to "
                f"{polyphony.MIN_SCORE:g}); one of them is played at a time"
            )
        if len(voiced):
            self.notes += _outside(voiced, self.config)


def _outside(voiced: NDArray[np.float64], config: Config) -> list[str]:
    """Return warnings of pitches in Hz at which the instrument was never recorded."""
    low, high = config.pitches[0] / 2 ** (1 / 12), config.pitches[-1] * 2 ** (1 / 12)
    share = {octaves: float(np.mean((voiced * 2.0**octaves < low) | (voiced * 2.0**octaves > high)))
             for octaves in (0, -1, 1, -2, 2)}  # fmt: skip
    if share[0] <= _MAX_OUTSIDE_SHARE:
        return []
    best = min(share, key=lambda octaves: share[octaves])
    hint = f"; --transpose {12 * best} would leave {share[best]:.0%}" if best else ""
    where = f"{config.pitches[0]:.0f} to {config.pitches[-1]:.0f} Hz that the instrument was heard at"
    return [f"{share[0]:.0%} of what is played lies outside of the {where}{hint}"]


def converter(model: Model, take: Take, options: ConvertOptions, progress: Progress | None = None) -> TimbreConverter:
    """A take that has been surveyed and can be played."""
    return TimbreConverter(model.config, model.network, take, options, progress)
