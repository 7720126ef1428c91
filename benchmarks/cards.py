"""The shipped models on drum machines that none of them has heard; the figures go into their cards.

A machine counts as heard, and is left out whole, where one of its sounds is among the starter's training sounds, if
in another recording: both collections hold some of the same machines.
"""

import json

import numpy as np

from benchmarks import learning
from benchmarks.common import DATA, MACHINES, Figures
from samplegen import roles
from samplegen.data import dataset
from samplegen.features import metrics
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.models import classify, library, store
from samplegen.models.card import CARD


def run() -> Figures:
    """Measure, and write each model's own figures into its card."""
    machines = unheard(dataset.scan(MACHINES, SpectrogramConfig()))
    kits = len({sound.kit for sound in machines.sounds})
    found = {"hearing": _hearing(machines), "starter": _starter(machines)}
    for name, figures in found.items():
        path = library.shipped(name) / CARD
        card = json.loads(path.read_text("utf-8"))
        card["figures"] = {"measured_on": f"{len(machines)} sounds of {kits} drum machines, none in the training set"}
        card["figures"] |= {key: round(float(value), 3) for key, value in figures.items()}
        path.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    told = {f"{name}: {key}": value for name, figures in found.items() for key, value in figures.items()}
    return {"machines": kits, "their sounds": len(machines)} | told


def unheard(machines: dataset.Dataset) -> dataset.Dataset:
    """The machines of which no sound is among those that the starter learned from."""
    prints = metrics.fingerprints(machines.spectrograms())
    known = metrics.find_known(prints, store.load(library.shipped("starter")).fingerprints.descriptors)
    heard = {sound.kit for sound, met in zip(machines.sounds, known, strict=True) if met}
    return machines.subset(np.flatnonzero([sound.kit not in heard for sound in machines.sounds]))


def _hearing(machines: dataset.Dataset) -> Figures:
    named = [i for i, sound in enumerate(machines.sounds) if sound.role]
    names = np.array([roles.INDEX[machines.sounds[i].role or ""] for i in named])
    ranked = classify.classify_roles(machines.spectrograms(named), machines.config).roles.argsort(axis=1)
    return {
        "accuracy over 16 roles": np.mean(ranked[:, -1] == names),
        "role among the first two": np.mean((ranked[:, -2:] == names[:, None]).any(axis=1)),
    }


def _starter(machines: dataset.Dataset) -> Figures:
    return learning.measure(
        store.load(library.shipped("starter")), dataset.scan(DATA / "drums", SpectrogramConfig()), machines
    )
