"""How sure are the figures? A bootstrap over notes: the same seeded resamples for all raters.

A resample is a vector of weights (how often each note was drawn), so a replicate is a product of
weights and per-note counts. For micro figures: of macro figures no bootstrap interval holds what it
should, for a resample loses rare codes (`jackknife`; docs/metrics.md has how often).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from benchmark.metrics.codings import FloatArray, IntArray
from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import Counts, ratio

REPLICATES = 2_000
"""Resamples of every interval that is printed."""
Method = Literal["percentile", "basic", "bca"]


@dataclass(frozen=True)
class Interval:
    """A bootstrap interval, as fractions within 0 and 1."""

    low: float
    high: float


def note_weights(notes: int, replicates: int, seed: int) -> IntArray:
    """(replicates, notes): how often each note is drawn, each row summing to `notes`."""
    if not notes or replicates < 1:
        raise ValueError(
            f"{notes} notes and {replicates} replicates; a bootstrap needs at least one of each"
        )
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(notes, np.full(notes, 1 / notes), size=replicates)
    return drawn.astype(np.int64)


def interval(
    point: float,
    replicates: FloatArray,
    level: float = 0.95,
    method: Method = "percentile",
    leaves: FloatArray | None = None,
) -> Interval:
    """An interval around `point` from its replicates, clipped to 0 and 1.

    After Efron and Tibshirani 1993, chapters 13 and 14. Percentile: quantiles of the replicates.
    Basic: the quantiles mirrored at the point. BCa: quantiles moved for bias and skew, which needs
    `leaves`, the figure without each note in turn.

    >>> interval(0.5, np.array([0.25, 0.25, 0.25, 0.5]), level=1.0)
    Interval(low=0.25, high=0.5)
    """
    levels = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        levels = _moved(levels, point, replicates, leaves)
    ends = np.quantile(replicates, levels)
    if method == "basic":
        ends = 2 * point - ends[::-1]
    low, high = np.clip(ends, 0.0, 1.0)
    return Interval(float(low), float(high))


def _moved(
    levels: FloatArray, point: float, replicates: FloatArray, leaves: FloatArray | None
) -> FloatArray:
    """BCa's levels: bias from the share of replicates below the point, acceleration from `leaves`.

    Replicates that equal the point count as half below it.
    """
    if leaves is None:
        raise ValueError("a BCa interval needs the figure without each note")
    below = ((replicates < point).sum() + 0.5 * (replicates == point).sum()) / len(replicates)
    bias = ndtri(np.clip(below, 0.5 / len(replicates), 1 - 0.5 / len(replicates)))
    apart = leaves.mean() - leaves
    spread = (apart**2).sum() ** 1.5
    acceleration = 0.0
    if spread:
        acceleration = (apart**3).sum() / (6 * spread)
    moved = bias + ndtri(levels)
    return np.asarray(ndtr(bias + moved / (1 - acceleration * moved)), float)


def micro_intervals(counts: Counts, weights: IntArray, level: float = 0.95) -> dict[str, Interval]:
    """Percentile intervals of micro figures, by the figure's name.

    `counts`: `per_note` counts of a rater. `weights` (replicates, notes) of `note_weights`.

    >>> counts = Counts(np.array([1, 0]), np.array([1, 1]), np.array([1, 1]))
    >>> micro_intervals(counts, np.array([[2, 0], [1, 1], [0, 2]]), level=1.0)["recall"]
    Interval(low=0.0, high=1.0)
    """
    tp, p, t = weights @ counts.tp, weights @ counts.p, weights @ counts.t
    draws = {
        "jaccard": ratio(tp, p + t - tp),
        "precision": ratio(tp, p),
        "recall": ratio(tp, t),
        "f1": ratio(2 * tp, p + t),
    }
    point: Micro = micro(counts)
    found = {}
    for name, value in vars(point).items():
        found[name] = interval(value, draws[name], level)
    return found
