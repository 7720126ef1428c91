"""N-gram baseline of a model of sequences: the bits that the next frame takes with no memory, and with one frame of it.

Tokens are one array `(steps, stages)` of codes a sound. A frame's first code stands in its chain, and
after the last frame comes the end; each later code is predicted by the code before it in the same frame.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = Sequence[NDArray[np.integer]]
Odds = NDArray[np.float64]
Pairs = list[NDArray[np.integer]]

SMOOTHING = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # added to every count: whichever serves the chain best


def unigram(train: Tokens, held: Tokens, *, codes: int, whole: int) -> float:
    """Return the bits that a frame of the sounds `held` takes, by how often each code is in `train`.

    Args:
        codes: in a stage.
        whole: steps of a sound that may have been cut off, so that its end is not predicted.
    """
    return _bits(train, held, codes, whole, _alone)


def markov(train: Tokens, held: Tokens, *, codes: int, whole: int) -> float:
    """Return as `unigram`, by how often each code follows the one before: a Markov chain of first order."""
    return _bits(train, held, codes, whole, _following)


def _bits(train: Tokens, held: Tokens, codes: int, whole: int, pairs: Callable[..., Pairs]) -> float:
    known, held_out = (pairs(tokens, codes, whole) for tokens in (train, held))
    size = codes + 1
    return sum(cross_entropy(*stage, (size, size)) for stage in zip(known, held_out, strict=True)) / len(held_out[0])


def _alone(tokens: Tokens, codes: int, whole: int) -> Pairs:
    """Return a constant, and what follows, `(events, 2)` for each stage."""
    first, *later = _following(tokens, codes, whole)
    first[:, 0] = 0
    return [first, *later]


def _following(tokens: Tokens, codes: int, whole: int) -> Pairs:
    """Return what is known and what follows, `(events, 2)` for each stage; `codes` is the beginning and the end."""
    chains = [np.pad(sound[:, 0], (1, int(len(sound) < whole)), constant_values=codes) for sound in tokens]
    first = np.concatenate([np.stack([chain[:-1], chain[1:]], axis=1) for chain in chains])
    return [first, *(np.concatenate([s[:, at - 1 : at + 1] for s in tokens]) for at in range(1, tokens[0].shape[1]))]


def cross_entropy(known: NDArray[np.integer], held_out: NDArray[np.integer], shape: tuple[int, int]) -> float:
    """Return the bits of the second of all pairs `held_out`, given the first, by smoothed counts of `known`.

    Pairs are `(events, 2)`; `shape` says how many firsts and seconds there can be.
    """
    counts = np.zeros(shape)
    np.add.at(counts, tuple(known.T), 1)
    return min(_bits_of(counts + more, held_out) for more in SMOOTHING)


def _bits_of(counts: Odds, held_out: NDArray[np.integer]) -> float:
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.log2(shares[tuple(held_out.T)]).sum())
