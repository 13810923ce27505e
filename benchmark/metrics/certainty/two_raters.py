"""Two raters on the same notes, now: how far apart they are, and whether chance would do it.

`paired` tests every two raters of Table 1, for all figures, when a study is scored. This one is
asked by a page, of any two raters, for micro Jaccard alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import Estimate, estimate, influence
from benchmark.metrics.certainty.paired import BLOCK, DRAWS, ROUNDING
from benchmark.metrics.codings import FloatArray
from benchmark.metrics.sets.counts import Counts, ratio

WORK = 6_000_000
"""Notes times draws that somebody can wait for: some 40 ms."""
LEAST_DRAWS = 1_000
"""So that p can be as small as .001."""


@dataclass(frozen=True)
class TwoRaters:
    """How two raters differ in micro Jaccard on the notes that both coded."""

    notes: int
    a: Estimate
    b: Estimate
    difference: Estimate
    """The first less the second."""


@dataclass(frozen=True)
class Chance:
    """An approximate randomisation."""

    p: float
    """How often chance alone gives a difference as far from 0."""
    draws: int

    @property
    def least(self) -> bool:
        """Whether no draw was as far from 0, so that the true p may be smaller.

        >>> Chance(1 / 10_001, 10_000).least, Chance(2 / 10_001, 10_000).least
        (True, False)
        """
        return self.p * (1 + self.draws) < 1.5


def two_raters(a: Counts, b: Counts) -> TwoRaters:
    """Counts of each note that both coded, against the same reference.

    The interval of the difference is paired: what a note does to both is seen together.
    """
    ours = influence(a)
    theirs = influence(b)
    return TwoRaters(
        notes=len(a.tp),
        a=estimate(ours),
        b=estimate(theirs),
        difference=estimate(ours - theirs, lowest=-1.0),
    )


def chance(a: Counts, b: Counts, seed: int = 0) -> Chance:
    """The test of `paired.paired_tests` for micro Jaccard, before any correction.

    The two raters' codes of a note are swapped with probability 1/2 (Noreen 1989; Yeh 2000), 10,000
    times; of many notes fewer times, 1,000 at least. Same arguments, same figures.
    """
    notes = len(a.tp)
    draws = _draws(notes)
    true = a.t.sum()
    swapped = np.column_stack([b.tp - a.tp, b.p - a.p]).astype(np.float64)
    first = np.array([a.tp.sum(), a.p.sum()], dtype=np.float64)
    second = np.array([b.tp.sum(), b.p.sum()], dtype=np.float64)
    observed = abs(float(_jaccard(first, true) - _jaccard(second, true)))
    random = np.random.default_rng(seed)
    further = 0
    for _ in range(draws // BLOCK):
        swaps = random.integers(0, 2, (BLOCK, notes), dtype=np.int8)
        moved = swaps.astype(np.float64) @ swapped
        drawn = _jaccard(first + moved, true) - _jaccard(second - moved, true)
        further += int((np.abs(drawn) >= observed - ROUNDING).sum())
    return Chance((1 + further) / (1 + draws), draws)


def _draws(notes: int) -> int:
    """How many draws so many notes get, a multiple of BLOCK.

    >>> _draws(508), _draws(2_000), _draws(20_000)
    (10000, 3000, 1000)
    """
    within = WORK // max(notes, 1) // BLOCK * BLOCK
    return int(np.clip(within, LEAST_DRAWS, DRAWS))


def _jaccard(counts: FloatArray, true: int) -> FloatArray:
    """(...,) of (..., 2): codes in common, codes given."""
    tp = counts[..., 0]
    return ratio(tp, counts[..., 1] + true - tp)
