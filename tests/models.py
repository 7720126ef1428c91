"""Models that are built in no time: untrained nets on maps of 16 x 16 cells and a quarter of a second."""

from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np

from samplegen.features.spectrogram import MapConfig
from samplegen.features.stft import Stft
from samplegen.models import autoencoder, charlstm, dcgan, lstmgan, role_classifier, store
from samplegen.models.registry import KINDS
from samplegen.models.store import Card, Fingerprints, Model
from samplegen.roles import ROLES

TINY = MapConfig(Stft(16_000, 128), steps=16, bands=16, seconds=0.25)
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


def save(folder: Path, kind: str = "dcgan", *, prints: Fingerprints | None = None, **card: object) -> Model:
    """Write an untrained model and read it back."""
    keras.utils.set_random_seed(1)
    weights = KINDS[kind].network(CONFIGS[kind]).get_weights()
    prints = prints or Fingerprints(("a.wav", "b.wav"), np.random.default_rng(0).random((2, 144)).astype(np.float32))
    store.save(folder, Card(**(facts(kind) | card)), weights, fingerprints=prints)
    return store.read(folder)
