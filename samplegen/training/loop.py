"""The training loop of every kind: steps under a budget, checkpoints, the best of them kept, NaN rolled back.

Batches are a function of the step's number, and every other number of a step lies in the learner's state. So a run
that is resumed goes the way that it would have gone.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from samplegen.errors import DataError
from samplegen.training.budget import DEFAULT_SCHEDULE, Budget, Schedule, decayed
from samplegen.training.checkpoints import Run, restore, save
from samplegen.training.events import Checkpoint, Report, Tick, Trouble, ignore
from samplegen.training.learner import Batches, Learner, Measure
from samplegen.training.workplace import Workplace

MAX_ROLLBACKS = 3  # in a row, before training ends with the best so far
_ROLLBACK_RATE = 0.5  # factor of the learning rate after a roll-back


def fit(  # noqa: PLR0913
    learner: Learner,
    batches: Batches,
    measure: Measure,
    *,
    budget: Budget,
    workplace: Workplace,
    schedule: Schedule = DEFAULT_SCHEDULE,
    identity: str = "",
    report: Report = ignore,
) -> Run:
    """Train until the budget is spent or the user interrupts; what was learned is kept either way.

    Args:
        learner: is trained in place.
        batches: makes the batch of a step from its number, from 0.
        measure: distance of a network, at that step, from what is held out; lower is better, NaN the worst.
        budget: minutes or steps, those of the resumed part included.
        workplace: folder of checkpoints, and whether to go on from the one there.
        schedule: when to measure, and whether to end early.
        identity: of what is learned, and from what; a checkpoint of another is not resumed.
        report: takes every step, checkpoint and trouble.

    Returns:
        The run, whose `best` holds the weights of the network with the least distance.

    Raises:
        DataError: nothing to resume, or losses that are no numbers from the start.
        OutputError: no room for a checkpoint; the one before is intact.
    """
    run = restore(learner, workplace.state, identity=identity) if workplace.goes_on else Run(identity)
    run.stopped = False
    if not workplace.goes_on:
        save(learner, run, workplace.state)  # so that there is always a way back
    loop = _Loop(learner, run, batches, measure, budget, schedule, workplace, report)
    try:
        loop.train()
    except KeyboardInterrupt:
        run.stopped = True
        report(Trouble(f"stopped at step {run.step}; what was learned so far is kept"))
    loop.end()
    return run


@dataclass
class _Loop:
    """One call of `fit`."""

    learner: Learner
    run: Run
    batches: Batches
    measure: Measure
    budget: Budget
    schedule: Schedule
    workplace: Workplace
    report: Report

    def train(self) -> None:
        """Spend the budget, or as much of it as the losses are numbers."""
        if self.schedule.from_start and not self.run.history:
            self._checkpoint({})
        for tick in self._ticks():
            self.report(tick)
            due = self._due()
            if not self._finite(tick.losses, thoroughly=due):
                self._roll_back()
                if self.run.rollbacks > MAX_ROLLBACKS:
                    break
            elif due:
                self._checkpoint(tick.losses)

    def end(self) -> None:
        """Measure what was learned since the last checkpoint."""
        run = self.run
        if run.step > run.measured:
            if self._finite({}, thoroughly=True):
                self._checkpoint({})
            else:
                self._roll_back()
        if not run.best:
            reason = (
                "the losses were no numbers from the start on" if run.rollbacks else "it was stopped in its first step"
            )
            raise DataError(f"the training has learned nothing, as {reason}; train anew, with another seed if need be")

    def _ticks(self) -> Iterator[Tick]:
        """Train step by step, keeping count in `run`, until the budget is spent or nothing is gained any more."""
        step, run = tf.function(self.learner.train_step, reduce_retracing=True), self.run
        while (share := self.budget.spent(run.step, run.seconds)) < 1 and not self._exhausted():
            began = time.monotonic()
            losses = {name: float(value) for name, value in step(self.batches(run.step)).items()}
            run.step += 1
            run.seconds += time.monotonic() - began
            yield Tick(run.step, run.seconds, share, losses)

    def _due(self) -> bool:
        run = self.run
        since = run.seconds - (run.history[-1]["seconds"] if run.history else 0.0)
        return self.schedule.due(self.budget, run.step, since)

    def _exhausted(self) -> bool:
        return self.schedule.exhausted([point["distance"] for point in self.run.history])

    def _finite(self, losses: dict[str, float], *, thoroughly: bool) -> bool:
        """Tell whether all losses are numbers and, `thoroughly`, all variables, which the step has changed since."""
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
        if self.schedule.decay:
            self._decay()
        run.history.append({"step": run.step, "seconds": run.seconds, "distance": distance} | losses)
        save(self.learner, run, self.workplace.state)
        self.report(Checkpoint(run.step, run.seconds, distance, best, losses))

    def _decay(self) -> None:
        """Set the learning rate of this share of the budget, which may be a higher one where the budget has grown."""
        rate = decayed(self.budget.spent(self.run.step, self.run.seconds))
        self.learner.slow_down(rate / self.run.decay)
        self.run.decay = rate

    def _roll_back(self) -> None:
        """Go back to the last checkpoint at a lower learning rate, counting how often in a row."""
        run, at, rollbacks = self.run, self.run.step, self.run.rollbacks + 1
        before = restore(self.learner, self.workplace.state, identity=run.identity)
        vars(run).update(vars(before) | {"seconds": run.seconds, "rollbacks": rollbacks})
        self.learner.slow_down(_ROLLBACK_RATE**rollbacks)
        outlook = "where it ends" if rollbacks > MAX_ROLLBACKS else "from where it goes on at a lower learning rate"
        self.report(
            Trouble(f"the losses at step {at} were no numbers; the training is back at step {run.step}, {outlook}")
        )
