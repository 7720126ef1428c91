"""The cover of a pack: the same from the same, another from another, readable whatever the name."""

from io import BytesIO

import numpy as np
import pytest
from conftest import DRUMS
from PIL import Image

from samplegen.packs import cover

RATE = 44_100


def sounds(count: int) -> list[np.ndarray]:
    kinds = list(DRUMS.values())
    return [kinds[number % len(kinds)](RATE, seed=number) for number in range(count)]


def picture(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"))


def test_the_same_pack_has_the_same_bytes_and_another_name_another_cover():
    one, again, other = (cover.draw_cover(sounds(4), RATE, name) for name in ("dusty", "dusty", "amber-fox"))
    assert one == again != other
    assert picture(one).shape == (cover.SIZE_PIXELS, cover.SIZE_PIXELS, 3)


@pytest.mark.parametrize("count", [1, 2, cover.MAX_HILLS, 200])
def test_any_number_of_sounds_leaves_the_margins_free(count):
    shown = picture(cover.draw_cover(sounds(count), RATE, "x"))
    edge = round(0.8 * cover._MARGIN * cover.SIZE_PIXELS)
    paper = shown[0, 0]
    for margin in (shown[:edge], shown[-edge // 4 :], shown[:, :edge], shown[:, -edge:]):
        assert (margin == paper).all()
    assert (shown != paper).any(axis=2).mean() > 0.001  # a line of 2 pixels over three quarters of it is 0.002


@pytest.mark.parametrize("name", ["w" * 64, "a_b-c", "i"])
def test_any_name_fits(name):
    shown = picture(cover.draw_cover(sounds(2), RATE, name, "line " * 3))
    assert (shown[:, -60:] == shown[0, 0]).all()


@pytest.mark.parametrize("samples", [np.zeros(100, np.float32), np.ones(1, np.float32)])
def test_a_sound_without_a_spectrum_is_a_flat_line(samples):
    assert picture(cover.draw_cover([samples], RATE, "x")).shape == (cover.SIZE_PIXELS, cover.SIZE_PIXELS, 3)
