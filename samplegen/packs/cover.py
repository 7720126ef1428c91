"""Cover of a pack: the spectra of its sounds as a range of hills, its name, and a colour of its own.

The same sounds and name give the same bytes.
"""

import colorsys
import hashlib
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samplegen.arrays import Signal

SIZE_PIXELS = 800  # of each side
MAX_HILLS = 24  # one for each sound that is shown
_OVERSAMPLING = 2  # drawn twice as large, then made smaller: smooth lines
_MARGIN, _TOP, _FOOT = 0.12, 0.2, 0.2  # shares of the size
_SPECTRUM_POINTS = 160  # of each hill
_FREQUENCY_RANGE_HZ = (25.0, 11_000.0)  # from left to right
_HILL_HEIGHT = 3.0  # of the highest hill, in distances between two hills
_RANGE_DB = 60.0  # under the peak, below which a hill is flat
_NAME_HEIGHT, _LINE_HEIGHT = 0.052, 0.022  # of letters, shares of the size


def draw_cover(sounds: Sequence[Signal], rate: int, name: str, line: str = "") -> bytes:
    """Draw the cover of a pack as PNG, `SIZE_PIXELS` pixels square.

    Args:
        sounds: mono `(n,)` at `rate` Hz; evenly spread ones are shown where there are more than `MAX_HILLS`.
        name: of the pack; dashes become spaces.
        line: a few more words under it.
    """
    paper, ink = _colours(name)
    edge = SIZE_PIXELS * _OVERSAMPLING
    canvas = Image.new("RGB", (edge, edge), paper)
    draw = ImageDraw.Draw(canvas)
    shown = [sounds[int(place)] for place in np.linspace(0, len(sounds) - 1, min(MAX_HILLS, len(sounds)))]
    gap = (1 - _TOP - _FOOT) * edge / max(len(shown), 12)
    for number, samples in enumerate(shown):
        base = _TOP * edge + (number + 1) * gap
        _hill(draw, base - _HILL_HEIGHT * gap * _spectrum(samples, rate), base, paper, ink)
    _words(draw, edge, name.replace("-", " ").replace("_", " "), line, ink)
    picture = canvas.resize((SIZE_PIXELS, SIZE_PIXELS), Image.Resampling.LANCZOS).quantize(64, dither=Image.Dither.NONE)
    content = BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _colours(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return dark paper and light ink of one hue, which the name decides."""
    hue = hashlib.sha256(name.encode()).digest()[0] / 256
    tones = colorsys.hls_to_rgb(hue, 0.13, 0.45), colorsys.hls_to_rgb((hue + 0.08) % 1, 0.86, 0.7)
    paper, ink = (tuple(round(255 * part) for part in tone) for tone in tones)
    return paper, ink


def _spectrum(samples: Signal, rate: int) -> NDArray[np.float64]:
    """Return levels at `_SPECTRUM_POINTS` frequencies from low to high, 0 (quiet) to 1, down to 0 toward both ends."""
    size = 1 << 15
    power = np.abs(np.fft.rfft(samples[:size].astype(np.float64), size)) ** 2
    edges = np.geomspace(*_FREQUENCY_RANGE_HZ, _SPECTRUM_POINTS + 1) / rate * size
    bins = np.cumsum(np.concatenate([[0.0], power]))
    energies = np.diff(np.interp(edges, np.arange(len(bins)), bins))  # energy in bands of equal width in octaves
    energies = np.convolve(np.pad(energies, 3, mode="edge"), np.hanning(9)[1:-1] / np.hanning(9).sum(), "valid")
    decibels = 10 * np.log10(np.maximum(energies / max(energies.max(), 1e-12), 1e-12))
    return np.clip(1 + decibels / _RANGE_DB, 0, 1) ** 2 * np.sin(np.linspace(0, np.pi, _SPECTRUM_POINTS)) ** 0.5


def _hill(
    draw: ImageDraw.ImageDraw, line: NDArray[np.float64], base: float, paper: tuple[int, ...], ink: tuple[int, ...]
) -> None:
    """Draw one sound: its line, and paper beneath, which hides the hills behind."""
    edge = SIZE_PIXELS * _OVERSAMPLING
    x = np.linspace(_MARGIN * edge, (1 - _MARGIN) * edge, len(line))
    points = list(zip(x.tolist(), line.tolist(), strict=True))
    draw.polygon([(x[0], base + edge), *points, (x[-1], base + edge)], fill=paper)
    draw.line(points, fill=ink, width=2 * _OVERSAMPLING, joint="curve")


def _words(draw: ImageDraw.ImageDraw, edge: int, name: str, line: str, ink: tuple[int, ...]) -> None:
    """Write the name as large as it fits, and the line, at the foot on the left."""
    room = (1 - 2 * _MARGIN) * edge
    font = ImageFont.load_default(_NAME_HEIGHT * edge)
    if (width := draw.textlength(name, font)) > room:
        font = ImageFont.load_default(_NAME_HEIGHT * edge * room / width)
    draw.text((_MARGIN * edge, (1 - 0.6 * _FOOT) * edge), name, ink, font, anchor="ls")
    draw.text(
        (_MARGIN * edge, (1 - 0.35 * _FOOT) * edge), line, ink, ImageFont.load_default(_LINE_HEIGHT * edge), anchor="ls"
    )
