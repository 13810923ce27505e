"""Codings as sparse matrices: encoded once, then every figure is computed from them.

`encode_all` gives the `Encoding` that figures against a reference take. `encode_raters` puts what
any raters gave on axes of their own, for figures that need no reference; `Axes.on` makes an
`Encoding` of some of these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.label_space import LabelSpace

Codings: TypeAlias = Mapping[str, Collection[str]]
"""note id -> the codes given to it; a note with an empty collection was coded, with no code."""

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Encoded:
    """One rater's codings over a label space."""

    matrix: csr_matrix
    """(notes, codes) of ones."""
    outside: IntArray
    """(notes,) how many codes of each note are not in the label space."""


@dataclass(frozen=True)
class Encoding:
    """A reference and raters, on the same notes over the same label space, encoded once.

    A note that a rater lacks counts as coded with no code.
    """

    space: LabelSpace
    notes: tuple[str, ...]
    true: csr_matrix
    """(notes, codes): the reference's codes in the label space."""
    missed: IntArray
    """(notes,) how many codes of the reference are not in it: they can only be missed."""
    given: Mapping[str, Encoded]
    """By the rater's name."""
    beyond: csr_matrix
    """(notes, others): the reference's codes that are not in the label space."""
    others: tuple[str, ...]
    """Which codes those are."""

    def dropping(self) -> Encoding:
        """The same, but the reference's codes outside the label space are dropped, not missed."""
        nothing = csr_matrix((len(self.notes), 0), dtype=np.int64)
        return replace(self, missed=np.zeros_like(self.missed), beyond=nothing, others=())


@dataclass(frozen=True)
class Coded:
    """What one rater gave, over the notes and codes of `Axes`."""

    matrix: csr_matrix
    """(notes, codes) of ones."""
    done: BoolArray
    """(notes,) which notes the rater coded: one coded with no code has an empty row too."""


@dataclass(frozen=True)
class Axes:
    """The notes and the codes that the matrices of several raters have in common, both sorted."""

    notes: tuple[str, ...]
    codes: tuple[str, ...]

    @cached_property
    def row(self) -> dict[str, int]:
        """Note id -> row."""
        return {note: index for index, note in enumerate(self.notes)}

    @cached_property
    def column(self) -> dict[str, int]:
        """Code -> column."""
        return {code: index for index, code in enumerate(self.codes)}

    def rows(self, notes: Iterable[str]) -> IntArray:
        """(notes,) their rows. KeyError for a note that is not on the axis."""
        return np.array([self.row[note] for note in notes], dtype=np.int64)

    def columns(self, codes: Iterable[str]) -> IntArray:
        """(codes,) their columns. KeyError for a code that is not on the axis."""
        return np.array([self.column[code] for code in codes], dtype=np.int64)

    def encode(self, codings: Codings) -> Coded:
        """Codings over these axes; codes and notes that are not on them are left out."""
        matrix, _ = _matrix(codings, self.notes, self.column)
        done = np.array([note in codings for note in self.notes], dtype=np.bool_)
        return Coded(matrix, done)

    def on(
        self,
        space: LabelSpace,
        reference: Coded,
        raters: Mapping[str, Coded],
        rows: Sequence[int] | IntArray | None = None,
    ) -> Encoding:
        """Some of what is on these axes as an `Encoding`: on these rows, or on all.

        Every code of the label space must be on the axis.
        """
        chosen: IntArray = np.arange(len(self.notes))
        if rows is not None:
            chosen = np.asarray(rows, dtype=np.int64)
        inside = self.columns(space.codes)
        true = reference.matrix[chosen]
        rest = np.setdiff1d(np.unique(true.indices), inside)
        given = {}
        for name, rater in raters.items():
            all_given = rater.matrix[chosen]
            in_space = _columns_of(all_given, inside)
            given[name] = Encoded(in_space, _row_sizes(all_given) - _row_sizes(in_space))
        in_space = _columns_of(true, inside)
        return Encoding(
            space=space,
            notes=tuple(self.notes[index] for index in chosen),
            true=in_space,
            missed=_row_sizes(true) - _row_sizes(in_space),
            given=given,
            beyond=_columns_of(true, rest),
            others=tuple(self.codes[index] for index in rest),
        )


def encode(codings: Codings, notes: Sequence[str], space: LabelSpace) -> Encoded:
    """The codings of `notes`, in their order, over a label space; a repeated code counts once.

    A note without a coding gets an empty row.

    >>> space = LabelSpace("two codes", ("401.9", "428.0"))
    >>> coded = encode({"n1": ["428.0", "428.0", "V10.5"], "n2": []}, ["n1", "n2"], space)
    >>> coded.matrix.toarray().tolist(), coded.outside.tolist()
    ([[0, 1], [0, 0]], [1, 0])
    """
    column = {code: index for index, code in enumerate(space.codes)}
    return Encoded(*_matrix(codings, notes, column))


def encode_all(
    space: LabelSpace, notes: Sequence[str], reference: Codings, raters: Mapping[str, Codings]
) -> Encoding:
    """A reference and raters on these notes, in their order, over this label space.

    >>> space = LabelSpace("one code", ("401.9",))
    >>> encoding = encode_all(space, ["n1"], {"n1": ["401.9", "V10.5"]}, {"Ada": {"n1": []}})
    >>> encoding.true.toarray().tolist(), encoding.missed.tolist(), encoding.others
    ([[1]], [1], ('V10.5',))
    """
    everybody = [reference, *raters.values()]
    on_these = [{note: codings.get(note, ()) for note in notes} for codings in everybody]
    axes = Axes(tuple(notes), _codes_of(on_these, space.codes))
    given = {name: axes.encode(codings) for name, codings in raters.items()}
    return axes.on(space, axes.encode(reference), given)


def encode_raters(raters: Mapping[str, Codings]) -> dict[str, Coded]:
    """What each rater gave, on axes that have all of their notes and codes.

    >>> coded = encode_raters({"Ada": {"n1": ["428.0"], "n2": []}, "Ben": {"n1": ["401.9"]}})
    >>> coded["Ada"].matrix.toarray().tolist(), coded["Ben"].done.tolist()
    ([[0, 1], [0, 0]], [True, False])
    """
    axes = axes_of(raters.values())
    return {name: axes.encode(codings) for name, codings in raters.items()}


def axes_of(many: Iterable[Codings], codes: Iterable[str] = ()) -> Axes:
    """Axes that have every note and every code of these codings, and these codes besides."""
    codings = list(many)
    notes = sorted(set().union(*codings))
    return Axes(tuple(notes), _codes_of(codings, codes))


def _codes_of(many: Iterable[Codings], besides: Iterable[str]) -> tuple[str, ...]:
    found = set(besides)
    for codings in many:
        for codes in codings.values():
            found.update(codes)
    return tuple(sorted(found))


def _matrix(
    codings: Codings, notes: Sequence[str], column: Mapping[str, int]
) -> tuple[csr_matrix, IntArray]:
    """(notes, columns) of ones, and (notes,) how many codes of each note have no column."""
    indices: list[int] = []
    ends = [0]
    left_out = []
    for note in notes:
        given = set(codings.get(note, ()))
        inside = sorted(column[code] for code in given if code in column)
        indices.extend(inside)
        ends.append(len(indices))
        left_out.append(len(given) - len(inside))
    ones = np.ones(len(indices), dtype=np.int64)
    shape = (len(notes), len(column))
    where = (np.array(indices, dtype=np.int64), np.array(ends, dtype=np.int64))
    return csr_matrix((ones, *where), shape=shape), np.array(left_out, dtype=np.int64)


def _columns_of(matrix: csr_matrix, columns: IntArray) -> csr_matrix:
    """Some columns, in their order; each row's indices sorted."""
    found = matrix[:, columns]
    found.sort_indices()
    return found


def _row_sizes(matrix: csr_matrix) -> IntArray:
    """(rows,) how many ones each row has."""
    return np.diff(matrix.indptr).astype(np.int64)
