"""A code's own page: who found it, whether two raters differ, what was given in its place. Pure.

A group of codes has such a page too: a rater is right on a note where all its codes are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.differing_codes import LEAST, exact_mcnemar, more_often_right
from benchmark.metrics.codings import BoolArray, IntArray
from benchmark.metrics.sets.counts import Counts, per_code
from benchmark.scoring.sides import Side, Sides
from benchmark.tables.codes.rows import OfOne, of_one
from benchmark.tables.two_raters import groups_of, lacking
from icd.groups import category_group

LEVEL = 0.05
STANDS_OUT = 3
"""Notes in which a code must have been given in another's place to be pointed at ..."""
STANDS_OUT_SHARE = 0.1
"""... and the share of the notes where the other was missed."""


@dataclass(frozen=True)
class OfRater:
    """One rater's figures of the code."""

    side: Side
    beside: str
    """On the notes that both this other rater and they coded: a list of notes is of two raters."""
    notes: int
    figures: OfOne


@dataclass(frozen=True)
class Difference:
    """Whether one of two raters is right more often: the exact McNemar test."""

    a_only: int
    """Notes on which only A is right."""
    b_only: int
    p: float | None
    """None where too few notes tell them apart for any p to reach .05."""
    q: float | None
    """The false discovery rate if all codes of the pair up to this p are called; None of groups."""
    tested: int
    """Codes of the pair that were tested."""

    @property
    def p_words(self) -> str:
        return _chance(self.p)

    @property
    def q_words(self) -> str:
        return _chance(self.q)

    @property
    def verdict(self) -> str:
        """few, real or not-shown."""
        if self.p is None:
            return "few"
        chance = self.p if self.q is None else self.q
        if chance <= LEVEL:
            return "real"
        return "not-shown"


@dataclass(frozen=True)
class Instead:
    """What a rater gave of the same category, wrongly, in the notes where the code was missed."""

    notes: int
    """Those in which it was missed."""
    codes: tuple[tuple[str, int], ...]
    """(code, notes), most often first."""

    @property
    def times(self) -> int:
        return sum(count for _, count in self.codes)

    @property
    def stands_out(self) -> tuple[tuple[str, int], ...]:
        """Those of at least three notes, and of a tenth of all.

        >>> Instead(20, (("428.9", 3), ("428.20", 1))).stands_out
        (('428.9', 3),)
        >>> Instead(108, (("38.00", 2),)).stands_out
        ()
        """
        least = max(STANDS_OUT, STANDS_OUT_SHARE * self.notes)
        return tuple((code, count) for code, count in self.codes if count >= least)


def columns_of(sides: Sides, code: str, by: str, rows: IntArray) -> IntArray:
    """The columns of a code or of a group of codes; none where nobody gave one."""
    if by == "code":
        return np.flatnonzero(np.array(sides.axes.codes, dtype=object) == code)
    names, number = groups_of(sides, by, rows)
    if code not in names:
        return np.zeros(0, np.int64)
    return np.flatnonzero(number == names.index(code))


def everybody_on(sides: Sides, columns: IntArray, a: str, b: str) -> list[OfRater]:
    """Every rater's figures of these codes, each on all notes that they are compared on.

    With each goes another rater who coded all these notes too, A or B if they did.
    """
    return [_of_rater(sides, columns, name, (a, b)) for name in sides.raters]


def _of_rater(sides: Sides, columns: IntArray, name: str, pair: tuple[str, str]) -> OfRater:
    own = len(sides.counted(name))
    others = [other for other in dict.fromkeys([*reversed(pair), *sides.raters]) if other]
    beside = ""
    rows = sides.counted(name)
    most = -1
    for other in others:
        if other != name:
            shared = sides.counted(name, other)
            if len(shared) > most:
                beside, rows, most = other, shared, len(shared)
            if most >= own:
                break
    counts = per_code(sides.true[rows][:, columns], sides.raters[name].given[rows][:, columns])
    together = Counts(*(np.array([each.sum()]) for each in (counts.tp, counts.p, counts.t)))
    (figures,) = of_one(together, np.array([0]))
    return OfRater(sides.raters[name], beside, len(rows), figures)


def right_on(true: csr_matrix, given: csr_matrix) -> BoolArray:
    """(notes,) on which a rater gave exactly these codes of the reference."""
    wrong = _by_note(lacking(true, given)) + _by_note(lacking(given, true))
    right: BoolArray = wrong == 0
    return right


def difference(sides: Sides, columns: IntArray, a: str, b: str, by: str) -> Difference:
    """Of two raters, on the notes on which they are compared."""
    rows = sides.counted(a, b)
    true = sides.true[rows]
    ours, theirs = sides.raters[a].given[rows], sides.raters[b].given[rows]
    right_a = right_on(true[:, columns], ours[:, columns])
    right_b = right_on(true[:, columns], theirs[:, columns])
    a_only, b_only = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = q = None
    tested = 0
    if a_only + b_only >= LEAST:
        p = float(exact_mcnemar(np.array([a_only]), np.array([b_only]))[0])
    if by == "code" and len(columns):
        # A code is looked up because it stands out among many: all of them were looked at.
        found = more_often_right(true, ours, theirs, level=1.0)
        tested = found.tested
        for each in found.codes:
            if each.column == columns[0]:
                q = each.q
    return Difference(a_only, b_only, p, q, tested)


def instead(sides: Sides, columns: IntArray, name: str, rows: IntArray) -> Instead:
    """Codes of the same categories that a rater added where one of these codes was missed."""
    if not len(columns):
        return Instead(0, ())
    codes = sides.axes.codes
    categories = {category_group(codes[column]) for column in columns}
    own = {int(column) for column in columns} if len(columns) == 1 else set()
    siblings = []
    for column, code in enumerate(codes):
        if column not in own and category_group(code) in categories:
            siblings.append(column)
    missed = _by_note(lacking(sides.true[rows][:, columns], _given(sides, name, rows, columns))) > 0
    others = np.array(siblings, np.int64)
    added = lacking(_given(sides, name, rows, others), sides.true[rows][:, others])[missed]
    times = Counter[str]()
    for column, count in zip(others.tolist(), _sums(added, 0).tolist(), strict=True):
        if count:
            times[codes[column]] = count
    ranked = sorted(times.items(), key=lambda item: (-item[1], item[0]))
    return Instead(int(missed.sum()), tuple(ranked))


def missed_on(sides: Sides, columns: IntArray, names: Sequence[str], rows: IntArray) -> BoolArray:
    """(rows,) on which all of these raters missed one and the same of the codes."""
    left = sides.true[rows][:, columns]
    for name in names:
        left = lacking(left, _given(sides, name, rows, columns))
    found: BoolArray = _by_note(left) > 0
    return found


def _chance(p: float | None) -> str:
    """A probability in words: "= 0.02", "< 0.0001"; "" where there is none.

    >>> _chance(0.0213), _chance(1e-9), _chance(1.0)
    ('= 0.021', '< 0.0001', '= 1')
    """
    if p is None:
        return ""
    if p < 0.0001:
        return "< 0.0001"
    return f"= {p:.2g}"


def _given(sides: Sides, name: str, rows: IntArray, columns: IntArray) -> csr_matrix:
    return sides.raters[name].given[rows][:, columns]


def _by_note(matrix: csr_matrix) -> IntArray:
    return _sums(matrix, 1)


def _sums(matrix: csr_matrix, axis: int) -> IntArray:
    return np.asarray(matrix.sum(axis=axis), dtype=np.int64).ravel()
