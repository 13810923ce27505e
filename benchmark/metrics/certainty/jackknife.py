"""Intervals of macro figures: the delete-one-note jackknife over sparse cells.

A bootstrap loses rare codes in every resample, so its macro figures are too low and its intervals
miss (docs/metrics.md has how often). Without one note, only the codes of that note change. So for
each stored cell of note j and code c, with what it adds (d, e, g) to the sums (TP, P, T) of the
code,

    delta_jc = F(TP - d, P - e, T - g) - F(TP, P, T)
    leaf_j   = (sum of F over codes + sum of delta_jc over the codes of note j) / L

in one pass over the cells. The estimand is the figure to expect on as many such notes. Efron and
Stein 1981; Efron and Tibshirani 1993, chapter 11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.influence import Influence, of_leaves
from benchmark.metrics.codings import BoolArray, FloatArray, IntArray
from benchmark.metrics.sets.counts import ratio

Share = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
Leaves = tuple[float, FloatArray]
"""A figure, and the figure without each note in turn (notes,)."""


def macro_influences(
    true: csr_matrix,
    given: csr_matrix,
    size: int | None = None,
    patients: IntArray | None = None,
    done: BoolArray | None = None,
) -> dict[str, Influence]:
    """Every macro figure of matrices (notes, codes), by the name it has in `averages.Macro`.

    `size`: over as many codes as that; the columns are then some of them, and the rest has no cell.
    `patients` (notes,): the number of each note's patient; leaves are then without all notes of a
    patient, and the axis is that of the patients. `done` (notes,): the notes that the rater coded,
    all by default; the rest does not count (not together with `patients`). The difference of two
    raters on the same notes is the difference of their influences.

    >>> true = csr_matrix([[1, 0], [1, 0], [0, 1]])
    >>> found = macro_influences(true, csr_matrix([[1, 0], [0, 1], [0, 1]]))["recall"]
    >>> found.value, found.notes, round(found.variance ** 0.5, 4)
    (0.75, 3, 0.441)
    """
    if done is not None:
        rows = np.flatnonzero(done)
        true, given = true[rows], given[rows]
    found = {}
    for name, (value, leaves) in macro_leaves(true, given, size, patients).items():
        found[name] = of_leaves(value, leaves, done)
    return found


def macro_leaves(
    true: csr_matrix,
    given: csr_matrix,
    size: int | None = None,
    patients: IntArray | None = None,
) -> dict[str, Leaves]:
    """Each figure with its leaves; arguments as in `macro_influences`.

    All are 0 where there is no code.
    """
    if size is None:
        size = true.shape[1]
    parts = [true.multiply(given).tocsr(), given, true]
    if patients is not None:
        # Summed first: a code that two notes of a patient have is taken away once, as 2.
        of_patient = _membership(patients)
        parts = [of_patient @ part for part in parts]
    cells = _Cells(*parts)
    precision = cells.mean(_precision, size)
    recall = cells.mean(_recall, size)
    f1 = cells.summed(_f1)
    present = cells.present()
    return {
        "jaccard": cells.mean(_jaccard, size),
        "precision": precision,
        "recall": recall,
        "f1_caml": _quotient(
            (2 * precision[0] * recall[0], 2 * precision[1] * recall[1]),
            (precision[0] + recall[0], precision[1] + recall[1]),
        ),
        "f1_mean_all": _divided(f1, size),
        # A code that is not in the reference has F1 0, so the sums of the two means are the same.
        "f1_mean_present": _quotient(f1, present),
    }


class _Cells:
    """The (note, code) cells that the reference or the rater has, and the sums of their codes."""

    def __init__(self, tp: csr_matrix, p: csr_matrix, t: csr_matrix) -> None:
        cells = (p + t).tocoo()
        self.notes = tp.shape[0]
        self.row = cells.row
        sums = [np.asarray(part.sum(axis=0), np.float64).ravel() for part in (tp, p, t)]
        self.sums = sums
        self.before = [total[cells.col] for total in sums]
        self.after = []
        for part, total in zip((tp, p, t), self.before, strict=True):
            self.after.append(total - _at(part, cells.row, cells.col))

    def summed(self, share: Share) -> Leaves:
        """The sum over codes of a share, with all notes and without each."""
        value = float(share(*self.sums).sum())
        deltas = share(*self.after) - share(*self.before)
        return value, value + self._by_note(deltas)

    def mean(self, share: Share, size: int) -> Leaves:
        return _divided(self.summed(share), size)

    def present(self) -> Leaves:
        """How many codes the reference has, with all notes and without each."""
        value = float((self.sums[2] > 0).sum())
        lost = (self.before[2] > 0) & (self.after[2] == 0)
        return value, value - self._by_note(lost)

    def _by_note(self, values: NDArray[Any]) -> FloatArray:
        sums = np.bincount(self.row, weights=values, minlength=self.notes)
        return np.asarray(sums, np.float64)


def _at(matrix: csr_matrix, rows: IntArray, columns: IntArray) -> FloatArray:
    """The values at some cells of a matrix."""
    if not len(rows):
        return np.zeros(0)  # SciPy would give a sparse matrix
    return np.asarray(matrix[rows, columns], np.float64).ravel()


def _divided(of_all: Leaves, size: int) -> Leaves:
    value, leaves = of_all
    if not size:
        return 0.0, np.zeros_like(leaves)
    return value / size, leaves / size


def _quotient(over: Leaves, under: Leaves) -> Leaves:
    return float(ratio(over[0], under[0])), ratio(over[1], under[1])


def _membership(patients: IntArray) -> csr_matrix:
    """(patients, notes): a one where the note is the patient's."""
    notes = len(patients)
    ones = np.ones(notes, dtype=np.int64)
    _, number = np.unique(patients, return_inverse=True)
    return csr_matrix((ones, (number, np.arange(notes))))


def _jaccard(tp: FloatArray, p: FloatArray, t: FloatArray) -> FloatArray:
    return ratio(tp, p + t - tp)


def _precision(tp: FloatArray, p: FloatArray, t: FloatArray) -> FloatArray:
    return ratio(tp, p)


def _recall(tp: FloatArray, p: FloatArray, t: FloatArray) -> FloatArray:
    return ratio(tp, t)


def _f1(tp: FloatArray, p: FloatArray, t: FloatArray) -> FloatArray:
    return ratio(2 * tp, p + t)
