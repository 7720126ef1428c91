"""Pictures of sounds: spectrogram sheets as PNG. Time runs right, frequency up, brightness is level.

Signals are mono float32 `(n,)` at `rate` Hz.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samplegen import files
from samplegen.audio.signals import Signal
from samplegen.features import stft
from samplegen.features.stft import StftConfig

RANGE_DB = 80.0
SHEET_FILE = "sheet.png"  # of a preview
_COLOURS = np.array([(8, 8, 24), (64, 20, 100), (170, 46, 100), (240, 120, 60), (252, 230, 160)])  # quiet to loud
_TILE = (128, 128)  # width, height in pixels
_GAP = 4
_ACROSS = 8


def normalise_levels(samples: Signal, rate: int) -> NDArray[np.float32]:
    """Spectrogram `(bins, frames)`, 0..1 over `RANGE_DB` under its loudest cell, lowest frequency first."""
    power = np.abs(stft.analyse(samples, StftConfig.at(rate)).T) ** 2
    decibels = 10 * np.log10(np.maximum(power / max(power.max(), 1e-12), 1e-12))
    return np.clip(1 + decibels / RANGE_DB, 0, 1).astype(np.float32)


def colourise(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colours `(..., 3)` for values in 0..1."""
    place = values * (len(_COLOURS) - 1)
    channels = [np.interp(place, np.arange(len(_COLOURS)), _COLOURS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def draw_spectrogram(samples: Signal, rate: int, size: tuple[int, int] = (960, 480)) -> Image.Image:
    """Picture of one sound, `size` (width, height) in pixels."""
    return Image.fromarray(colourise(normalise_levels(samples, rate)[::-1])).resize(size, Image.Resampling.BILINEAR)


def draw_sheet(signals: Sequence[Signal], rate: int, *, across: int = _ACROSS, paper: str = "white") -> Image.Image:
    """Picture of many sounds, row by row, each drawn over the same stretch of time."""
    longest = max(map(len, signals))
    width, height = _TILE[0] + _GAP, _TILE[1] + _GAP
    columns, rows = min(across, len(signals)), -(-len(signals) // across)
    canvas = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), paper)
    for number, signal in enumerate(signals):
        tile = draw_spectrogram(np.pad(signal, (0, longest - len(signal))), rate, _TILE)
        canvas.paste(tile, (number % across * width + _GAP, number // across * height + _GAP))
    return canvas


def encode_png(picture: Image.Image) -> bytes:
    """A picture as PNG, small: 256 colours, which the scale of `colour` does not miss."""
    content = BytesIO()
    picture.quantize(256, Image.Quantize.FASTOCTREE).save(content, "PNG", optimize=True)
    return content.getvalue()


def save_png(picture: Image.Image, path: Path, *, force: bool = False) -> None:
    """Write a picture as PNG, whole or not at all."""
    with files.whole_file(path, force=force) as part:
        picture.save(part, "PNG")
