"""In which codes do two raters differ? A test for each code that can show it.

Over the notes that both coded, for one code: b notes where only the first is right, d where only
the second is. p = min(1, 2 BinomCDF(min(b, d), b + d, 1/2)), the exact McNemar test. Codes with
b + d below 6 cannot reach .05, and are not tested; that depends on b + d alone, so the rest stays
valid. q is Benjamini and Hochberg's (1995) over the codes tested of a pair.

The same test without a reference, on who gave the code, says which codes a rater gives more often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import bdtr

from benchmark.metrics.codings import FloatArray, IntArray

LEAST = 6
LEVEL = 0.05


@dataclass(frozen=True)
class CodeDifference:
    """One code in which two raters differ."""

    column: int
    first: int
    """Notes where only the first is right (or gave it)."""
    second: int
    p: float
    q: float


@dataclass(frozen=True)
class CodeDifferences:
    """The codes that differ, clearest first; and of how many tested, of how many that differ."""

    codes: tuple[CodeDifference, ...]
    tested: int
    seen: int
    """Codes that the two gave differently to some note."""


def more_often_right(
    true: csr_matrix, first: csr_matrix, second: csr_matrix, level: float = LEVEL
) -> CodeDifferences:
    """The codes in which one rater is right more often; matrices (common notes, codes) of ones.

    >>> true = csr_matrix(np.ones((9, 1), int))
    >>> found = more_often_right(true, true, csr_matrix(np.zeros((9, 1), int)))
    >>> found.codes[0].first, found.codes[0].second, round(found.codes[0].q, 4), found.tested
    (9, 0, 0.0039, 1)
    """
    only_first, only_second = _alone(first, second)
    right_first = _sums(only_first.multiply(true))
    right_second = _sums(only_second.multiply(true))
    # A code that one gave alone and wrongly, the other rightly left out.
    wrong_first = _sums(only_first) - right_first
    wrong_second = _sums(only_second) - right_second
    return _clear(right_first + wrong_second, right_second + wrong_first, level)


def more_often_given(
    first: csr_matrix, second: csr_matrix, level: float = LEVEL
) -> CodeDifferences:
    """The codes that one rater gives more often, without a reference."""
    only_first, only_second = _alone(first, second)
    return _clear(_sums(only_first), _sums(only_second), level)


def exact_mcnemar(first: IntArray, second: IntArray) -> FloatArray:
    """Two-sided p of numbers of notes where only one was right.

    >>> exact_mcnemar(np.array([1]), np.array([9])).round(6).tolist()
    [0.021484]
    """
    both = first + second
    tail = bdtr(np.minimum(first, second).astype(np.float64), both, 0.5)
    return np.asarray(np.minimum(1.0, 2 * tail), np.float64)


def benjamini_hochberg(ps: FloatArray) -> FloatArray:
    """q values, in the order given: the false discovery rate if all up to this p are called.

    The i-th smallest of m is multiplied by m / i, and is never above the one after it.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    tests = len(ps)
    if not tests:
        return np.zeros(0)
    order = np.argsort(ps)
    scaled = ps[order] * tests / np.arange(1, tests + 1)
    smallest_after = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(tests)
    found[order] = np.minimum(smallest_after, 1.0)
    return found


def _clear(first: IntArray, second: IntArray, level: float) -> CodeDifferences:
    """The codes with q at most `level`."""
    differ = first + second
    tested = np.flatnonzero(differ >= LEAST)
    ps = exact_mcnemar(first[tested], second[tested])
    qs = benjamini_hochberg(ps)
    found = []
    for place in np.argsort(qs, kind="stable"):
        if qs[place] <= level:
            column = int(tested[place])
            found.append(
                CodeDifference(
                    column=column,
                    first=int(first[column]),
                    second=int(second[column]),
                    p=float(ps[place]),
                    q=float(qs[place]),
                )
            )
    return CodeDifferences(tuple(found), len(tested), int((differ > 0).sum()))


def _alone(first: csr_matrix, second: csr_matrix) -> tuple[csr_matrix, csr_matrix]:
    """What only the first gave, and what only the second."""
    both = first.multiply(second)
    return (first - both).tocsr(), (second - both).tocsr()


def _sums(matrix: csr_matrix) -> IntArray:
    return np.asarray(matrix.sum(axis=0), dtype=np.int64).ravel()
