"""Part of Tidal's mini-notation, read into patterns. One cycle is one bar.

    a b             in turn, sharing the cycle      ~           rest
    [a b]           as one part                     a, b        at the same time
    a*4  a/2        faster, slower                  a!3         three times, each a part of its own
    a@3             three times as long             a?          played half of the time
    <a b>           one a cycle                     {a b c}%8   eight parts a cycle, of these in turn
    a(3,8,1)        Euclid: onsets, steps, rotation

Names are those of lanes, `bd` or `kick2` or `36`; every name becomes a lane. Lines are played at the same time. Lines
that begin with # are comments, or the header of `samplegen.sequencer.header`.
https://tidalcycles.org/docs/reference/mini_notation/
"""

from collections import defaultdict
from fractions import Fraction
from math import lcm

from samplegen.errors import PatternError
from samplegen.sequencer import cycles, header
from samplegen.sequencer.cycles import Node
from samplegen.sequencer.pattern import MAX_STEPS, NORMAL, REST, Lane, Pattern, Step
from samplegen.sequencer.tidal_parser import parse_line


def parse_tidal(text: str) -> Pattern:
    """Read a pattern from Tidal's mini-notation.

    Raises:
        PatternError: an unknown token, with line, column and a caret; nothing to play; too much of it.

    Example:
        >>> import samplegen
        >>> [lane.name for lane in samplegen.parse_tidal("bd*2 [~ sd]").lanes]
        ['bd', 'sd']
    """
    attributes, body = header.split_header(text)
    layers = [parse_line(line) for line in body]
    node = cycles.stack(layers) if layers else Node()
    bars = attributes.get("bars", node.period)
    steps = header.steps_of(attributes)
    return header.build_pattern({"bars": bars} | attributes, _lanes(node, min(node.period, max(bars, 1)), steps))


def _lanes(node: Node, bars: int, usual: int) -> tuple[Lane, ...]:
    """Return a lane for every name, in the order of their first onsets."""
    of_name: dict[str, dict[Fraction, bool]] = defaultdict(dict)
    for onset in sorted(node.onsets(Fraction(0), Fraction(bars)), key=lambda onset: onset.time):
        of_name[onset.name][onset.time] = onset.maybe and of_name[onset.name].get(onset.time, True)
    return tuple(_lane(name, onsets, bars, usual) for name, onsets in of_name.items())


def _lane(name: str, onsets: dict[Fraction, bool], bars: int, usual: int) -> Lane:
    """Choose the usual steps of a bar where they hold every onset, else the fewest that do."""
    needed = lcm(*(time.denominator for time in onsets))
    grid = usual if usual > 0 and usual % needed == 0 else needed
    if grid * bars > MAX_STEPS:
        raise PatternError(f"{name} would need {grid * bars} steps; up to {MAX_STEPS} can be")
    steps = [REST] * (grid * bars)
    for time, maybe in onsets.items():
        steps[int(time * grid)] = Step(NORMAL, maybe=maybe)
    return Lane(name, tuple(steps), grid=None if grid == usual else grid)
