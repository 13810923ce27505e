"""Is the difference between two raters more than chance? Paired tests on the notes that both coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import wilcoxon

from benchmark.metrics.averages import note_jaccard
from benchmark.metrics.bootstrap import note_weights
from benchmark.metrics.codings import Codings, Encoded, FloatArray, IntArray, encode
from benchmark.metrics.compare import Outside
from benchmark.metrics.counts import per_note, ratio
from benchmark.metrics.label_space import LabelSpace

BLOCK = 100
ROUNDING = 1e-9
"""Differences that are equal but for the order of additions count as equal."""
FIGURES = ("jaccard", "precision", "recall")


@dataclass(frozen=True)
class Test:
    """A figure of two raters: `value` = first - second, and how often chance alone gives one as far from 0."""

    value: float
    p: float
    p_holm: float
    """p after Holm's correction for all pairs and figures of the comparison."""


@dataclass(frozen=True)
class Times:
    """How many times the second rater's micro Jaccard the first's is, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Pair:
    """Two raters; tests by figure: "micro_jaccard" ... "macro_recall", and "note_jaccard" (Wilcoxon)."""

    first: str
    second: str
    times: Times | None
    """None where a micro Jaccard is 0, of all notes or in a resample."""
    tests: Mapping[str, Test]


def paired_tests(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    raters: Mapping[str, Codings],
    *,
    outside: Outside = "miss",
    draws: int = 10_000,
    replicates: int = 2_000,
    seed: int = 0,
) -> list[Pair]:
    """Every pair of raters, in order, on these notes over this label space.

    Micro and macro figures: approximate randomisation (Noreen 1989; Yeh 2000), which swaps the two raters note by note
    with probability 1/2. The mean Jaccard of a note: Wilcoxon's signed-rank test. Holm (1979) over all of them.
    `times` has a 95% percentile interval of `replicates` resamples of the notes. Same arguments, same figures.
    """
    true = encode(reference, notes, space)
    encoded = {name: encode(codings, notes, space) for name, codings in raters.items()}
    missed = true.outside if outside == "miss" else np.zeros_like(true.outside)
    swaps = np.random.default_rng(seed).integers(0, 2, (draws, len(notes)), dtype=np.int8)
    pairs = list(combinations(encoded, 2))
    raw = [_tests(true.matrix, missed, encoded[a], encoded[b], swaps) for a, b in pairs]
    weights = note_weights(len(notes), replicates, seed)
    jaccards = {name: _jaccards(true.matrix, missed, rater.matrix, weights) for name, rater in encoded.items()}
    corrected = iter(holm([p for tests in raw for _, p in tests.values()]))
    return [
        Pair(
            a,
            b,
            _times(jaccards[a], jaccards[b]),
            {name: Test(value, p, next(corrected)) for name, (value, p) in tests.items()},
        )
        for (a, b), tests in zip(pairs, raw, strict=True)
    ]


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment: the i-th smallest of m is multiplied by m - i + 1 and never below the one before.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, running = [0.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        running = max(running, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = running
    return adjusted


def signed_rank(first: FloatArray, second: FloatArray) -> float:
    """Two-sided p of Wilcoxon's signed-rank test, notes without a difference left out; 1 where none differs.

    >>> signed_rank(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    1.0
    """
    return float(wilcoxon(first, second).pvalue) if np.any(first != second) else 1.0


def _tests(
    true: csr_matrix, missed: IntArray, first: Encoded, second: Encoded, swaps: NDArray[np.int8]
) -> dict[str, tuple[float, float]]:
    """Name -> (difference, p)."""
    swapped = _Swapped(true, missed, first.matrix, second.matrix)
    observed = swapped.differences(np.zeros((1, len(missed)), np.int8))[0]
    further = np.zeros(len(observed), np.int64)
    for start in range(0, len(swaps), BLOCK):
        drawn = swapped.differences(swaps[start : start + BLOCK])
        further += (np.abs(drawn) >= np.abs(observed) - ROUNDING).sum(axis=0)
    ps = (1 + further) / (1 + len(swaps))
    names = [f"{average}_{figure}" for average in ("micro", "macro") for figure in FIGURES]
    found = {name: (float(value), float(p)) for name, value, p in zip(names, observed, ps, strict=True)}
    ours, theirs = (note_jaccard(per_note(true, rater.matrix, missed)) for rater in (first, second))
    mean = float((ours - theirs).mean()) if len(ours) else 0.0
    return found | {"note_jaccard": (mean, signed_rank(ours, theirs))}


def _jaccards(true: csr_matrix, missed: IntArray, rater: csr_matrix, weights: IntArray) -> FloatArray:
    """Micro Jaccard of all notes, then of each resample."""
    counts = per_note(true, rater, missed)
    rows = np.vstack([np.ones((1, len(missed)), np.int64), weights])
    return ratio(rows @ counts.tp, rows @ (counts.p + counts.t - counts.tp))


def _times(ours: FloatArray, theirs: FloatArray) -> Times | None:
    if not theirs.all():
        return None
    low, high = np.quantile(ours[1:] / theirs[1:], [0.025, 0.975])
    return Times(float(ours[0] / theirs[0]), float(low), float(high))


class _Swapped:
    """Micro and macro figures of two raters after swaps. Only codes that the two gave to different notes can move."""

    def __init__(self, true: csr_matrix, missed: IntArray, first: csr_matrix, second: csr_matrix) -> None:
        here = np.flatnonzero(np.asarray(abs(second - first).sum(axis=0)).ravel())
        t, self.size = _sums(true), max(true.shape[1], 1)
        self.pooled, self.t = t.sum() + missed.sum(), t[here]
        hits = true.multiply(first).tocsr(), true.multiply(second).tocsr()
        self.tp, self.p = _Part(*hits, here), _Part(first, second, here)
        self.still = _macro(_sums(hits[0]), _sums(first), t) - _macro(_sums(hits[0])[here], _sums(first)[here], t[here])

    def differences(self, swaps: NDArray[np.int8]) -> FloatArray:
        """(draws, 6), first - second, where a swap of 1 gives a note's codes to the other; FIGURES micro, macro."""
        sides = []
        for (tp, all_tp), (p, all_p) in zip(self.tp.sides(swaps), self.p.sides(swaps), strict=True):
            macro = (_macro(tp, p, self.t) + self.still) / self.size
            sides.append(np.column_stack([_shares(all_tp, all_p, np.full(len(swaps), self.pooled)), macro]))
        return np.asarray(sides[0] - sides[1])


class _Part:
    """Counts a code of two 0/1 matrices (notes, codes), at the columns `here`, after swaps of rows."""

    def __init__(self, first: csr_matrix, second: csr_matrix, here: IntArray) -> None:
        self.moves = (second - first)[:, here].T.tocsr().astype(np.float32)
        self.sums = [(_sums(side)[here], _sums(side).sum()) for side in (first, second)]

    def sides(self, swaps: NDArray[np.int8]) -> list[tuple[FloatArray, FloatArray]]:
        """Of each side: counts (draws, codes) and their sums over all codes (draws,)."""
        moved = np.ascontiguousarray((self.moves @ swaps.T.astype(np.float32)).T)
        total = moved.sum(axis=1)
        (ours, all_ours), (theirs, all_theirs) = self.sums
        return [(ours + moved, all_ours + total), (theirs - moved, all_theirs - total)]


def _shares(tp: Any, p: Any, t: Any) -> FloatArray:
    """(..., 3): Jaccard, precision, recall; 0 where a denominator is 0."""
    return np.stack([ratio(tp, p + t - tp), ratio(tp, p), ratio(tp, t)], axis=-1)


def _macro(tp: Any, p: Any, t: Any) -> FloatArray:
    """(..., 3): the shares of each code, summed over codes."""
    return np.stack([ratio(tp, p + t - tp).sum(-1), ratio(tp, p).sum(-1), ratio(tp, t).sum(-1)], axis=-1)


def _sums(matrix: Any) -> IntArray:
    return np.asarray(matrix.sum(axis=0), np.int64).ravel()
