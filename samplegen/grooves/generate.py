"""Patterns drawn from a model of grooves, and what training pattern each is nearest to."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from samplegen.errors import ModelError, OptionError
from samplegen.grooves import autoregressive
from samplegen.grooves import nearest as copies
from samplegen.grooves.encoding import Events, decode
from samplegen.grooves.nearest import Nearest
from samplegen.models.groove import Config, GrooveContext
from samplegen.models.model import Model
from samplegen.models.registry import GROOVE
from samplegen.models.token_sampling import TokenSampler
from samplegen.sequencer.pattern import Pattern
from samplegen.settings import check_fields, limits

DEFAULT_BARS = 2  # where no number is given
_TEMPO_OCTAVES = 0.1  # octaves beside a given tempo
_MIXING_OCTAVES = 0.25  # octaves between the tempi of patterns that may lend each other their drums

Rng = np.random.Generator


@dataclass(frozen=True)
class GrooveOptions:
    """Options of drawing a pattern.

    Args:
        bars: of the pattern.
        temperature: 0 (the likeliest always) to 2 (odd).
        top_p: every choice is among the likeliest that together have this share of the odds.
        tempo: quarter notes a minute; by default that of a training pattern.
        meter: such as `(7, 8)`, one that was learned; by default that of a training pattern.
        fill: the last bar is a fill.

    Raises:
        OptionError: a value out of range.
    """

    bars: int = field(default=DEFAULT_BARS, metadata=limits(1, 1000))
    temperature: float = field(default=1.0, metadata=limits(0, 2))
    top_p: float = field(default=1.0, metadata=limits(0.01, 1))
    tempo: float | None = field(default=None, metadata=limits(20, 999))
    meter: tuple[int, int] | None = None
    fill: bool = False

    def __post_init__(self) -> None:
        check_fields(self, error=OptionError)


@dataclass(frozen=True)
class GeneratedGroove:
    """A pattern, and the training pattern nearest to it."""

    pattern: Pattern
    nearest: Nearest


def generate_groove(model: Model, options: GrooveOptions | None = None, *, seed: int = 0) -> GeneratedGroove:
    """Draw a pattern.

    Args:
        model: of kind groove.
        options: how.
        seed: decides everything random.

    Raises:
        ModelError: a model of another kind, or one that drew no hits.
        OptionError: a meter or fills that it did not learn.

    Example:
        >>> import samplegen
        >>> model = samplegen.load("starter-groove", kind="groove")
        >>> drawn = samplegen.generate_groove(model, seed=3)
        >>> drawn.pattern.bars
        2
    """
    if model.card.kind != GROOVE:
        raise ModelError(f"{model.folder} is a model of kind {model.card.kind}; one of kind {GROOVE} draws patterns")
    context, events = sample_groove(
        model.network, model.config, options or GrooveOptions(), np.random.default_rng((seed, 7))
    )
    pattern = decode(events, context, model.config, title=f"{model.name} {seed}")
    return GeneratedGroove(pattern, copies.nearest(events, context.bar, model.fingerprints))


def sample_groove(network: Any, config: Config, options: GrooveOptions, rng: Rng) -> tuple[GrooveContext, Events]:
    """Draw the context of a pattern and its events."""
    if options.fill and not config.fills:
        raise OptionError("this model learned no fills: it takes style texts with a [fill]")
    context = _context(config, options, rng)
    fills = np.arange(options.bars) >= options.bars - options.fill
    return context, autoregressive.sample_events(
        network, context, fills, TokenSampler(options.temperature, top_p=options.top_p), rng
    )


def _context(config: Config, options: GrooveOptions, rng: Rng) -> GrooveContext:
    """Meter, tempo and swing of a training pattern, and the drums of one about as fast, mostly another."""
    chosen = _choose(_near_tempo(options.tempo, _in_meter(config, options.meter), _TEMPO_OCTAVES), rng)
    lenders = _near_tempo(chosen.tempo, _in_meter(config, (chosen.beats, chosen.unit)), _MIXING_OCTAVES)
    return replace(chosen, drums=_choose(lenders, rng).drums, tempo=options.tempo or chosen.tempo)


def _in_meter(config: Config, meter: tuple[int, int] | None) -> list[GrooveContext]:
    found = [one for one in config.headings if meter in {None, (one.beats, one.unit)}]
    if not found:
        known = ", ".join(sorted({f"{one.beats}/{one.unit}" for one in config.headings}))
        raise OptionError(f"the meter {meter and '/'.join(map(str, meter))} was not learned; this model knows {known}")
    return found


def _near_tempo(tempo: float | None, headings: list[GrooveContext], octaves: float) -> list[GrooveContext]:
    """Return those near to a tempo, or the nearest; all where there is none."""
    if tempo is None:
        return headings
    apart = [abs(np.log2(one.tempo / tempo)) for one in headings]
    return [one for one, far in zip(headings, apart, strict=True) if far <= max(octaves, min(apart))]


def _choose(headings: list[GrooveContext], rng: Rng) -> GrooveContext:
    return headings[rng.integers(len(headings))]
