"""All figures of a model's scores at once: what Table 2 and a leaderboard show."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.sparse import csr_matrix

from benchmark.metrics.codings import IntArray
from benchmark.metrics.probabilities.auc import auc_macro, auc_micro
from benchmark.metrics.probabilities.ranking import Scores, ranking, true_ranks
from benchmark.metrics.sets.averages import macro, micro
from benchmark.metrics.sets.counts import per_code


def figures(
    scores: Scores,
    reference: csr_matrix,
    *,
    threshold: float = 0.5,
    ks: Sequence[int] = (5, 8, 15),
    missed: IntArray | None = None,
) -> dict[str, float]:
    """Fractions by name: micro_*, macro_*, auc_macro, auc_micro, p@k, r@k, map, r_precision; and
    codes_per_note.

    A code is given where its score is above `threshold`; exactly at it is not. `missed` (N,): true
    codes of each note outside the label list; they count as misses in the micro figures, recall,
    MAP and R-precision.

    >>> import numpy as np
    >>> found = figures(np.array([[0.9, 0.5, 0.7]]), csr_matrix([[1, 1, 0]]), ks=(1,))
    >>> found["micro_precision"], found["p@1"], found["codes_per_note"]
    (0.5, 1.0, 2.0)
    """
    all_missed = 0
    if missed is not None:
        all_missed = int(missed.sum())
    return {
        **set_figures(scores, reference, threshold=threshold, missed=all_missed),
        "auc_macro": auc_macro(scores, reference),
        "auc_micro": auc_micro(scores, reference),
        **ranking(true_ranks(scores, reference, missed), ks),
    }


def set_figures(
    scores: Scores, reference: csr_matrix, *, threshold: float, missed: int = 0
) -> dict[str, float]:
    """Those of `figures` that need only the codes above `threshold`: micro_*, macro_* and
    codes_per_note."""
    given = csr_matrix(scores > threshold).astype(int)
    counts = per_code(reference, given)
    found = {}
    for name, value in vars(micro(counts, missed)).items():
        found[f"micro_{name}"] = value
    for name, value in vars(macro(counts)).items():
        found[f"macro_{name}"] = value
    found["codes_per_note"] = int(given.nnz) / max(scores.shape[0], 1)
    return found
