"""Events of a training, which a report takes one by one."""

from collections.abc import Callable
from dataclasses import dataclass


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
    """A further part of the training begins, in one sentence."""

    text: str


Event = Tick | Checkpoint | Trouble | Stage
Report = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Discard every event."""


def append_troubles(notes: list[str]) -> Report:
    """Return a report that appends the sentence of every trouble to `notes`."""

    def report(event: Event) -> None:
        if isinstance(event, Trouble):
            notes.append(event.text)

    return report
