"""Hits of a mouth or a table to drums: learned from two folders, without anyone having played both.

hits and drums -> `pairing`: roles, ranks, pairs -> `nets.beatdrumming` -> `kit`: calibration, kit -> figures
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from samplegen.conversion.beatbox import hits, kit, labels, metrics, pairs
from samplegen.conversion.beatbox.labels import Source
from samplegen.conversion.beatbox.learner import Drumming
from samplegen.conversion.beatbox.pairs import DrumLesson
from samplegen.conversion.results import Learned, Progress
from samplegen.data import dataset
from samplegen.data.dataset import Dataset
from samplegen.features.spectrogram import LEVEL, SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.models.beatbox import Config
from samplegen.models.model import Fingerprints
from samplegen.roles import ROLES
from samplegen.training import loop
from samplegen.training.checkpoints import Run
from samplegen.transcription import hit_classifier

STEPS = 600  # about a minute
_OF = 1000  # parts in which progress is told


def learn(  # noqa: PLR0913
    source: Source,
    data: Dataset,
    *,
    steps: int | None = None,
    minutes: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    notes: Sequence[str] = (),
) -> Learned:
    """Teach a network which drum a hit becomes. Ctrl-C ends it early and keeps what was learned.

    Args:
        source: from `labelling.read`.
        data: drums, from `samplegen.scan`.
        steps, minutes: how long, `STEPS` by default; the checkpoint with the least error on held-out drums is kept.
        seed: of the split, the first weights, the batches and the kit.
        progress: told (done, of).
        notes: what else is to be said of what was read.

    Raises:
        DataError: a role of which there are too few drums, or nothing learned.
        OptionError: both steps and minutes.
    """
    budget = loop.Budget(minutes, STEPS if steps is None and minutes is None else steps)
    keras.utils.set_random_seed(seed)
    lesson, notes = pairs.lesson(source, data, seed=seed), [*source.notes, *notes]
    config = Config(lesson.names, data.config, hit_classifier.CEPSTRA, hits.WIDTH, hits.DESCRIBED)
    learner = Drumming(config, seed=seed)

    def report(event: loop.Event) -> None:
        if isinstance(event, loop.Tick) and progress:
            progress(round(_OF * event.share), _OF)
        if isinstance(event, loop.Trouble):
            notes.append(event.text)

    with tempfile.TemporaryDirectory() as workplace:
        run = loop.fit(
            learner, lesson.batch, lambda network, _: held_out_error(network, lesson),
            budget=budget, folder=Path(workplace), report=report,
        )  # fmt: skip
    network = learner.result
    network.set_weights(run.best)
    figures = fitted(network, config, source, lesson)
    known = lesson.drums.train
    prints = Fingerprints(tuple(f"drum {index}" for index in known), lesson.prints[known])
    return Learned(config, network, _facts(lesson, run), tuple(notes), figures, prints)


def fitted(network: keras.Model, config: Config, source: Source, lesson: DrumLesson) -> dict[str, float]:
    """Give a network its kit and calibration; figures by what was held out, from which the latter learns afterwards."""
    kit.choose_kit(network, lesson)
    kit.calibrate(network, source, lesson, lesson.hits.train)
    figures = metrics.held_out(network, config, lesson)
    kit.calibrate(network, source, lesson, np.arange(len(source.roles)))
    return figures


def held_out_error(network: keras.Model, lesson: DrumLesson) -> float:
    """Mean error in dB of drums that were held out, written from hits that were held out and the drums' own codes."""
    drums, judges = lesson.drums, lesson.drums.judges
    role = drums.role[judges]
    paired = lesson.partners(drums.ranks[judges], role, lesson.hits.judges)
    given = [lesson.frames(paired), lesson.vectors(role), drums.ranks[judges], lesson.codes[judges]]
    written = kit.drummed(network, given)
    return float(np.abs(written - lesson.maps[judges])[..., LEVEL].mean()) * -lesson.cells.floor_db


def _facts(lesson: DrumLesson, run: Run) -> dict[str, object]:
    """What the card tells of the training."""
    counts = np.bincount(lesson.drums.role, minlength=len(lesson.names))
    return {
        "sounds": len(lesson.drums.role),
        "hits": len(lesson.hits.role),
        "held_out": len(lesson.drums.held),
        "held_out_hits": len(lesson.hits.held),
        "roles": {name: int(counts[lesson.names.index(name)]) for name in ROLES if name in lesson.names},
        "steps": run.step,
        "best_step": run.best_step,
        "minutes": round(run.seconds / 60, 2),
    }


RATE = 22_050  # Hz of the drums


def train(  # noqa: PLR0913
    source: Path,
    target: Path,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    rate: int = RATE,
    strict: bool = False,
) -> Learned:
    """What turns the hits of a mouth or a table into drums.

    Args:
        source: folder of beatboxed or tapped clips or takes, as `labelling.read` reads it.
        target: folder of one-shots and loops of drums, with at least `splits.FEWEST` of each role of the hits.
        seed: of everything random, the kit included.
        progress: told (done, of), first of the files that are read, then of the training.
        steps, minutes: how long to train, `learning.STEPS` by default.
        rate: of the drums in Hz.
        strict: make the first drum that cannot be used an error.

    Raises:
        DataError, AudioError: too few hits or drums, or none that can be used.
        OptionError: both steps and minutes.
    """
    hits = labels.read(source)
    drums = dataset.scan(target, SpectrogramConfig(StftConfig.at(rate)), strict=strict, progress=progress)
    skipped = [f"{path} is left out: it {reason}" for path, reason in drums.report.skipped]
    return learn(hits, drums, steps=steps, minutes=minutes, seed=seed, progress=progress, notes=skipped)
