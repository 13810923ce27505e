"""Counts of each code or note: in common, given, true. Every figure over sets is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import FloatArray, IntArray

Numbers: TypeAlias = NDArray[Any]
"""Whole; floats where codes are weighted."""


@dataclass(frozen=True)
class Counts:
    """Counts of each code, or of each note."""

    tp: Numbers
    """In common: given by the rater and true."""
    p: Numbers
    """Given by the rater."""
    t: Numbers
    """True, that is in the reference."""

    def pooled(self) -> tuple[int, int, int]:
        """tp, p and t summed; floats where codes are weighted."""
        return self.tp.sum().item(), self.p.sum().item(), self.t.sum().item()

    def __add__(self, other: Counts) -> Counts:
        """Counts of two shards of the notes, over the same codes, as if they had been one."""
        return Counts(self.tp + other.tp, self.p + other.p, self.t + other.t)


def per_code(reference: csr_matrix, rater: csr_matrix) -> Counts:
    """Counts of each column of two 0/1 matrices (notes, codes).

    >>> counts = per_code(csr_matrix([[1, 0], [1, 1]]), csr_matrix([[1, 1], [0, 1]]))
    >>> counts.tp.tolist(), counts.p.tolist(), counts.t.tolist()
    ([1, 1], [1, 2], [2, 1])
    """
    return _count(reference, rater, axis=0)


def per_note(reference: csr_matrix, rater: csr_matrix, missed: IntArray | None = None) -> Counts:
    """Counts of each row of two 0/1 matrices (notes, codes).

    `missed` (notes,) adds reference codes outside the label space, which can only be missed.
    """
    counts = _count(reference, rater, axis=1)
    if missed is None:
        return counts
    return Counts(counts.tp, counts.p, counts.t + missed)


def ratio(numerator: Any, denominator: Any) -> FloatArray:
    """Quotients element by element, 0 where the denominator is 0.

    >>> ratio([1, 0], [2, 0]).tolist()
    [0.5, 0.0]
    """
    over, under = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, np.float64)
    )
    shares: FloatArray = np.divide(over, under, out=np.zeros(over.shape), where=under != 0)
    return shares


def _count(reference: csr_matrix, rater: csr_matrix, axis: int) -> Counts:
    """Sums of columns (`axis` 0) or of rows (1)."""
    if reference.shape != rater.shape:
        raise ValueError(
            f"the reference is {reference.shape} and the rater {rater.shape}; encode both alike"
        )
    common = reference.multiply(rater)
    return Counts(tp=_sums(common, axis), p=_sums(rater, axis), t=_sums(reference, axis))


def _sums(matrix: csr_matrix, axis: int) -> IntArray:
    return np.asarray(matrix.sum(axis=axis), dtype=np.int64).ravel()
