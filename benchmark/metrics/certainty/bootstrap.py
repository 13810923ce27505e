"""How sure are the figures? A bootstrap over notes: the same seeded resamples for all raters.

A resample is a vector of weights (how often each note was drawn), so a replicate is a product of
weights and per-note counts. The macro figures are taken over the whole label space in each
replicate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import ndtr, ndtri

from benchmark.metrics.codings import Encoding, FloatArray, IntArray
from benchmark.metrics.sets.averages import Macro, Micro, macro, micro
from benchmark.metrics.sets.counts import Counts

BLOCK = 100
REPLICATES = 2_000
"""Resamples of every interval that is printed."""
Method = Literal["percentile", "centred", "basic", "bca"]


@dataclass(frozen=True)
class Interval:
    """A bootstrap interval, as fractions within 0 and 1."""

    low: float
    high: float


@dataclass(frozen=True)
class RaterIntervals:
    """An interval for every micro and macro figure, by the figure's name."""

    micro: Mapping[str, Interval]
    macro: Mapping[str, Interval]


def intervals(
    encoding: Encoding,
    *,
    replicates: int = REPLICATES,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, RaterIntervals]:
    """Intervals of the figures that `compare_encoded` gives, by the rater's name.

    Micro figures get percentile intervals. Macro figures get centred ones: a resample loses rare
    codes, so its macro figures are lower than the figure itself, and a percentile interval can lie
    below it (a basic one, above it). They stand for the figure to expect on as many such notes, and
    are narrow where most codes are rare: docs/metrics.md. Same arguments, same intervals.
    """
    weights = note_weights(len(encoding.notes), replicates, seed)
    found = {}
    for name, given in encoding.given.items():
        found[name] = _rater(encoding, given.matrix, weights, level)
    return found


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
    Centred: the same, shifted by point - mean. Basic: the quantiles mirrored at the point. BCa:
    quantiles moved for bias and skew, which needs `leaves`, the figure without each note in turn.

    >>> interval(0.5, np.array([0.25, 0.25, 0.25, 0.5]), level=1.0, method="centred")
    Interval(low=0.4375, high=0.6875)
    """
    levels = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        levels = _moved(levels, point, replicates, leaves)
    ends = np.quantile(replicates, levels)
    if method == "centred":
        ends = ends + (point - float(replicates.mean()))
    elif method == "basic":
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


def _rater(
    encoding: Encoding, given: csr_matrix, weights: IntArray, level: float
) -> RaterIntervals:
    """Intervals of one rater's figures, from the same resamples as everybody's."""
    true = encoding.true
    missed = encoding.missed
    size = true.shape[1]
    seen = np.union1d(true.indices, given.indices)  # other codes add 0 to every sum
    common = true.multiply(given).tocsr()
    parts = (common[:, seen], given[:, seen], true[:, seen])
    every_note_once = np.ones((1, len(missed)), dtype=np.int64)
    micro_point, macro_point = _figures(parts, missed, every_note_once, size)[0]
    micros: list[Micro] = []
    macros: list[Macro] = []
    for start in range(0, len(weights), BLOCK):
        for of_all, of_codes in _figures(parts, missed, weights[start : start + BLOCK], size):
            micros.append(of_all)
            macros.append(of_codes)
    return RaterIntervals(
        micro=_of_each_figure(micro_point, micros, level, "percentile"),
        macro=_of_each_figure(macro_point, macros, level, "centred"),
    )


def _of_each_figure(
    point: Micro | Macro, draws: Sequence[Micro | Macro], level: float, method: Method
) -> dict[str, Interval]:
    """An interval for each figure of `point`, from the same figure in every draw."""
    found = {}
    for name, value in vars(point).items():
        replicates = np.array([getattr(draw, name) for draw in draws])
        found[name] = interval(value, replicates, level, method)
    return found


def _figures(
    parts: tuple[csr_matrix, ...], missed: IntArray, weights: IntArray, size: int
) -> list[tuple[Micro, Macro]]:
    """Micro and macro figures of each resample; `size`: how many codes the label space has."""
    tp, given, true = (_weighted(part, weights) for part in parts)
    figures = []
    for index, lost in enumerate(weights @ missed):
        counts = Counts(tp[index], given[index], true[index])
        figures.append((micro(counts, int(lost)), macro(counts, size)))
    return figures


def _weighted(matrix: csr_matrix, weights: IntArray) -> NDArray[Any]:
    """(replicates, codes): the columns of the matrix summed with each row of weights."""
    return np.ascontiguousarray((matrix.T @ weights.T).T)
