"""Train a model on a folder of sounds, and write it.

sounds -> `training_set` -> learner and measure of `methods` -> `loop.fit` -> `finish` -> `write_model`
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from samplegen import settings
from samplegen.data.dataset import Dataset
from samplegen.errors import OptionError
from samplegen.models.architecture import Config, Network
from samplegen.models.model import Model
from samplegen.models.registry import KINDS, Kind
from samplegen.training import checkpoints, finish, loop, training_set
from samplegen.training.budget import Budget
from samplegen.training.checkpoints import Run
from samplegen.training.events import Report, Trouble, ignore
from samplegen.training.methods import METHODS
from samplegen.training.training_set import FEW_SOUNDS, TrainingSet
from samplegen.training.workplace import Workplace
from samplegen.training.write_model import Destination, open_workplace, write_model

_BFLOAT16_FLAGS = ("amx_bf16", "avx512_bf16")  # processors on which bfloat16 is faster have one of them


def train(  # noqa: PLR0913
    kind: str,
    data: Dataset,
    folder: Path | str,
    *,
    budget: Budget,
    seed: int = 0,
    sizes: Mapping[str, Any] | None = None,
    licence: str = "",
    credits: tuple[str, ...] = (),
    command: str = "",
    resume: bool = False,
    force: bool = False,
    report: Report = ignore,
) -> Model:
    """Train a model on the sounds of a folder and write it.

    Args:
        kind: a key of `samplegen.models.registry.KINDS` that learns from sounds, such as "dcgan".
        data: from `samplegen.scan`.
        folder: the model's folder; its last part is the model's name. Checkpoints and previews lie in
            `folder.training` beside it until the model is whole.
        budget: minutes or steps.
        seed: 0 to 2^32 - 1; decides the split, the first weights, and all that is drawn.
        sizes: settings of the kind's `Config` other than its own, such as `{"widths": (64, 48, 32, 24)}` for a
            network that learns faster and draws less finely.
        licence, credits, command: for the card: of the training sounds, and what was typed.
        resume: go on where a run that was killed stopped.
        force: replace a model of that name.
        report: takes every step, checkpoint and trouble.

    Returns:
        The model with the weights of the best checkpoint.

    Raises:
        DataError: too few sounds, or nothing to resume.
        OptionError, OutputError: an unknown kind, a name that cannot be used, or is and may not be replaced.
        ModelError: sizes that there are not, or that do not fit each other or the spectrograms.

    Example:
        >>> data = samplegen.scan("drums")  # doctest: +SKIP
        >>> model = samplegen.train("dcgan", data, "models/mine", budget=samplegen.Budget(minutes=20))  # doctest: +SKIP
    """
    row = _row(kind)
    destination = Destination(kind, Path(folder), licence, credits, command, force)
    workplace = open_workplace(destination, seed=seed, resume=resume)
    config: Config = settings.build(row.config, {**(sizes or {}), "map": asdict(data.config)})
    method = METHODS[row.training]
    sounds = training_set.prepare(data, seed=seed, previews=workplace.previews, use_classifier=method.use_classifier)
    workplace.clear()
    if len(sounds.data) < FEW_SOUNDS:
        count = f"only {len(sounds.data)} sounds"
        report(Trouble(f"{count}: expect near-copies of them; from {FEW_SOUNDS} up a model invents"))
    run, network = _fit(kind, config, sounds, budget, workplace, report)
    metrics = method.metrics(sounds, network)
    trained = finish.complete(row, config, network, sounds, run, metrics=metrics, workplace=workplace, report=report)
    return write_model(destination, trained, workplace)


def _row(kind: str) -> Kind:
    if not (kind in KINDS and KINDS[kind].training):
        known = ", ".join(name for name, row in KINDS.items() if row.training)
        raise OptionError(f"there is no kind {kind!r} to train; there are {known}")
    return KINDS[kind]


def _fit(  # noqa: PLR0913, PLR0917
    kind: str, config: Config, sounds: TrainingSet, budget: Budget, workplace: Workplace, report: Report
) -> tuple[Run, Network]:
    """Return the run, and the network with the weights of its best checkpoint."""
    row, method = KINDS[kind], METHODS[KINDS[kind].training]
    keras.utils.set_random_seed(sounds.seed)
    with fast_floats():
        learner, measure = method.set_up(sounds, row, config)
    run = loop.fit(
        learner, method.batches(sounds, method.batch_size), measure, budget=budget, workplace=workplace,
        schedule=method.schedule, identity=checkpoints.identity(kind, sounds.seed, asdict(config), sounds.names),
        report=report,
    )  # fmt: skip
    learner.result.set_weights(run.best)
    return run, learner.result


@contextmanager
def fast_floats() -> Iterator[None]:
    """Build networks that compute in bfloat16 where the processor does so fast; weights stay float32."""
    before, info = keras.config.dtype_policy(), Path("/proc/cpuinfo")
    flags = info.read_text() if info.exists() else ""
    keras.config.set_dtype_policy("mixed_bfloat16" if any(flag in flags for flag in _BFLOAT16_FLAGS) else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
