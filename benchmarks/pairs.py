"""Sounds between two real sounds, within a role and across two, of machines that the starter has not heard.

The middle should be one sound: the best non-negative mix of the two ends leaves more of it than of a crossfade, and at
least half of what it leaves of a third sound of the role. It should be as plausible as real ones (the classifier's
surest role), and the way there smooth: every step forward, toward the last sound, and none twice as long as the mean.
Steps are measured by embeddings of the rendered sounds, by which they were also chosen, and by 20 MFCCs, mean and
spread over time, which nothing here was chosen by.
"""

import librosa
import numpy as np
from scipy.optimize import nnls

from benchmarks.cards import unheard
from benchmarks.common import MACHINES, Figures
from samplegen.arrays import Signal
from samplegen.audio import onsets, reading, signals
from samplegen.data import dataset
from samplegen.features import spectrogram
from samplegen.features.spectrogram import LEVEL, Spectrogram, SpectrogramConfig
from samplegen.generation import interpolation
from samplegen.models import classify, store
from samplegen.models.model import Model

SEED = 31  # of the pairs; others have guided choices
PAIRS, PATH = 48, 9  # of each sort; sounds of a path
MODES = ("slerp", "envelope", "crossfade")
ROLES = ("kick", "snare", "closed-hat", "clap", "mid-tom")
CONFIG = SpectrogramConfig()
EARS = ("embedding", "MFCC")
NAMES = (
    "what a mix of the ends leaves, over that of a third sound",
    "sureness of a role",
    "... of real sounds",
    *(f"{name} ({ear})" for ear in EARS for name in (
        "share of steps that go forward", "share of paths all of whose steps do",
        "longest step over the mean", "share of paths where it is at most 2",
    )),
)  # fmt: skip


def run() -> Figures:
    """Each mode through the shipped starter."""
    model, rng, figures = store.load("starter"), np.random.default_rng(SEED), Figures()
    machines = unheard(dataset.scan(MACHINES, CONFIG))
    groups = {role: [sound.path for sound in machines.sounds if sound.role == role] for role in ROLES}
    for sort in ("within a role", "across roles"):
        chosen = [_chosen(groups, rng, across=sort != "within a role") for _ in range(PAIRS)]
        for mode in MODES:
            rows = [_measured(model, three, mode) for three in chosen]
            for name, value in zip(NAMES, np.mean(rows, axis=0), strict=True):
                figures[f"{sort}, {mode}: {name}"] = float(value)
    return figures


def _chosen(groups: dict[str, list[str]], rng: np.random.Generator, *, across: bool) -> list[Signal]:
    """Two sounds, and a third of the second's role."""
    first, second = rng.choice(list(groups), 2, replace=False)
    ends = [rng.choice(groups[first])] if across else []
    names = [*ends, *rng.choice(groups[second], 3 - len(ends), replace=False)]
    sounds = [reading.read_audio(MACHINES / name, CONFIG.stft.rate)[0] for name in names]
    return [sound[onsets.find_onset(sound, CONFIG.stft.rate) :] for sound in sounds]


def _measured(model: Model, three: list[Signal], mode: str) -> list[float]:
    """A row in the order of `NAMES`."""
    sounds = interpolation.interpolate(model, three[:2], steps=PATH, mode=mode).sounds
    path, real = (np.stack([spectrogram.encode(sound, CONFIG) for sound in some]) for some in (sounds, three))
    heard = classify.classify_roles(np.concatenate([path, real]), CONFIG)
    sure = heard.roles.max(axis=1)
    left = _left(path[PATH // 2], real[:2]) / max(_left(real[2], real[:2]), 1e-6)
    coefficients = np.stack([_mfcc(sound) for sound in sounds])
    return [left, sure[PATH // 2], sure[PATH:].mean(), *_smooth(heard.embeddings[:PATH]), *_smooth(coefficients)]


def _smooth(rows: np.ndarray) -> list[float]:
    """Steps forward, all of them, the longest over the mean, whether at most 2."""
    steps = np.diff(rows, axis=0)
    forward, lengths = steps @ (rows[-1] - rows[0]) > 0, np.linalg.norm(steps, axis=1)
    longest = lengths.max() / lengths.mean()
    return [forward.mean(), float(forward.all()), longest, float(longest <= 2)]


def _mfcc(sound: Signal) -> np.ndarray:
    padded = np.pad(sound, (0, max(0, CONFIG.samples - len(sound))))  # all as long, or their ends would count
    rows = librosa.feature.mfcc(y=padded / max(signals.peak(padded), 1e-9), sr=CONFIG.stft.rate, n_fft=1024)
    return np.concatenate([rows.mean(axis=1), rows.std(axis=1)])


def _left(picture: Spectrogram, ends: Spectrogram) -> float:
    """The share of a sound's magnitudes that the best non-negative mix of the ends' does not explain."""
    linear = [10 ** (-CONFIG.floor_db / 20 * (p[..., LEVEL].ravel() - 1.0)) * (p[..., LEVEL].ravel() > 0)
              for p in (*ends, picture)]  # fmt: skip
    return nnls(np.stack(linear[:2], axis=1), linear[2])[1] / np.linalg.norm(linear[2])
