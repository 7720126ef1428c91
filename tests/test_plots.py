"""Pictures with the sound in the right place, of the size that was asked for."""

from io import BytesIO

import numpy as np
import pytest
from conftest import kick
from PIL import Image

from samplegen.audio import reading, signals
from samplegen.errors import OutputError
from samplegen.features import images, spectrogram
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.training import previews

RATE = 22_050
CONFIG = SpectrogramConfig()


def _tone(frequency, seconds=0.5, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def _brightness(picture):
    return np.asarray(picture, float).sum(axis=-1)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
def test_a_tone_lies_at_its_frequency(rate, share):
    tone = np.pad(_tone(share * rate, rate=rate), (0, rate // 2))
    levels = images.normalise_levels(tone, rate)
    assert levels.min() == 0
    assert levels.max() == 1
    middle = levels[:, levels.shape[1] // 4]
    assert middle.argmax() == pytest.approx(2 * share * (len(levels) - 1), abs=1)
    assert not levels[:, -5:].any()  # silence is black


def test_brightness_is_level_over_80_db():
    loud_and_soft = np.concatenate([_tone(2756.25), 0.01 * _tone(2756.25)])  # the middle of a bin
    levels = images.normalise_levels(loud_and_soft, RATE)
    frames = levels.shape[1]
    assert levels[64, frames // 4] - levels[64, 3 * frames // 4] == pytest.approx(40 / 80, abs=0.01)


@pytest.mark.parametrize("samples", [0, 1, 50])
def test_next_to_nothing_gives_a_picture_too(samples):
    assert images.draw_spectrogram(np.zeros(samples, np.float32), RATE).size == (960, 480)


def test_colours_grow_brighter():
    colours = images.colourise(np.linspace(0, 1, 50, dtype=np.float32))
    assert colours.dtype == np.uint8
    assert (colours.shape, colours[0].tolist(), colours[-1].tolist()) == ((50, 3), [8, 8, 24], [252, 230, 160])
    luminance = colours @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(luminance) >= -0.5)  # a rounded value


def test_high_is_up_and_late_is_right():
    picture = _brightness(images.draw_spectrogram(np.pad(_tone(9_000), (RATE, 0)), RATE, (90, 60)))
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    assert row < 20
    assert column > 55
    assert picture.shape == (60, 90)


@pytest.mark.parametrize(("count", "across", "tiles"), [(1, 8, (1, 1)), (8, 8, (8, 1)), (9, 8, (8, 2)), (5, 2, (2, 3))])
def test_a_sheet_has_a_tile_for_each_sound(count, across, tiles):
    sheet = images.draw_sheet([kick(RATE, seed=seed) for seed in range(count)], RATE, columns=across)
    assert sheet.size == (tiles[0] * 132 + 4, tiles[1] * 132 + 4)
    bright = [
        sheet.crop((x, y, x + 128, y + 128)) for y in range(4, sheet.height, 132) for x in range(4, sheet.width, 132)
    ]
    assert sum(_brightness(tile).min() < 100 for tile in bright) == count  # the rest is white paper


def test_the_tiles_of_a_sheet_share_their_time():
    sheet = images.draw_sheet([_tone(3000, 1.0), _tone(3000, 0.25)], RATE)
    row = 4 + round(128 * (1 - 3000 / (RATE / 2)))
    lit = (_brightness(sheet)[row] > 300)[4:]
    assert lit[:128].mean() > 0.95
    assert lit[132:260].mean() == pytest.approx(0.25, abs=0.05)  # 2 windows of 23 ms at its ends


def test_a_picture_is_written_whole_and_never_over_another(tmp_path):
    path = tmp_path / "new" / "sheet.png"
    picture = images.draw_spectrogram(kick(RATE), RATE)
    images.save_png(picture, path)
    with Image.open(path) as back:
        assert np.array_equal(np.asarray(back), np.asarray(picture))
    with pytest.raises(OutputError, match="exists already"):
        images.save_png(picture, path)
    images.save_png(picture, path, force=True)
    assert [entry.name for entry in path.parent.iterdir()] == ["sheet.png"]


def test_a_preview_can_be_seen_and_heard(tmp_path):
    pictures = np.stack([spectrogram.encode(kick(RATE, seed=seed), CONFIG) for seed in range(10)])
    pictures[3] = 0  # a network at step 0 may draw silence
    for _ in range(2):  # a run that is resumed draws the same step again
        previews.preview(pictures, CONFIG, tmp_path / "step-120")
    names = sorted(path.name for path in (tmp_path / "step-120").iterdir())
    assert names == ["sheet.png", *(f"sound-{number}.wav" for number in range(8))]
    samples, rate = reading.read_audio(tmp_path / "step-120" / "sound-0.wav")
    assert rate == RATE
    assert signals.peak(samples) == pytest.approx(0.9, abs=0.01)  # a drum's own offset is taken out


def test_a_small_png_looks_the_same():
    picture = images.draw_sheet([kick(RATE, seed=seed) for seed in range(4)], RATE, paper="#808080")
    with Image.open(BytesIO(images.encode_png(picture))) as back:
        assert back.size == picture.size
        assert back.getpixel((0, 0)) == back.getpixel((1, 135)) != back.getpixel((8, 8))
        difference = np.abs(np.asarray(back.convert("RGB"), float) - np.asarray(picture, float))
    assert difference.mean() < 3  # of 255: 256 colours for a scale that the eye sees in steps of about that
