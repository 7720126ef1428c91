"""Train a model from one voice to another, on pairs of takes.

pairs of takes -> `aligned_pairs` -> frames of both voices -> `fit` -> a network from frames to cepstra of the target
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from samplegen.conversion import features, pitch, takes
from samplegen.conversion.alignment import MIN_SCORE
from samplegen.conversion.regression import TrainingFrames
from samplegen.conversion.results import Progress, TrainedConverter
from samplegen.conversion.voice import fit
from samplegen.conversion.voice.aligned_pairs import AlignedPair, common_rate, read_pairs
from samplegen.conversion.voice.frames import CEPSTRA, WEIGHTS, frame_features, spectral_shape, take_level
from samplegen.errors import DataError
from samplegen.models.voice import Config
from samplegen.training.events import append_troubles
from samplegen.training.workplace import Workplace

FRAMES_PER_SECOND = 100
MIN_FRAMES = 100  # that both voices have: one second


def train(  # noqa: PLR0913
    source: Path,
    target: Path,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    table: Path | None = None,
    workplace: Workplace | None = None,
) -> TrainedConverter:
    """Train a network that turns one voice into the other.

    Args:
        source, target: folders of takes, or one take each; `takes.find_pairs` says which belong together.
        seed: of everything random.
        progress: takes (done, of) as pairs are read.
        table: CSV file of pairs, in place of names.
        workplace: of the checkpoints; by default a temporary folder.

    Raises:
        DataError, AudioError: there are no pairs, or a take cannot be used.
    """
    pairs = takes.find_pairs(source, target, table)
    rate = common_rate(pairs)
    return learn(read_pairs(pairs, rate, progress=progress), rate, seed=seed, workplace=workplace)


def learn(
    pairs: Sequence[AlignedPair], rate: int, *, seed: int = 0, workplace: Workplace | None = None
) -> TrainedConverter:
    """Train on aligned pairs. Those whose alignment scores below `alignment.MIN_SCORE` are left out, unless all do.

    Raises:
        DataError: less than a second of both voices is left.
    """
    kept, notes = _kept(pairs)
    frames = _frames(kept)
    if len(frames.frames) < MIN_FRAMES:
        raise DataError("there is less than a second of sound that both voices have; give longer or louder takes")
    if len(kept) == 1:
        notes.append("one pair of takes only: nothing tells when to stop learning, so the regression stands alone")
    heights = tuple(pitch.median(np.concatenate([one.pitches[voice] for one in kept])) for voice in range(2))
    if not all(heights):
        notes.append("one of the voices is never at a pitch, so pitch will be left as it is")
    config = Config(rate=rate, inputs=len(WEIGHTS), outputs=CEPSTRA, pitches=heights)
    report = append_troubles(notes)
    network, metrics = fit.train_network(config, frames, seed=seed, workplace=workplace, report=report)
    facts = _facts(pairs, kept, frames) | metrics
    held_out = {name: value for name, value in metrics.items() if name.startswith("held_out")}
    return TrainedConverter(config, network, facts, tuple(notes), held_out)


def _kept(pairs: Sequence[AlignedPair]) -> tuple[list[AlignedPair], list[str]]:
    good = [one for one in pairs if one.alignment.score >= MIN_SCORE]
    if not good:
        best = max((one.alignment.score for one in pairs), default=0.0)
        return list(pairs), [
            f"no pair seems to be one sentence in two voices: the best scores {best:.2f} of {MIN_SCORE}"
        ]
    return good, [
        f"{one.name} is left out: the takes hardly say the same, at {one.alignment.score:.2f} of {MIN_SCORE}"
        for one in pairs
        if one not in good
    ]


def _frames(pairs: Sequence[AlignedPair]) -> TrainingFrames:
    """Return the frames of both voices that belong together."""
    frames, targets, takes = [], [], []
    for number, one in enumerate(pairs):
        of_take = [
            take_level(features.loudness(levels), heights)
            for levels, heights in zip(one.levels, one.pitches, strict=True)
        ]
        of_source, of_target = one.alignment.pairs.T
        frames.append(frame_features(one.levels[0], one.pitches[0], of_take[0])[of_source])
        targets.append(spectral_shape(one.levels[1], of_take[1])[of_target])
        takes.append(np.full(len(of_source), number))
    return TrainingFrames(np.concatenate(frames), np.concatenate(targets), np.concatenate(takes), WEIGHTS)


def _facts(pairs: Sequence[AlignedPair], kept: Sequence[AlignedPair], frames: TrainingFrames) -> dict[str, Any]:
    return {
        "sounds": 2 * len(kept),
        "pairs": len(kept),
        "seconds_aligned": round(len(frames.frames) / FRAMES_PER_SECOND, 1),
        "scores": {one.name: round(one.alignment.score, 3) for one in pairs},
    }
