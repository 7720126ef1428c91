"""Drums and mixes changed at random, so that what learns from them learns no recording by heart. Mono, at `RATE`."""

import numpy as np
import scipy.signal as ss

from samplegen.audio import Signal
from samplegen.transcription.features import RATE

_CHANGES = 0.3  # how often each of `_WAYS` is taken
_STEPS = (6, 8, 12)  # bits of the memories of drum machines
_RATES = (2, 5)  # by how much slower than `RATE` such memories were read


def varied(sound: Signal, rng: np.random.Generator) -> Signal:
    """A drum of another pitch, and perhaps of another length, tone, or machine."""
    if rng.random() < 0.75:
        sound = np.interp(np.arange(0, len(sound) - 1, 2 ** rng.normal(0, 0.22)), np.arange(len(sound)), sound)
    for change in _WAYS:
        if rng.random() < _CHANGES:
            sound = change(sound, rng)
    return level(sound[: 3 * RATE])


def _shortened(sound: Signal, rng: np.random.Generator) -> Signal:
    """Dying away sooner, or cut off as by a gate."""
    times = np.arange(len(sound)) / RATE
    if rng.random() < 0.3:
        return sound * np.clip((rng.uniform(0.06, 0.4) - times) / 0.01, 0, 1)
    return sound * np.exp(-times / np.exp(rng.uniform(np.log(0.03), np.log(0.5))))


def _tilted(sound: Signal, rng: np.random.Generator) -> Signal:
    """More bass or more treble."""
    low = ss.sosfilt(_butter(rng, 200, 6000, "low"), sound)
    return low * 10 ** (rng.uniform(-10, 10) / 20) + (sound - low)


def _coloured(sound: Signal, rng: np.random.Generator) -> Signal:
    """A band or two raised or lowered."""
    for _ in range(rng.integers(1, 3)):
        centre = np.exp(rng.uniform(np.log(100), np.log(7000)))
        band = ss.butter(1, [centre / 1.5, centre * 1.5], "band", fs=RATE, output="sos")
        sound = sound + ss.sosfilt(band, sound) * rng.uniform(-0.7, 2)
    return sound


def _machined(sound: Signal, rng: np.random.Generator) -> Signal:
    """As from the memory of a drum machine, of few bits or a low rate, or driven."""
    way, sound = rng.random(), level(sound)
    if way < 0.3:
        most = 2.0 ** (rng.choice(_STEPS) - 1)
        return np.round(sound * most) / most
    if way < 0.55:
        held = np.arange(len(sound)) // (ratio := rng.uniform(*_RATES)) * ratio
        return sound[held.astype(int)]
    return np.tanh(sound * rng.uniform(1, 6))


_WAYS = (_shortened, _tilted, _coloured, _machined)


def _butter(rng: np.random.Generator, low: float, high: float, kind: str) -> np.ndarray:
    return ss.butter(1, np.exp(rng.uniform(np.log(low), np.log(high))), kind, fs=RATE, output="sos")


def layered(one: Signal, other: Signal) -> Signal:
    length = max(len(one), len(other))
    return level(np.pad(one, (0, length - len(one))) + np.pad(other, (0, length - len(other))))


def aged(mix: Signal, rng: np.random.Generator) -> Signal:
    """Now and then a room, saturation, a dull tape, noise."""
    if rng.random() < 0.3:
        times = np.arange(int(RATE * rng.uniform(0.1, 0.6))) / RATE
        room = rng.standard_normal(len(times)) * np.exp(-times / rng.uniform(0.03, 0.2)) * rng.uniform(0.005, 0.05)
        mix = mix + ss.fftconvolve(mix, room)[: len(mix)]
    if rng.random() < 0.3:
        mix = np.tanh(mix * rng.uniform(1, 5))
    if rng.random() < 0.2:
        mix = ss.sosfilt(ss.butter(1, rng.uniform(3000, 9000), "low", fs=RATE, output="sos"), mix)
    if rng.random() < 0.2:
        mix = mix + rng.standard_normal(len(mix)) * 10 ** rng.uniform(-4, -2.3)
    return level(mix)


def level(sound) -> Signal:
    return (sound / max(np.abs(sound).max(), 1e-6)).astype(np.float32)
