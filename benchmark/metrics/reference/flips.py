"""How wrong would the reference have to be for another rater to be ahead?

The ranking of two raters by micro F1, which is that by micro Jaccard, against a reference with
other codes than it has. `fewest_errors`: the fewest single codes, all in the second rater's favour,
that would bring it level. `flips_by_lot`: how often errors by lot would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import IntArray

DRAWS = 1_000
RATES = (0.02, 0.05, 0.10, 0.20)
"""Shares of the reference's codes that are dropped by lot."""


@dataclass(frozen=True)
class Versus:
    """Cells of two raters, by whether the reference has the code and who gave it."""

    right_both: int
    right_first: int
    """The reference has it, and of the two only the first gave it."""
    right_second: int
    missed: int
    """The reference has it and neither gave it."""
    wrong_both: int
    wrong_first: int
    """The reference lacks it, and of the two only the first gave it."""
    wrong_second: int
    wrong_others: int
    """The reference and both lack it, but another rater gave it."""

    @property
    def true(self) -> int:
        """The reference's codes."""
        return self.right_both + self.right_first + self.right_second + self.missed

    @property
    def first(self) -> tuple[int, int]:
        """tp and p of the first rater."""
        tp = self.right_both + self.right_first
        return tp, tp + self.wrong_both + self.wrong_first

    @property
    def second(self) -> tuple[int, int]:
        """tp and p of the second rater."""
        tp = self.right_both + self.right_second
        return tp, tp + self.wrong_both + self.wrong_second


@dataclass(frozen=True)
class Flip:
    """The fewest codes of the reference that would have to be wrong."""

    dropped: int
    """Codes of the reference that only the first rater has."""
    added: int
    """Codes that only the second rater has, and the reference lacks."""

    @property
    def codes(self) -> int:
        return self.dropped + self.added


def versus(
    true: csr_matrix,
    first: csr_matrix,
    second: csr_matrix,
    others: Sequence[csr_matrix] = (),
    missed: int = 0,
) -> Versus:
    """Count the cells of 0/1 matrices (notes, codes).

    `missed`: codes of the reference outside the label space.

    >>> true = csr_matrix([[1, 1, 0, 0]])
    >>> found = versus(true, csr_matrix([[1, 1, 0, 0]]), csr_matrix([[1, 0, 1, 0]]))
    >>> found.first, found.second, found.true
    ((2, 2), (1, 2), 2)
    """
    both = first.multiply(second)
    somebody = first + second
    for each in others:
        somebody = somebody + each
    given = int((somebody > 0).sum())
    of_both, right_both = int(both.sum()), int(both.multiply(true).sum())
    of_first, right_first = int(first.sum()), int(first.multiply(true).sum())
    of_second, right_second = int(second.sum()), int(second.multiply(true).sum())
    right_somebody = int(true.multiply(somebody > 0).sum())
    wrong = given - right_somebody
    wrong_both = of_both - right_both
    wrong_first = of_first - right_first - wrong_both
    wrong_second = of_second - right_second - wrong_both
    either = right_first + right_second - right_both
    return Versus(
        right_both=right_both,
        right_first=right_first - right_both,
        right_second=right_second - right_both,
        missed=int(true.sum()) + missed - either,
        wrong_both=wrong_both,
        wrong_first=wrong_first,
        wrong_second=wrong_second,
        wrong_others=wrong - wrong_both - wrong_first - wrong_second,
    )


def fewest_errors(cells: Versus) -> Flip:
    """The fewest errors of the reference that bring the second rater level with the first.

    The smallest x = a + b so that, with a codes dropped and b added,
    F1(tp - a, p, t - a + b) of the first <= F1(tp + b, p, t - a + b) of the second; of equal x, the
    fewest dropped. 0 where the first is not ahead. It always ends: with all of them wrong, the
    second has every true code that the first has.

    >>> fewest_errors(Versus(6, 2, 1, 1, 1, 1, 2, 0))
    Flip(dropped=0, added=1)
    """
    # Each error more brings the two closer, so that the smallest number can be found by halves.
    least = 0
    most = cells.right_first + cells.wrong_second
    while least < most:
        middle = (least + most) // 2
        if _level(cells, middle) is None:
            least = middle + 1
        else:
            most = middle
    return _level(cells, least) or Flip(cells.right_first, cells.wrong_second)


def _level(cells: Versus, errors: int) -> Flip | None:
    """So many errors that bring the second level, the fewest dropped; None where none do."""
    first_tp, first_p = cells.first
    second_tp, second_p = cells.second
    least = max(0, errors - cells.wrong_second)
    most = min(errors, cells.right_first)
    dropped = np.arange(least, most + 1)
    added = errors - dropped
    true = cells.true - dropped + added
    # F1 = 2 tp / (p + t), compared without division.
    ahead = (first_tp - dropped) * (second_p + true) > (second_tp + added) * (first_p + true)
    if ahead.all():
        return None
    place = int(np.argmin(ahead))
    return Flip(int(dropped[place]), int(added[place]))


def flips_by_lot(cells: Versus, rate: float, *, draws: int = DRAWS, seed: int = 0) -> float:
    """The share of draws in which the second rater is level or ahead after errors by lot.

    Each code of the reference is dropped with chance `rate`; each code that somebody gave and the
    reference lacks is added with a chance so that as many come as go.

    >>> flips_by_lot(Versus(6, 2, 1, 1, 1, 1, 2, 0), 0.0)
    0.0
    """
    wrong = cells.wrong_both + cells.wrong_first + cells.wrong_second + cells.wrong_others
    coming = min(1.0, rate * cells.true / max(wrong, 1))
    rng = np.random.default_rng(seed)

    def drawn(number: int, chance: float) -> IntArray:
        return rng.binomial(number, chance, draws).astype(np.int64)

    gone_both = drawn(cells.right_both, rate)
    gone_first = drawn(cells.right_first, rate)
    gone_second = drawn(cells.right_second, rate)
    gone = gone_both + gone_first + gone_second + drawn(cells.missed, rate)
    come_both = drawn(cells.wrong_both, coming)
    come_first = drawn(cells.wrong_first, coming)
    come_second = drawn(cells.wrong_second, coming)
    come = come_both + come_first + come_second + drawn(cells.wrong_others, coming)
    true = cells.true - gone + come
    first_tp = cells.first[0] - gone_both - gone_first + come_both + come_first
    second_tp = cells.second[0] - gone_both - gone_second + come_both + come_second
    level = first_tp * (cells.second[1] + true) <= second_tp * (cells.first[1] + true)
    return float(level.mean())
