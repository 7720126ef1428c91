"""The shipped groove model: copies, novelty, density, backbeats, and what temperature does; and one of other patterns.

It learned from the shipped styles. A distance is the share of hits that only one of two patterns has, of those that
either has, bar for bar, the other going round; a copy is no farther than 0.05. Diversity is the mean distance between
patterns drawn under one heading (meter, tempo, swing, drums). Bits per step held out are means over several splits of
the styles, whole files held out; counts stand beside. A backbeat is a snare or clap on 2 and on 4 of a bar of four
four, of patterns that have one of these drums; shares are of bars.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import ROOT, Figures
from samplegen.grooves import autoregressive, corpus, fit, generate, nearest
from samplegen.grooves.generate import GrooveOptions
from samplegen.models import library, store
from samplegen.models.model import Model
from samplegen.models.token_sampling import TokenSampler
from samplegen.roles import INDEX, ROLES

STYLES = ROOT / "samplegen" / "sequencer" / "patterns"
TEMPERATURES = (0.7, 1.0, 1.3)
DRAWN, SPLITS = 200, 3
HEADINGS, EACH = 16, 8
OFTEN = 10  # training patterns that a drum is in, for its density to be compared
SIXTEENTHS = 16

Bars = NDArray[np.bool_]  # (sixteenths, 16) each: what is struck


def run() -> Figures:
    """Draw, compare; then learn anew from parts of the styles."""
    model = store.load(library.shipped("starter-groove"), kind="groove")
    patterns = corpus.read(STYLES).patterns
    known = [bars(pattern.events, pattern.context.bar) for pattern in patterns]
    figures: Figures = {"backbeats of training bars": backbeats(known), "kicks on 1": downbeats(known)}
    for temperature in TEMPERATURES:
        drawn = draws(model, temperature, figures)
        name = f"at temperature {temperature}"
        figures |= {
            f"backbeats {name}": backbeats(drawn), f"kicks on 1 {name}": downbeats(drawn),
            f"hits per bar over those of training patterns {name}": density(drawn) / density(known),
            f"density of a drum over that in training patterns, farthest, {name}": farthest(drawn, known),
            f"diversity {name}": diversity(model, temperature),
        }  # fmt: skip
    began = time.perf_counter()
    generate.generate_groove(model, GrooveOptions(bars=16))
    return figures | {"16 bars drawn (s)": time.perf_counter() - began} | bits()


def draws(model: Model, temperature: float, figures: Figures) -> list[Bars]:
    """Hits in patterns of different seeds; how near they are to training patterns goes into `figures`."""
    found, near = [], []
    for seed in range(DRAWN):
        rng = np.random.default_rng((seed, 7))
        context, events = generate.sample_groove(
            model.network, model.config, GrooveOptions(temperature=temperature), rng
        )
        found.append(bars(events, context.bar))
        near.append(nearest.nearest(events, context.bar, model.fingerprints))
    name = f"at temperature {temperature}"
    figures[f"copies {name}"] = float(np.mean([one.copy for one in near]))
    figures[f"bars copied {name}"] = float(np.mean([one.copied_bars / one.bars for one in near]))
    figures[f"distance to the nearest training pattern {name}"] = float(np.mean([one.distance for one in near]))
    return found


def bars(events: NDArray[np.int8], bar: int) -> Bars:
    """Hits, `(bars, sixteenths, 16)`."""
    return (events[..., 0] > 0).reshape(-1, bar, len(ROLES))


def backbeats(some: Sequence[Bars]) -> float:
    """Share of bars of four four with a snare or clap on 2 and 4, of patterns that have one."""
    hits = [one[:, :, [INDEX["snare"], INDEX["clap"]]].any(axis=-1) for one in some if one.shape[1] == SIXTEENTHS]
    return float(np.concatenate([hit[:, 4] & hit[:, 12] for hit in hits if hit.any()]).mean())


def downbeats(some: Sequence[Bars]) -> float:
    """Share of bars that begin with a kick, of patterns that have one."""
    hits = [one[:, :, INDEX["kick"]] for one in some]
    return float(np.concatenate([hit[:, 0] for hit in hits if hit.any()]).mean())


def density(some: Sequence[Bars]) -> float:
    """Hits of a bar."""
    return float(np.concatenate([one.sum(axis=(1, 2)) for one in some]).mean())


def farthest(drawn: Sequence[Bars], known: Sequence[Bars]) -> float:
    """Ratio of hits per step, farthest from 1, among the drums that are in many training patterns."""
    ratios = []
    for drum in range(len(ROLES)):
        new, old = ([one[..., drum].mean() for one in some if one[..., drum].any()] for some in (drawn, known))
        if len(old) >= OFTEN:
            ratios.append(float(np.mean(new) / np.mean(old)))
    return max(ratios, key=lambda ratio: abs(np.log(ratio)))


def diversity(model: Model, temperature: float) -> float:
    """Mean distance between patterns of two bars that were drawn under the same heading."""
    headings = model.config.headings[:: max(1, len(model.config.headings) // HEADINGS)]
    rng, far = np.random.default_rng(3), []
    for context in headings:
        plain = np.zeros(2, bool)
        some = [
            autoregressive.sample_events(model.network, context, plain, TokenSampler(temperature), rng)
            for _ in range(EACH)
        ]
        rows = np.stack([bars(events, context.bar).ravel() for events in some])
        far.append(nearest.distances(rows, rows)[np.triu_indices(EACH, 1)].mean())
    return float(np.mean(far))


def bits() -> Figures:
    """Means over splits of what the net and the counts take."""
    files = corpus.read(Path(STYLES)).files
    told = [fit.learn(files, seed=seed).metrics for seed in range(SPLITS)]
    return {name: float(np.mean([one[name] for one in told])) for name in told[0]}
