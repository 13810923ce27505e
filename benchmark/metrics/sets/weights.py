"""Figures where some codes matter more than others: a weight for each code, such as of payment.

TP = sum of w tp, P = sum of w p, T = sum of w t, over codes and for each note; micro figures and
their intervals (`certainty.influence`) follow as for plain counts. A tier of each code (0 none, 1
CC, 2 MCC) says for each note whether a rater's highest is that of the reference. Without a grouper
and its lists of exclusions that is no change of DRG: say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.shares import wilson_bounds
from benchmark.metrics.codings import BoolArray, FloatArray, IntArray
from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import Counts


@dataclass(frozen=True)
class CodeWeights:
    """What a file of weights says, of the codes of some columns."""

    weights: FloatArray
    """(codes,)."""
    unweighted: tuple[str, ...]
    """Codes that the file does not have: they weigh the default."""


@dataclass(frozen=True)
class Share:
    """Some of n notes, with a Wilson interval."""

    notes: int
    of: int
    interval: Interval

    @property
    def value(self) -> float:
        return self.notes / self.of


@dataclass(frozen=True)
class Tiers:
    """A rater's highest tier of each note beside that of the reference."""

    same: Share
    higher: Share
    """Over-coded."""
    lower: Share
    """Under-coded."""


def code_weights(
    codes: Sequence[str], weights: Mapping[str, float], default: float = 0.0
) -> CodeWeights:
    """The weight of each code. ValueError for one below 0 or not a number.

    >>> code_weights(["428.0", "401.9"], {"428.0": 2}).unweighted
    ('401.9',)
    """
    for code, weight in [*weights.items(), ("the default", default)]:
        if not 0 <= weight < np.inf:
            raise ValueError(f"the weight of {code} is {weight}; write a number of 0 or more")
    found = [float(weights.get(code, default)) for code in codes]
    unweighted = tuple(code for code in codes if code not in weights)
    return CodeWeights(np.array(found), unweighted)


def weighted_per_note(
    reference: csr_matrix, rater: csr_matrix, weights: FloatArray, missed: FloatArray | None = None
) -> Counts:
    """Weighted counts of each note, of 0/1 matrices (notes, codes).

    `missed` (notes,): weight of the reference's codes outside the label space.

    >>> true, given = csr_matrix([[1, 1]]), csr_matrix([[1, 0]])
    >>> weighted_per_note(true, given, np.array([2.0, 0.5])).t.tolist()
    [2.5]
    """
    true = reference @ weights
    if missed is not None:
        true = true + missed
    return Counts(tp=reference.multiply(rater) @ weights, p=rater @ weights, t=true)


def weighted_micro(counts: Counts) -> Micro | None:
    """Micro figures of weighted counts; None where no code of either has a weight.

    >>> weighted_micro(Counts(np.array([0.0]), np.array([0.0]), np.array([0.0])))
    """
    if not counts.p.sum() + counts.t.sum():
        return None
    return micro(counts)


def tiers(reference: csr_matrix, rater: csr_matrix, tier: IntArray) -> Tiers | None:
    """How often a rater's highest tier of a note is the reference's; None without notes.

    `tier` (codes,). A note without codes has tier 0.

    >>> found = tiers(csr_matrix([[1, 0], [0, 1]]), csr_matrix([[1, 1], [0, 1]]), np.array([0, 2]))
    >>> found.same.notes, found.higher.notes, found.lower.notes
    (1, 1, 0)
    """
    notes = reference.shape[0]
    if not notes:
        return None
    given = highest_tiers(rater, tier)
    true = highest_tiers(reference, tier)
    return Tiers(
        same=_share(given == true),
        higher=_share(given > true),
        lower=_share(given < true),
    )


def highest_tiers(matrix: csr_matrix, tier: IntArray) -> IntArray:
    """(notes,) the highest tier of each note's codes, 0 without any."""
    found = np.zeros(matrix.shape[0], dtype=np.int64)
    cells = matrix.tocoo()
    np.maximum.at(found, cells.row, tier[cells.col])
    return found


def wilson(hits: int, of: int, level: float = 0.95) -> Interval:
    """Wilson's interval (1927) of a share; 0 to 1 where there is nothing to share.

    >>> found = wilson(10, 10)
    >>> round(found.low, 4), round(found.high, 4)
    (0.7225, 1.0)
    """
    low, high = wilson_bounds(np.array(hits), np.array(of), level)
    return Interval(float(low), float(high))


def _share(notes: BoolArray) -> Share:
    hits = int(notes.sum())
    return Share(hits, len(notes), wilson(hits, len(notes)))
