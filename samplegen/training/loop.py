"""The training loop: steps under a budget, checkpoints, the best of them kept, NaN rolled back.

Batches are a function of the step's number and every other number of a step lies in the learner's
state, so a run that is resumed goes the way that it would have gone.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from samplegen.errors import DataError, OptionError
from samplegen.training.checkpoints import STATE, Learner, Run, restore, save

CHECKPOINTS = 20  # in a whole run
SHORTEST_SECONDS = 20.0  # between two of them
ROLLBACKS = 3  # in a row, before training ends with the best so far
_SLOWER = 0.5  # the learning rate's factor after a rollback
_HOT, _COLDEST = (
    0.4,
    0.01,
)  # share of the budget at the first learning rate, and the share of it that is left at the end
Batch = tuple[Any, ...]
Measure = Callable[[Any, int], float]


@dataclass(frozen=True)
class Budget:
    """How long to train: minutes of training (checkpoints included), or steps. Exactly one of them."""

    minutes: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise OptionError("give either a number of minutes or a number of steps to train")
        if not (self.minutes or self.steps or 0) > 0:
            raise OptionError("the minutes or steps to train must be more than 0")

    def spent(self, step: int, seconds: float) -> float:
        """Share of the budget used, 1 at its end."""
        return step / self.steps if self.steps else seconds / (60 * (self.minutes or 1))


@dataclass(frozen=True)
class Tick:
    """One step is done."""

    step: int
    seconds: float
    share: float  # of the budget
    losses: dict[str, float]


@dataclass(frozen=True)
class Checkpoint:
    """The network was measured (lower is better) and everything saved."""

    step: int
    seconds: float
    distance: float
    best: bool
    losses: dict[str, float]


@dataclass(frozen=True)
class Trouble:
    """Something went wrong and was dealt with, in one sentence."""

    text: str


@dataclass(frozen=True)
class Stage:
    """What goes on after the steps, in one sentence."""

    text: str


Event = Tick | Checkpoint | Trouble | Stage
Report = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """The report of those who do not want one."""


def fit(  # noqa: PLR0913
    learner: Learner,
    batch: Callable[[int], Batch],
    measure: Measure,
    *,
    budget: Budget,
    folder: Path,
    identity: str = "",
    resume: bool = False,
    cooling: bool = False,
    report: Report = ignore,
) -> Run:
    """Train until the budget is spent or the user interrupts; what was learned is kept either way.

    Args:
        learner: is trained in place.
        batch: makes the batch of a step from its number.
        measure: distance of a network, at that step, from real sounds held out; lower is better, NaN the worst.
        budget: minutes or steps, those of the resumed part included.
        folder: of checkpoints; one file there holds the whole state, replaced in one move.
        identity: of what is learned, and from what; a checkpoint of another is not resumed.
        resume: go on from the checkpoint there.
        cooling: lower the learning rate toward the end of the budget, checkpoint by checkpoint.
        report: told of every step, checkpoint and trouble.

    Returns:
        The run, whose `best` holds the weights of the network with the least distance.

    Raises:
        DataError: nothing to resume, or losses that are no numbers from the start.
        OutputError: no room for a checkpoint; the one before is intact.
    """
    path = folder / STATE
    run = restore(learner, path, identity=identity) if resume else Run(identity)
    if not resume:
        save(learner, run, path)  # so that there is always a way back
    loop = _Loop(learner, run, batch, measure, budget, path, report, cooling)
    try:
        loop.train()
    except KeyboardInterrupt:
        report(Trouble(f"stopped at step {run.step}; what was learned so far is kept"))
    loop.end()
    return run


@dataclass
class _Loop:
    """One call of `fit`."""

    learner: Learner
    run: Run
    batch: Callable[[int], Batch]
    measure: Measure
    budget: Budget
    path: Path
    report: Report
    cooling: bool

    def train(self) -> None:
        """Spend the budget, or as much of it as the losses are numbers."""
        for tick in self._ticks():
            self.report(tick)
            due = self._due()
            if not self._sound(tick.losses, thoroughly=due):
                self._roll_back()
                if self.run.rollbacks > ROLLBACKS:
                    break
            elif due:
                self._checkpoint(tick.losses)

    def end(self) -> None:
        """Measure what was learned since the last checkpoint."""
        run = self.run
        if run.step > (run.history[-1]["step"] if run.history else 0):
            if self._sound({}, thoroughly=True):
                self._checkpoint({})
            else:
                self._roll_back()
        if not run.best:
            reason = (
                "the losses were no numbers from the start on" if run.rollbacks else "it was stopped in its first step"
            )
            raise DataError(f"the training has learned nothing, as {reason}; train anew, with another seed if need be")

    def _ticks(self) -> Iterator[Tick]:
        """Train step by step, keeping count in `run`, until the budget is spent."""
        step, run = tf.function(self.learner.train_step, reduce_retracing=True), self.run
        while (share := self.budget.spent(run.step, run.seconds)) < 1:
            began = time.monotonic()
            losses = {name: float(value) for name, value in step(self.batch(run.step)).items()}
            run.step += 1
            run.seconds += time.monotonic() - began
            yield Tick(run.step, run.seconds, share, losses)

    def _due(self) -> bool:
        """Whether a checkpoint is due: at fixed steps under a budget of steps, else by time."""
        run, budget = self.run, self.budget
        if budget.steps:
            return run.step % max(1, budget.steps // CHECKPOINTS) == 0
        since = run.seconds - (run.history[-1]["seconds"] if run.history else 0.0)
        return since >= max(SHORTEST_SECONDS, 60 * (budget.minutes or 0) / CHECKPOINTS)

    def _sound(self, losses: dict[str, float], *, thoroughly: bool) -> bool:
        """Whether all losses are numbers and, `thoroughly`, all variables, which the step has changed since."""
        values = [list(losses.values()), *(map(np.asarray, self.learner.state) if thoroughly else ())]
        return all(np.isfinite(value).all() for value in values)

    def _checkpoint(self, losses: dict[str, float]) -> None:
        """Measure the network, keep it if it is the best, and save everything."""
        run, began = self.run, time.monotonic()
        distance = self.measure(self.learner.result, run.step)
        distance = math.inf if math.isnan(distance) else distance  # or no later one would count as less
        best = distance < run.best_distance or not run.best
        if best:
            run.best_step, run.best_distance = run.step, distance
            run.best = [weight.numpy() for weight in self.learner.result.weights]
        run.seconds += time.monotonic() - began
        run.rollbacks = 0
        if self.cooling:
            self._cool()
        run.history.append({"step": run.step, "seconds": run.seconds, "distance": distance} | losses)
        save(self.learner, run, self.path)
        self.report(Checkpoint(run.step, run.seconds, distance, best, losses))

    def _cool(self) -> None:
        """To the learning rate of this share of the budget, which may be a higher one where the budget has grown."""
        run = self.run
        after = max(0.0, self.budget.spent(run.step, run.seconds) - _HOT) / (1 - _HOT)
        rate = _COLDEST ** min(after, 1.0)
        self.learner.slow_down(rate / run.cooled)
        run.cooled = rate

    def _roll_back(self) -> None:
        """Back to the last checkpoint at a lower learning rate, counting how often in a row."""
        run, at, rollbacks = self.run, self.run.step, self.run.rollbacks + 1
        before = restore(self.learner, self.path, identity=run.identity)
        vars(run).update(vars(before) | {"seconds": run.seconds, "rollbacks": rollbacks})
        self.learner.slow_down(_SLOWER**rollbacks)
        outlook = "where it ends" if rollbacks > ROLLBACKS else "from where it goes on at a lower learning rate"
        self.report(
            Trouble(f"the losses at step {at} were no numbers; the training is back at step {run.step}, {outlook}")
        )


Taught = tuple[Learner, Measure]
Figures = dict[str, float]
