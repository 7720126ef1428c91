"""Two voices that speak invented sentences, with exact truth: pitch, formants and the time of every phone.

A voice is a sum of harmonics of a known fundamental under four formants, and noise in bands for what is not sung.
Formants glide between phones. The same sentence and voice give the same samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

RATE = 16_000  # Hz
STEP = 0.005  # seconds between values of the truth
VOWELS = {  # formants in Hz
    "a": (750, 1150, 2500, 3500), "e": (480, 1900, 2550, 3500), "i": (290, 2250, 3000, 3650),
    "o": (460, 850, 2500, 3400), "u": (320, 750, 2300, 3300), "y": (300, 1750, 2200, 3400),
    "m": (270, 1050, 2150, 3300),
}  # fmt: skip
NOISES = {"s": (4800, 7600), "h": (2000, 5200), "f": (1300, 7400)}  # edges in Hz
PAUSE = "_"
_GLIDE = 0.03  # seconds
_LEVELS = {"m": 0.5}  # of full voice


@dataclass(frozen=True)
class Voice:
    """Speaker: fundamental in Hz, size of the mouth (of the formants), bandwidth, and how fast levels fall."""

    pitch: float
    formants: float
    width: float = 90.0  # Hz
    tilt: float = -9.0  # dB an octave
    noise: float = 0.08


ALTO = Voice(210.0, 1.0)
BASS = Voice(105.0, 0.84, width=130.0, tilt=-12.0, noise=0.05)


@dataclass(frozen=True)
class Spoken:
    """A take with its truth: fundamental in Hz every `STEP` seconds, 0 where unvoiced, and when each phone starts."""

    samples: NDArray[np.float32]
    pitch: NDArray[np.float64]
    starts: NDArray[np.float64]  # seconds, with the end of the last phone behind


def sentence(seed: int, phones: int = 14) -> str:
    """An invented sentence: syllables of a noise or `m` and a vowel, now and then a pause."""
    rng = np.random.default_rng((seed, 7))
    onsets, nuclei = [*NOISES, "m", ""], [name for name in VOWELS if name != "m"]
    text = ""
    while len(text) < phones:
        text += PAUSE if text and rng.random() < 0.08 else str(rng.choice(onsets)) + str(rng.choice(nuclei))
    return text


def say(text: str, voice: Voice, *, seed: int = 0, pause: float = 0.25, rate: int = RATE) -> Spoken:
    """A voice says a sentence; the seed decides how long it takes for each phone, and the tune."""
    rng = np.random.default_rng((seed, 3))
    seconds = [rng.uniform(0.5, 1.5) * pause if phone == PAUSE else rng.uniform(0.09, 0.2) for phone in text]
    starts = 0.15 + np.concatenate(([0.0], np.cumsum(seconds)))
    time = np.arange(round((starts[-1] + 0.15) / STEP)) * STEP
    phone = np.searchsorted(starts, time, side="right") - 1
    named = [text[index] if 0 <= index < len(text) else PAUSE for index in phone]
    pitch = voice.pitch * 2 ** (0.25 * np.sin(2 * np.pi * (0.6 * time + rng.random())) - 0.05 * time / time[-1])
    sung = np.array([_LEVELS.get(name, 1.0) if name in VOWELS else 0.0 for name in named])
    when = np.arange(round(len(time) * STEP * rate)) / rate
    sound = _sung(when, time, pitch, _smooth(sung), _formants(named, voice), voice, rate)
    for name, edges in NOISES.items():
        level = _smooth(np.array([float(other == name) for other in named]))
        sound += voice.noise * np.interp(when, time, level) * _hiss(len(when), edges, voice, rate, rng)
    sound = 0.5 * sound / np.abs(sound).max() + 1e-4 * rng.standard_normal(len(sound))
    return Spoken(sound.astype(np.float32), np.where(sung > 0, pitch, 0.0), starts)


def _formants(named: list[str], voice: Voice) -> NDArray[np.float64]:
    """Formants `(steps, 4)` in Hz; where there is a noise or pause, those of the next vowel."""
    tracks, last = np.empty((len(named), 4)), VOWELS["a"]
    for step in reversed(range(len(named))):
        last = VOWELS.get(named[step], last)
        tracks[step] = last
    return voice.formants * np.stack([_smooth(track) for track in tracks.T], axis=1)


def _sung(when, time, pitch, sung, formants, voice, rate):  # noqa: PLR0913, PLR0917
    """The sum of all harmonics below half the rate, each as loud as the formants make it."""
    turns = 2 * np.pi * np.cumsum(np.interp(when, time, pitch)) / rate
    sound = np.zeros(len(when))
    for harmonic in range(1, int(0.5 * rate / pitch.min())):
        frequency = harmonic * pitch
        share = frequency[:, None] / formants
        shape = np.abs(np.prod(1 - share**2 + 1j * share * voice.width / formants, axis=1))  # of the resonances
        level = 1 / shape * 10 ** (voice.tilt / 20 * np.log2(harmonic)) * (frequency < 0.47 * rate)
        sound += np.interp(when, time, level * sung) * np.sin(harmonic * turns)
    return sound / 4


def _hiss(count, edges, voice, rate, rng):
    low, high = (min(edge * voice.formants**0.5, 0.48 * rate) for edge in edges)
    return sosfiltfilt(butter(2, (low, high), "bandpass", fs=rate, output="sos"), rng.standard_normal(count))


def _smooth(track: NDArray[np.float64]) -> NDArray[np.float64]:
    """Glides in place of steps."""
    window = np.hanning(round(_GLIDE / STEP) + 2)[1:-1]
    reach = len(window) // 2
    return np.convolve(np.pad(track, reach, mode="edge"), window / window.sum(), "same")[reach : len(track) + reach]
