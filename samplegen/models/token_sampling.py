"""Token sampling: one of several codes is drawn from logits, with a temperature, top-k and top-p (nucleus)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows, sigmoid, softmax


@dataclass(frozen=True)
class TokenSampler:
    """Options of sampling a code.

    Args:
        temperature: 0 (the likeliest always), 1 (as learned) or more (odder).
        top_k: only the `top_k` likeliest; 0 means all.
        top_p: only the likeliest that together have this probability (nucleus sampling, Holtzman et al. 2020).
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def sample(self, logits: Rows, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return one code `(n,)` for each row of logits `(n, codes)`."""
        edges = np.cumsum(self.probabilities(logits), axis=1)
        # rounding may leave the last edge below 1: the place lies under it, so that nothing left out is ever hit
        return (edges > rng.random((len(edges), 1)) * edges[:, -1:]).argmax(axis=1)

    def probabilities(self, logits: Rows) -> Rows:
        """Return the probability of each code `(n, codes)`; 0 for those that are left out."""
        if self.temperature == 0:
            return np.eye(logits.shape[1], dtype=np.float32)[logits.argmax(axis=1)]
        chances = softmax(logits / np.float32(self.temperature))
        if not self.top_k and self.top_p == 1:
            return chances
        order = np.argsort(-chances, axis=1, kind="stable")
        likely = np.take_along_axis(chances, order, axis=1)
        kept = np.cumsum(likely, axis=1) - likely < self.top_p
        kept[:, self.top_k or kept.shape[1] :] = False
        np.put_along_axis(chances, order, likely * kept, axis=1)
        return chances / chances.sum(axis=1, keepdims=True)

    def survivals(self, count: int, rng: np.random.Generator) -> Rows:
        """Return the survival probability `(n,)` at which each sound ends: uniform, or nearer to one half.

        The lower the temperature, the nearer, so that the likeliest sound is of median length. If the end was sampled
        as codes are, sounds of a low temperature would never reach it.
        """
        warmth = 0.0 if self.top_k == 1 else min(self.temperature, 1.0)
        return (0.5 + (rng.random(count) - 0.5) * warmth).astype(np.float32)


State = tuple[Rows, Rows]  # of an LSTM: output and cell


def lstm(x: Rows, state: State, weights: list[Rows]) -> State:
    """Make one step of a Keras LSTM."""
    (given, kept), (kernel, recurrent, bias) = state, weights
    enter, forget, new, out = np.split(x @ kernel + given @ recurrent + bias, 4, axis=1)
    kept = sigmoid(forget) * kept + sigmoid(enter) * np.tanh(new)
    return sigmoid(out) * np.tanh(kept), kept
