"""A hit of a mouth or a table as a beatbox network hears it: what it is, how it goes on, and what it is like.

Hits are mono `(n,)` at `striking.RATE` from their onset on, up to `striking.LONGEST` seconds; their level is no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows, Signal
from samplegen.conversion.beatbox import descriptors
from samplegen.errors import ModelError
from samplegen.features import spectrogram
from samplegen.features.spectrogram import LEVEL, NOISINESS, Spectrogram, SpectrogramConfig
from samplegen.models.beatbox import Config
from samplegen.transcription import hit_classifier

CONFIG = SpectrogramConfig()  # in whose steps hits are analysed, whatever the drums' rate
BANDS = 16  # of the 64 of a map: mouths that say the same differ in more
FRAME_FEATURES = BANDS + 3  # numbers in a frame
DESCRIPTOR_COUNT = len(descriptors.DESCRIPTORS)
_POWER_NEPERS = 18.0  # level to the power squared in nepers: 160 dB
_MIN_POWER = 1e-6


@dataclass(frozen=True)
class Hits:
    """Hits as a network takes them: cepstra `(n, telling.CEPSTRA)`, frames `(n, steps, WIDTH)` and descriptors."""

    cepstra: Rows
    frames: Rows
    described: Rows

    def __len__(self) -> int:
        return len(self.cepstra)

    def at(self, chosen: NDArray[np.intp] | slice) -> "Hits":
        """Some of them."""
        return Hits(*(value[chosen] for value in vars(self).values()))

    def inputs(self) -> list[Rows]:
        """Return the inputs of `models.beatbox.network`."""
        return [value.astype(np.float32) for value in vars(self).values()]


def extract(sounds: Sequence[Signal]) -> Hits:
    """Return the features of hits; frames are kept in half precision, as a take may hold thousands of hits."""
    pictures = np.stack([spectrogram.encode(sound, CONFIG) for sound in sounds])
    cepstra = np.stack([hit_classifier.describe(sound) for sound in sounds]).astype(np.float32)
    return Hits(cepstra, frames(pictures).astype(np.float16), descriptors.measure(pictures))


def check(config: Config) -> None:
    """Raise `ModelError` unless a network of this configuration reads hits as they are analysed here."""
    expected = (hit_classifier.CEPSTRA, CONFIG.steps, FRAME_FEATURES, DESCRIPTOR_COUNT)
    if (config.cepstra, config.map.steps, config.inputs, config.ranks) != expected:
        raise ModelError(f"the model hears hits otherwise than this version of samplegen, by {expected}; train it anew")


def concatenate(parts: Sequence[Hits]) -> Hits:
    """Several as one; of none, no hits."""
    if not parts:
        shapes = ((0, hit_classifier.CEPSTRA), (0, CONFIG.steps, FRAME_FEATURES), (0, DESCRIPTOR_COUNT))
        return Hits(*(np.zeros(shape, np.float32) for shape in shapes))
    return Hits(*(np.concatenate(values) for values in zip(*(vars(part).values() for part in parts), strict=True)))


def frames(pictures: Spectrogram) -> Rows:
    """Return frame features `(n, steps, WIDTH)` of spectrograms: levels of `BANDS`, energy, pitch and noisiness.

    All 0 to 1 and 0 where there is silence; the energy is that of the loudest band, the pitch the mean band of the
    power squared, which the loudest decide.
    """
    level, (count, steps, bands) = pictures[..., LEVEL], pictures.shape[:3]
    energy = level.max(axis=2)
    power = np.square(np.exp(_POWER_NEPERS * (level - energy[..., None])))
    pitch = power @ np.arange(bands, dtype=np.float32) / (bands * power.sum(axis=2)) * (energy > 0)
    grain = (pictures[..., NOISINESS] * level).sum(axis=2) / np.maximum(level.sum(axis=2), _MIN_POWER)
    pooled = level.reshape(count, steps, BANDS, bands // BANDS).mean(axis=3)
    return np.concatenate((pooled, np.stack((energy, pitch, grain), axis=2)), axis=2)
