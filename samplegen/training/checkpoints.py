"""Checkpoints: the state of a training run in one file, written in one move.

The file holds the learner's variables, the best weights, and the counts of the run.
"""

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from samplegen import files
from samplegen.errors import DataError, OutputError
from samplegen.files import sha256_bytes
from samplegen.training.learner import Learner


@dataclass
class Run:
    """The counts of a run, and the best weights so far: all that is saved beside the learner's variables."""

    identity: str = ""  # of what is learned, and from what: only the same run can go on
    step: int = 0
    seconds: float = 0.0
    best_step: int = 0
    best_distance: float = math.inf
    rollbacks: int = 0
    decay: float = 1.0  # the share of the first learning rate that has been come down to
    stopped: bool = False  # by the user
    history: list[dict[str, float]] = field(default_factory=list)
    best: list[Any] = field(default_factory=list)  # weights of the best network

    @property
    def measured(self) -> int:
        """The step of the last measurement."""
        return int(self.history[-1]["step"]) if self.history else 0


def identity(*parts: object) -> str:
    """Return a digest of what two runs must share for one to go on where the other stopped."""
    content = json.dumps([_digest(part) if isinstance(part, np.ndarray) else part for part in parts])
    return sha256_bytes(content.encode("utf-8", "replace"))


def _digest(array: Any) -> str:
    return sha256_bytes(np.ascontiguousarray(array).tobytes())


def save(learner: Learner, run: Run, path: Path) -> None:
    """Write the whole state of a run to one file, in one move. Raises `OutputError` where there is no room."""
    facts = {key: value for key, value in vars(run).items() if key != "best"}
    facts["cooled"] = facts.pop("decay")  # its key since the first version
    arrays: dict[str, Any] = {f"v{number}": np.asarray(variable) for number, variable in enumerate(learner.state)}
    arrays |= {f"b{number}": weight for number, weight in enumerate(run.best)}
    try:
        with files.whole_file(path, force=True) as part, part.open("wb") as file:
            np.savez(file, run=np.array(json.dumps(facts)), **arrays)
    except OutputError as error:
        reason = getattr(error.__cause__, "strerror", None) or error
        cure = "make room and go on from the one before with --resume" if run.step else "make room first"
        raise OutputError(
            f"the checkpoint of step {run.step} cannot be written to {path} ({reason}); {cure}"
        ) from error


def restore(learner: Learner, path: Path, *, identity: str = "") -> Run:
    """Read what `save` wrote into the learner, and return the run.

    Raises:
        DataError: there is no checkpoint, or it is of another learner or a run of another identity.
    """
    if not path.is_file():
        raise DataError(f"there is no checkpoint in {path.parent} to resume from; train anew without --resume")
    try:
        run, values = _read(path)
        if run.identity != identity:
            raise ValueError("it is of a run with other sounds, another seed or other settings")
        if [value.shape for value in values] != [tuple(variable.shape) for variable in learner.state]:
            raise ValueError("it is of another network")
        for variable, value in zip(learner.state, values, strict=True):
            variable.assign(value)
    except Exception as error:
        raise DataError(f"cannot resume from {path} ({error}); train anew without --resume") from error
    return run


def _read(path: Path) -> tuple[Run, list[Any]]:
    """Return a run, and the values of its learner's variables."""
    with np.load(path, allow_pickle=False) as arrays:
        values, best = ([arrays[name] for name in arrays.files if re.fullmatch(rf"{kind}\d+", name)] for kind in "vb")
        facts = json.loads(str(arrays["run"]))
    return Run(**facts | {"decay": facts.pop("cooled")}, best=best), values
