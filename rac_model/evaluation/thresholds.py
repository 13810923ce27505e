"""The threshold that serves micro-F1 best, and a model's figures at .5 and at such a threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import interval
from benchmark.metrics.codings import IntArray
from benchmark.metrics.probabilities.all_figures import figures, set_figures
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.counts import Counts, per_note

Probabilities = NDArray[np.float32]
AT_TUNED = (
    "micro_precision",
    "micro_recall",
    "micro_f1",
    "macro_precision",
    "macro_recall",
    "macro_f1_caml",
    "codes_per_note",
)
"""Figures that are given at the tuned threshold too."""


def figures_at_thresholds(
    probabilities: Probabilities,
    reference: csr_matrix,
    *,
    threshold: float,
    tuned: float,
    missed: int = 0,
) -> dict[str, float]:
    """All figures at `threshold`, and those of AT_TUNED at `tuned`, whose names then end in _tuned.

    probabilities (N, L), reference (N, L) of ones; `missed` counts reference codes outside the
    label list.
    """
    outside = np.zeros(len(probabilities), np.int64)
    outside[:1] = missed
    found = dict(figures(probabilities, reference, threshold=threshold, missed=outside))
    found["threshold_tuned"] = tuned
    at_tuned = set_figures(probabilities, reference, threshold=tuned, missed=missed)
    for name in AT_TUNED:
        found[f"{name}_tuned"] = at_tuned[name]
    return found


def best_threshold(probabilities: Probabilities, reference: csr_matrix, missed: int = 0) -> float:
    """The threshold with the highest micro-F1; to be found on the development split, never on test.

    >>> best_threshold(np.array([[0.75, 0.5, 0.25]]), csr_matrix([[1, 1, 0]]))
    0.375
    """
    true = reference.toarray().ravel() > 0
    flat = probabilities.ravel()
    # With more codes given than these, micro-F1 is below .1 even if every true one is hit.
    most = 20 * int(true.sum()) + 1000
    order = np.argsort(-flat, kind="stable")[:most]
    values = flat[order]
    hits = true[order].cumsum()
    given = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (given + true.sum() + missed)
    # Of equal probabilities none can be given without the others: only the last counts.
    is_last_of_equals = np.append(values[1:] < values[:-1], True)
    best = int(np.argmax(np.where(is_last_of_equals, f1, -1)))
    next_value = values[best + 1] if best + 1 < len(values) else 0.0
    return float((values[best] + next_value) / 2)


def micro_f1_interval(
    probabilities: Probabilities,
    reference: csr_matrix,
    threshold: float,
    missed: IntArray,
    weights: IntArray,
) -> dict[str, float]:
    """95% percentile interval {"low", "high"} of micro-F1 over resampled notes.

    `missed` (N,): reference codes of each note outside the label list; `weights` (R, N):
    `bootstrap.note_weights`.
    """
    given = csr_matrix(probabilities > threshold).astype(int)
    counts = per_note(reference, given, missed)
    tp = weights @ counts.tp
    predicted = weights @ counts.p
    true = weights @ counts.t
    draws = 2 * tp / np.maximum(predicted + true, 1)
    found = interval(micro(Counts(counts.tp, counts.p, counts.t)).f1, draws)
    return {"low": found.low, "high": found.high}
