"""Threads, one for each core; the transforms and the compiled loops let go of the interpreter."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


def stream(work: Callable[[In], Out], items: Iterable[In], *, threads: int | None = None) -> Iterator[Out]:
    """Yield the results of `work` in the order of the items; `threads` is at most so many, None one for each core.

    Where the consumer stops early, work that has not begun is dropped.
    """
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        yield from pool.map(work, items)


def map(work: Callable[[In], Out], items: Iterable[In], *, threads: int | None = None) -> list[Out]:
    """Return the results of `work` in the order of the items, as `stream` computes them."""
    return list(stream(work, items, threads=threads))
