"""Is the principal diagnosis found? Recall by the rank that the reference gives a code.

MIMIC's SEQ_NUM ranks the codes of a stay: 1 is the principal diagnosis. A rater's codes have no
rank, so only recall can be told apart. Without ranks there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import estimate, influence
from benchmark.metrics.codings import BoolArray, Codings, IntArray
from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.sets.weights import wilson

BANDS = {"1": 1, "2": 2, "3": 3, "4-5": 5, "6-10": 10, "> 10": None}
"""Name -> highest rank of the band."""


@dataclass(frozen=True)
class RankRecall:
    """Recall of the reference's codes of some ranks."""

    ranks: str
    """A key of BANDS; "1" is the principal diagnosis, where only diagnoses are ranked."""
    codes: int
    """(note, code) cells of these ranks."""
    found: int
    recall: float | None
    """None without such a code."""
    interval: Interval | None
    """Wilson's where no note has two such codes, else a jackknife over notes."""


def recall_by_rank(
    ranks: csr_matrix, given: csr_matrix, columns: BoolArray | None = None
) -> list[RankRecall]:
    """Recall in each band of ranks.

    `ranks` (notes, codes): the rank of the reference's codes, from 1; 0 for a code without one.
    `given`: the rater's ones over the same. `columns` (codes,): the codes that count, such as the
    diagnoses, for these and procedures are ranked apart.

    >>> ranks = csr_matrix([[1, 2], [2, 1]])
    >>> first, *_ = recall_by_rank(ranks, csr_matrix([[1, 0], [1, 0]]))
    >>> first.ranks, first.codes, first.found, first.recall
    ('1', 2, 1, 0.5)
    """
    if columns is not None:
        kept = np.flatnonzero(columns)
        ranks, given = ranks[:, kept], given[:, kept]
    cells = ranks.tocoo()
    ranked = cells.data > 0
    row, rank = cells.row[ranked], cells.data[ranked]
    hit = np.zeros(len(row), dtype=np.int64)
    if len(row):
        hit = np.asarray(given[row, cells.col[ranked]], dtype=np.int64).ravel()
    found = []
    lowest = 1
    for name, highest in BANDS.items():
        inside = rank >= lowest
        if highest is not None:
            inside &= rank <= highest
            lowest = highest + 1
        found.append(_recall(name, row[inside], hit[inside], ranks.shape[0]))
    return found


def ranks_on(
    ranks: Mapping[str, Mapping[str, int]],
    reference: Codings,
    notes: tuple[str, ...],
    codes: tuple[str, ...],
) -> csr_matrix | None:
    """(notes, codes) ranks of the reference's codes from note id -> code -> rank.

    A rank of a code that the reference does not have is left out. None where no code has one.

    >>> found = ranks_on({"n1": {"a": 1, "z": 2}}, {"n1": ["a", "b"]}, ("n1",), ("a", "b"))
    >>> found.toarray().tolist()
    [[1, 0]]
    """
    column = {code: place for place, code in enumerate(codes)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[int] = []
    for row, note in enumerate(notes):
        true = set(reference.get(note, ()))
        for code, rank in ranks.get(note, {}).items():
            if code in true and code in column:
                rows.append(row)
                columns.append(column[code])
                values.append(rank)
    if not values:
        return None
    return csr_matrix((values, (rows, columns)), shape=(len(notes), len(codes)), dtype=np.int64)


def _recall(name: str, row: IntArray, hit: IntArray, notes: int) -> RankRecall:
    codes = len(row)
    hits = int(hit.sum())
    if not codes:
        return RankRecall(name, 0, 0, None, None)
    true = np.bincount(row, minlength=notes)
    if true.max() == 1:
        return RankRecall(name, codes, hits, hits / codes, wilson(hits, codes))
    tp = np.bincount(row, weights=hit, minlength=notes)
    counts = Counts(tp=tp, p=true, t=true)
    sure = estimate(influence(counts, "recall", true > 0))
    return RankRecall(name, codes, hits, hits / codes, sure.interval)
