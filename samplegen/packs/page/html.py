"""Page as bytes: style, script and pack in one file that may load nothing and run nothing else."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from samplegen.errors import OptionError
from samplegen.packs.page.contents import PageContents, PageSound
from samplegen.packs.page.patterns import playable
from samplegen.settings import check_range

FILE_NAME = "index.html"
_FOLDER = Path(__file__).parent
MAX_SOUNDS = 88  # pads of the largest kit: keys of a piano
_PLACE = re.compile(r"\{\{(\w+)\}\}")
# JSON may hold what would end its script element, or a line of JavaScript
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def page_html(contents: PageContents) -> bytes:
    """Return one HTML page, the same bytes for the same contents.

    Raises:
        OptionError: no sounds or more than `MAX_SOUNDS`, a sound without a take, a pattern that cannot be read.
    """
    check_range(len(contents.sounds), (1, MAX_SOUNDS), "the number of sounds on a page")
    style, script = _joined(".css"), f'(() => {{\n"use strict";\n{_joined(".js")}}})();\n'
    parts = {
        "policy": _policy(style, script),
        "title": escape(_encodable(contents.title)),
        "style": style,
        "data": _json(_page(contents)),
        "script": script,
    }
    return _PLACE.sub(lambda place: parts[place[1]], _template()).encode()


@cache
def _template() -> str:
    return (_FOLDER / "audition.html").read_text("utf-8")


@cache
def _joined(suffix: str) -> str:
    """Join the parts of the page of one kind, in the order of their names."""
    parts = (part for part in (_FOLDER / "parts").iterdir() if part.name.endswith(suffix))
    return "".join(part.read_text("utf-8") for part in sorted(parts, key=lambda part: part.name))


def _policy(style: str, script: str) -> str:
    """Return the content security policy: nothing from anywhere; only this style and this script."""
    style_hash, script_hash = (b64encode(sha256(text.encode()).digest()).decode() for text in (style, script))
    return (
        f"default-src 'none'; script-src 'sha256-{script_hash}'; style-src 'sha256-{style_hash}'; "
        "img-src data: blob:; media-src data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _page(contents: PageContents) -> dict[str, Any]:
    return {
        "title": contents.title,
        "about": contents.about,
        "notice": contents.notice,
        "licence": contents.licence,
        "facts": list(contents.facts.items()),
        "patterns": playable(contents.patterns, contents.sounds),
        "sounds": [_sound(sound) for sound in contents.sounds],
    }


def _sound(sound: PageSound) -> Mapping[str, Any]:
    if not (sound.layers and all(takes for _, _, takes in sound.layers)):
        raise OptionError(f"the sound {sound.name!r:.80} has no take to put into the page")
    layers = [
        {"low": low, "high": high, "takes": [b64encode(take).decode() for take in takes]}
        for low, high, takes in sound.layers
    ]
    x, y = (round(float(along), 4) for along in sound.place)
    # "./" and the quoting leave nothing that could be a scheme or a host
    link = f"./{quote(_encodable(sound.path))}"
    facts = {"name": sound.name, "role": sound.role, "note": sound.note, "choke": sound.choke}
    return facts | {"href": link, "x": x, "y": y, "layers": layers}


def _json(value: Any) -> str:
    return _encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":"))).translate(_ESCAPES)


def _encodable(text: str) -> str:
    """Return text without lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()
