"""The figures that training and `evaluate` print, from probabilities (N, L) and reference labels (N, L) in CSR."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Probabilities = NDArray[np.float32]


def micro(
    probabilities: Probabilities, reference: csr_matrix, threshold: float = 0.5, missed: int = 0
) -> dict[str, float]:
    """Pooled precision, recall, F1, Jaccard and codes a note of the codes above `threshold`.

    `missed` counts reference codes outside the label list: they can only be missed.
    """
    given = probabilities > threshold
    predicted, true = int(given.sum()), int(reference.nnz) + missed
    hits = int(given[reference.nonzero()].sum())
    return {
        "precision": hits / max(predicted, 1),
        "recall": hits / max(true, 1),
        "f1": 2 * hits / max(predicted + true, 1),
        "jaccard": hits / max(predicted + true - hits, 1),
        "codes_per_note": predicted / max(len(given), 1),
    }


def precision_at(
    probabilities: Probabilities, reference: csr_matrix, ks: tuple[int, ...] = (5, 8, 15)
) -> dict[str, float]:
    """P@k: true codes among the k likeliest, over k, mean over notes. Ties go to the earlier code."""
    top = np.argsort(-probabilities, axis=1, kind="stable")[:, : max(ks)]
    hits = np.stack([np.isin(row, reference.indices[start:end]) for row, start, end in _rows(top, reference)])
    return {f"p@{k}": float(hits[:, :k].sum(axis=1).mean() / k) for k in ks}


def best_threshold(probabilities: Probabilities, reference: csr_matrix, missed: int = 0) -> float:
    """The threshold with the highest micro-F1; to be found on the development split, never on test."""
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


def _rows(top: NDArray[np.int64], reference: csr_matrix) -> list[tuple[NDArray[np.int64], int, int]]:
    return list(zip(top, reference.indptr[:-1], reference.indptr[1:], strict=True))
