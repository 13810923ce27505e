"""Figures over ranked codes, from a model's scores: P@k, R@k, average precision, R-precision.

All follow from one array, the rank of each true code. Ties: the higher score first, then the lower
column index. Scores are (N, L) floats without NaN, the reference is (N, L) CSR of ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import FloatArray, IntArray
from benchmark.metrics.sets.counts import ratio

Scores = NDArray[Any]


@dataclass(frozen=True)
class TrueRanks:
    """Ranks (0 = top) of all true codes, note after note, ascending in each note."""

    ranks: IntArray
    note: IntArray
    """The row of each rank."""
    true: IntArray
    """(N,) how many true codes each note has, `missed` ones included."""


def true_ranks(scores: Scores, reference: csr_matrix, missed: IntArray | None = None) -> TrueRanks:
    """Rank every true code among its note's scores.

    `missed` (N,): true codes outside the label list. They have no score, so they are never found
    but count in recall.

    >>> true_ranks(np.array([[0.1, 0.9, 0.9]]), csr_matrix([[0, 0, 1]])).ranks.tolist()
    [1]
    """
    checked(scores, reference)
    reference = reference.sorted_indices()
    ends = reference.indptr
    ranks: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    for note, row in enumerate(scores):
        ranks.append(_row_ranks(row, reference.indices[ends[note] : ends[note + 1]]))
    sizes = np.diff(ends).astype(np.int64)
    true = sizes
    if missed is not None:
        true = sizes + missed
    return TrueRanks(np.concatenate(ranks), np.repeat(np.arange(len(sizes)), sizes), true)


def precision_at(k: int, found: TrueRanks) -> float:
    """P@k: true codes among the top k, over k, mean over notes.

    Over k even where a note has fewer true codes or the list fewer codes.

    >>> precision_at(2, true_ranks(np.array([[0.3, 0.2, 0.1]]), csr_matrix([[1, 0, 1]])))
    0.5
    """
    return _mean(_hits_at(k, found) / k)


def recall_at(k: int, found: TrueRanks) -> float:
    """R@k: true codes among the top k, over the note's true codes, mean over notes.

    0 for a note without true codes.
    """
    return _mean(ratio(_hits_at(k, found), found.true))


def f1_at(k: int, found: TrueRanks) -> float:
    """Harmonic mean of P@k and R@k."""
    precision = precision_at(k, found)
    recall = recall_at(k, found)
    if not precision + recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)


def r_precision(found: TrueRanks) -> float:
    """True codes among a note's top R, over R, its number of true codes; mean over notes.

    0 for a note without true codes.
    """
    hits = _per_note(found, found.ranks < found.true[found.note])
    return _mean(ratio(hits, found.true))


def mean_average_precision(found: TrueRanks) -> float:
    """MAP: mean over a note's true codes of the precision at each one's rank, mean over notes.

    0 for a note without true codes.

    >>> mean_average_precision(true_ranks(np.array([[0.3, 0.2, 0.1]]), csr_matrix([[1, 0, 1]])))
    0.8333333333333333
    """
    starts = np.searchsorted(found.note, found.note)
    nth = np.arange(len(found.ranks)) - starts + 1
    return _mean(ratio(_per_note(found, nth / (found.ranks + 1)), found.true))


def ranking(found: TrueRanks, ks: Sequence[int] = (5, 8, 15)) -> dict[str, float]:
    """All of the above by name: p@k and r@k for each k, map, r_precision."""
    figures = {f"p@{k}": precision_at(k, found) for k in ks}
    for k in ks:
        figures[f"r@{k}"] = recall_at(k, found)
    figures["map"] = mean_average_precision(found)
    figures["r_precision"] = r_precision(found)
    return figures


def checked(scores: Scores, reference: csr_matrix) -> None:
    """ValueError unless scores and reference have one shape and no score is NaN."""
    if scores.shape != reference.shape:
        raise ValueError(
            f"the scores are {scores.shape} and the reference {reference.shape}; encode both alike"
        )
    if np.isnan(scores).any():
        row = int(np.isnan(scores).any(axis=1).argmax())
        raise ValueError(f"row {row} of the scores has NaN, which has no rank; score it again")


def _row_ranks(scores: Scores, true: IntArray) -> IntArray:
    """Ascending ranks of the columns `true` (ascending).

    A rank is how many scores are higher, or equal and further left.
    """
    ordered = np.sort(scores)
    values = scores[true]
    up_to = np.searchsorted(ordered, values, side="right")
    ranks: IntArray = len(scores) - up_to
    tied = up_to - np.searchsorted(ordered, values, side="left") > 1
    for index in np.flatnonzero(tied):
        ranks[index] += np.count_nonzero(scores[: true[index]] == values[index])
    return np.sort(ranks).astype(np.int64)


def _hits_at(k: int, found: TrueRanks) -> FloatArray:
    """(N,) how many of each note's true codes are among its top k."""
    if k < 1:
        raise ValueError(f"k is {k}; it must be 1 or more")
    return _per_note(found, found.ranks < k)


def _per_note(found: TrueRanks, values: NDArray[Any]) -> FloatArray:
    """(N,): `values`, one for each true code, summed for each note."""
    return np.bincount(found.note, weights=values, minlength=len(found.true)).astype(np.float64)


def _mean(values: FloatArray) -> float:
    """Mean, 0 of no values."""
    if not values.size:
        return 0.0
    return float(values.mean())
