"""Choose how many steps to train by what is held out in turn: for few takes, which are too alike inside to tell."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from samplegen.models.architecture import Network
from samplegen.training.budget import Budget, Schedule
from samplegen.training.events import Report, ignore
from samplegen.training.learner import Batches, Learner, Metrics
from samplegen.training.loop import fit
from samplegen.training.workplace import Workplace


@dataclass(frozen=True)
class Fold:
    """One part held out: a fresh learner of the rest, and sums of squares of errors on the part.

    Args:
        learner: has learned nothing but the regression.
        batches: of the rest.
        error: sum of the squared errors of a network.
        mean_error: sum of the squared errors of the constant mean of the rest.
    """

    learner: Learner
    batches: Batches
    error: Callable[[Network], float]
    mean_error: float

    def measure(self, network: Network, _step: int) -> float:
        """Return the error, as the training loop measures it."""
        return self.error(network)


def choose_steps(  # noqa: PLR0913
    folds: Iterable[Fold],
    *,
    max_steps: int,
    every: int,
    count: int,
    workplace: Workplace,
    identity: str = "",
    report: Report = ignore,
) -> tuple[int, Metrics]:
    """Return the number of steps after which the folds' errors are least, and these errors.

    Args:
        folds: each is built when its turn comes.
        max_steps: of each fold.
        every: steps between two measurements; their number is a multiple of it.
        count: squares in all sums.
        workplace: each fold gets a stage of it.
        identity: of what is learned, and from what.
        report: takes every event of every fold.

    Returns:
        Steps, and root mean squares: `held_out_mean` of the constant mean, `held_out_regression` before the first step,
        `held_out_both` after the chosen one.

    Raises:
        KeyboardInterrupt: the user stopped a fold; a part of the errors chooses nothing.
    """
    errors, mean = np.zeros(max_steps // every + 1), 0.0
    for number, fold in enumerate(folds):
        run = fit(
            fold.learner, fold.batches, fold.measure,
            budget=Budget(steps=max_steps), schedule=Schedule(every=every, from_start=True),
            workplace=workplace.stage(f"fold-{number}"), identity=identity, report=report,
        )  # fmt: skip
        if run.stopped:
            raise KeyboardInterrupt
        distances = [point["distance"] for point in run.history]
        errors += np.pad(distances, (0, len(errors) - len(distances)), constant_values=math.inf)
        mean += fold.mean_error
    best = int(errors.argmin())
    squares = {"mean": mean, "regression": errors[0], "both": errors[best]}
    return best * every, {f"held_out_{name}": round(float(np.sqrt(e / count)), 3) for name, e in squares.items()}
