"""The audition page in a real Chromium: played by mouse, touch, keys, map, MIDI and sequencer."""

from dataclasses import replace

import browsing
import pytest
from browsing import CONTENTS, ENOUGH, PATTERNS, SOUNDS, heard, opened, shown, sound, tone

pytestmark = pytest.mark.clients
browser, page = browsing.browser, browsing.page


def test_a_pad_sounds_and_higher_is_louder(browser, tmp_path):
    peaks = []
    for height in (0.95, 0.05):  # from its top
        with opened(browser, tmp_path, replace(CONTENTS, sounds=(sound("long", "kick", 36, tone(0.5, 20)),))) as page:
            box = page.locator(".pad").bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + height * box["height"])
            heard(page)
            peaks.append(float(page.get_attribute("#meter", "data-peak")))
    assert peaks[1] > 3 * peaks[0] > 0


def test_keys_play_pads(page):
    for key, name in (("2", "pulley"), ("q", "tom-4"), ("Shift+1", "fjord"), ("8", "tom-3")):
        page.keyboard.press(key)
        shown(page, name)
    heard(page)


def test_a_focused_pad_is_played_by_space_and_enter(page):
    page.locator(".pad").nth(2).focus()
    page.keyboard.press("Space")
    shown(page, "market")
    assert page.get_attribute("#start", "aria-pressed") == "false"
    page.locator(".pad").nth(1).focus()
    page.keyboard.press("Enter")
    shown(page, "pulley")


def test_touch_plays_pads(browser, tmp_path):
    with opened(browser, tmp_path, viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True) as page:
        page.locator(".pad").nth(3).tap()
        shown(page, "sundial")
        heard(page)
        page.locator(".step").nth(1).tap()
        assert page.locator(".step").nth(1).get_attribute("aria-pressed") == "true"


def test_the_transport_advances_and_stops(page):
    page.locator("body").press("Space")
    page.wait_for_function("() => Number(document.getElementById('sequencer').dataset.step) > 17", timeout=ENOUGH)
    assert page.locator(".step[data-now]").count() == 2
    heard(page)
    page.locator("body").press("Space")
    assert page.get_attribute("#sequencer", "data-step") == ""
    assert page.locator(".step[data-now]").count() == 0
    page.keyboard.press("1")  # still sounds
    shown(page, "fjord")


def test_steps_are_changed_and_copied_as_text(page):
    steps = page.locator(".steps").first.locator(".step")
    for _ in range(2):
        steps.nth(1).click()
    steps.nth(2).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaLabel") == "pulley, step 4: rest"
    page.fill("#tempo", "97")
    page.click("#copy")
    text = page.wait_for_selector("#sequencer[data-text]").get_attribute("data-text")
    assert text == "\n".join(
        ["# tempo 97  swing 50  bars 1", "kick   xXxx x... x... x...", "snare  .... X... .... X..o"]
    )
    page.click("#clear")
    assert page.locator(".step[aria-pressed=true]").count() == 0


def test_a_mouse_paints_and_lanes_are_added_and_moved(page):
    page.keyboard.press("3")
    page.click("#add")
    steps = page.locator(".steps").nth(2).locator(".step")
    steps.nth(0).hover()
    page.mouse.down()
    steps.nth(5).hover()
    page.mouse.move(0, 0)
    page.mouse.up()
    assert steps.nth(0).get_attribute("aria-label") == "market, step 1: hit"
    assert steps.nth(5).get_attribute("aria-pressed") == "true"
    page.locator(".lane select").nth(2).select_option(label="tom-2 (low-tom)")
    page.click("#copy")
    text = page.wait_for_selector("#sequencer[data-text]").get_attribute("data-text")
    assert text.splitlines()[3].startswith("52 ")  # the third of its role goes by its note


def test_moving_over_the_map_plays_the_nearest(page):
    page.keyboard.press("5")
    shown(page, "tom-0")
    field = page.locator("#field").bounding_box()
    for x, y, name in ((0.1, 0.9, "fjord"), (0.88, 0.12, "pulley"), (0.2, 0.15, "sundial")):
        page.mouse.move(field["x"] + x * field["width"], field["y"] + y * field["height"])
        shown(page, name)
    page.locator(".point").nth(3).focus()
    for key, name in (("Down", "tom-0"), ("Right", "tom-1"), ("Up", "sundial")):
        page.keyboard.press(f"Arrow{key}")
        shown(page, name)


def test_a_midi_keyboard_plays_general_midi_notes(browser, tmp_path):
    fake = """const input = {};
        navigator.requestMIDIAccess = async () => ({ inputs: new Map([["one", input]]) });
        window.send = (...data) => input.onmidimessage({ data });"""
    with opened(browser, tmp_path, script=fake) as page:
        page.click("#midi")
        page.get_by_text("MIDI: 1 in").wait_for()
        page.evaluate("send(0x99, 46, 90)")
        shown(page, "sundial")
        for message in ("0x89, 36, 64", "0x99, 36, 0", "0x99, 99, 90", "0xf8"):  # off, off, no pad, clock
            page.evaluate(f"send({message})")
        shown(page, "sundial")


def test_many_sounds_come_in_banks(browser, tmp_path):
    many = tuple(replace(SOUNDS[index % 3], name=f"s{index}", note=21 + index) for index in range(88))
    with opened(browser, tmp_path, replace(CONTENTS, sounds=many, patterns=PATTERNS)) as page:
        page.get_by_role("button", name="Bank F").click()
        assert page.locator(".pad:visible").count() == 8
        page.keyboard.press("1")
        shown(page, "s80")
