"""A loop through a lo-fi machine: the mix only, its stems stay as they are."""

from dataclasses import replace

import numpy as np

from samplegen.audio.lofi import apply
from samplegen.audio.lofi_presets import Preset
from samplegen.sequencer.loop import Loop


def aged(loop: Loop, preset: str | Preset, *, seed: int = 0) -> Loop:
    """The loop as an old machine plays it, at the same peak and length; both channels have the same noise and speed.

    Raises:
        OptionError: an unknown preset.
    """
    sides = np.atleast_2d(loop.samples.T)
    played = [apply(side, loop.rate, preset, seed=seed) for side in sides]
    return replace(loop, samples=played[0] if len(played) == 1 else np.stack(played, axis=1))
