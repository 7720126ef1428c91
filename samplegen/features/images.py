"""Images of sounds: spectrograms, and sheets of them, as PNG. Time runs right, frequency up, brightness is level.

Signals are mono float32 `(n,)` at `rate` Hz.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samplegen import files
from samplegen.arrays import Signal
from samplegen.features import stft
from samplegen.features.stft import StftConfig

RANGE_DB = 80.0  # from black to the brightest
SHEET_FILE = "sheet.png"  # of a preview
_COLOUR_SCALE = np.array([(8, 8, 24), (64, 20, 100), (170, 46, 100), (240, 120, 60), (252, 230, 160)])  # quiet to loud
_TILE_PIXELS = (128, 128)  # width, height
_GAP_PIXELS = 4
_COLUMNS = 8


def normalise_levels(samples: Signal, rate: int) -> NDArray[np.float32]:
    """Return the spectrogram `(bins, frames)`, 0..1 over `RANGE_DB` under its loudest cell, lowest frequency first."""
    power = np.abs(stft.analyse(samples, StftConfig.at(rate)).T) ** 2
    decibels = 10 * np.log10(np.maximum(power / max(power.max(), 1e-12), 1e-12))
    return np.clip(1 + decibels / RANGE_DB, 0, 1).astype(np.float32)


def colourise(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return colours `(..., 3)` for values in 0..1."""
    place = values * (len(_COLOUR_SCALE) - 1)
    channels = [np.interp(place, np.arange(len(_COLOUR_SCALE)), _COLOUR_SCALE[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def draw_spectrogram(samples: Signal, rate: int, size: tuple[int, int] = (960, 480)) -> Image.Image:
    """Draw the spectrogram of a sound, `size` (width, height) in pixels."""
    return Image.fromarray(colourise(normalise_levels(samples, rate)[::-1])).resize(size, Image.Resampling.BILINEAR)


def draw_sheet(signals: Sequence[Signal], rate: int, *, columns: int = _COLUMNS, paper: str = "white") -> Image.Image:
    """Draw many sounds in rows, each over the same length of time."""
    longest = max(map(len, signals))
    width, height = _TILE_PIXELS[0] + _GAP_PIXELS, _TILE_PIXELS[1] + _GAP_PIXELS
    rows = -(-len(signals) // columns)
    canvas = Image.new("RGB", (min(columns, len(signals)) * width + _GAP_PIXELS, rows * height + _GAP_PIXELS), paper)
    for number, signal in enumerate(signals):
        tile = draw_spectrogram(np.pad(signal, (0, longest - len(signal))), rate, _TILE_PIXELS)
        canvas.paste(tile, (number % columns * width + _GAP_PIXELS, number // columns * height + _GAP_PIXELS))
    return canvas


def encode_png(image: Image.Image) -> bytes:
    """Encode an image as a small PNG: 256 colours are enough for the scale of `colourise`."""
    content = BytesIO()
    image.quantize(256, Image.Quantize.FASTOCTREE).save(content, "PNG", optimize=True)
    return content.getvalue()


def save_png(image: Image.Image, path: Path, *, force: bool = False) -> None:
    """Write an image as PNG, whole or not at all."""
    with files.whole_file(path, force=force) as part:
        image.save(part, "PNG")
