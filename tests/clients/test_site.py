"""The built documentation in Chromium: sounds play, the pack page inside a lesson plays, no request leaves the site."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browsing import browser  # noqa: F401  (a fixture)

SITE = Path(__file__).parents[2] / "site"
pytestmark = pytest.mark.clients
PLAY_ALL = """async () => {
  const times = [];
  for (const audio of document.querySelectorAll("audio")) {
    audio.muted = true;
    await audio.play();
    await new Promise((resolve) => setTimeout(resolve, 300));
    times.push(audio.currentTime);
    audio.pause();
  }
  return times;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serve files without a word."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address():
    if not (SITE / "index.html").is_file():
        pytest.skip("make docs has not built the site")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def tab(browser, address):  # noqa: F811
    page = browser.new_page()
    page.elsewhere = []
    page.on("request", lambda request: None if request.url.startswith((address, "data:", "blob:")) else
            page.elsewhere.append(request.url))  # fmt: skip
    yield page
    page.close()
    assert page.elsewhere == []


def test_every_page_opens_and_asks_nobody_else(tab, address):
    pages = sorted(path.relative_to(SITE) for path in SITE.rglob("*.html") if "kit" not in path.parts)
    assert len(pages) > 30
    for page in pages:
        answer = tab.goto(f"{address}/{page}")
        assert answer.ok
        assert tab.locator("h1").count() >= 1, page


def test_the_sounds_of_the_lesson_play(tab, address):
    tab.goto(f"{address}/learn/index.html")
    times = tab.evaluate(PLAY_ALL)
    assert len(times) == 6
    assert min(times) > 0


def test_the_pack_page_inside_the_lesson_shows_its_pads(tab, address):
    tab.goto(f"{address}/learn/index.html")
    tab.locator("iframe").scroll_into_view_if_needed()
    inside = tab.frame_locator("iframe")
    inside.locator("button").first.wait_for()
    assert inside.locator("button").count() > 7


def test_the_search_finds_a_word(tab, address):
    tab.goto(f"{address}/index.html")
    tab.keyboard.press("/")
    tab.keyboard.type("round robin")
    tab.get_by_text("Make packs").last.wait_for()
