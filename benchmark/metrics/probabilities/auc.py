"""Areas under the ROC curve and under the precision-recall curve.

The area under the ROC curve (AUC) is the chance that a true pair of note and code scores above a
false one; ties count a half.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.probabilities.ranking import Scores, checked


def auc_macro(scores: Scores, reference: csr_matrix) -> float:
    """Mean AUC over the codes with at least one true and one false note; 0 if there is none.

    >>> scores = np.array([[0.9, 0.1], [0.2, 0.4], [0.3, 0.4]])
    >>> auc_macro(scores, csr_matrix([[1, 0], [0, 1], [1, 0]]))
    0.875
    """
    checked(scores, reference)
    notes = np.diff(reference.tocsc().indptr)
    return _mean_of_codes(_area, scores, reference, (notes > 0) & (notes < scores.shape[0]))


def auc_micro(scores: Scores, reference: csr_matrix) -> float:
    """One AUC over all (note, code) pairs; 0 if all are true or all false."""
    checked(scores, reference)
    if reference.nnz in (0, scores.size):
        return 0.0
    rows, columns = reference.nonzero()
    return _area(scores.ravel(), rows.astype(np.int64) * scores.shape[1] + columns)


def pr_macro(scores: Scores, reference: csr_matrix) -> float:
    """Mean average precision over the codes with at least one true note; 0 if there is none."""
    checked(scores, reference)
    notes = np.diff(reference.tocsc().indptr)
    return _mean_of_codes(_average_precision, scores, reference, notes > 0)


def pr_micro(scores: Scores, reference: csr_matrix) -> float:
    """One area under the precision-recall curve over all (note, code) pairs; 0 without a true one.

    Each distinct score is a threshold: the sum of precision times the recall gained there
    (scikit-learn's average_precision_score). Where true pairs are rare it says more than the area
    under the ROC curve.

    >>> pr_micro(np.array([[0.9, 0.8, 0.7]]), csr_matrix([[1, 0, 1]]))
    0.8333333333333333
    """
    checked(scores, reference)
    rows, columns = reference.nonzero()
    if not len(rows):
        return 0.0
    return _average_precision(scores.ravel(), rows.astype(np.int64) * scores.shape[1] + columns)


def _mean_of_codes(
    area: Callable[[Scores, Scores], float],
    scores: Scores,
    reference: csr_matrix,
    wanted: NDArray[np.bool_],
) -> float:
    """Mean area of the codes that are `wanted` (codes,); 0 if none is."""
    columns = reference.tocsc()
    by_code = np.ascontiguousarray(scores.T)
    areas = []
    for code in np.flatnonzero(wanted):
        true_notes = columns.indices[columns.indptr[code] : columns.indptr[code + 1]]
        areas.append(area(by_code[code], true_notes))
    if not areas:
        return 0.0
    return float(np.mean(areas))


def _average_precision(scores: Scores, positives: Scores) -> float:
    """Average precision of flat scores; `positives` are the indices of the true ones."""
    ordered = np.sort(scores)
    values, times = np.unique(scores[positives], return_counts=True)
    above = len(ordered) - np.searchsorted(ordered, values, side="left")
    hits = np.cumsum(times[::-1])[::-1]
    return float((times * hits / above).sum() / len(positives))


def _area(scores: Scores, positives: Scores) -> float:
    """AUC of flat scores; `positives` are the indices of the true ones.

    The negatives are sorted once, and the few positives looked up in them.
    """
    negatives = np.delete(scores, positives)
    negatives.sort()
    values = np.sort(scores[positives])
    below = np.searchsorted(negatives, values, side="left").sum()
    not_above = np.searchsorted(negatives, values, side="right").sum()
    return float(below + not_above) / (2.0 * len(negatives) * len(values))
