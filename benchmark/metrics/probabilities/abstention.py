"""May a model leave notes to people? How wrong it is on the notes it is surest of.

Notes are sorted by how sure the model says it is; the risk at k notes is the mean loss of the k
surest, with loss 1 - Jaccard of the note (Geifman and El-Yaniv 2017). The score is the Jaccard that
the model itself expects of its codes. The usual scores (mean entropy, distance from .5) prefer
notes with few codes, and are worse than chance here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import FloatArray
from benchmark.metrics.probabilities.ranking import Scores
from benchmark.metrics.sets.averages import note_jaccard
from benchmark.metrics.sets.counts import Counts, ratio

SHARES = (0.5, 0.8, 1.0)
"""Of the notes that a model keeps, for which the risk is printed."""


@dataclass(frozen=True)
class RiskCoverage:
    """Risk as the model keeps more notes."""

    risk: FloatArray
    """(notes,) mean loss of the 1, 2, ... surest notes."""
    aurc: float
    """Mean of the risk over all numbers of notes."""
    random: float
    """AURC of notes in any order: the mean loss."""
    oracle: float
    """AURC of notes sorted by their loss: the least there can be."""

    def at(self, share: float) -> float:
        """Risk where the model keeps this share of the notes, at least one."""
        kept = max(1, math.ceil(share * len(self.risk) - 1e-9))
        return float(self.risk[kept - 1])


def expected_jaccard(probabilities: Scores, given: csr_matrix) -> FloatArray:
    """(notes,) the Jaccard that the model's probabilities let expect of the codes it gave.

    s = sum of q over the codes given / (their number + sum of q over the others); 0 where none is
    given.

    >>> q = np.array([[0.9, 0.8, 0.3]])
    >>> expected_jaccard(q, csr_matrix([[1, 1, 0]])).round(6).tolist()
    [0.73913]
    """
    inside = np.asarray(given.multiply(probabilities).sum(axis=1), np.float64).ravel()
    every = np.asarray(probabilities, np.float64).sum(axis=1)
    sizes = np.diff(given.indptr)
    return np.where(sizes > 0, ratio(inside, sizes + every - inside), 0.0)


def risk_coverage(scores: FloatArray, losses: FloatArray) -> RiskCoverage | None:
    """Risk by coverage from the score and the loss of each note; None without notes.

    Notes of equal score count as the mean of their losses, in whatever order they come.

    >>> found = risk_coverage(np.array([0.9, 0.8, 0.8, 0.1]), np.array([0.1, 0.2, 0.4, 0.5]))
    >>> found.risk.round(4).tolist()
    [0.1, 0.2, 0.2333, 0.3]
    """
    if not len(losses):
        return None
    _, group = np.unique(-scores, return_inverse=True)
    means = np.bincount(group, weights=losses) / np.bincount(group)
    risk = _running_mean(means[np.sort(group)])
    return RiskCoverage(
        risk=risk,
        aurc=float(risk.mean()),
        random=float(losses.mean()),
        oracle=float(_running_mean(np.sort(losses)).mean()),
    )


def losses_of(counts: Counts) -> FloatArray:
    """(notes,) 1 - Jaccard of each note, from `per_note` counts."""
    return 1 - note_jaccard(counts)


def risks(found: RiskCoverage, shares: Sequence[float] = SHARES) -> dict[float, float]:
    """Share of the notes kept -> risk.

    >>> found = risk_coverage(np.array([0.9, 0.1]), np.array([0.1, 0.5]))
    >>> risks(found)
    {0.5: 0.1, 0.8: 0.3, 1.0: 0.3}
    """
    return {share: found.at(share) for share in shares}


def _running_mean(values: FloatArray) -> FloatArray:
    return np.asarray(np.cumsum(values) / np.arange(1, len(values) + 1), np.float64)
