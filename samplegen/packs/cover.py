"""A pack's cover: the spectra of its sounds as a range of hills, its name, and a colour of its own.

The same sounds and name give the same bytes.
"""

import colorsys
import hashlib
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samplegen.audio.signals import Signal

SIZE = 800  # pixels, square
MAX_HILLS = 24  # sounds that are shown at most
_FINE = 2  # drawn so many times as large, then made smaller: smooth lines
_MARGIN, _TOP, _FOOT = 0.12, 0.2, 0.2  # shares of the size
_POINTS = 160
_FREQUENCIES = (25.0, 11_000.0)  # Hz, from left to right
_HEIGHT = 3.0  # of the highest hill, in distances between two
_RANGE_DB = 60.0  # under the peak, below which a hill is flat
_TEXT, _SMALL = 0.052, 0.022  # heights of letters


def draw_cover(sounds: Sequence[Signal], rate: int, name: str, line: str = "") -> bytes:
    """A picture of a pack as PNG, `SIZE` pixels square.

    Args:
        sounds: mono `(n,)` at `rate` Hz; evenly spread ones are shown where there are more than `MAX_HILLS`.
        name: of the pack; dashes become spaces.
        line: a few more words under it.
    """
    paper, ink = _colours(name)
    edge = SIZE * _FINE
    canvas = Image.new("RGB", (edge, edge), paper)
    draw = ImageDraw.Draw(canvas)
    shown = [sounds[int(place)] for place in np.linspace(0, len(sounds) - 1, min(MAX_HILLS, len(sounds)))]
    gap = (1 - _TOP - _FOOT) * edge / max(len(shown), 12)
    for number, samples in enumerate(shown):
        base = _TOP * edge + (number + 1) * gap
        _hill(draw, base - _HEIGHT * gap * _spectrum(samples, rate), base, paper, ink)
    _words(draw, edge, name.replace("-", " ").replace("_", " "), line, ink)
    picture = canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS).quantize(64, dither=Image.Dither.NONE)
    content = BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _colours(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Dark paper and light ink of one hue, which the name decides."""
    hue = hashlib.sha256(name.encode()).digest()[0] / 256
    tones = colorsys.hls_to_rgb(hue, 0.13, 0.45), colorsys.hls_to_rgb((hue + 0.08) % 1, 0.86, 0.7)
    paper, ink = (tuple(round(255 * part) for part in tone) for tone in tones)
    return paper, ink


def _spectrum(samples: Signal, rate: int) -> NDArray[np.float64]:
    """Level at `_POINTS` frequencies from low to high, 0 (quiet) to 1, and down to 0 toward both ends."""
    size = 1 << 15
    power = np.abs(np.fft.rfft(samples[:size].astype(np.float64), size)) ** 2
    edges = np.geomspace(*_FREQUENCIES, _POINTS + 1) / rate * size
    bins = np.cumsum(np.concatenate([[0.0], power]))
    held = np.diff(np.interp(edges, np.arange(len(bins)), bins))  # energy in bands as wide as they are high
    held = np.convolve(np.pad(held, 3, mode="edge"), np.hanning(9)[1:-1] / np.hanning(9).sum(), "valid")
    decibels = 10 * np.log10(np.maximum(held / max(held.max(), 1e-12), 1e-12))
    return np.clip(1 + decibels / _RANGE_DB, 0, 1) ** 2 * np.sin(np.linspace(0, np.pi, _POINTS)) ** 0.5


def _hill(
    draw: ImageDraw.ImageDraw, line: NDArray[np.float64], base: float, paper: tuple[int, ...], ink: tuple[int, ...]
) -> None:
    """One sound: its line, and paper beneath, which hides the hills behind."""
    edge = SIZE * _FINE
    x = np.linspace(_MARGIN * edge, (1 - _MARGIN) * edge, len(line))
    points = list(zip(x.tolist(), line.tolist(), strict=True))
    draw.polygon([(x[0], base + edge), *points, (x[-1], base + edge)], fill=paper)
    draw.line(points, fill=ink, width=2 * _FINE, joint="curve")


def _words(draw: ImageDraw.ImageDraw, edge: int, name: str, line: str, ink: tuple[int, ...]) -> None:
    """The name as large as it fits, and the line, at the foot on the left."""
    room = (1 - 2 * _MARGIN) * edge
    font = ImageFont.load_default(_TEXT * edge)
    if (width := draw.textlength(name, font)) > room:
        font = ImageFont.load_default(_TEXT * edge * room / width)
    draw.text((_MARGIN * edge, (1 - 0.6 * _FOOT) * edge), name, ink, font, anchor="ls")
    draw.text(
        (_MARGIN * edge, (1 - 0.35 * _FOOT) * edge), line, ink, ImageFont.load_default(_SMALL * edge), anchor="ls"
    )
