"""How a trained Char-LSTM writes: a frame at a time, each drawn from what the net makes of all before.

Plain numpy with the net's own weights: a graph called for one step would spend its time on being called.
Frames are `(n, width)` of the sounds that still go on, as in `samplegen.models.codebook`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from samplegen.features.spectrogram import CHANNELS, Spectrogram
from samplegen.models import charlstm, codebook
from samplegen.models.token_sampling import State, TokenSampler, lstm, softmax

Rows = NDArray[np.float32]
Rng = np.random.Generator
_BLOCK = 512  # sounds that are written at a time


class Writer:
    """A net and roles `(n, 16)`, going from frame to frame."""

    def __init__(self, net: Any, roles: Rows) -> None:
        self.weights = {layer.name: [np.asarray(w) for w in layer.get_weights()] for layer in net.layers}
        (self.books,) = self.weights[codebook.NAME]  # (stages, codes, width)
        (self.begin,) = self.weights[charlstm.BEGIN]
        self.role = roles @ self.weights[charlstm.ROLE][0]
        self.seen = np.zeros_like(self.role)  # what the net makes of all frames so far
        self.states: list[State] = [(self.seen, self.seen) for name in self.weights if name.startswith(charlstm.LSTM)]

    def keep(self, some: NDArray[np.bool_]) -> None:
        """Go on with some of the sounds only."""
        self.role, self.seen = self.role[some], self.seen[some]
        self.states = [(given[some], kept[some]) for given, kept in self.states]

    def read(self, frames: Rows) -> None:
        """Take in the frames that came last."""
        x = self._dense(charlstm.FRAME, frames) + self.role
        for number, state in enumerate(self.states):
            self.states[number] = lstm(x, state, self.weights[f"{charlstm.LSTM}{number}"])
            given = self.states[number][0]
            x = given if number == 0 else x + given
        self.seen = x

    def logits(self, stage: int, so_far: Rows | None = None) -> Rows:
        """Of the codes of a stage, given the sum of the codes before it; of the first, and of the end."""
        if so_far is None:
            return self._dense("head0", self.seen)
        both = self._dense(f"given{stage}", so_far) + self.seen @ self.weights[f"read{stage}"][0]
        return self._dense(f"head{stage}", np.maximum(both, 0))

    def _dense(self, name: str, x: Rows) -> Rows:
        kernel, bias = self.weights[name]
        return x @ kernel + bias


def compose(  # noqa: PLR0913
    net: Any, roles: Rows, sampler: TokenSampler, rng: Rng, *, steps: int, prime: Spectrogram | None = None
) -> Spectrogram:
    """Maps `(n, steps, bands, 2)` that a net writes for roles `(n, 16)`, silent after their end.

    Args:
        net: a Char-LSTM.
        sampler: how codes are drawn.
        rng: what draws them.
        steps: the most that a sound may get.
        prime: a map of a real sound `(m, bands, 2)` that all begin with, and go on from.
    """
    blocks = [roles[at : at + _BLOCK] for at in range(0, len(roles), _BLOCK)]
    width = net.get_layer(codebook.NAME).codes.shape[-1]
    known = np.zeros((0, width // CHANNELS, CHANNELS), np.float32) if prime is None else prime[:steps]
    head = _spoken(net, known)
    with threadpool_limits(1, "blas"):  # shared out, products this small take 15 times as long on a busy machine
        rows = [write(Writer(net, block), sampler, rng, steps=steps, head=head) for block in blocks]
    pictures: Spectrogram = codebook.pictures(np.concatenate(rows))
    pictures[:, : len(known)] = known
    return pictures


def write(writer: Writer, sampler: TokenSampler, rng: Rng, *, steps: int, head: Rows) -> Rows:
    """Frames `(n, steps, width)` of as many sounds as the writer has roles; each is silent after its end.

    Args:
        writer: that has read nothing yet.
        sampler: how codes are drawn.
        rng: what draws them.
        steps: the most that a sound may get.
        head: frames `(m, width)`, m <= steps, as the net's tokens say them, that all sounds begin with.
    """
    going = np.arange(len(writer.role))
    lives = sampler.survivals(len(going), rng)
    alive = np.ones_like(lives)
    frames = np.zeros((len(going), steps, writer.books.shape[-1]), np.float32)
    frames[:, : len(head)] = head
    for frame in (writer.begin, *head):
        writer.read(np.tile(frame, (len(going), 1)))
    for step in range(len(head), steps):
        logits = writer.logits(0)
        alive = alive * (1 - softmax(logits)[:, -1]) if step else alive  # no sound ends before it has begun
        on = alive > lives
        if not on.any():
            break
        writer.keep(on)
        going, lives, alive = going[on], lives[on], alive[on]
        frames[going, step] = _frame(writer, sampler, rng, logits[on, :-1])
        writer.read(frames[going, step])
    return frames


def _frame(writer: Writer, sampler: TokenSampler, rng: Rng, logits: Rows) -> Rows:
    """The frames that come next. What codes are on the mean would be smoother, but 1.8 times as far from real drums."""
    so_far = writer.books[0][sampler.sample(logits, rng)]
    for stage, book in enumerate(writer.books[1:], 1):
        so_far = so_far + book[sampler.sample(writer.logits(stage, so_far), rng)]
    return so_far


def _spoken(net: Any, prime: Spectrogram) -> Rows:
    """Frames `(m, width)` as the net's tokens say those of a map."""
    book = net.get_layer(codebook.NAME)
    return np.asarray(book(book.tokens(codebook.frames(prime[None]))))[0, :, -1]
