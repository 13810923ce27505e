"""What everybody gave to a study's notes, kept with a benchmark: any two raters beside each other.

A benchmark's document has Table 1's raters on Table 1's notes. Its sides have each coder as well,
and each note of the reference, so that any two raters can be compared, code by code and note by
note. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import BoolArray, Coded, IntArray
from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.sets.counts import Counts, per_note
from benchmark.scoring.encoded import EncodedStudy


@dataclass(frozen=True)
class Side:
    """One rater."""

    name: str
    """As in Table 1; a coder who is no row of it by their own name."""
    kind: str
    """people (the human coders together, each note by its own coder), coder, model or reference."""
    in_table1: bool
    done: BoolArray
    """(N,) which notes the rater coded."""
    given: csr_matrix
    """(N, C) of ones. Codes outside the label space are dropped."""


@dataclass(frozen=True)
class Axes:
    """The notes and codes that all sides share."""

    notes: tuple[str, ...]
    """N: the notes of the reference."""
    codes: tuple[str, ...]
    """C: the codes that the reference or a rater gave, sorted."""
    outside: frozenset[str]
    """Those that are not in the label space: the reference's, which can only be missed."""
    scored: BoolArray
    """(N,) Table 1's notes: those that all of its raters coded."""


@dataclass(frozen=True)
class Sides:
    """The reference, and some raters beside each other."""

    axes: Axes
    true: csr_matrix
    """(N, C) of ones: the reference's codes."""
    raters: Mapping[str, Side]

    def counted(self, *names: str) -> IntArray:
        """The rows on which these raters are compared.

        Raters of Table 1 are on Table 1's notes, so that figures are Table 1's; where a coder who
        is no row of it is among them, on the notes that all of them coded.
        """
        sides = [self.raters[name] for name in names]
        if all(side.in_table1 for side in sides):
            return np.flatnonzero(self.axes.scored)
        done = np.ones(len(self.axes.notes), dtype=np.bool_)
        for side in sides:
            done &= side.done
        return np.flatnonzero(done)

    def per_note(self, name: str, rows: IntArray) -> Counts:
        """A rater's counts on each of these rows."""
        return per_note(self.true[rows], self.raters[name].given[rows])


def sides_of_study(study: EncodedStudy, kinds: Mapping[str, str]) -> Sides:
    """Everybody of a study on the reference's notes. `kinds` are those of Table 1's raters."""
    rows = np.flatnonzero(study.reference.done)
    inside = np.zeros(len(study.axes.codes), dtype=np.bool_)
    inside[study.columns] = True
    true = study.reference.matrix[rows]
    used = _has(true)
    sides = []
    for name, kind, in_table1, rater in _everybody(study, kinds):
        given = _only(rater.matrix[rows], inside)
        used |= _has(given)
        sides.append(Side(name, kind, in_table1, rater.done[rows], given))
    columns = np.flatnonzero(used)
    codes = tuple(study.axes.codes[column] for column in columns)
    axes = Axes(
        notes=tuple(study.axes.notes[row] for row in rows),
        codes=codes,
        outside=frozenset(study.axes.codes[column] for column in columns if not inside[column]),
        scored=np.isin(rows, study.rows),
    )
    on_axes = {side.name: replace(side, given=side.given[:, columns]) for side in sides}
    return Sides(axes, true[:, columns], on_axes)


def first_pair(
    compared: Comparison, kinds: Mapping[str, str], names: Sequence[str]
) -> tuple[str, str]:
    """The two raters that are shown first.

    The best model, or imported coder, beside the human coders; without these the next best; where
    there are people alone, the first two of them. The second is "" where there is one rater.
    """
    others = [name for name in compared.raters if kinds[name] not in ("people", "reference")]
    others.sort(key=lambda name: -compared.raters[name].micro.jaccard)
    people = [name for name in compared.raters if kinds[name] == "people"]
    coders = [name for name in names if name not in compared.raters]
    found = [*others[:1], *people, *others[1:]]
    if not others:
        found = coders
        if len(coders) < 2:
            found = people or coders
    distinct = list(dict.fromkeys([*found, *compared.raters]))
    return distinct[0], "".join(distinct[1:2])


def _everybody(
    study: EncodedStudy, kinds: Mapping[str, str]
) -> Iterator[tuple[str, str, bool, Coded]]:
    """Each rater's name, kind, whether it is a row of Table 1, and what it gave.

    A coder whose codes were imported is a row of Table 1 and comes once.
    """
    for name, rater in study.raters.items():
        yield name, kinds[name], True, rater
    for name, coder in study.coders.items():
        if kinds.get(name) != "coder":
            yield _free(name, study.raters), "coder", False, coder


def _free(name: str, taken: Mapping[str, object]) -> str:
    """A coder's name; said to be a coder's where a row of Table 1 has the same."""
    if name not in taken:
        return name
    return f"{name} (coder)"


def _has(matrix: csr_matrix) -> BoolArray:
    """(columns,) which have a one."""
    found = np.zeros(matrix.shape[1], dtype=np.bool_)
    found[matrix.indices] = True
    return found


def _only(matrix: csr_matrix, kept: BoolArray) -> csr_matrix:
    """The matrix without the ones of columns that are not kept."""
    found = matrix.multiply(kept.astype(np.int64)).tocsr()
    found.eliminate_zeros()
    found.sort_indices()
    return found
