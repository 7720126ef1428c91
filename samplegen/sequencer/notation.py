"""Step grid as text, read and printed: one lane a line, its name, then its steps.

    # tempo 120  swing 56  bars 2
    kick            x... x... x... x..o     # the rest of a line is a comment
    snare           .... X... .... X.9.
    ch[level -6]    (11,16,2)
    perc            x..x..x.x..x            # 12 steps against 16: it repeats on its own

A step is
    X x o           accent 120, hit 100, ghost 45
    1 to 9          velocity 10 to 90
    {87}            any velocity; {87@-.12} that much of a step early
    .               rest
and after a hit may come, in this order,
    2 3 4           directly after X, x or o only: a ratchet, so many hits in the step, `x2`. After any hit it is
                    written `:2`, up to `:9`. A hit and then velocity 20 is `x 2`; other digits directly after these
                    letters are an error, as nobody can tell what they mean
    !               flam
    ?               played half of the time
`(onsets,steps,rotation)` stands for a Euclidean rhythm of hits of 100, `o(5,8)` for one of ghosts. Spaces and `|` are
free. After a name, without a space, may stand `[level -6 pan .3 steps 12]`: dB, -1 to 1, steps a bar of this lane.
The header is that of `samplegen.sequencer.header`.
"""

import re
from collections.abc import Iterator
from typing import Any

from samplegen.errors import PatternError
from samplegen.sequencer import header
from samplegen.sequencer.euclid import euclid
from samplegen.sequencer.header import Line, number, print_header, read_number, read_whole
from samplegen.sequencer.pattern import ACCENT, GHOST, MAX_STEPS, NORMAL, REST, Lane, Pattern, Step

LETTERS = {"X": ACCENT, "x": NORMAL, "o": GHOST}
_LANE = re.compile(r"\s*(?P<name>[A-Za-z0-9][\w-]*)(?P<with>\[(?P<attributes>[^\]\n]*)\])?(?=\s|$)", re.ASCII)
_ATTRIBUTES = {"level": ("level", read_number), "pan": ("pan", read_number), "steps": ("grid", read_whole)}
_TOKEN = re.compile(
    r"""(?P<free>[\s|]+)
    |(?P<rest>\.)
    |(?P<euclid>(?P<of>[Xxo1-9])?\((?P<onsets>\d{1,4}),(?P<steps>\d{1,4})(?:,(?P<rotation>-?\d{1,4}))?\))
    |(?:(?P<letter>[Xxo])(?:(?P<count>[2-4])|(?P<clash>[1-9]))?
       |(?P<decade>[1-9])
       |\{(?P<velocity>\d{1,3})(?:@(?P<offset>[+-]?(?:\d+\.?\d*|\.\d+)))?\})
     (?P<ratchet>:[2-9])?(?P<flam>!)?(?P<maybe>\?)?""",
    re.VERBOSE | re.ASCII,
)
_KNOWN = "steps are X x o 1-9 {87} . with x2, !, ? and (3,8)"


def parse_pattern(text: str) -> Pattern:
    """Read a pattern from the text of a step grid.

    Raises:
        PatternError: an unknown token, with line, column and a caret; no lanes; values out of range.

    Example:
        >>> import samplegen
        >>> pattern = samplegen.parse_pattern("# tempo 96\\nkick x...x...x...x...\\nsnare ....X.......X...")
        >>> pattern.tempo, [lane.name for lane in pattern.lanes]
        (96.0, ['kick', 'snare'])
    """
    attributes, body = header.split_header(text)
    return header.build_pattern(attributes, tuple(_lane(line) for line in body))


def _lane(line: Line) -> Lane:
    found = _LANE.match(line.text)
    if not found:
        raise line.fault(
            "a line begins with the name of a lane, as in kick x...x...", len(line.text) - len(line.text.lstrip())
        )
    steps = tuple(_steps(line, found.end()))
    if not steps:
        raise line.fault(f"lane {found['name']} has no steps", found.end())
    attributes = _attributes(line, found)
    try:
        return Lane(found["name"], steps, **attributes)
    except PatternError as error:
        raise line.fault(str(error), found.start("name")) from None


def _steps(line: Line, at: int) -> Iterator[Step]:
    """Yield the steps from a column on, up to a comment."""
    end, count = (line.text.find("#", at) + 1 or len(line.text) + 1) - 1, 0
    while at < end:
        token = _TOKEN.match(line.text, at, end)
        if not token:
            raise line.fault(f"unknown token {line.text[at]!r}; {_KNOWN}", at)
        for step in _meant(line, token):
            yield step
            count += 1
            if count > MAX_STEPS:
                raise line.fault(f"the lane has more than {MAX_STEPS} steps", at)
        at = token.end()


def _meant(line: Line, token: re.Match[str]) -> tuple[Step, ...]:
    if token["free"]:
        return ()
    if token["rest"]:
        return (REST,)
    if token["clash"]:
        hit, digit = token["letter"], token["clash"]
        ratchet = f", {hit}:{digit} for {digit} hits in one step" if digit != "1" else ""
        meant = f"{hit} {digit} for a hit and then velocity {digit}0{ratchet}"
        raise line.fault(f"{hit}{digit} is not clear; write {meant}", token.start("clash"))
    try:
        return _rhythm(token) if token["euclid"] else (_hit(token),)
    except PatternError as error:
        raise line.fault(str(error), token.start()) from None


def _rhythm(token: re.Match[str]) -> tuple[Step, ...]:
    hit = Step(_velocity(token["of"] or "x"))
    hits = euclid(int(token["onsets"]), int(token["steps"]), int(token["rotation"] or 0))
    return tuple(hit if is_hit else REST for is_hit in hits)


def _hit(token: re.Match[str]) -> Step:
    if token["count"] and token["ratchet"]:
        raise PatternError("a hit has one ratchet, x2 or x:2")
    plain = token["letter"] or token["decade"]
    velocity = _velocity(plain) if plain else int(token["velocity"])
    if not velocity:
        raise PatternError("a hit's velocity is 1 to 127; a rest is written as .")
    ratchet = int(token["count"] or (token["ratchet"] or ":1")[1:])
    return Step(velocity, bool(token["flam"]), ratchet, bool(token["maybe"]), float(token["offset"] or 0))


def _velocity(letter: str) -> int:
    return LETTERS.get(letter) or 10 * int(letter)


def _attributes(line: Line, found: re.Match[str]) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    words = list(re.finditer(r"[^\s,]+", found["attributes"] or ""))
    start = found.start("attributes")
    for key, value in zip(words[::2], [*words[1::2], None], strict=False):
        if key[0] not in _ATTRIBUTES:
            raise line.fault(f"unknown attribute {key[0]!r}; they are {', '.join(_ATTRIBUTES)}", start + key.start())
        name, read = _ATTRIBUTES[key[0]]
        try:
            attributes[name] = read(value[0] if value else "")
        except ValueError:
            raise line.fault(f"{key[0]} needs a number", start + (value or key).start()) from None
    return attributes


_SHORT = (2, 3, 4)  # ratchets that may follow a letter without a colon
_OF_VELOCITY = {velocity: letter for letter, velocity in LETTERS.items()} | {10 * n: str(n) for n in range(1, 10)}


def show_pattern(pattern: Pattern) -> str:
    """Return the text of a pattern: `parse_pattern(show_pattern(pattern)) == pattern`.

    Example:
        >>> import samplegen
        >>> print(samplegen.show_pattern(samplegen.parse_pattern("kick x...o...x...x2..")), end="")
        # tempo 120  swing 50  grid 16  meter 4/4  steps 16  bars 1
        kick  x... o... x... x2..
    """
    names = [lane.name + _attributes_of(lane) for lane in pattern.lanes]
    width = max(map(len, names)) + 2
    rows = [f"{name:<{width}}{show_steps(pattern, lane)}" for name, lane in zip(names, pattern.lanes, strict=True)]
    return "\n".join(print_header(pattern) + rows) + "\n"


def show_steps(pattern: Pattern, lane: Lane) -> str:
    """Return the steps of a lane, a space after every beat and a bar line after every bar."""
    grid = pattern.grid(lane)
    beat = pattern.pulse_steps(lane)
    printed = ""
    for index, step in enumerate(lane.steps):
        if index:
            printed += " | " if index % grid == 0 else " " if index % grid % beat == 0 else ""
        token = show_step(step)
        # a digit after a bare letter would be its ratchet
        printed += f" {token}" if printed[-1:] in LETTERS and printed and token[0].isdigit() else token
    return printed


def show_step(step: Step) -> str:
    """Return one step as it is written."""
    if not step.velocity:
        return "."
    plain = "" if step.offset else _OF_VELOCITY.get(step.velocity, "")
    core = plain or f"{{{step.velocity}{_offset_of(step)}}}"
    colon = "" if core in LETTERS and step.ratchet in _SHORT else ":"
    ratchet = f"{colon}{step.ratchet}" if step.ratchet > 1 else ""
    return f"{core}{ratchet}{'!' * step.flam}{'?' * step.maybe}"


def _offset_of(step: Step) -> str:
    return f"@{'+' * (step.offset > 0)}{number(step.offset)}" if step.offset else ""


def _attributes_of(lane: Lane) -> str:
    values = {"level": lane.level, "pan": lane.pan, "steps": lane.grid or 0}
    attributes = " ".join(f"{key} {number(value)}" for key, value in values.items() if value)
    return f"[{attributes}]" if attributes else ""
