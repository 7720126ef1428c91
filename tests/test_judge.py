"""The judge: blind to gain, and to nothing that makes a drum another drum."""

import numpy as np
import pytest
import scipy.signal
from conftest import DRUMS

from samplegen.audio import signals
from samplegen.evaluation import judge
from samplegen.evaluation.judge import RATE
from samplegen.roles import ROLES

TIME = np.arange(RATE) / RATE


def noise(seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(RATE) * np.exp(-5 * TIME)).astype(np.float32)


def tones(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    made = sum(np.sin(2 * np.pi * f * TIME + p) for f, p in rng.uniform((400, 0), (18_000, 6), (count, 2)))
    return (made * np.exp(-5 * TIME)).astype(np.float32)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(np.subtract(*judge.embed([one, other]))))


def test_gain_does_not_count_and_everything_else_does():
    sound = noise()
    near = distance(sound, noise(1))  # another throw of the same noise
    assert distance(sound, 0.01 * sound) < 0.01 * near
    shorter, duller = sound * np.exp(-10 * TIME), scipy.signal.lfilter([1], [1, -0.8], sound)
    octave = signals.resample(signals.resample(sound, RATE, RATE // 2), RATE // 2, RATE)
    for other in (shorter, duller, octave, np.concatenate([np.zeros(2205), sound[:-2205]]), tones(400)):
        assert distance(sound, other.astype(np.float32)) > 2 * near


@pytest.mark.parametrize("role", [role for role in ROLES if role in DRUMS])
def test_sounds_of_a_role_are_nearer_to_each_other(role):
    own = judge.embed([DRUMS[role](RATE, seed=seed) for seed in range(6)])
    others = judge.embed([DRUMS[name](RATE, seed=9) for name in DRUMS if name != role])
    inside = np.linalg.norm(own[:, None] - own, axis=2)[np.triu_indices(6, 1)].mean()
    assert inside < np.linalg.norm(own[:, None] - others, axis=2).min()


def test_measures_are_what_they_say():
    ringing = tones(200)
    (of_tones, of_noise, cut) = judge.measure([ringing, noise(), noise()[: RATE // 4]])
    assert of_tones[0] == pytest.approx(200, rel=0.15)  # some lie closer than the window tells apart
    assert of_noise[0] < 40
    assert of_noise[1] == pytest.approx(0.5, abs=0.03)  # white: half of it lies in the upper half of the band
    assert of_noise[2] == pytest.approx(20 * np.log10(np.exp(-5)), abs=4)
    assert cut[2] > of_noise[2] + 20


@pytest.mark.parametrize("sound", [np.zeros(10, np.float32), np.ones(1, np.float32), np.zeros(RATE, np.float32)])
def test_whatever_comes_gives_numbers(sound):
    assert np.isfinite(judge.embed([sound])).all()
    assert np.isfinite(judge.measure([sound])).all()
