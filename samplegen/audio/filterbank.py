"""Triangular filterbanks: bands over the bins of a spectrum."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Filters = NDArray[np.float64]  # (bins, bands)


def triangles(bins: NDArray[Any], edges: NDArray[np.float64], *, min_half_width: float = 0.0) -> Filters:
    """Return triangles of height 1 over the bins, `(bins, bands)`.

    Args:
        bins: place of each bin, `(bins,)`, in Hz or in bins.
        edges: `(bands + 2,)` in the same unit, ascending. Band b rises from edge b to edge b + 1, and falls to edge
            b + 2.
        min_half_width: least distance from a band's centre to its ends, so that no band falls between two bins.
    """
    bands = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        corners = min(low, centre - min_half_width), centre, max(high, centre + min_half_width)
        bands.append(np.interp(bins, corners, (0, 1, 0)))
    return np.stack(bands, axis=1)


def unit_sum(filters: Filters) -> NDArray[np.float32]:
    """Scale every band to the sum 1, so that its level is the mean over its bins."""
    return (filters / filters.sum(axis=0)).astype(np.float32)
