"""Timbre: how loud each harmonic and the noise of an instrument are, at a pitch and a loudness that change over time.

After DDSP (Engel et al. 2020), but trained on levels measured in the notes, not by comparing sounds, so minutes become
seconds. A regression on the frame in a space of waves (random Fourier features; Rahimi and Recht 2007) is solved first:
a few notes are enough for it. Convolutions over time add what depends on what came before and what follows, such as an
attack, as far as notes that were held out gain from that.
"""

from dataclasses import dataclass, field

import keras
from keras import layers

from samplegen.errors import ModelError
from samplegen.models.architecture import Architecture
from samplegen.models.fourier_features import RATES, REGRESSION, SCALING, WAVES, Affine, Waves
from samplegen.settings import check_fields, limits

DECODER = "decoder"
INPUTS = 11  # conditions of a frame; a network may know the first of them only
DILATIONS = (1, 2, 4)  # of the convolutions
KERNEL = 5  # frames
REACH = sum(KERNEL // 2 * dilation for dilation in DILATIONS)  # frames to each side that an answer depends on


@dataclass(frozen=True)
class Config:
    """Sizes of the network; the rate in Hz of its recordings; the range that it learned.

    `pitches` are its lowest, median and highest fundamental in Hz, `levels` the 5th, 50th and 95th percentile of its
    loudness in dB.
    """

    rate: int = field(default=32_000, metadata=limits(RATES[0], RATES[-1]))
    inputs: int = field(default=INPUTS, metadata=limits(1, INPUTS))
    harmonics: int = field(default=60, metadata=limits(1, 200))
    bands: int = field(default=32, metadata=limits(4, 80))
    waves: int = field(default=400, metadata=limits(1, 4096))
    width: int = field(default=48, metadata=limits(4, 512))
    dropout: float = field(default=0.2, metadata=limits(0.0, 0.9))
    pitches: tuple[float, ...] = field(default=(60.0, 440.0, 2000.0), metadata=limits(20.0, 4000.0))
    levels: tuple[float, ...] = field(default=(-40.0, -20.0, -10.0), metadata=limits(-120.0, 20.0))

    def __post_init__(self) -> None:
        check_fields(self)
        if self.rate not in RATES:
            raise ModelError(f"an instrument is heard at one of {', '.join(map(str, RATES))} Hz, not at {self.rate}")
        for name in ("pitches", "levels"):
            three = getattr(self, name)
            if len(three) != 3 or list(three) != sorted(three):
                raise ModelError(f"setting {name} is {three!r:.60}; it should hold 3 numbers in order")

    @property
    def outputs(self) -> int:
        """Levels of a frame: harmonics, then bands of noise."""
        return self.harmonics + self.bands


def network(config: Config) -> keras.Model:
    """Return the network from conditions `(b, frames, inputs)` to levels `(b, frames, outputs)` in dB."""
    frames = keras.Input((None, config.inputs), name="frames")
    x = Affine(name=SCALING)(frames)
    wide = Waves(config.waves, name=WAVES)(x)
    solved = layers.Dense(config.outputs, kernel_initializer="zeros", trainable=False, name=REGRESSION)(wide)
    h = layers.Dense(config.width, activation="gelu")(x)
    for dilation in DILATIONS:
        moved = layers.Conv1D(config.width, KERNEL, padding="same", dilation_rate=dilation, activation="gelu")(h)
        h = h + layers.Dropout(config.dropout)(moved)
    rest = layers.Dense(config.outputs, kernel_initializer="zeros", name=DECODER)(h)
    return keras.Model(frames, solved + rest, name="timbre")


ARCHITECTURE = Architecture(Config, network)
