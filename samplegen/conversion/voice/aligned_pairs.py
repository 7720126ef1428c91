"""Pairs of takes in two voices, analysed and aligned: levels, pitches, and which of their frames say the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from samplegen.arrays import Signal
from samplegen.audio import reading, signals, streaming
from samplegen.conversion import features, pitch
from samplegen.conversion.alignment import Alignment, align
from samplegen.conversion.features import Levels
from samplegen.conversion.pitch import Pitch
from samplegen.conversion.results import Progress
from samplegen.conversion.takes import Pair
from samplegen.models.fourier_features import RATES


@dataclass(frozen=True)
class AlignedPair:
    """Two takes that say the same, as levels `(frames, bands)` and pitches, and which of their frames are pairs."""

    name: str
    levels: tuple[Levels, Levels]
    pitches: tuple[Pitch, Pitch]
    alignment: Alignment


def common_rate(pairs: Sequence[Pair]) -> int:
    """Return the highest of `RATES` that no take has to be blown up to, or the lowest."""
    own = []
    for pair in pairs:
        for path in (pair.source, pair.target):
            with streaming.Recording(path) as take:
                own.append(take.rate)
    return max([rate for rate in RATES if rate <= min(own)], default=RATES[0])


def read_pairs(pairs: Sequence[Pair], rate: int, *, progress: Progress | None = None) -> list[AlignedPair]:
    """Read pairs of takes and align them.

    Args:
        pairs: from `takes.find_pairs`.
        rate: in Hz, of `RATES`.
        progress: takes (done, of) after each pair.

    Raises:
        AudioError: a take cannot be used.
    """
    aligned = []
    for number, pair in enumerate(pairs, 1):
        source, target = (reading.read_audio(path, rate)[0] for path in (pair.source, pair.target))
        aligned.append(align_takes(pair.name, source, target, rate))
        if progress:
            progress(number, len(pairs))
    return aligned


def align_takes(name: str, source: Signal, target: Signal, rate: int) -> AlignedPair:
    """Return two mono takes `(n,)` at `rate`, analysed and aligned."""
    stft = features.stft_config(rate)
    levels = features.log_mel(source, stft), features.log_mel(target, stft)
    pitches = tuple(
        pitch.fit_length(pitch.track(signals.resample(take, rate, pitch.RATE)), len(one))
        for take, one in zip((source, target), levels, strict=True)
    )
    return AlignedPair(name, levels, (pitches[0], pitches[1]), align(*levels))
