"""How one of several codes is drawn from what a net makes of them: temperature, the likeliest few, the nucleus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows, sigmoid, softmax


@dataclass(frozen=True)
class Choice:
    """How a code is drawn from its odds.

    Args:
        temperature: 0 the likeliest always, 1 as learned, more is odder.
        top_k: only the `top_k` likeliest; 0 is all.
        top_p: only the likeliest that together have this share of the odds (nucleus sampling, Holtzman et al. 2020).
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def draw(self, logits: Rows, rng: np.random.Generator) -> NDArray[np.intp]:
        """One code `(n,)` for each row of logits `(n, codes)`."""
        edges = np.cumsum(self.odds(logits), axis=1)
        # rounding may leave the last edge below 1: the place lies under it, so that nothing left out is ever hit
        return (edges > rng.random((len(edges), 1)) * edges[:, -1:]).argmax(axis=1)

    def odds(self, logits: Rows) -> Rows:
        """What each code is drawn with, `(n, codes)`; 0 for those that are left out."""
        if self.temperature == 0:
            return np.eye(logits.shape[1], dtype=np.float32)[logits.argmax(axis=1)]
        odds = softmax(logits / np.float32(self.temperature))
        if not self.top_k and self.top_p == 1:
            return odds
        order = np.argsort(-odds, axis=1, kind="stable")
        likely = np.take_along_axis(odds, order, axis=1)
        kept = np.cumsum(likely, axis=1) - likely < self.top_p
        kept[:, self.top_k or kept.shape[1] :] = False
        np.put_along_axis(odds, order, likely * kept, axis=1)
        return odds / odds.sum(axis=1, keepdims=True)

    def lives(self, count: int, rng: np.random.Generator) -> Rows:
        """The odds `(n,)` to have gone on so far at which each sound ends: even ones, or nearer to the middle.

        The colder, the nearer, so that the likeliest always is as long as half of its kind are. Were the
        end drawn as codes are, cold sounds would never meet it.
        """
        warmth = 0.0 if self.top_k == 1 else min(self.temperature, 1.0)
        return (0.5 + (rng.random(count) - 0.5) * warmth).astype(np.float32)


State = tuple[Rows, Rows]  # what an LSTM has given, and what it remembers


def lstm(x: Rows, state: State, weights: list[Rows]) -> State:
    """One step of a Keras LSTM."""
    (given, kept), (kernel, recurrent, bias) = state, weights
    enter, forget, new, out = np.split(x @ kernel + given @ recurrent + bias, 4, axis=1)
    kept = sigmoid(forget) * kept + sigmoid(enter) * np.tanh(new)
    return sigmoid(out) * np.tanh(kept), kept
