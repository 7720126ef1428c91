"""Models that are built in no time: untrained nets on maps of 16 x 16 cells and a quarter of a second."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

from samplegen.data.dataset import Dataset, OneShot, Report
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.models import autoencoder, charlstm, dcgan, lstmgan, role_classifier, store
from samplegen.models.card import Card
from samplegen.models.model import Fingerprints, Model
from samplegen.models.registry import KINDS
from samplegen.roles import ROLES
from samplegen.training import finish, loop, training_set
from samplegen.training.budget import Budget
from samplegen.training.checkpoints import Run
from samplegen.training.workplace import Workplace

TINY = SpectrogramConfig(StftConfig(16_000, 128), steps=16, bands=16, seconds=0.25)
SIZES = {"latent": 4, "widths": (8, 4), "style": 8}
CONFIGS = {
    "dcgan": dcgan.Config(TINY, **SIZES),
    "lstmgan": lstmgan.Config(TINY, latent=4, style=8, units=8),
    "autoencoder": autoencoder.Config(TINY, code=4, units=8),
    "charlstm": charlstm.Config(replace(TINY, spacing="even"), codes=8, units=8),
    "hearing": role_classifier.Config(TINY, widths=(4, 4), embedding=4),
}


def maps(count: int, *, seed: int = 0, shape: tuple[int, ...] = TINY.shape) -> np.ndarray:
    """Maps that decay over time, no two the same."""
    noise = np.random.default_rng(seed).uniform(0.2, 1, (count, *shape))
    return (noise * np.linspace(1, 0, shape[0])[:, None, None]).astype(np.float32)


def role_vectors(count: int) -> np.ndarray:
    """One-hot, the roles in turn."""
    return np.eye(len(ROLES), dtype=np.float32)[np.arange(count) % len(ROLES)]


def facts(kind: str) -> dict:
    """The card of a model, as JSON holds it."""
    return {"kind": kind, "config": asdict(CONFIGS[kind]), "weights": ""}


class Still:
    """A learner that stays as it is."""

    def __init__(self) -> None:
        self.state = [tf.Variable(0.0)]
        self.result = SimpleNamespace(weights=self.state)

    def train_step(self, _batch: object) -> dict[str, tf.Tensor]:
        return {"loss": self.state[0] + 1.0}


@cache
def fitted() -> Run:
    """A run of 30 steps, whose distances are 100, 50, 33.3 and so on."""
    with TemporaryDirectory() as folder:
        return loop.fit(
            Still(),
            lambda _: (),
            lambda _, step: 100 / step,
            budget=Budget(steps=30),
            workplace=Workplace(Path(folder)),
        )


def training_on(roles: Mapping[str, int]) -> dict:
    """Facts of a training on so many sounds of each role, 8 or more in all, as a card holds them."""
    names = [role for role, count in roles.items() for _ in range(count)]
    sounds = tuple(OneShot(f"{role}-{n}.wav", 0, 1, role, f"{role}-{n}", n) for n, role in enumerate(names))
    data = Dataset(Path("drums"), TINY, sounds, Report(), None)
    return finish.facts(training_set.prepare(data, seed=3, previews=Path(), use_classifier=False), fitted())


def save(folder: Path, kind: str = "dcgan", *, prints: Fingerprints | None = None, **card: object) -> Model:
    """Write an untrained model and read it back."""
    keras.utils.set_random_seed(1)
    weights = KINDS[kind].network(CONFIGS[kind]).get_weights()
    prints = prints or Fingerprints(("a.wav", "b.wav"), np.random.default_rng(0).random((2, 144)).astype(np.float32))
    store.save(folder, Card(**(facts(kind) | card)), weights, fingerprints=prints)
    return store.read(folder)
