"""Drums and mixes changed at random, so that what learns from them learns no recording by heart. Mono, at `RATE`."""

import numpy as np
import scipy.signal as ss

from samplegen.arrays import Signal
from samplegen.transcription.features import RATE


def varied(sound: Signal, rng: np.random.Generator) -> Signal:
    if rng.random() < 0.7:
        sound = np.interp(np.arange(0, len(sound) - 1, 2 ** rng.uniform(-0.25, 0.25)), np.arange(len(sound)), sound)
    if rng.random() < 0.35:
        sound = sound * np.exp(-np.arange(len(sound)) / RATE / rng.uniform(0.03, 0.5))
    if rng.random() < 0.35:
        low = ss.sosfilt(
            ss.butter(1, np.exp(rng.uniform(np.log(200), np.log(6000))), "low", fs=RATE, output="sos"), sound
        )
        sound = low * 10 ** (rng.uniform(-9, 9) / 20) + (sound - low)
    if rng.random() < 0.25:
        centre = np.exp(rng.uniform(np.log(150), np.log(7000)))
        band = ss.butter(1, [centre / 1.5, centre * 1.5], "band", fs=RATE, output="sos")
        sound = sound + ss.sosfilt(band, sound) * rng.uniform(-0.7, 2)
    if rng.random() < 0.15:
        sound = np.tanh(sound * rng.uniform(1, 6))
    return level(sound[: 3 * RATE])


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
