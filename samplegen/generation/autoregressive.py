"""Autoregressive sampling from a Char-LSTM: frame after frame, each drawn given all before.

Plain numpy with the weights of the network: calling a graph for one step costs more than the step.
Frames are `(n, width)` of the sounds that have not ended, as in `samplegen.models.codebook`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from samplegen.arrays import Rows, softmax
from samplegen.features.spectrogram import CHANNELS, Spectrogram
from samplegen.models import charlstm, codebook
from samplegen.models.token_sampling import State, TokenSampler, lstm

Rng = np.random.Generator
_SOUNDS_AT_A_TIME = 512  # more take memory and no less time


class NetworkState:
    """Network with the state of its LSTMs for roles `(n, 16)`, fed frame by frame."""

    def __init__(self, net: Any, roles: Rows) -> None:
        self.weights = {layer.name: [np.asarray(w) for w in layer.get_weights()] for layer in net.layers}
        (self.books,) = self.weights[codebook.NAME]  # (stages, codes, width)
        (self.begin,) = self.weights[charlstm.BEGIN]
        self.role = roles @ self.weights[charlstm.ROLE][0]
        self.context = np.zeros_like(self.role)  # output of the LSTMs after all frames so far
        names = [name for name in self.weights if name.startswith(charlstm.LSTM)]
        self.states: list[State] = [(self.context, self.context) for _ in names]

    def keep(self, some: NDArray[np.bool_]) -> None:
        """Go on with some of the sounds only."""
        self.role, self.context = self.role[some], self.context[some]
        self.states = [(given[some], kept[some]) for given, kept in self.states]

    def read(self, frames: Rows) -> None:
        """Feed the frames that came last."""
        x = self._dense(charlstm.FRAME, frames) + self.role
        for number, state in enumerate(self.states):
            self.states[number] = lstm(x, state, self.weights[f"{charlstm.LSTM}{number}"])
            given = self.states[number][0]
            x = given if number == 0 else x + given
        self.context = x

    def logits(self, stage: int, code_sum: Rows | None = None) -> Rows:
        """Return logits of a stage's codes, given the sum of the codes before; the first has one more: the end."""
        if code_sum is None:
            return self._dense("head0", self.context)
        both = self._dense(f"given{stage}", code_sum) + self.context @ self.weights[f"read{stage}"][0]
        return self._dense(f"head{stage}", np.maximum(both, 0))

    def _dense(self, name: str, x: Rows) -> Rows:
        kernel, bias = self.weights[name]
        return x @ kernel + bias


def sample_spectrograms(  # noqa: PLR0913
    net: Any, roles: Rows, sampler: TokenSampler, rng: Rng, *, steps: int, prime: Spectrogram | None = None
) -> Spectrogram:
    """Sample spectrograms `(n, steps, bands, 2)` for roles `(n, 16)`, silent after their end.

    Args:
        net: Char-LSTM.
        sampler: how codes are drawn.
        rng: random generator of the draws.
        steps: maximum length of a sound.
        prime: spectrogram of a real sound `(m, bands, 2)` that all sounds begin with.
    """
    blocks = [roles[at : at + _SOUNDS_AT_A_TIME] for at in range(0, len(roles), _SOUNDS_AT_A_TIME)]
    width = net.get_layer(codebook.NAME).codes.shape[-1]
    known = np.zeros((0, width // CHANNELS, CHANNELS), np.float32) if prime is None else prime[:steps]
    head = _quantized(net, known)
    with threadpool_limits(1, "blas"):  # shared out, products this small take 15 times as long on a busy machine
        rows = [sample_frames(NetworkState(net, block), sampler, rng, steps=steps, head=head) for block in blocks]
    spectrograms: Spectrogram = codebook.pictures(np.concatenate(rows))
    spectrograms[:, : len(known)] = known
    return spectrograms


def sample_frames(state: NetworkState, sampler: TokenSampler, rng: Rng, *, steps: int, head: Rows) -> Rows:
    """Sample frames `(n, steps, width)`, one sound for each role of the state; each is silent after its end.

    Args:
        state: that has read nothing yet.
        sampler: how codes are drawn.
        rng: random generator of the draws.
        steps: maximum length of a sound.
        head: frames `(m, width)`, m <= steps, that all sounds begin with; of the network's own tokens.
    """
    going = np.arange(len(state.role))
    lives = sampler.survivals(len(going), rng)
    alive = np.ones_like(lives)
    frames = np.zeros((len(going), steps, state.books.shape[-1]), np.float32)
    frames[:, : len(head)] = head
    for frame in (state.begin, *head):
        state.read(np.tile(frame, (len(going), 1)))
    for step in range(len(head), steps):
        logits = state.logits(0)
        alive = alive * (1 - softmax(logits)[:, -1]) if step else alive  # no sound ends before it has begun
        on = alive > lives
        if not on.any():
            break
        state.keep(on)
        going, lives, alive = going[on], lives[on], alive[on]
        frames[going, step] = _frame(state, sampler, rng, logits[on, :-1])
        state.read(frames[going, step])
    return frames


def _frame(state: NetworkState, sampler: TokenSampler, rng: Rng, logits: Rows) -> Rows:
    """Draw the next frames. The mean of all codes would be smoother, but 1.8 times as far from real drums."""
    code_sum = state.books[0][sampler.sample(logits, rng)]
    for stage, book in enumerate(state.books[1:], 1):
        code_sum = code_sum + book[sampler.sample(state.logits(stage, code_sum), rng)]
    return code_sum


def _quantized(net: Any, prime: Spectrogram) -> Rows:
    """Return frames `(m, width)` of a spectrogram as the network's tokens represent them."""
    book = net.get_layer(codebook.NAME)
    return np.asarray(book(book.tokens(codebook.frames(prime[None]))))[0, :, -1]
