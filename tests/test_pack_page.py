"""The audition page as bytes: all of a pack is in it, the same bytes each time, and names of strangers mean nothing."""

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from conftest import RATE, hat, kick, snare
from hypothesis import given
from hypothesis import strategies as st

from samplegen.audio import writing
from samplegen.audio.sounds import Origin, Sound, Take
from samplegen.errors import OptionError
from samplegen.kits.layout import lay_out_kits, make_pad
from samplegen.packs.loops import draw_styles
from samplegen.packs.page import build, sound_map
from samplegen.packs.page.contents import ALL_VELOCITIES, PageContents, PagePattern, PageSound
from samplegen.packs.page.html import MAX_SOUNDS, page_html
from samplegen.packs.page.patterns import page_patterns, velocities
from samplegen.packs.write import write_pack

HOSTILE = "</script></title><img src=x onerror=alert(1)>\"'&\u2028\u2029\udcff<!--{{script}}"
TAKE = writing.encode_flac(kick(), RATE)
SOUND = PageSound("fjord", "kick", 36, None, "One_Shots/Kick/a_kick_fjord.wav", ((*ALL_VELOCITIES, (TAKE,)),))
PATTERN = PagePattern("four", 120, 50, {36: [100, 0, 0, 0] * 3 + [100, 0, 0, 45]})


class Page(HTMLParser):
    """The elements of a page, their attributes, and the text of each script and style."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], {}, ""
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]
        self.texts.setdefault(tag, []).append("")
        self.open = tag

    def handle_endtag(self, tag):
        self.open = ""

    def handle_data(self, data):
        if self.open:
            self.texts[self.open][-1] += data

    @property
    def data(self):
        return json.loads(self.texts["script"][0])


def _page(*sounds, patterns=(PATTERN,), **changes):
    contents = PageContents("dusty-lantern", "1 sound", sounds or (SOUND,), patterns, {"seed": "7"})
    return Page(page_html(replace(contents, **changes)))


def test_all_of_a_pack_is_in_it():
    layers = ((1, 64, (b"soft one", b"soft two")), (65, 127, (b"hard",)))
    page = _page(SOUND, replace(SOUND, note=46, choke="hat", layers=layers, place=(0.25, 1 / 3)))
    first, second = page.data["sounds"]
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(first["layers"][0]["takes"][0])))
    assert rate == RATE
    assert np.abs(samples - kick()).max() < 2**-15  # half a step of 16 bits, and the rounding of a float
    assert (first["href"], first["choke"], second["choke"]) == ("./One_Shots/Kick/a_kick_fjord.wav", None, "hat")
    assert (second["x"], second["y"]) == (0.25, 0.3333)
    assert [(layer["low"], layer["high"], len(layer["takes"])) for layer in second["layers"]] == [
        (1, 64, 2),
        (65, 127, 1),
    ]
    assert base64.b64decode(second["layers"][0]["takes"][1]) == b"soft two"
    assert page.data["facts"] == [["seed", "7"]]


def test_the_same_contents_give_the_same_bytes():
    contents = PageContents("a", "b", (SOUND,), (PATTERN,))
    assert page_html(contents) == page_html(contents)
    assert page_html(contents) != page_html(replace(contents, title="c"))


def test_it_may_load_nothing_and_run_nothing_else():
    page = _page()
    policy = next(value for tag, name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind, text in (("script", page.texts["script"][1]), ("style", page.texts["style"][0])):
        assert f"{kind}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert not {"iframe", "img", "object", "embed", "base", "form"} & set(page.tags)
    links = [value for _, name, value in page.attributes if name in {"src", "href", "srcset"}]
    assert [link[:18] for link in links] == ["data:image/svg+xml"]  # the download's is set by the script
    text = page_html(PageContents("a", "", (SOUND,))).decode()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(|fetch\(|innerHTML|eval\(", text)


def test_hostile_names_mean_nothing():
    hostile = replace(SOUND, name=HOSTILE, role=HOSTILE, choke=HOSTILE, path=f"javascript:{HOSTILE}")
    plain, page = _page(), _page(
        hostile, title=HOSTILE, about=HOSTILE, notice=HOSTILE, licence=HOSTILE, facts={HOSTILE: HOSTILE},
        patterns=(replace(PATTERN, name=HOSTILE, lanes={36: [100]}),),
    )  # fmt: skip
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert page.texts["script"][1] == plain.texts["script"][1]
    shown = HOSTILE.replace("\udcff", "?")
    assert page.texts["title"] == [shown]
    assert page.data["sounds"][0]["name"] == page.data["facts"][0][1] == page.data["patterns"][0]["name"] == shown
    assert re.fullmatch(r"\./javascript%3A[A-Za-z0-9%._/-]*", page.data["sounds"][0]["href"])
    assert not re.search("[<>&\u2028\u2029]", page.texts["script"][0])


@given(st.text(), st.text())
def test_any_text_comes_back(title, name):
    page = _page(replace(SOUND, name=name), title=title)
    kept = name.encode("utf-8", "replace").decode()
    assert page.data["sounds"][0]["name"] == kept
    assert len(page.tags) == len(_page().tags)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((), "no steps"),
        ((128,), "velocity of a step is 128"),
    ],
)
def test_what_is_no_step_is_refused(steps, message):
    with pytest.raises(OptionError, match=message):
        velocities(steps)


def test_lanes_find_their_sounds():
    sounds = (SOUND, replace(SOUND, role="clap", note=39), replace(SOUND, role="kick", note=35))
    [told] = _page(*sounds, patterns=(replace(PATTERN, lanes={36: [100], 35: [45], 99: [100]}),)).data["patterns"]
    assert [(lane["sound"], lane["steps"]) for lane in told["lanes"]] == [(0, [100]), (2, [45])]


@pytest.mark.parametrize("seed", range(12))
def test_the_patterns_are_those_of_the_loops(seed):
    pads = [
        make_pad(note, role, ((f"{role}.wav",),), prefix="")
        for note, role in ((36, "kick"), (38, "snare"), (42, "closed-hat"))
    ]
    shown = page_patterns(pads, draw_styles(seed))
    assert [pattern.name for pattern in shown] == list(draw_styles(seed))
    assert len(page_patterns((), draw_styles(seed))[0].lanes) == 0
    for pattern, told in zip(
        shown, _page(*(replace(SOUND, note=pad.note) for pad in pads), patterns=shown).data["patterns"], strict=True
    ):
        assert set(pattern.lanes) <= {36, 38, 42}  # a rim, a clap by the snare; other hats by the hat
        assert 36 in pattern.lanes
        assert all(len(lane["steps"]) == 16 and max(lane["steps"]) > 0 for lane in told["lanes"])


@pytest.mark.parametrize("patterns", [(), (replace(PATTERN, lanes={51: [100]}),)])
def test_there_is_always_a_pattern(patterns):
    [told] = _page(patterns=patterns).data["patterns"]
    assert told["lanes"] == [{"sound": 0, "steps": [0] * 16}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sounds": ()}, "number of sounds on a page is 0; choose from 1 to 88"),
        ({"sounds": (SOUND,) * (MAX_SOUNDS + 1)}, "sounds on a page is 89"),
        ({"sounds": (replace(SOUND, layers=()),)}, "fjord.* has no take"),
        ({"sounds": (replace(SOUND, layers=((1, 127, ()),)),)}, "fjord.* has no take"),
        ({"patterns": (replace(PATTERN, bpm=20),)}, "tempo of a page.s pattern is 20"),
        ({"patterns": (replace(PATTERN, swing=80),)}, "swing of a page.s pattern is 80"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, message):
    with pytest.raises(OptionError, match=message):
        page_html(replace(PageContents("a", "", (SOUND,)), **change))


def test_points_lie_apart_and_near_their_like():
    sounds = [make(seed=seed) for make in (kick, snare, hat) for seed in range(8)]
    points = sound_map.places(sounds, RATE)
    assert points.shape == (24, 2)
    assert points.min() >= 0
    assert points.max() <= 1
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert away.min() > 0.05  # a tenth of it would be under another point on a phone
    kinds = np.arange(24) // 8
    assert (kinds[away.argmin(axis=1)] == kinds).mean() > 0.8  # chance is 0.3
    assert points[kinds == 2, 0].mean() > points[kinds == 0, 0].mean()  # hats are brighter than kicks


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_and_equal_sounds_have_places(count):
    points = sound_map.places([kick()] * count, RATE)
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()
    assert len({tuple(point) for point in points}) == count


HEAD = {"name": "p", "rate": RATE, "model": "starter", "seed": 7, "command": ""}


def _contents(roles, takes=(1,), kits=1):
    """Contents of the page of a pack with these roles; each has layers with so many takes, from soft to hard."""
    names = [f"{role}_word-{index}" for index, role in enumerate(roles)]
    files = [[[f"{name}-{layer}-{take}.wav" for take in range(n)] for layer, n in enumerate(takes)] for name in names]
    dealt = lay_out_kits(roles, files, name="p") * kits
    signals = {file: kick(seconds=0.05, seed=len(file)) for file in dealt[0].files}
    return build.page_contents(dealt, signals, HEAD, patterns={}, licence="CC0")


def test_the_first_pads_are_one_of_every_role():
    contents = _contents(["snare", "kick", "kick", "open-hat", "snare", "kick"])
    assert [sound.role for sound in contents.sounds] == ["kick", "snare", "open-hat", "kick", "snare", "kick"]
    assert [sound.note for sound in contents.sounds[:3]] == [36, 38, 46]
    assert [sound.name for sound in contents.sounds[:3]] == ["word-1-0-0", "word-0-0-0", "word-3-0-0"]
    assert contents.sounds[2].choke == "hat"
    assert (contents.about, contents.notice, contents.licence) == ("6 sounds", "", "CC0")
    assert contents.facts == {"model": "starter", "seed": "7"}


def test_layers_and_takes_are_those_of_the_kit():
    [sound] = _contents(["kick"], takes=(1, 3)).sounds
    assert [(low, high, len(takes)) for low, high, takes in sound.layers] == [(1, 63, 1), (64, 127, 3)]
    assert sound.path == "kick_word-0-1-0.wav"


def test_what_a_page_has_no_room_for_is_said():
    contents = _contents(["snare", "kick"], takes=(build.MAX_TAKES // 2, 1), kits=2)
    assert [sound.layers[0][:2] for sound in contents.sounds] == [(1, 127)] * 2
    assert contents.notice == (
        "This page plays the 2 sounds of the first of 2 kits and the first take of the hardest hits; "
        "the pack's folder holds everything."
    )


def test_a_page_is_hardly_larger_than_its_sounds():
    size = len(page_html(PageContents("a", "", (SOUND,) * 16)))
    assert size < 16 * len(TAKE) * 4 / 3 + 60_000  # base64, and the page itself


def test_a_pack_has_its_page(tmp_path):
    drum = Sound(snare(), "snare", {}, (Take(0.5 * snare(), 1, 0),))
    origin = Origin(7, "", "", "samplegen pack", "CC0 1.0\nby Ada")
    manifest = write_pack([drum, Sound(kick(), "kick", {})], tmp_path / "dusty", origin=origin)
    content = (tmp_path / "dusty/index.html").read_bytes()
    assert {"path": "index.html", "sha256": hashlib.sha256(content).hexdigest()} in manifest["files"]
    data = Page(content).data
    assert (data["title"], data["about"], data["licence"]) == ("dusty", "2 sounds", origin.licence)
    assert data["facts"] == [["seed", "7"], ["made by", "samplegen pack"]]
    assert [(one["role"], len(one["layers"])) for one in data["sounds"]] == [("kick", 1), ("snare", 2)]
    for one in data["sounds"]:
        assert (tmp_path / "dusty" / one["href"]).is_file()
