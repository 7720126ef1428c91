"""DCGAN: convolutional generator and discriminator over maps, conditioned on role vectors.

The plan is Radford et al.'s (2016), the parts are R3GAN's (Huang et al. 2024): residual blocks
without normalisation layers, nearest-neighbour upsampling.
"""

from dataclasses import dataclass, field

import keras
from keras import layers

from samplegen.errors import ModelError
from samplegen.maps import CHANNELS, MapConfig
from samplegen.nets import blocks
from samplegen.roles import ROLES
from samplegen.settings import check, limits

MOST_WEIGHTS = 1 << 24  # in the dense layer that a coarsest picture comes from, 50 times the default's
MOST_CELLS = 1 << 20  # numbers in the largest picture inside a net, 20 times the default's


@dataclass(frozen=True)
class Config:
    """Size of both nets; `widths` are the channels from the coarsest picture to the finest."""

    map: MapConfig = field(default_factory=MapConfig)
    latent: int = field(default=64, metadata=limits(1, 1024))
    widths: tuple[int, ...] = field(default=(160, 128, 80, 48), metadata=limits(4, 512))
    style: int = field(default=128, metadata=limits(4, 1024))

    def __post_init__(self) -> None:
        check(self)
        if not self.widths or self.map.steps % self.scale or self.map.bands % self.scale:
            raise ModelError(f"{len(self.widths)} widths need maps of a multiple of {self.scale} cells a side")
        coarsest = self.map.steps * self.map.bands // self.scale**2
        largest = max(coarsest * 4**level * width for level, width in enumerate(self.widths))
        if coarsest * self.widths[0] * self.style > MOST_WEIGHTS or largest > MOST_CELLS:
            what = f"widths of {list(self.widths)} and a style of {self.style}"
            raise ModelError(f"{what} are too large for {self.map.steps} x {self.map.bands} cells")

    @property
    def scale(self) -> int:
        """Cells of the map along one side of a cell of the coarsest picture."""
        return int(blocks.FOLD * 2 ** (len(self.widths) - 1))


def generator(config: Config) -> keras.Model:
    """Net from latents `(b, latent)`, standard normal, and roles `(b, 16)` to maps `(b, steps, bands, 2)` in 0..1."""
    latent, role = keras.Input((config.latent,), name="latent"), keras.Input((len(ROLES),), name="role")
    style = layers.Concatenate()([latent, layers.Dense(config.latent)(role)])
    for _ in range(2):
        style = blocks.activate(layers.Dense(config.style)(style))
    coarsest = (config.map.steps // config.scale, config.map.bands // config.scale, config.widths[0])
    x = layers.Reshape(coarsest)(layers.Dense(coarsest[0] * coarsest[1] * coarsest[2])(style))
    x = blocks.residual(x, config.widths[0], style)
    for width in config.widths[1:]:
        x = blocks.residual(layers.UpSampling2D()(x), width, style)
    x = layers.Conv2D(CHANNELS * blocks.FOLD**2, 3, padding="same")(blocks.activate(x))
    picture = layers.Activation("sigmoid", dtype="float32", name="map")(blocks.unfold(x))
    return keras.Model([latent, role], picture, name="generator")


def discriminator(config: Config) -> keras.Model:
    """Net from maps `(b, steps, bands, 2)` and roles `(b, 16)` to realness `(b, 1)`, unbounded."""
    picture, role = keras.Input(config.map.shape, name="map"), keras.Input((len(ROLES),), name="role")
    x = layers.Conv2D(config.widths[-1], 3, padding="same")(blocks.fold(picture * 2.0 - 1.0))
    x = blocks.residual(x, config.widths[-1])
    for width in reversed(config.widths[:-1]):
        x = blocks.residual(layers.AveragePooling2D(2)(x), width)
    x = blocks.activate(layers.Dense(config.style)(layers.Flatten()(blocks.activate(x))))
    x = layers.Activation("linear", dtype="float32")(x)
    # realness, and how well the sound fits its role: projection discriminator (Miyato & Koyama 2018)
    of_role = layers.Dense(config.style, use_bias=False, dtype="float32")(role)
    fit = layers.Dot(1, dtype="float32")([x, of_role]) / config.style**0.5
    return keras.Model([picture, role], layers.Dense(1, dtype="float32")(x) + fit, name="discriminator")
