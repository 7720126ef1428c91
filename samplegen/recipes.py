"""How each kind of model is trained: from a folder of sounds to a model's folder, one row a kind.

sounds -> roles -> split by kit -> learner, batches, measure -> `training.fit` -> `store.save`
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from samplegen import classifier, evaluation, files, plots, roles, store, training
from samplegen.checkpoints import Learner, Run
from samplegen.dataset import Dataset, Indices
from samplegen.errors import DataError, OptionError
from samplegen.names import check_name
from samplegen.nets import adversarial, dcgan, hearing, tagging
from samplegen.store import Card, Fingerprints, Model
from samplegen.training import Budget, Measure, Report, Trouble

FEWEST = 8  # sounds under which nothing can be learned
FEW = 100  # ... under which results are nearer to copies than to inventions
HELD_OUT = 0.1  # share of sounds that only measures
NAMED = 0.7  # how far a name is believed against the ear, where a sound has one
MEASURED = 400  # sounds drawn to measure a generator
MISHEARD = 20.0  # what all roles misheard add to the kernel distance, in the same thousandths
PREVIEWED = 32
_BF16 = ("amx_bf16", "avx512_bf16")  # processors on which bfloat16 is faster say so
_LIBRARIES = ("tensorflow", "keras", "numpy", "librosa")

Rows = NDArray[np.float32]
Taught = tuple[Learner, Measure]


@dataclass(frozen=True)
class Lesson:
    """The material of a run, split: maps are read from `data` on demand, roles `(n, 16)` lie beside it."""

    data: Dataset
    roles: Rows
    train: Indices
    held: Indices
    odds: NDArray[np.float64]  # of each training sound to come next
    seed: int
    previews: Path

    def previews_of(self, step: int) -> Path:
        """Folder of what the network drew at a checkpoint."""
        return self.previews / f"step-{step:07d}"

    @property
    def judges(self) -> Indices:
        """The sounds that measure: those held out or, where these are too few to tell anything, all."""
        return self.held if len(self.held) >= FEWEST else np.arange(len(self.data))

    def batch(self, step: int, size: int) -> tuple[Rows, Rows]:
        """Maps and roles of a step, drawn from its number."""
        chosen = np.random.default_rng((self.seed, step)).choice(self.train, size, p=self.odds)
        return self.data.maps(chosen), self.roles[chosen]


@dataclass(frozen=True)
class Recipe:
    """What differs from kind to kind: the batch's size, whether roles are also heard, who learns, measured how."""

    batch: int
    heard: bool  # roles by name and ear; else by name alone, rare ones shown more often
    config: Callable[..., Any]
    teach: Callable[[Lesson, Any], Taught]


def teach_dcgan(lesson: Lesson, config: dcgan.Config) -> Taught:
    """A DCGAN, measured by the kernel distance of what it draws to the held-out sounds, and by the roles misheard.

    Either alone is not enough: a generator resembles the whole of drums long before it knows them apart.
    """

    def build() -> tuple[keras.Model, keras.Model]:
        return dcgan.generator(config), dcgan.discriminator(config)

    listener = classifier.listener(config.map)
    learner = adversarial.Adversarial(build, config.latent, listener=listener, seed=lesson.seed)
    rng = np.random.default_rng((lesson.seed, 1))
    latents = rng.standard_normal((MEASURED, config.latent)).astype(np.float32)
    wanted = lesson.roles[rng.choice(lesson.judges, MEASURED)]
    real = classifier.hear(lesson.data.maps(lesson.judges), config.map).embeddings

    def measure(network: keras.Model, step: int) -> float:
        drawn = network.predict([latents, wanted], batch_size=64, verbose=0)
        plots.preview(drawn[:PREVIEWED], config.map, lesson.previews_of(step))
        heard = classifier.hear(drawn, config.map)
        misheard = float(np.mean(heard.roles.argmax(axis=1) != wanted.argmax(axis=1)))
        return evaluation.kernel_distance(real, heard.embeddings) + MISHEARD * misheard

    return learner, measure


def teach_hearing(lesson: Lesson, config: hearing.Config) -> Taught:
    """A role classifier, measured by the share of held-out sounds that it names wrong."""
    learner = tagging.Tagging(hearing.network(config), seed=lesson.seed)
    judges, names = lesson.data.maps(lesson.judges), lesson.roles[lesson.judges].argmax(axis=1)

    def measure(network: keras.Model, _step: int) -> float:
        return float(np.mean(network.predict(judges, batch_size=128, verbose=0)[1].argmax(axis=1) != names))

    return learner, measure


RECIPES: Mapping[str, Recipe] = {
    "dcgan": Recipe(batch=16, heard=True, config=dcgan.Config, teach=teach_dcgan),
    "hearing": Recipe(batch=32, heard=False, config=hearing.Config, teach=teach_hearing),
}


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
    report: Report = training.ignore,
) -> Model:
    """Train a model on the sounds of a folder and write it.

    Args:
        kind: a key of `RECIPES`.
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
        ModelError: sizes that do not fit each other or the maps.
    """
    if kind not in RECIPES:
        raise OptionError(f"there is no kind {kind!r} to train; there are {', '.join(RECIPES)}")
    if not 0 <= seed < 2**32:
        raise OptionError(f"the seed {seed} cannot be used; choose one from 0 to {2**32 - 1}")
    folder = Path(folder)
    check_name(folder.name, "model name")
    files.refuse_existing(folder, force=force)
    recipe, workplace = RECIPES[kind], folder.with_name(f"{folder.name}.training")
    config = recipe.config(map=data.config, **(sizes or {}))
    card = store.checked(Card(kind, asdict(config), "", licence=licence, credits=credits, command=command))
    lesson = prepare(data, seed=seed, previews=workplace / "previews", heard=recipe.heard)
    if not resume:
        rmtree(workplace, ignore_errors=True)
    if len(lesson.data) < FEW:
        report(Trouble(f"only {len(lesson.data)} sounds: expect near-copies of them; from {FEW} up a model invents"))
    keras.utils.set_random_seed(seed)
    with fast_floats():
        learner, measure = recipe.teach(lesson, config)
    run = training.fit(
        learner, lambda step: lesson.batch(step, recipe.batch), measure,
        budget=budget, folder=workplace, identity=_identity(kind, lesson, config), resume=resume, report=report,
    )  # fmt: skip
    card = replace(card, training=_facts(lesson, run))
    prints = Fingerprints(_names(lesson), _descriptors(lesson))
    store.save(folder, card, run.best, fingerprints=prints, previews=lesson.previews_of(run.best_step), force=force)
    rmtree(workplace, ignore_errors=True)
    return store.read(folder)


def prepare(data: Dataset, *, seed: int, previews: Path, heard: bool) -> Lesson:
    """Split the sounds by kit and give each its role vector: by name alone or, if `heard`, by name and ear.

    Raises:
        DataError: fewer than `FEWEST` sounds, or without ears fewer with a telling name.
    """
    named = np.stack([roles.one_hot(s.role) if s.role else np.zeros(len(roles.ROLES), np.float32) for s in data.sounds])
    telling = named.any(axis=1)
    if not heard:
        data, named = data.subset(np.flatnonzero(telling)), named[telling]
    if len(data) < FEWEST:
        what = "sounds" if heard else "sounds whose names tell their role"
        needed = f"at least {FEWEST} are needed, {FEW} to get more than copies"
        raise DataError(f"{data.folder} holds {len(data)} {what}; {needed}")
    vectors = _blend(named, _heard(data)) if heard else named
    train, held = data.split(HELD_OUT, seed=seed)
    odds = np.ones(len(train)) if heard else vectors[train].sum(axis=0)[vectors[train].argmax(axis=1)] ** -0.5
    return Lesson(data, vectors, train, held, odds / odds.sum(), seed, previews)


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


def _blend(named: Rows, heard: Rows) -> Rows:
    share = NAMED * named.any(axis=1, keepdims=True)
    return (share * named + (1 - share) * heard).astype(np.float32)


def _heard(data: Dataset) -> Rows:
    return np.concatenate([classifier.hear(block, data.config).roles for block in _blocks(data)])


def _blocks(data: Dataset, size: int = 512) -> list[Rows]:
    return [data.maps(range(at, min(at + size, len(data)))) for at in range(0, len(data), size)]


def _names(lesson: Lesson) -> tuple[str, ...]:
    sounds = lesson.data.sounds
    several = Counter(sound.path for sound in sounds)
    rate = lesson.data.config.stft.rate
    return tuple(s.path if several[s.path] == 1 else f"{s.path} at {s.start / rate:.2f} s" for s in sounds)


def _descriptors(lesson: Lesson) -> Rows:
    return np.concatenate([evaluation.descriptors(block) for block in _blocks(lesson.data)])


def _identity(kind: str, lesson: Lesson, config: Any) -> str:
    """What two runs must share for one to go on where the other stopped."""
    content = json.dumps([kind, lesson.seed, asdict(config), _names(lesson)])
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
