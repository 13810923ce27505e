"""Which codes each note of a comparison has.

A tally counts them, and the notes of some codes are found by them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from benchmark.metrics.codings import Encoding

NUMBER = np.dtype("<u4")


@dataclass(frozen=True)
class Members:
    """The codes that the reference or a rater gave, as matrices (notes, codes) of ones.

    A rater's codes outside the label space are dropped; the reference's stay, as misses.
    """

    codes: tuple[str, ...]
    """Sorted."""
    true: csr_matrix
    given: Mapping[str, csr_matrix]


def members_of(encoding: Encoding) -> Members:
    """The codes that somebody gave, of an encoding.

    >>> from benchmark.metrics.codings import encode_all
    >>> from benchmark.metrics.label_space import LabelSpace
    >>> space = LabelSpace("two", ("a", "b"))
    >>> raters = {"Ada": {"n1": ["a", "y"]}}
    >>> found = members_of(encode_all(space, ["n1"], {"n1": ["a", "z"]}, raters))
    >>> found.codes, found.true.toarray().tolist(), found.given["Ada"].toarray().tolist()
    (('a', 'z'), [[1, 1]], [[1, 0]])
    """
    of_raters = [each.matrix.indices for each in encoding.given.values()]
    inside = np.unique(np.concatenate([encoding.true.indices, *of_raters]))
    codes = [encoding.space.codes[index] for index in inside] + list(encoding.others)
    order = np.argsort(np.array(codes, dtype=object), kind="stable")
    nothing = csr_matrix(encoding.beyond.shape, dtype=np.int64)

    def over_codes(in_space: csr_matrix, outside: csr_matrix) -> csr_matrix:
        found = hstack([in_space[:, inside], outside], format="csr")[:, order]
        found.sort_indices()
        return found

    return Members(
        codes=tuple(codes[index] for index in order),
        true=over_codes(encoding.true, encoding.beyond),
        given={name: over_codes(each.matrix, nothing) for name, each in encoding.given.items()},
    )


def packed(matrix: csr_matrix) -> bytes:
    """A 0/1 matrix as bytes: how many ones each row has, then their columns; compressed."""
    sizes = np.diff(matrix.indptr)
    return zlib.compress(np.concatenate([sizes, matrix.indices]).astype(NUMBER).tobytes(), level=1)


def unpacked(data: bytes, notes: int, codes: int) -> csr_matrix:
    """The matrix (notes, codes) that was packed.

    >>> matrix = csr_matrix([[1, 0, 1], [0, 0, 0]])
    >>> unpacked(packed(matrix), 2, 3).toarray().tolist()
    [[1, 0, 1], [0, 0, 0]]
    """
    numbers = np.frombuffer(zlib.decompress(data), NUMBER).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(numbers[:notes])])
    ones = np.ones(len(numbers) - notes, np.int64)
    return csr_matrix((ones, numbers[notes:], ends), shape=(notes, codes))
