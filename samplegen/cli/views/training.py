"""Views of a running training: one that moves on a terminal, a line for each checkpoint elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar

from samplegen.cli.output import Console
from samplegen.cli.views import tables
from samplegen.data.dataset import Dataset
from samplegen.training.events import Checkpoint, Event, Stage, Tick, Trouble

_SMOOTH = 0.98  # share of a loss that is kept from the step before
_NOTES = 3  # shown at once
_COMPILING = "the first step takes a while: TensorFlow compiles the network"


@dataclass
class View:
    """State of a training; call it with each event."""

    sounds: int
    previews: Path
    say: Callable[[str], None] | None  # takes a line for each checkpoint and note, where there is no terminal
    tick: Tick | None = None
    losses: dict[str, float] = field(default_factory=dict)
    latest: Checkpoint | None = None
    best: Checkpoint | None = None
    distances: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take an event in, and say what there is to say of it."""
        line = _TAKERS[type(event)](self, event)
        if self.say and line:
            self.say(line)

    def time(self) -> str:
        """Time spent and left."""
        if not self.tick:
            return ""
        left = self.tick.seconds * (1 - self.tick.share) / self.tick.share if self.tick.share > 0 else None
        return f"{_clock(self.tick.seconds)} spent" + (f", {_clock(left)} left" if left is not None else "")

    def distance(self) -> str:
        """The latest and the best distance to the sounds held out."""
        if not self.latest or not self.best:
            return ""
        latest, best = (f"{point.distance:.3g} at step {point.step}" for point in (self.latest, self.best))
        return f"{latest}, best {best}"

    def loss(self) -> str:
        """The losses, smoothed."""
        return ", ".join(f"{name} {value:.3f}" for name, value in self.losses.items())

    def __rich__(self) -> RenderableType:
        """Return the whole view for a terminal."""
        facts = {
            "step": self.tick.step if self.tick else _COMPILING,
            "time": self.time(), "losses": self.loss(), "distance": self.distance(), "sounds": self.sounds,
            "previews": self.previews if self.latest else "", "note": "\n".join(self.notes[-_NOTES:]),
        }  # fmt: skip
        bar = Padding(ProgressBar(total=1, completed=self.tick.share if self.tick else 0))  # which ends its line
        return Group(bar, tables.facts(facts), *([tables.Chart(self.distances)] if len(self.distances) > 1 else []))


def _ticked(view: View, tick: Tick) -> str:
    view.tick = tick
    before = view.losses or tick.losses
    view.losses = {
        name: _SMOOTH * before.get(name, value) + (1 - _SMOOTH) * value for name, value in tick.losses.items()
    }
    return ""


def _measured(view: View, checkpoint: Checkpoint) -> str:
    view.latest = checkpoint
    view.best = checkpoint if checkpoint.best else view.best or checkpoint
    view.distances.append(checkpoint.distance)
    return "; ".join(filter(None, (f"step {checkpoint.step}", view.time(), view.loss(), f"distance {view.distance()}")))


def _noted(view: View, event: Trouble | Stage) -> str:
    view.notes.append(event.text)
    return event.text


_TAKERS: dict[type, Callable[[View, Any], str]] = {
    Tick: _ticked, Checkpoint: _measured, Trouble: _noted, Stage: _noted,
}  # fmt: skip


@contextmanager
def follow(console: Console, data: Dataset, previews: Path) -> Iterator[View]:
    """A view of a training, to be called with its events."""
    moving = not console.silent and console.aside.is_terminal
    view = View(len(data), previews, None if moving else console.note)
    with Live(view, console=console.aside, refresh_per_second=4) if moving else nullcontext():
        yield view


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
