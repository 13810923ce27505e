"""Do raters agree with each other? No reference and no label space: each note's sets of codes as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import Codings, IntArray, encode
from benchmark.metrics.label_space import LabelSpace, union
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


def pairwise(raters: Mapping[str, Codings]) -> list[Agreement]:
    """Every pair of raters, in order; a pair without common notes has 0 notes and figures of 0.

    >>> pairwise({"Ada": {"n1": ["401.9", "428.0"], "n2": []}, "Ben": {"n1": ["401.9"], "n2": [], "n3": ["V10.5"]}})
    [Agreement(first='Ada', second='Ben', notes=2, jaccard=0.75, exact_match=0.5)]
    """
    return [_agreement(first, second, raters[first], raters[second]) for first, second in combinations(raters, 2)]


def krippendorff_alpha(raters: Mapping[str, Codings], distance: Distance = "jaccard") -> float | None:
    """Krippendorff's alpha with a distance between sets of codes, 1 - observed / expected disagreement.

    Distance: 1 - Jaccard, or MASI, 1 - Jaccard x 1, 2/3, 1/3 or 0 where the sets are the same, one holds the other,
    they overlap, they do not (Passonneau 2006).

    Any number of raters, each with its own notes: a note counts where two or more coded it. 1 is full agreement, 0
    is chance. None where it is undefined: no note coded twice, or the same set everywhere, of which nothing says
    whether chance alone would have given it. Krippendorff, Content Analysis (2004), chapter 11.

    >>> krippendorff_alpha({"Ada": {"n1": ["a"], "n2": ["b"]}, "Ben": {"n1": ["a"], "n2": ["b"]}})
    1.0
    >>> krippendorff_alpha({"Ada": {"n1": ["a"], "n2": ["a"]}, "Ben": {"n1": ["a"], "n2": ["a"]}}) is None
    True
    """
    notes = _coded_twice(raters)
    given = [(note, codings) for note in notes for codings in raters.values() if note in codings]
    space = union({}, raters.values(), notes)
    sets = encode({str(i): codings[note] for i, (note, codings) in enumerate(given)}, _numbers(len(given)), space)
    sizes = [sum(note in codings for codings in raters.values()) for note in notes]
    expected = _disagreement(sets.matrix, distance)
    if not expected:
        return None
    observed, start = 0.0, 0
    for size in sizes:
        observed += size * _disagreement(sets.matrix[start : start + size], distance)
        start += size
    return 1.0 - observed / start / expected


def kappa(first: Codings, second: Codings, space: LabelSpace) -> float:
    """Cohen's kappa over the (note, code) cells of the notes that both coded; 0 where chance alone would agree.

    Nearly all cells are empty for both, so this is nearly the F1 of one rater against the other, and grows with the
    label space: print it with that remark. Cohen, A coefficient of agreement for nominal scales (1960).

    >>> round(kappa({"n1": ["401.9"]}, {"n1": ["401.9", "428.0"]}, LabelSpace("two", ("401.9", "428.0"))), 3)
    0.0
    """
    notes = [note for note in first if note in second]
    ours, theirs = (encode(codings, notes, space).matrix for codings in (first, second))
    cells = len(notes) * len(space.codes)
    both, a, b = (int(matrix.sum()) for matrix in (ours.multiply(theirs), ours, theirs))
    chance = a * b + (cells - a) * (cells - b)
    agreed = cells - a - b + 2 * both
    return (agreed * cells - chance) / (cells * cells - chance) if cells * cells > chance else 0.0


def majority_of_others(raters: Mapping[str, Codings], name: str) -> dict[str, set[str]]:
    """What more than half of the other raters gave, on the notes that `name` and at least two others coded.

    The reference to score `name` against where the reference was made from the raters themselves: nobody is held to
    an answer that is partly their own.

    >>> raters = {"Ada": {"n1": ["a"]}, "Ben": {"n1": ["a", "b"]}, "Cid": {"n1": ["b"]}}
    >>> majority_of_others(raters, "Ada")
    {'n1': {'b'}}
    """
    found = {}
    for note in raters[name]:
        others = [set(codings[note]) for other, codings in raters.items() if other != name and note in codings]
        if len(others) > 1:
            votes = Counter(code for codes in others for code in codes)
            found[note] = {code for code, count in votes.items() if 2 * count > len(others)}
    return found


def _agreement(first: str, second: str, ours: Codings, theirs: Codings) -> Agreement:
    notes = [note for note in ours if note in theirs]
    space: LabelSpace = union(ours, [theirs], notes)
    means = note_means(per_note(encode(ours, notes, space).matrix, encode(theirs, notes, space).matrix))
    return Agreement(first, second, len(notes), means.jaccard, means.exact_match)


def _coded_twice(raters: Mapping[str, Codings]) -> list[str]:
    times: dict[str, int] = {}
    for codings in raters.values():
        for note in codings:
            times[note] = times.get(note, 0) + 1
    return [note for note, count in times.items() if count > 1]


def _numbers(size: int) -> Sequence[str]:
    return [str(i) for i in range(size)]


def _disagreement(sets: csr_matrix, distance: Distance) -> float:
    """Mean distance over all ordered pairs of different rows of a 0/1 matrix; 0 for fewer than two rows."""
    rows = sets.shape[0]
    if rows < 2:
        return 0.0
    sizes = np.asarray(sets.sum(axis=1), dtype=np.int64).ravel()
    blocks = (
        _similarity(sets[i : i + BLOCK], sets, sizes[i : i + BLOCK], sizes, distance) for i in range(0, rows, BLOCK)
    )
    empty = int((sizes == 0).sum())
    similarity = sum(blocks) + empty * empty - rows  # each row with itself is 1 and no pair
    return float(1.0 - similarity / (rows * (rows - 1)))


def _similarity(block: csr_matrix, sets: csr_matrix, ours: IntArray, theirs: IntArray, distance: Distance) -> float:
    """Sum of 1 - distance over the pairs (row of the block, row of all) that share a code; other pairs have 0."""
    common = (block @ sets.T).tocoo()
    a, b = ours[common.row], theirs[common.col]
    jaccard = common.data / (a + b - common.data)
    if distance == "jaccard":
        return float(jaccard.sum())
    held = (common.data == a).astype(int) + (common.data == b)  # 0: they overlap, 1: one holds the other, 2: the same
    return float((jaccard * (1 + held) / 3).sum())
