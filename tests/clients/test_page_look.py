"""The audition page in a real Chromium: harmless whatever its names, fits every screen, and can be used by all."""

from dataclasses import replace
from pathlib import Path

import browsing
import numpy as np
import pytest
from browsing import CONTENTS, SOUNDS, opened, saved
from PIL import Image

from samplegen.packs.page.contents import PagePattern

pytestmark = pytest.mark.clients
browser, page = browsing.browser, browsing.page
HOSTILE = "</script></title><img src=x onerror=alert(1)><svg onload=alert(2)>\"'&\u2028{{script}}"
PICTURES = Path(__file__).parents[2] / "build" / "page"  # kept to be looked at


def test_names_of_strangers_are_only_text(browser, tmp_path):
    hostile = replace(SOUNDS[0], name=HOSTILE, role=HOSTILE, choke=HOSTILE, path=f"javascript:alert(3)//{HOSTILE}")
    contents = replace(
        CONTENTS, title=HOSTILE, about=HOSTILE, notice=HOSTILE, licence=HOSTILE, facts={HOSTILE: HOSTILE},
        sounds=(hostile,),        patterns=(PagePattern(HOSTILE, 120, 50, {36: [100, 0, 0, 0]}),),
    )  # fmt: skip
    with opened(browser, tmp_path, contents) as page:
        page.keyboard.press("1")
        page.click("#copy")
        saved(page)
        shown = HOSTILE.replace("\u2028", " ")  # as a title shows it
        assert page.title().replace("\u2028", " ") == shown
        assert page.text_content("h1") == page.text_content("#sound-name") == HOSTILE
        assert page.locator("img, iframe, svg[onload]").count() == 0
        assert page.evaluate("document.getElementById('download').href").startswith(tmp_path.as_uri())


def test_nothing_can_be_loaded_sent_or_run(page):
    tried = page.evaluate(
        """async () => {
          const refused = new Set();
          const all = new Promise((done) => addEventListener("securitypolicyviolation", (event) => {
            if (refused.add(event.effectiveDirective).size === 3) done();
          }));
          const script = Object.assign(document.createElement("script"), { textContent: "window.ran = true" });
          const picture = Object.assign(new Image(), { src: "https://example.org/x.png" });
          document.body.append(script, picture);
          const sent = await fetch("https://example.org/").then(() => true, () => false);
          await all;
          return { refused: [...refused].sort(), sent, ran: window.ran ?? false };
        }"""
    )
    page.complaints.clear()
    assert tried == {"refused": ["connect-src", "img-src", "script-src-elem"], "sent": False, "ran": False}


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_it_fits_the_screen_in_light_and_dark(browser, tmp_path, width):
    shades = {}
    for scheme in ("light", "dark"):
        with opened(browser, tmp_path, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
            page.keyboard.press("1")
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=PICTURES / f"{scheme}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            shades[scheme] = np.asarray(Image.open(PICTURES / f"{scheme}-{width}.png").convert("L"))
    assert np.median(shades["light"]) > 200
    assert np.median(shades["dark"]) < 60
    assert min(shade.std() for shade in shades.values()) > 5  # there is something on it


def test_the_theme_is_chosen_and_remembered(page):
    seen = []
    for _ in range(3):
        page.click("#theme")
        seen.append((page.get_attribute("html", "data-theme"), page.get_attribute("#theme", "aria-label")))
    assert seen == [("light", "Colours: Light"), ("dark", "Colours: Dark"), ("light", "Colours: Auto")]
    page.click("#theme")
    page.click("#theme")
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"


def test_everything_that_is_pressed_has_a_name_and_can_be_reached(page):
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, a, [role=group]")]
          .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length))
          .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {
        "volume",
        "theme",
        "pad",
        "start",
        "tempo",
        "swing",
        "step",
        "copy",
        "again",
        "download",
        "point",
    } <= reached


def test_motion_is_left_out_where_it_is_not_wanted(browser, tmp_path):
    for wish, moving in (("reduce", False), ("no-preference", True)):
        with opened(browser, tmp_path, reduced_motion=wish) as page:
            page.keyboard.press("1")
            moved = "document.getElementById('playhead').getAnimations().length > 0"
            assert page.evaluate(moved) is moving
