"""Which codes a coder gets wrong, what is given in their place, and where. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import IntArray
from benchmark.scoring.sides import Sides
from benchmark.tables.two_raters import groups_of, lacking
from icd.groups import category_group


@dataclass(frozen=True)
class Beside:
    """The rater beside the coder, on those of the coder's notes that this rater coded too."""

    reference: int
    found: int
    missed: int
    """By the coder, on these notes."""
    found_of_missed: int


@dataclass(frozen=True)
class GroupLine:
    """A code, or a group of codes, on the coder's notes."""

    name: str
    reference: int
    """How often the reference has it: once a note for a code."""
    given: int
    found: int
    """Given where the reference has it."""
    beside: Beside | None = None
    """None where nobody is beside the coder."""

    @property
    def missed(self) -> int:
        return self.reference - self.found

    @property
    def added(self) -> int:
        return self.given - self.found

    @property
    def wrong(self) -> int:
        return self.missed + self.added

    @property
    def recall(self) -> float:
        """The share found, per cent; 0 where the reference has none."""
        return _percent(self.found, self.reference)

    @property
    def recall_beside(self) -> float | None:
        if self.beside is None or not self.beside.reference:
            return None
        return _percent(self.beside.found, self.beside.reference)


@dataclass(frozen=True)
class Confusion:
    """A code that was given where the reference has another of the same category."""

    given: str
    instead_of: str
    names: tuple[str, ...]
    """The notes, by their external ids."""

    @property
    def notes(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Family:
    """Wrong codes of the right category."""

    added: int
    """All codes that were added."""
    near: int
    """Of these, those in whose note a code of the same category was missed."""
    confusions: list[Confusion]
    """The most frequent first."""


def lines_by(
    sides: Sides, name: str, beside: str, rows: IntArray, by: str = "code"
) -> list[GroupLine]:
    """Every code, or group of codes, that the coder or the reference has on these notes."""
    true = sides.true[rows]
    ours = sides.raters[name].given[rows]
    hit = true.multiply(ours)
    groups, number = groups_of(sides, by, rows)

    def summed(matrix: csr_matrix) -> IntArray:
        of_code = np.asarray(matrix.sum(axis=0)).ravel()
        found: IntArray = np.bincount(number, weights=of_code, minlength=len(groups)).astype(int)
        return found

    reference, given, found = summed(true), summed(ours), summed(hit)
    theirs: list[Beside | None] = [None] * len(groups)
    if beside:
        there = rows[sides.raters[beside].done[rows]]
        theirs = _beside(sides, name, beside, there, summed)
    lines = []
    for place in np.flatnonzero(reference + given):
        counts = int(reference[place]), int(given[place]), int(found[place])
        lines.append(GroupLine(groups[place], *counts, beside=theirs[place]))
    return lines


def _beside(
    sides: Sides,
    name: str,
    beside: str,
    rows: IntArray,
    summed: Callable[[csr_matrix], IntArray],
) -> list[Beside | None]:
    """Of each group, on these notes; `summed` sums a matrix by group."""
    true = sides.true[rows]
    hit = true.multiply(sides.raters[name].given[rows])
    hit_beside = true.multiply(sides.raters[beside].given[rows])
    reference = summed(true)
    found = summed(hit_beside)
    missed = reference - summed(hit)
    of_missed = found - summed(hit_beside.multiply(hit))
    each = zip(reference.tolist(), found.tolist(), missed.tolist(), of_missed.tolist(), strict=True)
    return [Beside(*counts) for counts in each]


def most(lines: list[GroupLine], count: Callable[[GroupLine], int], top: int) -> list[GroupLine]:
    """The lines with the largest counts, largest first, equal ones by name; none with a count of 0.

    >>> lines = [GroupLine("b", 2, 0, 0), GroupLine("a", 2, 0, 0)]
    >>> [line.name for line in most(lines, lambda line: line.missed, 1)]
    ['a']
    """
    having = [line for line in lines if count(line)]
    having.sort(key=lambda line: (-count(line), line.name))
    return having[:top]


def family(sides: Sides, name: str, rows: IntArray, top: int) -> Family:
    """Codes that were added where a code of the same category was missed in the same note."""
    true = sides.true[rows]
    ours = sides.raters[name].given[rows]
    added = lacking(ours, true)
    missed = lacking(true, ours)
    category = _categories(sides, added, missed)
    added_in = _cells(added, category)
    missed_in = _cells(missed, category)
    shared = np.intersect1d(added_in, missed_in)
    near = np.isin(added_in, shared)
    pairs: dict[tuple[int, int], list[int]] = {}
    missed_of: dict[int, list[int]] = {}
    kept = np.isin(missed_in, shared)
    for cell, column in zip(missed_in[kept].tolist(), missed.indices[kept].tolist(), strict=True):
        missed_of.setdefault(cell, []).append(column)
    note_of = np.repeat(np.arange(len(rows)), np.diff(added.indptr))
    for cell, column, note in zip(
        added_in[near].tolist(), added.indices[near].tolist(), note_of[near].tolist(), strict=True
    ):
        for other in missed_of[cell]:
            pairs.setdefault((column, other), []).append(note)
    codes = sides.axes.codes
    found = []
    largest = sorted(pairs, key=lambda pair: (-len(pairs[pair]), codes[pair[0]], codes[pair[1]]))
    for pair in largest[:top]:
        names = tuple(sides.axes.notes[row] for row in rows[pairs[pair]])
        found.append(Confusion(codes[pair[0]], codes[pair[1]], names))
    return Family(added=added.nnz, near=int(near.sum()), confusions=found)


def _categories(sides: Sides, *matrices: csr_matrix) -> IntArray:
    """(codes,): the number of each code's category; of codes that no matrix has it is 0."""
    names: dict[str, int] = {}
    found = np.zeros(len(sides.axes.codes), dtype=np.int64)
    for column in np.unique(np.concatenate([matrix.indices for matrix in matrices])):
        group = category_group(sides.axes.codes[column])
        found[column] = names.setdefault(group, len(names))
    return found


def _cells(matrix: csr_matrix, category: IntArray) -> IntArray:
    """A number of its note and category for each one of the matrix, in its order."""
    notes = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    found: IntArray = notes * (int(category.max(initial=0)) + 1) + category[matrix.indices]
    return found


def _percent(part: int, whole: int) -> float:
    if not whole:
        return 0.0
    return 100 * part / whole
