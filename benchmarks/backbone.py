"""Analysis and back on 80 real drums of 0.75 s: our phase reconstruction against librosa's Griffin-Lim.

mrLSD: `samplegen.features.metrics.log_spectral_distance`. Pre-echo: energy before the onset over that of the 20 ms
after it, in dB. Attack: how far the first sample over 10 % of the peak has moved, in ms.
"""

import librosa
import numpy as np

from benchmarks.common import Figures, drums, seconds
from samplegen.audio import parallel
from samplegen.features import metrics
from samplegen.features.stft import StftConfig, analyse, reconstruct

COUNT, LENGTH, LEAD = 80, 0.75, 0.05


def run() -> Figures:
    """Figures at 22.05 and 44.1 kHz."""
    figures: Figures = {}
    for rate in (22_050, 44_100):
        figures |= {f"{name} at {rate} Hz": value for name, value in _at(rate).items()}
    return figures


def _at(rate: int) -> Figures:
    sounds = drums(COUNT, rate, LENGTH, LEAD)
    stft, length = StftConfig.at(rate), sounds.shape[1]
    size = 512 if rate < 32_000 else 1024
    ours_in = [np.abs(analyse(sound, stft)) for sound in sounds]
    theirs_in = np.abs(librosa.stft(sounds, n_fft=size, hop_length=size // 4))

    def ours() -> np.ndarray:
        return np.array(parallel.map(lambda magnitudes: reconstruct(magnitudes, stft, length), ours_in))

    def theirs() -> np.ndarray:
        return librosa.griffinlim(theirs_in, n_iter=32, hop_length=size // 4, n_fft=size, length=length, random_state=0)

    def theirs_one_by_one() -> list[np.ndarray]:
        keywords = {"n_iter": 32, "hop_length": size // 4, "n_fft": size, "length": length}
        return [librosa.griffinlim(magnitudes, **keywords) for magnitudes in theirs_in]

    reconstruct(ours_in[0], stft, length)  # compiles
    baseline = min(seconds(theirs), seconds(theirs_one_by_one))
    return {
        "mrLSD, ours (dB)": _mean(metrics.log_spectral_distance, sounds, ours()),
        "mrLSD, griffinlim 32 (dB)": _mean(metrics.log_spectral_distance, sounds, theirs()),
        "pre-echo, ours (dB)": _mean(lambda a, b: _pre_echo(a, b, rate), sounds, ours()),
        "pre-echo, griffinlim 32 (dB)": _mean(lambda a, b: _pre_echo(a, b, rate), sounds, theirs()),
        "largest move of an attack, ours (ms)": max(_move(a, b, rate) for a, b in zip(sounds, ours(), strict=True)),
        "time, ours over griffinlim 32, batched or not, whichever is faster": seconds(ours) / baseline,
    }


def _mean(measure, sounds: np.ndarray, results: np.ndarray) -> float:
    return float(np.mean([measure(sound, result) for sound, result in zip(sounds, results, strict=True)]))


def _pre_echo(sound: np.ndarray, result: np.ndarray, rate: int) -> float:
    onset = round(LEAD * rate)
    before = np.sum(result[: onset - round(0.001 * rate)] ** 2)
    return float(10 * np.log10(before / np.sum(sound[onset : onset + round(0.02 * rate)] ** 2) + 1e-12))


def _move(sound: np.ndarray, result: np.ndarray, rate: int) -> float:
    first = [np.argmax(np.abs(x) > 0.1 * np.abs(x).max()) for x in (sound, result)]
    return float(abs(int(first[0]) - int(first[1])) / rate * 1000)
