"""A network that learns pieces: some files are held out to tell how long, then it learns as long from all of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from samplegen.arrays import Array
from samplegen.errors import DataError
from samplegen.grooves import baselines, batches, nearest
from samplegen.grooves import learner as grooves_learner
from samplegen.grooves.corpus import FEW_PATTERNS, MIN_PATTERNS
from samplegen.grooves.encoding import Piece, mixes
from samplegen.grooves.learner import Grooving, Taught
from samplegen.models import groove
from samplegen.models.groove import Config
from samplegen.roles import ROLES

Figures = dict[str, float]
Batches = Callable[[int], grooves_learner.Batch]

MOST_STEPS = 3_000
EVERY, PATIENCE = 50, 10  # steps between two measurements, and how many of them may bring nothing
HELD = 0.12  # share of files held out, one at least
MOST_HEADINGS = 64


@dataclass(frozen=True)
class Learned:
    """A network with its configuration, what there is to tell of how it learned, and figures."""

    network: keras.Model
    config: Config
    facts: dict[str, Any]
    figures: Figures


@dataclass(frozen=True)
class Split:
    """Pieces to learn from, and those that are held out."""

    train: list[Piece]
    held: list[Piece]

    @property
    def all(self) -> list[Piece]:
        """Both."""
        return [*self.train, *self.held]


def ignore(_text: str) -> None:
    """The report of those who do not want one."""


def learn(
    pieces: dict[str, list[Piece]], *, seed: int = 0, most: int = MOST_STEPS, report: Callable[[str], None] = ignore
) -> Learned:
    """Learn pieces, by the file that they are of. The user may interrupt: what was learned so far is kept.

    Raises:
        DataError: fewer than two files, or than `MIN_PATTERNS` pieces.
    """
    split = _split(pieces, seed)
    config = _config(split.all, seed)
    keras.utils.set_random_seed(seed)
    learner, measured = Grooving(lambda: groove.network(config), seed=seed), batches.whole(split.held)
    fresh = [variable.numpy() for variable in learner.state]
    taught = grooves_learner.teach(
        learner, _batches(split.train, seed), lambda net: _bits(net, measured)["all"], most=most, every=EVERY,
        patience=PATIENCE, report=lambda step, bits: report(f"step {step}: {bits:.3f} bits a step, held out"),
    )  # fmt: skip
    figures = _figures(learner.result, split, measured)
    figures["distance of a pattern to the nearest of another file"] = round(nearest.usual(pieces), 3)
    if not taught.stopped:
        report(f"what was held out is told best after {taught.best_step} steps; now as many with all of the patterns")
        _again(learner, fresh, _batches(split.all, seed), taught.best_step)
    return Learned(learner.result, config, _facts(split, taught, seed), figures)


def _again(learner: Grooving, fresh: Sequence[Array], batch: Batches, steps: int) -> None:
    """Learn anew; where the user does not wait, what was known stays."""
    known = learner.result.get_weights()
    for variable, value in zip(learner.state, fresh, strict=True):
        variable.assign(value)
    try:
        for step in range(1, steps + 1):
            learner.learn(batch(step))
    except KeyboardInterrupt:
        learner.result.set_weights(known)


def _split(pieces: dict[str, list[Piece]], seed: int) -> Split:
    """Whole files are held out, as the patterns of one are variations of each other."""
    count = sum(map(len, pieces.values()))
    if count < MIN_PATTERNS or len(pieces) < 2:
        found = f"there are {count} patterns in {len(pieces)} files"
        raise DataError(f"{found}; a groove takes at least {MIN_PATTERNS}, in two files or more")
    names = sorted(pieces)
    order = np.random.default_rng((seed, 1)).permutation(names)
    held = set(order[: max(1, round(HELD * len(names)))].tolist())
    train, out = ([one for name in names if (name in held) == held_out for one in pieces[name]] for held_out in (0, 1))
    return Split(train, out)


def _config(pieces: Sequence[Piece], seed: int) -> Config:
    headings = list(dict.fromkeys(piece.heading for piece in pieces))
    chosen = np.sort(np.random.default_rng((seed, 3)).permutation(len(headings))[:MOST_HEADINGS])
    levels, pans = mixes(pieces)
    fills = any(piece.fills.any() for piece in pieces)
    return Config(headings=tuple(headings[index] for index in chosen), levels=levels, pans=pans, fills=fills)


def _batches(pieces: Sequence[Piece], seed: int) -> Batches:
    return lambda step: batches.drawn(pieces, np.random.default_rng((seed, 2, step)))


def _bits(network: keras.Model, measured: Sequence[grooves_learner.Batch]) -> Figures:
    """Bits a step: of all that is told, and of what is struck and how hard; and of the timing of a hit."""
    parts = [[float(np.sum(part)) for part in grooves_learner.spent(network, batch)] for batch in measured]
    hits, kinds, timing, ratchets = np.sum(parts, axis=0).tolist()
    steps = sum(float(batch.counted.any(axis=-1).sum()) for batch in measured)
    struck = sum(float((batch.strokes[..., 0] > 0).sum()) for batch in measured)
    return {
        "all": (hits + kinds + timing + ratchets) / steps,
        "struck": (hits + kinds) / steps,
        "when": timing / struck,
    }


def _figures(network: keras.Model, split: Split, measured: Sequence[grooves_learner.Batch]) -> Figures:
    bits = _bits(network, measured)
    figures = {
        "bits per step held out, what is struck and how hard": bits["struck"],
        "... by a chain of first order": baselines.by_last(split.train, split.held),
        "... by how often each is at its place in the bar": baselines.by_place(split.train, split.held),
        "bits per hit held out, when exactly": bits["when"],
    }
    return {name: round(value, 3) for name, value in figures.items()}


def _facts(split: Split, taught: Taught, seed: int) -> dict[str, Any]:
    pieces = split.all
    meters = Counter(f"{piece.heading.beats}/{piece.heading.unit}" for piece in pieces)
    drums = np.sum([piece.heading.kit for piece in pieces], axis=0).tolist()
    note = (
        f"only {len(pieces)} patterns: expect relatives of them; from {FEW_PATTERNS} up a model finds more of its own"
    )
    return {
        "patterns": len(pieces),
        "bars": sum(piece.bars for piece in pieces),
        "held_out": len(split.held),
        "meters": dict(meters),
        "roles": {name: count for name, count in zip(ROLES, drums, strict=True) if count},
        "seed": seed,
        "steps": int(taught.history[-1]["step"]),
        "best_step": taught.best_step,
        "history": taught.history,
        "notes": [note] if len(pieces) < FEW_PATTERNS else [],
    }
