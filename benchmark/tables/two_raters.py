"""Two raters beside each other: what each missed and added, by code, category or chapter. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import IntArray
from benchmark.metrics.sets.counts import Counts, per_code
from benchmark.scoring.sides import Sides
from benchmark.tables.lines import band
from icd.groups import GROUPS


@dataclass(frozen=True)
class Errors:
    """Codes of notes that one of two raters got wrong (or gave), or both, in G groups of codes."""

    a_only: IntArray
    """(G,)"""
    both: IntArray
    b_only: IntArray


@dataclass(frozen=True)
class PairCounts:
    """Two raters in each of G groups of codes."""

    names: tuple[str, ...]
    """G: codes, categories, chapters ..., sorted."""
    codes: IntArray
    """(G,) how many codes of the axes each group has."""
    notes: int
    """On how many notes they are compared."""
    a: Counts
    """(G,) of the first rater: in common with the reference, given, and the reference's."""
    b: Counts
    missed: Errors
    """The reference has the code, the rater lacks it."""
    added: Errors
    """The rater has the code, the reference lacks it."""
    gave: Errors
    """Who gave the code, right or wrong: what the two agree on with each other."""

    @property
    def reference(self) -> IntArray:
        """(G,) codes of the reference."""
        found: IntArray = self.a.t
        return found

    @property
    def gap(self) -> IntArray:
        """(G,) errors of A that B does not make, less errors of B that A does not make."""
        of_a: IntArray = self.missed.a_only + self.added.a_only
        of_b: IntArray = self.missed.b_only + self.added.b_only
        return of_a - of_b


def groups_of(sides: Sides, by: str, rows: IntArray) -> tuple[tuple[str, ...], IntArray]:
    """The names of the groups (G,), sorted, and the group of each code of the axes (C,).

    `by` is one of GROUPINGS; frequency is that in the reference on these rows.
    """
    codes = sides.axes.codes
    if by == "frequency":
        times = np.asarray(sides.true[rows].sum(axis=0)).ravel()
        of_code = [band(int(count)) for count in times]
    else:
        of_code = [GROUPS[by](code) for code in codes]
    names, number = np.unique(np.array(of_code, dtype=object), return_inverse=True)
    return tuple(str(name) for name in names), number.astype(np.int64)


def pair_counts(sides: Sides, a: str, b: str = "", by: str = "code") -> PairCounts:
    """Count two raters by code, or by a group of codes, on the notes on which both are compared.

    Without `b` it is the first rater alone, beside the reference itself, which makes no errors.
    """
    names = [name for name in (a, b) if name]
    rows = sides.counted(*names)
    true = sides.true[rows]
    ours = sides.raters[a].given[rows]
    theirs = true
    if b:
        theirs = sides.raters[b].given[rows]
    groups, number = groups_of(sides, by, rows)

    def summed(of_code: IntArray) -> IntArray:
        """(G,): a count of each code, summed."""
        found = np.bincount(number, weights=of_code, minlength=len(groups))
        return found.astype(np.int64)

    def errors(first: csr_matrix, second: csr_matrix) -> Errors:
        """(G,): ones of each matrix alone, and of both."""
        both = first.multiply(second)
        shared = summed(_columns(both))
        return Errors(summed(_columns(first)) - shared, shared, summed(_columns(second)) - shared)

    counts = []
    for matrix in (ours, theirs):
        each = per_code(true, matrix)
        counts.append(Counts(summed(each.tp), summed(each.p), summed(each.t)))
    return PairCounts(
        names=groups,
        codes=np.bincount(number, minlength=len(groups)),
        notes=len(rows),
        a=counts[0],
        b=counts[1],
        missed=errors(lacking(true, ours), lacking(true, theirs)),
        added=errors(lacking(ours, true), lacking(theirs, true)),
        gave=errors(ours, theirs),
    )


def lacking(has: csr_matrix, lacks: csr_matrix) -> csr_matrix:
    """(notes, codes) the ones of the first matrix that the second lacks."""
    found = (has - has.multiply(lacks)).tocsr()
    found.eliminate_zeros()
    return found


def _columns(matrix: csr_matrix) -> IntArray:
    """(codes,) sums of columns."""
    return np.asarray(matrix.sum(axis=0), dtype=np.int64).ravel()
