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
    "micro_precision", "micro_recall", "micro_f1", "macro_precision", "macro_recall", "macro_f1_caml", "codes_per_note",
)  # fmt: skip


def scored(
    probabilities: Probabilities, reference: csr_matrix, *, threshold: float, tuned: float, missed: int = 0
) -> dict[str, float]:
    """All figures at `threshold`, and those of AT_TUNED at `tuned` as well, under names that end in _tuned.

    probabilities (N, L), reference (N, L) of ones; `missed` counts reference codes outside the label list.
    """
    outside = np.zeros(len(probabilities), np.int64)
    outside[:1] = missed
    at = figures(probabilities, reference, threshold=threshold, missed=outside)
    at_tuned = set_figures(probabilities, reference, threshold=tuned, missed=missed)
    return {**at, "threshold_tuned": tuned, **{f"{name}_tuned": at_tuned[name] for name in AT_TUNED}}


def best_threshold(probabilities: Probabilities, reference: csr_matrix, missed: int = 0) -> float:
    """The threshold with the highest micro-F1; to be found on the development split, never on test.

    >>> best_threshold(np.array([[0.75, 0.5, 0.25]]), csr_matrix([[1, 1, 0]]))
    0.375
    """
    true = reference.toarray().ravel() > 0
    flat = probabilities.ravel()
    order = np.argsort(-flat, kind="stable")
    order = order[: min(len(order), 20 * int(true.sum()) + 1000)]
    hits, values = true[order].cumsum(), flat[order]
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + true.sum() + missed)
    last = np.append(values[1:] < values[:-1], True)
    best = int(np.argmax(np.where(last, f1, -1)))
    below = values[best + 1] if best + 1 < len(values) else 0.0
    return float((values[best] + below) / 2)


def micro_f1_interval(
    probabilities: Probabilities, reference: csr_matrix, threshold: float, missed: IntArray, weights: IntArray
) -> dict[str, float]:
    """95% percentile interval {"low", "high"} of micro-F1 over resampled notes.

    `missed` (N,): reference codes of each note outside the label list; `weights` (R, N): `bootstrap.note_weights`.
    """
    counts = per_note(reference, csr_matrix(probabilities > threshold).astype(int), missed)
    tp, p, t = (weights @ part for part in (counts.tp, counts.p, counts.t))
    draws = 2 * tp / np.maximum(p + t, 1)
    found = interval(micro(Counts(counts.tp, counts.p, counts.t)).f1, draws)
    return {"low": found.low, "high": found.high}
