"""Codings as sparse matrices: one row a note, one column a code of the label space."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.label_space import LabelSpace

Codings: TypeAlias = Mapping[str, Collection[str]]
"""note id -> the codes given to it; a note with an empty collection was coded, with no code."""

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Encoded:
    """Codings over a label space."""

    matrix: csr_matrix
    """(notes, codes) of ones."""
    outside: IntArray
    """(notes,) how many codes of each note are not in the label space."""


def encode(codings: Codings, notes: Sequence[str], space: LabelSpace) -> Encoded:
    """The codings of `notes`, in their order. A note without a coding gets an empty row; a repeated code counts once.

    >>> space = LabelSpace("two codes", ("401.9", "428.0"))
    >>> coded = encode({"n1": ["428.0", "428.0", "V10.5"], "n2": []}, ["n1", "n2"], space)
    >>> coded.matrix.toarray().tolist(), coded.outside.tolist()
    ([[0, 1], [0, 0]], [1, 0])
    """
    column = {code: index for index, code in enumerate(space.codes)}
    indices: list[int] = []
    ends, outside = [0], []
    for note in notes:
        given = set(codings.get(note, ()))
        inside = sorted(column[code] for code in given if code in column)
        indices.extend(inside)
        ends.append(len(indices))
        outside.append(len(given) - len(inside))
    data = np.ones(len(indices), dtype=np.int64)
    shape = (len(notes), len(space.codes))
    matrix = csr_matrix((data, np.array(indices, dtype=np.int64), np.array(ends, dtype=np.int64)), shape=shape)
    return Encoded(matrix, np.array(outside, dtype=np.int64))
