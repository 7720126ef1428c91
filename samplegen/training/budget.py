"""Budget and schedule of a training: how long, how often it is measured, and when it ends early."""

import math
from dataclasses import dataclass

from samplegen.errors import OptionError

DECAY_START = 0.4  # share of the budget that is spent at the first learning rate
DECAY_END = 0.01  # of the first learning rate is left at the end
CHECKPOINTS = 20  # in a whole run
MIN_CHECKPOINT_SECONDS = 20.0  # between two of them, or short runs would mostly be measured


@dataclass(frozen=True)
class Budget:
    """Length of a training: minutes of training (checkpoints included), or steps. Exactly one of them.

    Raises:
        OptionError: none or both of them, or not more than 0.

    Example:
        >>> samplegen.Budget(steps=300).spent(75, seconds=9.0)
        0.25
    """

    minutes: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise OptionError("give either a number of minutes or a number of steps to train")
        if not (self.minutes or self.steps or 0) > 0:
            raise OptionError("the minutes or steps to train must be more than 0")

    def spent(self, step: int, seconds: float) -> float:
        """Return the share of the budget that is used, 1 at its end."""
        return step / self.steps if self.steps else seconds / (60 * (self.minutes or 1))


@dataclass(frozen=True)
class Schedule:
    """Times at which a network is measured, and what follows from that.

    Args:
        every: steps between two measurements; 0: a twentieth of the budget.
        patience: measurements in a row that are worse than the best, after which training ends; 0: never.
        from_start: measure the untrained network, too.
        decay: lower the learning rate toward the end of the budget, checkpoint by checkpoint.
    """

    every: int = 0
    patience: int = 0
    from_start: bool = False
    decay: bool = False

    def due(self, budget: Budget, step: int, seconds: float) -> bool:
        """Tell whether to measure after a step; `seconds` have passed since the last measurement."""
        if self.every or budget.steps:
            return step % (self.every or max(1, (budget.steps or 0) // CHECKPOINTS)) == 0
        return seconds >= max(MIN_CHECKPOINT_SECONDS, 60 * (budget.minutes or 0) / CHECKPOINTS)

    def exhausted(self, distances: list[float]) -> bool:
        """Tell whether the last `patience` measurements are all worse than the best of `distances`."""
        best = min(distances, default=math.inf)
        return bool(self.patience and distances) and all(one > best for one in distances[-self.patience :])


DEFAULT_SCHEDULE = Schedule()


def decayed(share: float) -> float:
    """Return the learning rate after a share of the budget, as a share of the first: exponential decay."""
    after = max(0.0, share - DECAY_START) / (1 - DECAY_START)
    return DECAY_END ** min(after, 1.0)
