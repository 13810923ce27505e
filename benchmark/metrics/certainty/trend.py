"""Does something rise or fall from first to last? A rank test, which no single note decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from benchmark.metrics.codings import FloatArray

FEWEST = 3
"""Values of which fewer have no test."""
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Trend:
    """Spearman's rank correlation of values with their order, and its two-sided test."""

    rho: float
    p: float
    """By the t distribution with n - 2 degrees of freedom."""

    @property
    def shown(self) -> bool:
        """Whether chance alone is an unlikely reason."""
        return self.p < SIGNIFICANT


def trend(values: Sequence[float] | FloatArray) -> Trend | None:
    """The trend of values in their order. None for fewer than three, or where all are equal.

    >>> found = trend([1, 2, 4, 3, 5, 6])
    >>> round(found.rho, 3), round(found.p, 3), found.shown
    (0.943, 0.005, True)
    >>> trend([2, 2, 2])
    """
    count = len(values)
    if count < FEWEST:
        return None
    ranks = _ranks(np.asarray(values, dtype=np.float64))
    order = np.arange(count) - (count - 1) / 2
    centred = ranks - ranks.mean()
    spread = float(np.sqrt((centred @ centred) * (order @ order)))
    if not spread:
        return None
    rho = float(np.clip(centred @ order / spread, -1, 1))
    if abs(rho) == 1:
        return Trend(rho, 0.0)
    t = abs(rho) * np.sqrt((count - 2) / (1 - rho**2))
    return Trend(rho, float(2 * stdtr(count - 2, -t)))


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    shared: FloatArray = (last - (times - 1) / 2)[place]
    return shared
