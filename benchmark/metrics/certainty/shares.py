"""Shares of a count and their intervals, many at once."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from benchmark.metrics.codings import FloatArray, IntArray


def wilson_bounds(
    hits: IntArray, of: IntArray, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Wilson's intervals (1927) of shares: (low, high), of the shape of `hits` and `of`.

    0 to 1 where there is nothing to share.

    >>> low, high = wilson_bounds(np.array([10, 0, 8]), np.array([10, 0, 56]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.7225, 0.0, 0.0742], [1.0, 1.0, 0.2574])
    """
    z = float(ndtri((1 + level) / 2))
    n = np.maximum(np.asarray(of, np.float64), 1.0)
    share = np.asarray(hits, np.float64) / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    nothing = np.asarray(of) == 0
    low = np.where(nothing, 0.0, np.maximum(0.0, middle - half))
    high = np.where(nothing, 1.0, np.minimum(1.0, middle + half))
    return low, high
