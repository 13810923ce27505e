"""Which codes each note has, small enough to be stored beside a tally: what asks for some codes' notes reads this."""

from __future__ import annotations

import zlib

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.counts import Counts, per_note
from benchmark.metrics.sets.tally import Tally

NUMBER = np.dtype("<u4")


def reference_members(reference: Codings, counted: Tally) -> csr_matrix:
    """(notes, codes) of a tally: the reference's codes, those outside the label space too."""
    return encode(reference, counted.notes, LabelSpace("tally", counted.codes)).matrix


def rater_members(codings: Codings, counted: Tally) -> csr_matrix:
    """(notes, codes) of a tally: a rater's codes in the label space.

    >>> from benchmark.metrics.sets.tally import tally
    >>> counted = tally(LabelSpace("one", ("a",)), ["n1"], {"n1": ["a", "z"]}, {"Ada": {"n1": ["a", "z"]}})
    >>> rater_members({"n1": ["a", "z"]}, counted).toarray().tolist()
    [[1, 0]]
    """
    kept = {note: [code for code in codings.get(note, ()) if code not in counted.outside] for note in counted.notes}
    return encode(kept, counted.notes, LabelSpace("tally", counted.codes)).matrix


def counts_of(true: csr_matrix, given: csr_matrix, columns: list[int]) -> Counts:
    """Counts by note of these columns alone."""
    return per_note(true[:, columns], given[:, columns])


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
