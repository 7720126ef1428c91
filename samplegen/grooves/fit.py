"""Train a groove network: some files are held out to choose the number of steps, then all of them are learned as long.

The user may interrupt: what was learned so far is kept.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np

from samplegen.arrays import Array
from samplegen.grooves import batches, metrics, nearest
from samplegen.grooves import split as grooves_split
from samplegen.grooves.encoding import TrainingPattern
from samplegen.grooves.learner import GrooveLearner
from samplegen.grooves.metrics import Metrics
from samplegen.grooves.split import FEW_PATTERNS, Split
from samplegen.models import groove
from samplegen.models.architecture import Network
from samplegen.models.groove import Config
from samplegen.roles import ROLES
from samplegen.training import checkpoints
from samplegen.training.budget import Budget, Schedule
from samplegen.training.checkpoints import Run
from samplegen.training.events import Checkpoint, Event, Report, Trouble
from samplegen.training.learner import Batches, prefer_latest
from samplegen.training.loop import fit
from samplegen.training.workplace import Workplace, opened

MAX_STEPS = 3_000
SCHEDULE = Schedule(every=50, patience=10, from_start=True)

Say = Callable[[str], None]


@dataclass(frozen=True)
class TrainedGroove:
    """A trained network with its configuration, the facts of its training, and metrics."""

    network: Network
    config: Config
    facts: dict[str, Any]
    metrics: Metrics


def ignore(_text: str) -> None:
    """Discard every sentence."""


def learn(
    patterns: dict[str, list[TrainingPattern]],
    *,
    seed: int = 0,
    max_steps: int = MAX_STEPS,
    report: Say = ignore,
    workplace: Workplace | None = None,
) -> TrainedGroove:
    """Train a network on patterns, by the file that they are of.

    Args:
        patterns: file -> its patterns.
        seed: of the split, and everything random.
        max_steps: of the training that chooses how many steps to make.
        report: takes sentences on how it goes.
        workplace: of the checkpoints; by default a temporary folder.

    Raises:
        DataError: fewer than two files, or than `MIN_PATTERNS` patterns.
    """
    split = grooves_split.split_by_file(patterns, seed)
    config = grooves_split.configure(split.all, seed)
    keras.utils.set_random_seed(seed)
    learner = GrooveLearner(lambda: groove.network(config), seed=seed)
    untrained = [variable.numpy() for variable in learner.state]
    identity = checkpoints.identity("groove", seed, asdict(config), *(pattern.events for pattern in split.all))
    held_out = batches.whole_patterns(split.held_out)
    with opened(workplace) as place:
        run = fit(
            learner, _batches(split.train, seed), lambda network, _: metrics.bits(network, held_out)["all"],
            budget=Budget(steps=max_steps), workplace=place.stage("held-out"), schedule=SCHEDULE, identity=identity,
            report=_sentences(report),
        )  # fmt: skip
        learner.result.set_weights(run.best)
        measured = metrics.card_metrics(learner.result, split, held_out)
        measured["distance of a pattern to the nearest of another file"] = round(nearest.typical_distance(patterns), 3)
        if not run.stopped:
            report(f"what was held out is told best after {run.best_step} steps; now as many with all of the patterns")
            _train_all(learner, untrained, _batches(split.all, seed), run, place.stage("all"))
    return TrainedGroove(learner.result, config, _facts(split, run, seed), measured)


def _train_all(
    learner: GrooveLearner, untrained: Sequence[Array], batches: Batches, before: Run, workplace: Workplace
) -> None:
    """Train anew for as many steps as were best; where the user does not wait, the best weights so far stay."""
    for variable, value in zip(learner.state, untrained, strict=True):
        variable.assign(value)
    if not before.best_step:
        return
    run = fit(
        learner, batches, prefer_latest, budget=Budget(steps=before.best_step), workplace=workplace,
        schedule=Schedule(from_start=True), identity=before.identity,
    )  # fmt: skip
    learner.result.set_weights(before.best if run.stopped else run.best)


def _batches(patterns: Sequence[TrainingPattern], seed: int) -> Batches:
    """Return batches of stretches; the first step has been number 1 since the first version."""
    return lambda step: batches.random_batch(patterns, np.random.default_rng((seed, 2, step + 1)))


def _sentences(say: Say) -> Report:
    """Return a report that says every measurement and trouble in a sentence."""

    def report(event: Event) -> None:
        if isinstance(event, Checkpoint) and event.step:
            say(f"step {event.step}: {event.distance:.3f} bits a step, held out")
        if isinstance(event, Trouble):
            say(event.text)

    return report


def _facts(split: Split, run: Run, seed: int) -> dict[str, Any]:
    """Return the facts of a training for the card."""
    patterns = split.all
    meters = Counter(f"{pattern.context.beats}/{pattern.context.unit}" for pattern in patterns)
    drums = np.sum([pattern.context.kit for pattern in patterns], axis=0).tolist()
    note = (
        f"only {len(patterns)} patterns: expect relatives of them; from {FEW_PATTERNS} up a model finds more of its own"
    )
    return {
        "patterns": len(patterns),
        "bars": sum(pattern.bars for pattern in patterns),
        "held_out": len(split.held_out),
        "meters": dict(meters),
        "roles": {name: count for name, count in zip(ROLES, drums, strict=True) if count},
        "seed": seed,
        "steps": run.measured,
        "best_step": run.best_step,
        "history": run.history,
        "notes": [note] if len(patterns) < FEW_PATTERNS else [],
    }
