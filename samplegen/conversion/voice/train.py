"""One voice to another: learned from pairs of takes, applied as a gain on the take's own spectrum.

pairs -> levels and pitch -> aligned frames -> `nets.transforming` -> a network from frames to cepstra of the target
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from samplegen.audio import reading, signals, streaming
from samplegen.conversion import features, pitch, takes
from samplegen.conversion.alignment import LEAST, Alignment, align
from samplegen.conversion.features import Levels
from samplegen.conversion.pitch import Pitch
from samplegen.conversion.regression import Lesson
from samplegen.conversion.results import Learned, Progress
from samplegen.conversion.takes import Pair
from samplegen.conversion.voice import fit
from samplegen.conversion.voice.frames import CEPSTRA, WEIGHTS, described, middle, spectral_shape
from samplegen.errors import DataError
from samplegen.features.stft import Signal
from samplegen.models.fourier_features import RATES
from samplegen.models.voice import Config

FEWEST = 100  # frames of a lesson: one second


@dataclass(frozen=True)
class Studied:
    """Two takes that say the same, as levels `(frames, bands)` and pitches, and which of their frames are pairs."""

    name: str
    levels: tuple[Levels, Levels]
    pitches: tuple[Pitch, Pitch]
    alignment: Alignment


def common_rate(pairs: Sequence[Pair]) -> int:
    """The highest of `nets.voice.RATES` that no take has to be blown up to, or the lowest."""
    own = []
    for pair in pairs:
        for path in (pair.source, pair.target):
            with streaming.Recording(path) as take:
                own.append(take.rate)
    return max([rate for rate in RATES if rate <= min(own)], default=RATES[0])


def study(pairs: Sequence[Pair], rate: int, *, progress: Progress | None = None) -> list[Studied]:
    """Read pairs of takes and align them. Raises `AudioError` where a take cannot be used.

    Args:
        pairs: from `takes.paired`.
        rate: in Hz, of `nets.voice.RATES`.
        progress: told (done, of) after each pair.
    """
    studied = []
    for number, pair in enumerate(pairs, 1):
        takes = [reading.read_audio(path, rate)[0] for path in (pair.source, pair.target)]
        studied.append(studied_pair(pair.name, takes[0], takes[1], rate))
        if progress:
            progress(number, len(pairs))
    return studied


def studied_pair(name: str, source: Signal, target: Signal, rate: int) -> Studied:
    """Two mono takes `(n,)` at `rate`, aligned."""
    stft = features.transform(rate)
    levels = features.log_mel(source, stft), features.log_mel(target, stft)
    pitches = tuple(
        pitch.fitted(pitch.track(signals.resample(take, rate, pitch.RATE)), len(one))
        for take, one in zip((source, target), levels, strict=True)
    )
    return Studied(name, levels, (pitches[0], pitches[1]), align(*levels))


def learn(studied: Sequence[Studied], rate: int, *, seed: int = 0) -> Learned:
    """Teach a network what of one voice becomes what of the other.

    Pairs whose alignment scores below `align.LEAST` are left out, unless all do.

    Raises:
        DataError: less than a second of both voices is left.
    """
    kept, notes = _kept(studied)
    lesson = _lesson(kept)
    if len(lesson.frames) < FEWEST:
        raise DataError("there is less than a second of sound that both voices have; give longer or louder takes")
    if len(kept) == 1:
        notes.append("one pair of takes only: nothing tells when to stop learning, so the regression stands alone")
    heights = tuple(pitch.median(np.concatenate([one.pitches[voice] for one in kept])) for voice in range(2))
    if not all(heights):
        notes.append("one of the voices is never at a pitch, so pitch will be left as it is")
    config = Config(rate=rate, inputs=len(WEIGHTS), outputs=CEPSTRA, pitches=heights)
    network, figures = fit.teach(config, lesson, seed=seed)
    facts = _facts(studied, kept, lesson) | figures
    figures = {name: value for name, value in figures.items() if name.startswith("held_out")}
    return Learned(config, network, facts, tuple(notes), figures)


def _kept(studied: Sequence[Studied]) -> tuple[list[Studied], list[str]]:
    good = [one for one in studied if one.alignment.score >= LEAST]
    if not good:
        best = max((one.alignment.score for one in studied), default=0.0)
        return list(studied), [f"no pair seems to be one sentence in two voices: the best scores {best:.2f} of {LEAST}"]
    return good, [
        f"{one.name} is left out: the takes hardly say the same, at {one.alignment.score:.2f} of {LEAST}"
        for one in studied
        if one not in good
    ]


def _lesson(studied: Sequence[Studied]) -> Lesson:
    frames, targets, takes = [], [], []
    for number, one in enumerate(studied):
        middles = [
            middle(features.loudness(levels), heights) for levels, heights in zip(one.levels, one.pitches, strict=True)
        ]
        of_source, of_target = one.alignment.pairs.T
        frames.append(described(one.levels[0], one.pitches[0], middles[0])[of_source])
        targets.append(spectral_shape(one.levels[1], middles[1])[of_target])
        takes.append(np.full(len(of_source), number))
    return Lesson(np.concatenate(frames), np.concatenate(targets), np.concatenate(takes), WEIGHTS)


def _facts(studied: Sequence[Studied], kept: Sequence[Studied], lesson: Lesson) -> dict[str, Any]:
    return {
        "sounds": 2 * len(kept),
        "pairs": len(kept),
        "seconds_aligned": round(len(lesson.frames) / 100, 1),
        "scores": {one.name: round(one.alignment.score, 3) for one in studied},
    }


def train(
    source: Path, target: Path, *, seed: int = 0, progress: Progress | None = None, table: Path | None = None
) -> Learned:
    """What turns one voice into the other.

    Args:
        source, target: folders of takes, or one take each; `takes.paired` says which belong together.
        seed: of everything random.
        progress: told (done, of) as pairs are read.
        table: CSV file of pairs, in place of names.

    Raises:
        DataError, AudioError: there are no pairs, or a take cannot be used.
    """
    pairs = takes.paired(source, target, table)
    rate = common_rate(pairs)
    return learn(study(pairs, rate, progress=progress), rate, seed=seed)
