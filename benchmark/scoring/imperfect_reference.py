"""What if the reference is wrong: upper bounds without it, and how many errors change who leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmark.metrics.codings import Coded, Encoding, IntArray
from benchmark.metrics.reference.dawid_skene import LEAST_RATERS, dawid_skene
from benchmark.metrics.reference.flips import RATES, Versus, fewest_errors, flips_by_lot, versus
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.counts import per_code

BANDS = (1, 5, 20, 100)
"""Most notes in which an average rater gives a code of the band; the last band has the rest."""


@dataclass(frozen=True)
class UpperBound:
    """How good a rater can be at most, if raters err independently."""

    sensitivity: float
    precision: float


@dataclass(frozen=True)
class UpperBounds:
    """Raters where nobody holds the truth, the reference being one of them."""

    raters: Mapping[str, UpperBound]
    notes: int
    """Notes that three raters or more coded."""
    believable: bool
    """Whether every rater finds true codes more often than it invents false ones."""
    steps: int


@dataclass(frozen=True)
class ByLot:
    """How often errors by lot would change who leads."""

    rate: float
    """Share of the reference's codes that are dropped; as many come."""
    share: float
    """Of draws in which the second is level or ahead."""


@dataclass(frozen=True)
class Flips:
    """How wrong the reference would have to be for the second rater to be level with the first."""

    first: str
    """Ahead in micro F1, and so in micro Jaccard."""
    second: str
    dropped: int
    """Codes of the reference that would have to be wrong."""
    added: int
    """Codes that it would have to lack."""
    reference_codes: int
    by_lot: list[ByLot]


def upper_bounds(raters: Mapping[str, Coded]) -> UpperBounds | None:
    """Sensitivity and precision of each rater.

    None where no note has three answers, or nobody gave any code.
    """
    if not any(each.matrix.nnz for each in raters.values()):
        return None
    judged = np.sum([each.done for each in raters.values()], axis=0)
    if len(raters) < LEAST_RATERS or not (judged >= LEAST_RATERS).any():
        return None
    found = dawid_skene(raters, _bands(raters))
    bounds = {}
    for name, sensitivity in found.sensitivity.items():
        bounds[name] = UpperBound(sensitivity, found.precision[name])
    return UpperBounds(bounds, found.notes, found.believable, found.steps)


def flips(encoding: Encoding) -> list[Flips]:
    """Of every two raters, the one that is ahead first; those that are level are left out."""
    f1 = {}
    missed = int(encoding.missed.sum())
    for name, given in encoding.given.items():
        f1[name] = micro(per_code(encoding.true, given.matrix), missed).f1
    matrices = [given.matrix for given in encoding.given.values()]
    found = []
    for one, other in combinations(encoding.given, 2):
        if f1[one] == f1[other]:
            continue
        first, second = (one, other) if f1[one] > f1[other] else (other, one)
        cells = versus(
            encoding.true,
            encoding.given[first].matrix,
            encoding.given[second].matrix,
            matrices,
            missed,
        )
        found.append(_flips(first, second, cells))
    return found


def _flips(first: str, second: str, cells: Versus) -> Flips:
    fewest = fewest_errors(cells)
    by_lot = [ByLot(rate, flips_by_lot(cells, rate)) for rate in RATES]
    return Flips(first, second, fewest.dropped, fewest.added, cells.true, by_lot)


def _bands(raters: Mapping[str, Coded]) -> IntArray:
    """(codes,) the band of each code, by how many notes an average rater gives it to."""
    everybody = list(raters.values())
    given = np.sum([np.asarray(each.matrix.sum(axis=0)).ravel() for each in everybody], axis=0)
    found: IntArray = np.searchsorted(BANDS, given / len(everybody), side="left").astype(np.int64)
    return found
