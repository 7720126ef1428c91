"""The lo-fi presets on 100 seconds of real drums at 44.1 kHz, in times of resampling the same to 22.05 kHz and back."""

import numpy as np

from benchmarks.common import Figures, drums, seconds
from samplegen.audio import lofi, lofi_presets, signals

RATE = 44_100


def run() -> Figures:
    """A ratio for each preset, and what a long silence costs next to sound: filters are slow on denormal numbers."""
    sounds = drums(100, RATE, 1.0, 0.0)
    click = np.zeros_like(sounds)
    click[:, 0] = 1.0

    def resampling() -> None:
        for sound in sounds:
            signals.resample(signals.resample(sound, RATE, RATE // 2), RATE // 2, RATE)

    def played(batch: np.ndarray, name: str) -> float:
        return seconds(lambda: [lofi.apply_lofi(sound, RATE, name) for sound in batch])

    baseline = seconds(resampling)
    figures: Figures = {f"{name} over resampling": played(sounds, name) / baseline for name in lofi_presets.PRESETS}
    return figures | {"telephone, silence over sound": played(click, "telephone") / played(sounds, "telephone")}
