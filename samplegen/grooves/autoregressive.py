"""Autoregressive drawing of a groove: step by step and drum by drum.

Plain numpy with the net's own weights: a graph called for one drum of one step would spend its time on being called.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from samplegen.arrays import Rows
from samplegen.models import groove
from samplegen.models.groove import GrooveContext
from samplegen.models.groove_events import PARTS, REST, event_features, past, rests
from samplegen.models.token_sampling import TokenSampler, lstm

Rng = np.random.Generator


class EventPredictor:
    """A net, going from step to step."""

    def __init__(self, net: Any) -> None:
        weights = {layer.name: [np.asarray(w) for w in layer.get_weights()] for layer in net.layers}
        self.seen, self.lstm, self.drums = (weights[name] for name in (groove.SEEN, groove.LSTM, groove.DRUMS))
        empty = np.zeros((1, self.lstm[1].shape[0]), np.float32)
        self.state = (empty, empty)

    def step(self, seen: Rows) -> Rows:
        """Take in what is seen before a step `(1, INPUTS)`; what is known of all of its drums `(1, width)`."""
        x = seen @ self.seen[0] + self.seen[1]
        self.state = lstm(x, self.state, self.lstm)
        known: Rows = (x + self.state[0]) @ self.drums[0]
        return known

    def drum(self, known: Rows, drum: int) -> Rows:
        """Logits `(1, sum(PARTS))` of a drum."""
        _, _, own, head, bias = self.drums
        return np.maximum(known + own[drum], 0) @ head[drum] + bias[drum]

    def given(self, known: Rows, drum: int, features: Rows) -> Rows:
        """Return what is known once a drum is, by its facts `(EVENT_FEATURES,)`."""
        states: Rows = known + features @ self.drums[1][drum]
        return states


def sample_events(
    net: Any, context: GrooveContext, fills: NDArray[np.bool_], sampler: TokenSampler, rng: Rng
) -> NDArray[np.int8]:
    """Return events `(steps, 16, 3)` of a pattern, as many bars as `fills` has flags.

    Args:
        net: a groove net.
        context: what the pattern is written under.
        fills: of every bar.
        sampler: how hits, velocities, timing and ratchets are drawn.
        rng: what draws them.
    """
    given, player = groove.conditions(context, fills), EventPredictor(net)
    events = rests(len(given))
    played = event_features(events)
    with threadpool_limits(1, "blas"):  # products this small are slower when they are shared out
        for step, row in enumerate(given):
            before = past(played[None, : step + 1], np.array([step]), context.bar)[0]
            known = player.step(np.concatenate([before, row[None]], axis=1))
            for drum in np.flatnonzero(context.kit).tolist():
                events[step, drum] = _sample_event(player.drum(known, drum), sampler, rng)
                played[step, drum] = event_features(events[step, drum])
                known = player.given(known, drum, played[step, drum])
    return events


def _sample_event(logits: Rows, sampler: TokenSampler, rng: Rng) -> tuple[int, int, int]:
    """Return what one drum does."""
    struck, *kinds = np.split(logits, np.cumsum(PARTS)[:-1], axis=1)
    hit = sampler.sample(np.concatenate([np.zeros_like(struck), struck], axis=1), rng)[0]
    velocity, late, ratchet = (int(sampler.sample(part, rng)[0]) for part in kinds)
    return (velocity + 1, late, ratchet) if hit else REST
