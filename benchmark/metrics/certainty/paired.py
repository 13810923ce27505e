"""Is the difference between two raters more than chance? Paired tests on the notes both coded."""

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
"""Of each of the two raters: counts of codes in common with the reference, and of codes given."""
_Linear = tuple[FloatArray, FloatArray]
"""What the figures are without a swap, and what the swap of each note adds; see `_linear`."""


@dataclass(frozen=True)
class Test:
    """The difference of a figure between two raters, first less second, and its test."""

    value: float
    p: float
    """How often chance alone gives a difference as far from 0."""
    p_holm: float
    """p after Holm's correction for all pairs and figures of the comparison."""


@dataclass(frozen=True)
class Times:
    """The first rater's micro Jaccard over the second's, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Pair:
    """Two raters and how they differ."""

    first: str
    second: str
    times: Times | None
    """None where a micro Jaccard is 0, of all notes or in a resample."""
    tests: Mapping[str, Test]
    """By figure: "micro_jaccard" to "macro_recall", and "note_jaccard" (Wilcoxon's test)."""


def paired_tests(
    encoding: Encoding,
    *,
    draws: int = DRAWS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Pair]:
    """Compare every two raters of an encoding, in their order.

    Micro and macro figures: approximate randomisation (Noreen 1989; Yeh 2000), which swaps the two
    raters note by note with probability 1/2. The mean Jaccard of a note: Wilcoxon's signed-rank
    test. Holm (1979) over all of them. `times` has a 95% percentile interval of `replicates`
    resamples of the notes. Same arguments, same figures.
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
    ps: list[float] = []
    for differences in raw:
        ps += [p for _, p in differences.values()]
    corrected = iter(holm(ps))
    found = []
    for (first, second), differences in zip(pairs, raw, strict=True):
        times = _times(jaccards[first], jaccards[second])
        tests = {}
        for name, (value, p) in differences.items():
            tests[name] = Test(value, p, next(corrected))
        found.append(Pair(first, second, times, tests))
    return found


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's step-down correction of several p values, in the order given.

    The i-th smallest of m is multiplied by m - i + 1, and is never below the one before it.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(ps)
    largest = 0.0
    smallest_first = sorted(range(len(ps)), key=ps.__getitem__)
    for rank, index in enumerate(smallest_first):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = largest
    return adjusted


def signed_rank(first: FloatArray, second: FloatArray) -> float:
    """Two-sided p of Wilcoxon's signed-rank test of a figure of each note.

    Notes without a difference are left out; p is 1 where none differs.

    >>> signed_rank(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    1.0
    """
    # Imported here alone: loading it takes longer than most of this package's work.
    from scipy.stats import wilcoxon

    if not np.any(first != second):
        return 1.0
    return float(wilcoxon(first, second).pvalue)


def _tests(
    encoding: Encoding, first: Encoded, second: Encoded, swaps: NDArray[np.int8]
) -> dict[str, tuple[float, float]]:
    """Difference and p by the figure's name, before Holm's correction."""
    true = encoding.true
    missed = encoding.missed
    swapped = _Swapped(true, missed, first.matrix, second.matrix)
    observed = swapped.differences(np.zeros((1, len(missed)), np.int8))[0]
    further = np.zeros(len(observed), np.int64)
    for start in range(0, len(swaps), BLOCK):
        drawn = swapped.differences(swaps[start : start + BLOCK])
        further += (np.abs(drawn) >= np.abs(observed) - ROUNDING).sum(axis=0)
    ps = (1 + further) / (1 + len(swaps))
    names = [f"micro_{figure}" for figure in FIGURES] + [f"macro_{figure}" for figure in FIGURES]
    found = {}
    for name, value, p in zip(names, observed, ps, strict=True):
        found[name] = (float(value), float(p))
    ours = note_jaccard(per_note(true, first.matrix, missed))
    theirs = note_jaccard(per_note(true, second.matrix, missed))
    mean = 0.0
    if len(ours):
        mean = float((ours - theirs).mean())
    found["note_jaccard"] = (mean, signed_rank(ours, theirs))
    return found


def _jaccards(encoding: Encoding, rater: csr_matrix, weights: IntArray) -> FloatArray:
    """Micro Jaccard of all notes, then of each resample."""
    counts = per_note(encoding.true, rater, encoding.missed)
    rows = np.vstack([np.ones((1, len(encoding.notes)), np.int64), weights])
    return ratio(rows @ counts.tp, rows @ (counts.p + counts.t - counts.tp))


def _times(ours: FloatArray, theirs: FloatArray) -> Times | None:
    """Quotient of two raters' `_jaccards`, and its interval over the resamples."""
    if not theirs.all():
        return None
    low, high = np.quantile(ours[1:] / theirs[1:], [0.025, 0.975])
    return Times(float(ours[0] / theirs[0]), float(low), float(high))


class _Swapped:
    """How two raters differ in micro and macro figures after they swapped codes of some notes.

    Only codes that the two gave to different notes can move, and swapping every note turns the sign
    of a difference. So what a code adds to it is linear in the swaps where the two gave the code
    differently to two notes at most, as is recall of any code: those are summed once, into a
    constant and a weight a note. The other codes ("busy"), few where most are rare, are counted in
    each draw.
    """

    def __init__(
        self, true: csr_matrix, missed: IntArray, first: csr_matrix, second: csr_matrix
    ) -> None:
        t = _sums(true)
        moves = (second - first).tocsr()  # what the first rater gains when a note is swapped
        hits = true.multiply(moves).tocsr()  # of these, the true ones
        sides = [(_sums(true.multiply(side)), _sums(side)) for side in (first, second)]
        self.size = max(true.shape[1], 1)
        self.pooled_true = t.sum() + missed.sum()
        self.pooled_sides = [(tp.sum(), p.sum()) for tp, p in sides]
        self.note_hits = np.asarray(hits.sum(axis=1), np.float64).ravel()
        self.note_moves = np.asarray(moves.sum(axis=1), np.float64).ravel()
        notes_moved = np.asarray(abs(moves).sum(axis=0)).ravel()
        busy = notes_moved > 2
        linear = np.column_stack([~busy, ~busy, np.ones_like(busy)])
        self.unswapped, self.added_by_swap = _linear(true, sides, moves.tocoo(), t, linear)
        self.busy_true = t[busy, np.newaxis]
        self.busy_sides = [(tp[busy, np.newaxis], p[busy, np.newaxis]) for tp, p in sides]
        self.busy_hits = hits[:, np.flatnonzero(busy)].T.tocsr().astype(np.float64)
        self.busy_moves = moves[:, np.flatnonzero(busy)].T.tocsr().astype(np.float64)

    def differences(self, swaps: NDArray[np.int8]) -> FloatArray:
        """(draws, 6): first less second in FIGURES, micro then macro.

        `swaps` (draws, notes): 1 where the note's codes go to the other rater.
        """
        drawn = swaps.T.astype(np.float64)
        pooled = np.full(len(swaps), self.pooled_true)
        micro = _difference(
            self.pooled_sides, self.note_hits @ drawn, self.note_moves @ drawn, pooled
        )
        macro = self.unswapped + drawn.T @ self.added_by_swap
        hits = self.busy_hits @ drawn
        moved = self.busy_moves @ drawn
        (tp, p), (other_tp, other_p) = self.busy_sides
        ours = _summed_shares(tp + hits, p + moved, self.busy_true)
        theirs = _summed_shares(other_tp - hits, other_p - moved, self.busy_true)
        macro[:, :2] += ours - theirs
        return np.column_stack([micro, macro / self.size])


def _linear(
    true: csr_matrix, sides: _Sides, moves: coo_matrix, t: IntArray, linear: Any
) -> _Linear:
    """Macro differences without a swap (3,), and what each note's swap adds to them (notes, 3).

    Of the codes' figures that are `linear` (codes, 3) alone.
    """
    before = _difference(sides, 0, 0, t)
    note = moves.row
    code = moves.col
    moved = moves.data
    hits = np.asarray(true[note, code]).ravel() * moved
    at = [(tp[code], p[code]) for tp, p in sides]
    added = (_difference(at, hits, moved, t[code]) - before[code]) * linear[code]
    weights = [np.bincount(note, figure, true.shape[0]) for figure in added.T]
    return (before * linear).sum(axis=0), np.column_stack(weights)


def _difference(sides: _Sides, hits: Any, moved: Any, t: Any) -> FloatArray:
    """(..., 3): the first rater's shares less the second's, after a swap.

    The first gains `moved` codes from the second, `hits` of them true; `t` codes are true in all.
    """
    (tp, p), (other_tp, other_p) = sides
    ours = _shares(tp + hits, p + moved, t)
    theirs = _shares(other_tp - hits, other_p - moved, t)
    return np.asarray(ours - theirs)


def _summed_shares(tp: FloatArray, p: FloatArray, t: IntArray) -> FloatArray:
    """(draws, 2): Jaccard and precision summed over codes, of counts (codes, draws).

    Where a denominator is 0 so is the numerator, and 1 serves as well.
    """
    jaccard = (tp / np.maximum(p + t - tp, 1)).sum(axis=0)
    precision = (tp / np.maximum(p, 1)).sum(axis=0)
    return np.column_stack([jaccard, precision])


def _shares(tp: Any, p: Any, t: Any) -> FloatArray:
    """(..., 3): Jaccard, precision, recall; 0 where a denominator is 0."""
    return np.stack([ratio(tp, p + t - tp), ratio(tp, p), ratio(tp, t)], axis=-1)


def _sums(matrix: Any) -> IntArray:
    """(codes,): the sum of each column."""
    return np.asarray(matrix.sum(axis=0), np.int64).ravel()
