"""Is the difference between two raters more than chance? Paired tests on the notes that both coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from benchmark.metrics.certainty.bootstrap import REPLICATES, note_weights
from benchmark.metrics.codings import Encoded, Encoding, FloatArray, IntArray
from benchmark.metrics.sets.averages import note_jaccard
from benchmark.metrics.sets.counts import per_note, ratio

BLOCK = 100
DRAWS = 10_000
"""Of an approximate randomisation."""
ROUNDING = 1e-9
"""Differences that are equal but for the order of additions count as equal."""
FIGURES = ("jaccard", "precision", "recall")
_Sides = Sequence[tuple[Any, Any]]
"""Of each rater: codes in common with the reference, codes given."""
_Linear = tuple[FloatArray, FloatArray]


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
    encoding: Encoding,
    *,
    draws: int = DRAWS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Pair]:
    """Every pair of raters of an encoding, in order.

    Micro and macro figures: approximate randomisation (Noreen 1989; Yeh 2000), which swaps the two raters note by note
    with probability 1/2. The mean Jaccard of a note: Wilcoxon's signed-rank test. Holm (1979) over all of them.
    `times` has a 95% percentile interval of `replicates` resamples of the notes. Same arguments, same figures.
    """
    notes = len(encoding.notes)
    swaps = np.random.default_rng(seed).integers(0, 2, (draws, notes), dtype=np.int8)
    weights = note_weights(notes, replicates, seed)
    pairs = list(combinations(encoding.given, 2))
    raw = []
    for first, second in pairs:
        raw.append(_tests(encoding, encoding.given[first], encoding.given[second], swaps))
    jaccards = {}
    for name, rater in encoding.given.items():
        jaccards[name] = _jaccards(encoding, rater.matrix, weights)
    corrected = iter(holm([p for tests in raw for _, p in tests.values()]))
    found = []
    for (first, second), tests in zip(pairs, raw, strict=True):
        times = _times(jaccards[first], jaccards[second])
        in_all = {name: Test(value, p, next(corrected)) for name, (value, p) in tests.items()}
        found.append(Pair(first, second, times, in_all))
    return found


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
    from scipy.stats import wilcoxon  # only here: loading it takes longer than most of this package's work

    return float(wilcoxon(first, second).pvalue) if np.any(first != second) else 1.0


def _tests(
    encoding: Encoding, first: Encoded, second: Encoded, swaps: NDArray[np.int8]
) -> dict[str, tuple[float, float]]:
    """Name -> (difference, p)."""
    true, missed = encoding.true, encoding.missed
    swapped = _Swapped(true, missed, first.matrix, second.matrix)
    observed = swapped.differences(np.zeros((1, len(missed)), np.int8))[0]
    further = np.zeros(len(observed), np.int64)
    for start in range(0, len(swaps), BLOCK):
        drawn = swapped.differences(swaps[start : start + BLOCK])
        further += (np.abs(drawn) >= np.abs(observed) - ROUNDING).sum(axis=0)
    ps = (1 + further) / (1 + len(swaps))
    names = [f"{average}_{figure}" for average in ("micro", "macro") for figure in FIGURES]
    found = {name: (float(value), float(p)) for name, value, p in zip(names, observed, ps, strict=True)}
    ours = note_jaccard(per_note(true, first.matrix, missed))
    theirs = note_jaccard(per_note(true, second.matrix, missed))
    mean = float((ours - theirs).mean()) if len(ours) else 0.0
    return found | {"note_jaccard": (mean, signed_rank(ours, theirs))}


def _jaccards(encoding: Encoding, rater: csr_matrix, weights: IntArray) -> FloatArray:
    """Micro Jaccard of all notes, then of each resample."""
    counts = per_note(encoding.true, rater, encoding.missed)
    rows = np.vstack([np.ones((1, len(encoding.notes)), np.int64), weights])
    return ratio(rows @ counts.tp, rows @ (counts.p + counts.t - counts.tp))


def _times(ours: FloatArray, theirs: FloatArray) -> Times | None:
    if not theirs.all():
        return None
    low, high = np.quantile(ours[1:] / theirs[1:], [0.025, 0.975])
    return Times(float(ours[0] / theirs[0]), float(low), float(high))


class _Swapped:
    """Micro and macro figures of two raters after swaps. Only codes that the two gave to different notes can move.

    To swap every note turns the sign of a difference. So what a code adds to it is linear in the swaps where the two
    gave the code differently to two notes at most, as is recall of any code: those are summed once, into a constant
    and a weight a note. The other codes, few where most are rare, are counted in each draw.
    """

    def __init__(self, true: csr_matrix, missed: IntArray, first: csr_matrix, second: csr_matrix) -> None:
        t, moves = _sums(true), (second - first).tocsr()
        hits = true.multiply(moves).tocsr()
        sides = [(_sums(true.multiply(side)), _sums(side)) for side in (first, second)]
        self.size, self.pooled = max(true.shape[1], 1), t.sum() + missed.sum()
        self.all = [(tp.sum(), p.sum()) for tp, p in sides]
        self.all_moves = [np.asarray(part.sum(axis=1), np.float64).ravel() for part in (hits, moves)]
        busy = np.asarray(abs(moves).sum(axis=0)).ravel() > 2
        linear = np.column_stack([~busy, ~busy, np.ones_like(busy)])
        self.still, self.weights = _linear(true, sides, moves.tocoo(), t, linear)
        self.t = t[busy, np.newaxis]
        self.sides = [(tp[busy, np.newaxis], p[busy, np.newaxis]) for tp, p in sides]
        self.moves = [part[:, np.flatnonzero(busy)].T.tocsr().astype(np.float64) for part in (hits, moves)]

    def differences(self, swaps: NDArray[np.int8]) -> FloatArray:
        """(draws, 6), first - second, where a swap of 1 gives a note's codes to the other; FIGURES micro, macro."""
        drawn = swaps.T.astype(np.float64)
        hits, given = (moves @ drawn for moves in self.all_moves)
        micro = _apart(self.all, hits, given, np.full(len(swaps), self.pooled))
        macro = self.still + drawn.T @ self.weights
        (tp, p), (other_tp, other_p) = self.sides
        hits, given = (moves @ drawn for moves in self.moves)
        macro[:, :2] += _summed(tp + hits, p + given, self.t) - _summed(other_tp - hits, other_p - given, self.t)
        return np.column_stack([micro, macro / self.size])


def _linear(true: csr_matrix, sides: _Sides, moves: coo_matrix, t: IntArray, linear: Any) -> _Linear:
    """Macro differences without a swap (3,) and what each note's swap adds (notes, 3), of the figures of codes that
    are `linear` (codes, 3)."""
    before = _apart(sides, 0, 0, t)
    note, code, moved = moves.row, moves.col, moves.data
    hits = np.asarray(true[note, code]).ravel() * moved
    at = [(tp[code], p[code]) for tp, p in sides]
    added = (_apart(at, hits, moved, t[code]) - before[code]) * linear[code]
    weights = [np.bincount(note, figure, true.shape[0]) for figure in added.T]
    return (before * linear).sum(axis=0), np.column_stack(weights)


def _apart(sides: _Sides, hits: Any, moved: Any, t: Any) -> FloatArray:
    """(..., 3): shares of the first less the second's, when `moved` codes, `hits` of them right, change hands."""
    (tp, p), (other_tp, other_p) = sides
    return np.asarray(_shares(tp + hits, p + moved, t) - _shares(other_tp - hits, other_p - moved, t))


def _summed(tp: FloatArray, p: FloatArray, t: IntArray) -> FloatArray:
    """(draws, 2): Jaccard and precision summed over codes, of counts (codes, draws). Where a denominator is 0 so is
    the numerator, and 1 serves as well."""
    jaccard = (tp / np.maximum(p + t - tp, 1)).sum(axis=0)
    return np.column_stack([jaccard, (tp / np.maximum(p, 1)).sum(axis=0)])


def _shares(tp: Any, p: Any, t: Any) -> FloatArray:
    """(..., 3): Jaccard, precision, recall; 0 where a denominator is 0."""
    return np.stack([ratio(tp, p + t - tp), ratio(tp, p), ratio(tp, t)], axis=-1)


def _sums(matrix: Any) -> IntArray:
    return np.asarray(matrix.sum(axis=0), np.int64).ravel()
