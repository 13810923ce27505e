"""Do raters agree with each other? Needs each note's sets of codes, no reference.

The raters are those of `encode_raters`, or of the same `Axes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix, vstack

from benchmark.metrics.codings import Coded, FloatArray, IntArray
from benchmark.metrics.sets.averages import note_means
from benchmark.metrics.sets.counts import per_note

BLOCK = 1_000
Distance = Literal["jaccard", "masi"]


@dataclass(frozen=True)
class Agreement:
    """Two raters on the notes that both coded."""

    first: str
    second: str
    notes: int
    jaccard: float
    """Mean over notes of the Jaccard of the two sets; two empty sets agree: 1."""
    exact_match: float
    """Share of notes with the very same set."""


def pairwise(raters: Mapping[str, Coded]) -> list[Agreement]:
    """Every pair of raters, in order; one without common notes has 0 notes and figures of 0.

    >>> from benchmark.metrics.codings import encode_raters
    >>> ada = {"n1": ["401.9", "428.0"], "n2": []}
    >>> ben = {"n1": ["401.9"], "n2": [], "n3": ["V10.5"]}
    >>> pairwise(encode_raters({"Ada": ada, "Ben": ben}))
    [Agreement(first='Ada', second='Ben', notes=2, jaccard=0.75, exact_match=0.5)]
    """
    found = []
    for first, second in combinations(raters, 2):
        ours = raters[first]
        theirs = raters[second]
        both = np.flatnonzero(ours.done & theirs.done)
        means = note_means(per_note(ours.matrix[both], theirs.matrix[both]))
        found.append(Agreement(first, second, len(both), means.jaccard, means.exact_match))
    return found


def krippendorff_alpha(raters: Mapping[str, Coded], distance: Distance = "jaccard") -> float | None:
    """Krippendorff's alpha with a distance between sets of codes.

    That is 1 - observed / expected disagreement. Distance: 1 - Jaccard, or MASI, 1 - Jaccard x 1,
    2/3, 1/3 or 0 where the sets are the same, one holds the other, they overlap, they do not
    (Passonneau 2006).

    Any number of raters, each with its own notes: a note counts where two or more coded it. 1 is
    full agreement, 0 is chance. None where it is undefined: no note coded twice, or the same set
    everywhere, of which nothing says whether chance alone would have given it. Krippendorff,
    Content Analysis (2004), chapter 11.

    >>> from benchmark.metrics.codings import encode_raters
    >>> both = {"n1": ["a"], "n2": ["b"]}
    >>> krippendorff_alpha(encode_raters({"Ada": both, "Ben": both}))
    1.0
    >>> both = {"n1": ["a"], "n2": ["a"]}
    >>> krippendorff_alpha(encode_raters({"Ada": both, "Ben": both}))
    """
    each = list(raters.values())
    shared = coded_twice(each)
    if not shared:
        return None
    sets, sizes = sets_of(each, shared)
    expected = _disagreement(sets, distance)
    if not expected:
        return None
    observed = 0.0
    start = 0
    for size in sizes:
        observed += size * _disagreement(sets[start : start + size], distance)
        start += size
    return 1.0 - observed / start / expected


def kappa(first: Coded, second: Coded, columns: IntArray) -> float | None:
    """Cohen's kappa over the (note, code) cells of the notes that both coded.

    `columns`: those of the label space. None where it is undefined: no cell, or chance alone would
    agree in all. Nearly all cells are empty for both, so this is nearly the F1 of one rater against
    the other, and grows with the label space: print it with that remark. Cohen, A coefficient of
    agreement for nominal scales (1960).

    >>> from benchmark.metrics.codings import encode_raters
    >>> raters = encode_raters({"Ada": {"n1": ["401.9"]}, "Ben": {"n1": ["401.9", "428.0"]}})
    >>> round(kappa(raters["Ada"], raters["Ben"], np.array([0, 1])), 3)
    0.0
    """
    notes = np.flatnonzero(first.done & second.done)
    ours = first.matrix[notes][:, columns]
    theirs = second.matrix[notes][:, columns]
    cells = len(notes) * len(columns)
    a = int(ours.sum())
    b = int(theirs.sum())
    both = int(ours.multiply(theirs).sum())
    chance = a * b + (cells - a) * (cells - b)
    agreed = cells - a - b + 2 * both
    if cells * cells <= chance:
        return None
    return (agreed * cells - chance) / (cells * cells - chance)


def majority_of_others(raters: Mapping[str, Coded], name: str) -> Coded:
    """What more than half of the other raters gave.

    On the notes that `name` and at least two others coded. This is the reference to score `name`
    against where the reference was made from the raters themselves: nobody is held to an answer
    that is partly their own.

    >>> from benchmark.metrics.codings import encode_raters
    >>> codings = {"Ada": {"n1": ["a"]}, "Ben": {"n1": ["a", "b"]}, "Cid": {"n1": ["b"]}}
    >>> raters = encode_raters(codings)
    >>> majority = majority_of_others(raters, "Ada")
    >>> majority.matrix.toarray().tolist(), majority.done.tolist()
    ([[0, 1]], [True])
    """
    mine = raters[name]
    votes = csr_matrix(mine.matrix.shape, dtype=np.int64)
    voters = np.zeros(len(mine.done), dtype=np.int64)
    for other, coded in raters.items():
        if other != name:
            votes = votes + coded.matrix
            voters += coded.done
    done = mine.done & (voters > 1)
    cells = votes.tocoo()
    won = (2 * cells.data > voters[cells.row]) & done[cells.row]
    ones = np.ones(int(won.sum()), dtype=np.int64)
    matrix = csr_matrix((ones, (cells.row[won], cells.col[won])), shape=votes.shape)
    return Coded(matrix, done)


def coded_twice(raters: list[Coded]) -> list[int]:
    """The notes (rows) that more than one rater coded, in the order of the raters."""
    times = np.sum([rater.done for rater in raters], axis=0)
    rows: dict[int, None] = {}
    for rater in raters:
        rows.update(dict.fromkeys(np.flatnonzero(rater.done & (times > 1)).tolist()))
    return list(rows)


def sets_of(raters: list[Coded], rows: list[int]) -> tuple[csr_matrix, list[int]]:
    """(sets, codes): note by note what each rater gave; and how many sets each note has."""
    done = np.array([rater.done for rater in raters])[:, rows]
    notes = len(raters[0].done)
    stacked = vstack([rater.matrix for rater in raters], format="csr")
    note, rater = np.nonzero(done.T)
    return stacked[rater * notes + np.array(rows)[note]], done.sum(axis=0).tolist()


def _disagreement(sets: csr_matrix, distance: Distance) -> float:
    """Mean distance over all ordered pairs of different rows of a 0/1 matrix.

    0 for fewer than two rows.
    """
    rows = sets.shape[0]
    if rows < 2:
        return 0.0
    sizes = np.asarray(sets.sum(axis=1), dtype=np.int64).ravel()
    similarity = 0.0
    for start in range(0, rows, BLOCK):
        end = start + BLOCK
        similarity += _similarity(sets[start:end], sets, sizes[start:end], sizes, distance)
    empty = int((sizes == 0).sum())
    similarity += empty * empty - rows  # each row with itself is 1 and no pair
    return float(1.0 - similarity / (rows * (rows - 1)))


def _similarity(
    block: csr_matrix, sets: csr_matrix, ours: IntArray, theirs: IntArray, distance: Distance
) -> float:
    """Sum of 1 - distance over the pairs of a row of the block and a row of all."""
    _, _, values = pair_similarities(block, sets, ours, theirs, distance)
    return float(values.sum())


def pair_similarities(
    block: csr_matrix, sets: csr_matrix, ours: IntArray, theirs: IntArray, distance: Distance
) -> tuple[IntArray, IntArray, FloatArray]:
    """1 - distance of the pairs of a row of the block and a row of all that share a code.

    Three of (pairs,): the row of the block, the row of all, the similarity. `ours` and `theirs` are
    the sizes of the sets.
    """
    common = (block @ sets.T).tocoo()
    a = ours[common.row]
    b = theirs[common.col]
    jaccard = common.data / (a + b - common.data)
    if distance == "jaccard":
        return common.row, common.col, jaccard
    # 0 where the two sets overlap, 1 where one holds the other, 2 where they are the same.
    held = (common.data == a).astype(int) + (common.data == b)
    return common.row, common.col, jaccard * (1 + held) / 3
