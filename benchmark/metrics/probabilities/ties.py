"""P@k and R@k where scores are equal: what to expect over the orders of equal scores.

`ranking` orders equal scores by their place in the label list, which favours the codes that come
first. Here the places that are left among equal scores are shared out evenly, as in the mean over
all their orders (McSherry and Najork 2008). A large difference between the two says that the model
has few distinct scores.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import FloatArray, IntArray
from benchmark.metrics.probabilities.ranking import Scores, checked
from benchmark.metrics.sets.counts import ratio


def expected_over_ties(
    scores: Scores,
    reference: csr_matrix,
    ks: Sequence[int] = (5, 8, 15),
    missed: IntArray | None = None,
) -> dict[str, float]:
    """p@k and r@k for each k, as means over notes, expected over ties.

    `missed` (notes,): true codes outside the label list; they count in recall. ValueError where k
    is below 1.

    >>> expected_over_ties(np.array([[0.9, 0.5, 0.5]]), csr_matrix([[1, 0, 1]]), ks=(2,))
    {'p@2': 0.75, 'r@2': 0.75}
    """
    checked(scores, reference)
    true = np.diff(reference.indptr).astype(np.float64)
    if missed is not None:
        true = true + missed
    found = {}
    hits = {k: _expected_hits(scores, reference, k) for k in ks}
    for k in ks:
        found[f"p@{k}"] = _mean(hits[k] / k)
    for k in ks:
        found[f"r@{k}"] = _mean(ratio(hits[k], true))
    return found


def _expected_hits(scores: Scores, reference: csr_matrix, k: int) -> FloatArray:
    """(notes,) how many true codes to expect among the top k."""
    if k < 1:
        raise ValueError(f"k is {k}; it must be 1 or more")
    notes, codes = scores.shape
    found = np.zeros(notes)
    if not codes:
        return found
    places = min(k, codes)
    ends = reference.indptr
    for note, row in enumerate(scores):
        last = np.partition(row, codes - places)[codes - places]
        values = row[reference.indices[ends[note] : ends[note + 1]]]
        left = places - np.count_nonzero(row > last)
        tied = np.count_nonzero(row == last)
        found[note] = (values > last).sum() + (values == last).sum() * left / tied
    return found


def _mean(values: FloatArray) -> float:
    if not values.size:
        return 0.0
    return float(values.mean())
