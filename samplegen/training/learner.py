"""Learner: a network that learns, as the training loop sees it."""

from collections.abc import Callable
from typing import Any, Protocol

from samplegen.models.architecture import Network

Batch = tuple[Any, ...]  # arrays or tensors
Batches = Callable[[int], Batch]  # from the number of a step: a run that is resumed sees the same
Measure = Callable[[Any, int], float]  # distance of a network after a step from what is held out; lower is better
Metrics = dict[str, float]


class Learner(Protocol):
    """A network that learns. `GanLearner`, `EmaLearner` and others are such.

    `state` lists every variable that the next step depends on, `result` is the network to keep.
    """

    @property
    def state(self) -> list[Any]: ...  # noqa: D102
    @property
    def result(self) -> Network: ...  # noqa: D102
    def train_step(self, batch: Any) -> dict[str, Any]:
        """Make one step on a batch; return its losses."""

    def slow_down(self, factor: float) -> None:
        """Multiply the learning rate."""


Setup = tuple[Learner, Measure]


def prefer_latest(_network: Network, step: int) -> float:
    """Measure nothing: the latest weights count as the best. For a run whose length is already chosen."""
    return -float(step)
