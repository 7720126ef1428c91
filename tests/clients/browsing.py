"""Pages opened in Chromium, which must ask nobody for anything, nor complain: `page.complaints` is what they did."""

import io
import shutil
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from conftest import RATE, hat, kick
from playwright.sync_api import sync_playwright

from samplegen.audio import writing
from samplegen.packs.page.contents import ALL_VELOCITIES, PageContents, PagePattern, PageSound
from samplegen.packs.page.html import page_html

SWITCHES = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
ENOUGH = 30_000  # milliseconds that a busy machine may take
TAKES = {"soft": (0.2, 0.4), "hard": (0.6, 0.9)}  # peaks of the takes of the snare's two layers


def tone(level, seconds=0.05, hertz=1000):
    """A sine of one level, long enough to reach it and with ends that do not click."""
    time = np.arange(round(RATE * seconds)) / RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def sound(name, role, note, samples, *, choke=None, place=(0.5, 0.5)):  # noqa: PLR0913
    layers = ((*ALL_VELOCITIES, (writing.encode_flac(samples, RATE),)),)
    return PageSound(name, role, note, choke, f"One_Shots/{name}.wav", layers, place)


def snare():
    soft, hard = (tuple(writing.encode_flac(tone(level), RATE) for level in TAKES[key]) for key in ("soft", "hard"))
    return replace(sound("pulley", "snare", 38, tone(0.5)), layers=((1, 64, soft), (65, 127, hard)), place=(0.9, 0.9))


SOUNDS = (
    sound("fjord", "kick", 36, kick(), place=(0.1, 0.1)),
    snare(),
    sound("market", "closed-hat", 42, hat(seconds=0.03), choke="hat", place=(0.9, 0.1)),
    sound("sundial", "open-hat", 46, tone(0.5, 1.5), choke="hat", place=(0.1, 0.9)),
    *(sound(f"tom-{n}", "low-tom", 50 + n, tone(0.5, 0.4), place=(0.3 + 0.05 * n, 0.5)) for n in range(6)),
)  # fmt: skip
PATTERNS = (
    PagePattern(
        "house",
        120,
        50,
        {
            36: [100, 0, 0, 0, 100, 0, 0, 0, 100, 0, 0, 0, 100, 0, 0, 0],
            38: [0, 0, 0, 0, 120, 0, 0, 0, 0, 0, 0, 0, 120, 0, 0, 45],
        },
    ),
    PagePattern("slow", 75, 66, {42: [100, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}),
)
CONTENTS = PageContents("dusty-lantern", "10 sounds", SOUNDS, PATTERNS, {"seed": "7"})


@pytest.fixture(scope="module")
def browser():
    program = shutil.which("chromium")
    assert program, "there is no chromium here; make test-clients installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, tmp_path) as page:
        yield page


@contextmanager
def opened(browser, folder, contents=CONTENTS, *, script="", **settings):
    """A page, ready to be played; what it asked for and complained of is looked at in the end."""
    file = folder / "index.html"
    file.write_bytes(page_html(contents))
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings))
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else 0)
    page.on("request", lambda request: complaints.append(request.url[:200]))
    page.on("dialog", lambda dialog: complaints.append(dialog.message) or dialog.dismiss())
    page.add_init_script(script)
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]")
    page.complaints = complaints
    yield page
    allowed = {file.as_uri()}
    assert [
        said for said in complaints if said not in allowed and not said.startswith(("data:image/svg", "blob:"))
    ] == []
    context.close()


def saved(page, button="#save"):
    """The loop, or what another button saves, `(n,)`."""
    with page.expect_download() as download:
        page.click(button)
    samples, rate = soundfile.read(io.BytesIO(download.value.path().read_bytes()), dtype="float32")
    assert rate == RATE
    return samples


def shown(page, name):
    """Wait until the sound of that name was hit, and is shown large."""
    page.wait_for_function(
        "name => document.getElementById('sound-name').textContent === name", arg=name, timeout=ENOUGH
    )


def heard(page):
    """Wait until the loudspeaker's meter has moved."""
    page.wait_for_function("() => document.getElementById('meter').dataset.peak > 0.01", timeout=ENOUGH)
