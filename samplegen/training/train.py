"""How a model is made: from a folder of sounds to a model's folder.

sounds -> `lessons` -> learner and measure of `teachers` -> `training.fit` -> `store.save`
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

import keras
import numpy as np

from samplegen import files, roles, settings
from samplegen.arrays import Array
from samplegen.data.dataset import Dataset
from samplegen.errors import OptionError
from samplegen.features import descriptors
from samplegen.files import check_name
from samplegen.generation import latent_directions
from samplegen.generation.options import OPTIONS_OF_SAMPLING
from samplegen.models import store
from samplegen.models.registry import KINDS, Kind
from samplegen.models.store import Card, Fingerprints, Model
from samplegen.training import batches, inversion_network, loop
from samplegen.training.batches import FEW, Lesson
from samplegen.training.checkpoints import Run
from samplegen.training.loop import Budget, Report, Stage, Trouble
from samplegen.training.methods import TEACHERS

_BF16 = ("amx_bf16", "avx512_bf16")  # processors on which bfloat16 is faster say so
_LIBRARIES = ("tensorflow", "keras", "numpy", "librosa")


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
    report: Report = loop.ignore,
) -> Model:
    """Train a model on the sounds of a folder and write it.

    Args:
        kind: a key of `samplegen.models.registry.KINDS`.
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
        report: told of every step, checkpoint and trouble.

    Returns:
        The model with the weights of the best checkpoint.

    Raises:
        DataError: too few sounds, or nothing to resume.
        OptionError, OutputError: an unknown kind, a name that cannot be used, or is and may not be replaced.
        ModelError: sizes that there are not, or that do not fit each other or the maps.
    """
    if not (kind in KINDS and KINDS[kind].teacher):
        known = ", ".join(name for name, row in KINDS.items() if row.teacher)
        raise OptionError(f"there is no kind {kind!r} to train; there are {known}")
    if not 0 <= seed < 2**32:
        raise OptionError(f"the seed {seed} cannot be used; choose one from 0 to {2**32 - 1}")
    folder = Path(folder)
    check_name(folder.name, "model name")
    files.refuse_existing(folder, force=force)
    row, workplace = KINDS[kind], folder.with_name(f"{folder.name}.training")
    teacher = TEACHERS[row.teacher]
    config: Any = settings.build(row.config, {**(sizes or {}), "map": asdict(data.config)})
    card = store.checked(Card(kind, asdict(config), "", licence=licence, credits=credits, command=command))
    lesson = batches.prepare(data, seed=seed, previews=workplace / "previews", by_ear=teacher.by_ear)
    if not resume:
        rmtree(workplace, ignore_errors=True)
    if len(lesson.data) < FEW:
        report(Trouble(f"only {len(lesson.data)} sounds: expect near-copies of them; from {FEW} up a model invents"))
    keras.utils.set_random_seed(seed)
    with fast_floats():
        learner, measure = teacher.teach(lesson, row, config)
    run = loop.fit(
        learner, teacher.batches(lesson, teacher.batch), measure,
        budget=budget, folder=workplace, identity=_identity(kind, lesson, config), resume=resume,
        cooling=teacher.cooling, report=report,
    )  # fmt: skip
    learner.result.set_weights(run.best)
    card = replace(card, training=_facts(lesson, run), figures=teacher.figures(lesson, learner.result))
    prints = Fingerprints(lesson.names, lesson.descriptors)
    store.save(
        folder, card, run.best, fingerprints=prints, guesser=_guesser(row, config, run, seed, report),
        directions=_directions(row, learner.result, config, lesson),
        previews=lesson.previews_of(run.best_step), force=force,
    )  # fmt: skip
    rmtree(workplace, ignore_errors=True)
    return store.read(folder)


def _guesser(row: Kind, config: Any, run: Run, seed: int, report: Report) -> list[Array] | None:
    """Weights of the network that guesses codes, taught no longer than the model; none where the user does not wait."""
    if not row.guessed:
        return None
    report(Stage("now the network that finds given sounds among the model's own is taught; Ctrl-C leaves it out"))
    network = row.network(config)
    network.set_weights(run.best)
    try:
        taught = inversion_network.teach_guesser(network, config, most=run.step, seed=seed)
    except KeyboardInterrupt:
        return None
    return list(taught.get_weights())


def _directions(row: Kind, network: keras.Model, config: Any, lesson: Lesson) -> Sequence[Array] | None:
    """What turns the knobs of a kind that has them."""
    if not descriptors.DESCRIPTORS.keys() <= OPTIONS_OF_SAMPLING.get(row.draws, frozenset()):
        return None
    rng = np.random.default_rng((lesson.seed, 5))
    latents = rng.standard_normal((latent_directions.FIT_SOUNDS, config.latent)).astype(np.float32)
    roles_of = np.eye(len(roles.ROLES), dtype=np.float32)[
        lesson.roles[rng.choice(lesson.train, len(latents))].argmax(axis=1)
    ]
    pictures = row.drawer(network).predict([latents, roles_of], batch_size=64, verbose=0)
    return latent_directions.fit_directions(latents, roles_of, descriptors.measured(pictures, config.map))


@contextmanager
def fast_floats() -> Iterator[None]:
    """Build networks to compute in bfloat16 where the processor does so fast; weights stay float32."""
    before, info = keras.config.dtype_policy(), Path("/proc/cpuinfo")
    flags = info.read_text() if info.exists() else ""
    keras.config.set_dtype_policy("mixed_bfloat16" if any(flag in flags for flag in _BF16) else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _identity(kind: str, lesson: Lesson, config: Any) -> str:
    """What two runs must share for one to go on where the other stopped."""
    content = json.dumps([kind, lesson.seed, asdict(config), lesson.names])
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()


def _facts(lesson: Lesson, run: Run) -> dict[str, Any]:
    """What the card tells of the training."""
    counts = Counter(roles.ROLES[index] for index in lesson.roles.argmax(axis=1))
    return {
        "folder": lesson.data.folder.resolve().name,
        "sounds": len(lesson.data),
        "held_out": len(lesson.held),
        "kits": len({sound.kit for sound in lesson.data.sounds}),
        "roles": {name: counts[name] for name in roles.ROLES if counts[name]},
        "seed": lesson.seed,
        "steps": run.step,
        "best_step": run.best_step,
        "minutes": round(run.seconds / 60, 2),
        "history": run.history,
        "versions": {name: version(name) for name in _LIBRARIES},
    }
