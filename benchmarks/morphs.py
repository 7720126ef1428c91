"""What lies between two real sounds, which have no true middle.

Of pairs within a role and across two, the middle should be one sound: the best non-negative mix of the two
ends leaves more of it than of a crossfade, and at least half of what it leaves of a third sound of the role. It should
be as plausible as real ones (the classifier's surest role), and the way there smooth (embeddings).
"""

import numpy as np
from scipy.optimize import nnls

from benchmarks.common import MACHINES, Figures
from samplegen import audio, classifier, interpolation, loops, maps, store
from samplegen.audio import Signal
from samplegen.maps import LEVEL, Map, MapConfig
from samplegen.store import Model

REAL_PAIRS, PATH = 16, 9  # of each sort; sounds of a path
MODES = ("slerp", "lerp", "envelope", "crossfade")
CONFIG = MapConfig()


def run() -> Figures:
    """Pairs through the shipped starter."""
    return _pairs(store.load("starter"))


def _maps(sounds: list[Signal]) -> Map:
    return np.stack([maps.encode(sound, CONFIG) for sound in sounds])


def _pairs(model: Model) -> Figures:
    rng, figures = np.random.default_rng(5), Figures()
    groups = {role: sorted((MACHINES / role).glob("*")) for role in ("kick", "snare", "closed-hat", "clap", "mid-tom")}
    for sort in ("within a role", "across roles"):
        chosen = [_chosen(groups, rng, across=sort != "within a role") for _ in range(REAL_PAIRS)]
        for mode in MODES:
            rows = [_measured(model, three, mode) for three in chosen]
            for name, value in zip(NAMES, np.mean(rows, axis=0), strict=True):
                figures[f"{sort}, {mode}: {name}"] = float(value)
    return figures


NAMES = (
    "what a mix of the ends leaves, over that of a third sound",
    "sureness of a role, over that of the ends",
    "share of steps that go forward",
    "longest step over the mean",
)


def _chosen(groups: dict, rng: np.random.Generator, *, across: bool) -> list[Signal]:
    """Two sounds, and a third of the second's role."""
    first, second = rng.choice(list(groups), 2, replace=False)
    first = first if across else second
    paths = [rng.choice(groups[first]), *rng.choice(groups[second], 2, replace=False)]
    sounds = [audio.read(path, CONFIG.stft.rate)[0] for path in paths]
    return [sound[loops.onset(sound, CONFIG.stft.rate) :] for sound in sounds]


def _measured(model: Model, three: list[Signal], mode: str) -> list[float]:
    path = _maps(interpolation.interpolate(model, three[:2], steps=PATH, mode=mode).sounds)
    ends, third = _maps(three[:2]), _maps(three[2:])[0]
    heard = classifier.hear(np.concatenate([path, ends]), CONFIG)
    way = heard.embeddings[PATH - 1] - heard.embeddings[0]
    forward = np.diff(heard.embeddings[:PATH], axis=0) @ way
    lengths = np.linalg.norm(np.diff(heard.embeddings[:PATH], axis=0), axis=1)
    sure = heard.roles.max(axis=1)
    left = _left(path[PATH // 2], ends) / max(_left(third, ends), 1e-6)
    return [left, sure[PATH // 2] / sure[PATH:].mean(), float((forward > 0).mean()), lengths.max() / lengths.mean()]


def _left(picture: Map, ends: Map) -> float:
    """The share of a sound's magnitudes that the best non-negative mix of the ends' does not explain."""
    linear = [10 ** (-CONFIG.floor_db / 20 * (p[..., LEVEL].ravel() - 1.0)) * (p[..., LEVEL].ravel() > 0)
              for p in (*ends, picture)]  # fmt: skip
    return nnls(np.stack(linear[:2], axis=1), linear[2])[1] / np.linalg.norm(linear[2])
