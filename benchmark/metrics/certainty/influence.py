"""How much each note moves a figure: what intervals, margins and plans are made of.

A figure is computed again without each note in turn (the delete-one-note jackknife, Efron and Stein
1981). A `leaf` is the figure without one note. The deviation of note j in a figure is

    u_j = sqrt((n - 1) / n) (mean leaf - leaf_j)

and 0 for a note that is not among the figure's n notes. So the variance of a figure is the sum of
u_j^2, and the covariance of two figures the sum of u_j u'_j, whatever notes each has. The variance
errs upwards only, on average (Efron and Stein 1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.codings import BoolArray, FloatArray
from benchmark.metrics.sets.counts import Counts, ratio

Figure = Literal["jaccard", "precision", "recall", "f1"]
NOTHING = 1e-12
"""A standard error that is smaller is one of rounding."""


@dataclass(frozen=True)
class Influence:
    """A figure, and the deviation of each note in it."""

    value: float
    deviations: FloatArray
    """(notes,) u_j; 0 for a note that the figure is not made of."""
    done: BoolArray
    """(notes,) which notes the figure is made of."""

    @property
    def notes(self) -> int:
        """How many notes the figure is made of."""
        return int(self.done.sum())

    @property
    def variance(self) -> float:
        """Of the figure over samples of as many notes."""
        return float(self.deviations @ self.deviations)

    def __sub__(self, other: Influence) -> Influence:
        """The difference of two figures over the same axis of notes."""
        return Influence(
            value=self.value - other.value,
            deviations=self.deviations - other.deviations,
            done=self.done | other.done,
        )


@dataclass(frozen=True)
class Estimate:
    """A figure or a difference of figures, and how sure it is."""

    value: float
    se: float | None
    """Standard error; None where nothing says how sure the figure is."""
    df: float
    """Degrees of freedom of its t distribution."""
    interval: Interval | None
    """None where there is no standard error, or it is 0: nothing was seen to vary."""


def influence(
    counts: Counts, figure: Figure = "jaccard", done: BoolArray | None = None
) -> Influence:
    """A micro figure of `per_note` counts.

    `done` (notes,): the notes that the rater coded, all by default; the rest do not count. The
    counts may be weighted. Notes of one patient that shall stay together: sum their counts first.

    >>> found = influence(Counts(np.array([1, 0]), np.array([1, 1]), np.array([1, 1])), "recall")
    >>> found.value, found.deviations.round(4).tolist(), round(found.variance, 4)
    (0.5, [0.3536, -0.3536], 0.25)
    """
    if done is None:
        done = np.ones(len(counts.tp), dtype=np.bool_)
    tp, p, t = counts.tp[done], counts.p[done], counts.t[done]
    value = _micro(tp.sum(), p.sum(), t.sum(), figure)
    leaves = _micro(tp.sum() - tp, p.sum() - p, t.sum() - t, figure)
    return of_leaves(float(value), leaves, done)


def of_leaves(value: float, leaves: FloatArray, done: BoolArray | None = None) -> Influence:
    """A figure from itself and its leaves, one for each of its notes.

    `done` (notes,): which notes of a longer axis these are.
    """
    notes = len(leaves)
    if done is None:
        done = np.ones(notes, dtype=np.bool_)
    deviations = np.zeros(len(done))
    if notes:
        deviations[done] = np.sqrt((notes - 1) / notes) * (leaves.mean() - leaves)
    return Influence(value, deviations, done)


def estimate(
    found: Influence, level: float = 0.95, lowest: float = 0.0, highest: float = 1.0
) -> Estimate:
    """The figure of these raters for notes like these: value +- t(n - 1) se, within 0 and 1.

    `lowest`: -1 for a difference; `highest`: more for a quotient. No interval below two notes.

    >>> found = estimate(of_leaves(0.5, np.array([0.4, 0.5, 0.6])))
    >>> round(found.se, 4), found.df, round(found.interval.low, 3), found.interval.high < 1
    (0.1155, 2, 0.003, True)
    """
    if found.notes < 2:
        return Estimate(found.value, None, 0, None)
    return around(found.value, found.variance**0.5, found.notes - 1, level, lowest, highest)


def around(
    value: float,
    se: float,
    df: float,
    level: float = 0.95,
    lowest: float = 0.0,
    highest: float = 1.0,
) -> Estimate:
    """value +- t(df) se, clipped to `lowest` and `highest`."""
    if se <= NOTHING:
        return Estimate(value, 0.0, df, None)
    half = half_width(se, df, level)
    low, high = np.clip([value - half, value + half], lowest, highest)
    return Estimate(value, se, df, Interval(float(low), float(high)))


def half_width(se: float, df: float, level: float = 0.95) -> float:
    """t(df) se: half of an interval before it is clipped."""
    return float(stdtrit(df, (1 + level) / 2)) * se


def _micro(tp: FloatArray, p: FloatArray, t: FloatArray, figure: Figure) -> FloatArray:
    """A micro figure of pooled counts, element by element; 0 where a denominator is 0."""
    if figure == "jaccard":
        return ratio(tp, p + t - tp)
    if figure == "precision":
        return ratio(tp, p)
    if figure == "recall":
        return ratio(tp, t)
    return ratio(2 * tp, p + t)
