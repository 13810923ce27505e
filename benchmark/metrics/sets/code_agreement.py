"""Do raters agree on one code? AC1 for each code, and positive agreement for one or all.

Gwet's AC1 of one code (Gwet 2008): r_j raters coded note j, a_j of them gave the code.

    p_a = mean over notes with r_j >= 2 of [a (a - 1) + (r - a) (r - a - 1)] / (r (r - 1))
    pi  = mean over notes with r_j >= 1 of a / r
    p_e = 2 pi (1 - pi)
    AC1 = (p_a - p_e) / (1 - p_e)

p_e is at most .5, so AC1 is defined wherever a note has two raters. Over all (note, code) cells at
once it would reward the empty ones: two raters who share a fifth of their codes have an AC1 above
.99 there. For all codes there is the positive agreement

    PA = sum a (a - 1) / sum a (r - 1)

which is the F1 of one against the other for two raters, and needs no correction for chance where
codes are rare (Cicchetti and Feinstein 1990; Hripcsak and Rothschild 2005).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.influence import Estimate, estimate, of_leaves
from benchmark.metrics.codings import Coded, FloatArray, IntArray
from benchmark.metrics.sets.counts import per_code, ratio

LEAST = 10
"""Shared notes in which somebody gave a code, for its AC1 to be printed."""


@dataclass(frozen=True)
class CodeAgreement:
    """How far the raters agree on one code."""

    column: int
    """On the axes of the raters."""
    notes: int
    """Shared notes in which somebody gave it."""
    ac1: Estimate | None
    positive: Estimate | None
    """Positive agreement. It and AC1 are None where undefined."""


def agreement_by_code(raters: Mapping[str, Coded], least: int = LEAST) -> list[CodeAgreement]:
    """AC1 and positive agreement of every code given in at least `least` shared notes.

    In the order of their columns. Fewer than two raters share no note: nothing. The intervals are
    delete-one-note jackknives with t(n - 1).

    >>> from benchmark.metrics.codings import encode_raters
    >>> ada = {"n1": ["a"], "n2": ["a"], "n3": ["a"], "n4": []}
    >>> ben = {"n1": ["a"], "n2": ["a"], "n3": [], "n4": []}
    >>> found, = agreement_by_code(encode_raters({"Ada": ada, "Ben": ben}), least=3)
    >>> round(found.ac1.value, 3), found.positive.value
    (0.529, 0.8)
    """
    given, judged = votes(raters)
    if not len(judged):
        return []
    shared = given[np.flatnonzero(judged > 1)]
    times = np.diff(shared.tocsc().indptr)
    by_code = given.tocsc()
    found = []
    for column in np.flatnonzero((times >= least) & (times > 0)):
        of_code = np.zeros(len(judged), dtype=np.int64)
        cells = slice(by_code.indptr[column], by_code.indptr[column + 1])
        of_code[by_code.indices[cells]] = by_code.data[cells]
        found.append(
            CodeAgreement(
                column=int(column),
                notes=int(times[column]),
                ac1=ac1(of_code, judged),
                positive=positive_agreement(of_code * (of_code - 1), of_code * (judged - 1)),
            )
        )
    return found


def ac1_of_pair(first: Coded, second: Coded, least: int = LEAST) -> FloatArray:
    """AC1 of each code that one of two raters gave in at least `least` of the notes both coded.

    (codes,) in the order of their columns, as `ac1` has it of these notes alone. For all codes of
    many pairs at once: it has no intervals.

    >>> from benchmark.metrics.codings import encode_raters
    >>> ada = {"n1": ["a"], "n2": ["a"], "n3": ["a"], "n4": []}
    >>> ben = {"n1": ["a"], "n2": ["a"], "n3": [], "n4": []}
    >>> raters = encode_raters({"Ada": ada, "Ben": ben})
    >>> ac1_of_pair(raters["Ada"], raters["Ben"], least=3).round(3).tolist()
    [0.529]
    """
    shared = np.flatnonzero(first.done & second.done)
    ours = first.matrix[shared]
    theirs = second.matrix[shared]
    counts = per_code(ours, theirs)
    either = counts.t + counts.p - counts.tp
    kept = (either >= least) & (either > 0)
    given = (counts.t + counts.p)[kept]
    apart = given - 2 * counts.tp[kept]
    prevalence = given / (2 * max(len(shared), 1))
    chance = 2 * prevalence * (1 - prevalence)
    agreed = 1 - apart / max(len(shared), 1)
    found: FloatArray = (agreed - chance) / (1 - chance)
    return found


def pooled_positive_agreement(raters: Mapping[str, Coded]) -> Estimate | None:
    """Positive agreement over all codes; None where no code was given to a shared note.

    >>> from benchmark.metrics.codings import encode_raters
    >>> raters = encode_raters({"Ada": {"n1": ["a", "b"]}, "Ben": {"n1": ["a"]}})
    >>> round(pooled_positive_agreement(raters).value, 3)
    0.667
    """
    given, judged = votes(raters)
    if not len(judged):
        return None
    squared = np.asarray(given.multiply(given).sum(axis=1), dtype=np.int64).ravel()
    sums = np.asarray(given.sum(axis=1), dtype=np.int64).ravel()
    return positive_agreement(squared - sums, sums * np.maximum(judged - 1, 0))


def ac1(given: IntArray, judged: IntArray) -> Estimate | None:
    """AC1 of one code with its interval; None where no note has two raters.

    `given` (notes,): raters who gave the code; `judged` (notes,): raters who coded the note.

    >>> found = ac1(np.array([2, 2, 1, 1, 0, 0, 0, 0, 0, 0]), np.full(10, 2))
    >>> round(found.value, 6)
    0.655172
    """
    kept = judged > 0
    a, r = given[kept], judged[kept]
    twice = r > 1
    pairs = r * (r - 1)
    agreed = ratio(a * (a - 1) + (r - a) * (r - a - 1), pairs)
    prevalence = a / np.maximum(r, 1)
    if not twice.any():
        return None
    value = _corrected(agreed.sum() / twice.sum(), prevalence.mean())
    if twice.sum() < 2:
        return Estimate(float(value), None, 0, None)
    left_agreed = (agreed.sum() - agreed) / (twice.sum() - twice)
    left_prevalence = (prevalence.sum() - prevalence) / (len(r) - 1)
    leaves = _corrected(left_agreed, left_prevalence)
    return estimate(of_leaves(float(value), leaves), lowest=-1.0)


def positive_agreement(agreed: IntArray, possible: IntArray) -> Estimate | None:
    """sum of a (a - 1) over sum of a (r - 1), with its interval; None where nothing was given.

    Both (notes,). No interval where one note alone has anything.

    >>> round(positive_agreement(np.array([4, 0]), np.array([4, 2])).value, 3)
    0.667
    """
    kept = possible > 0
    agreed, possible = agreed[kept], possible[kept]
    if not len(possible):
        return None
    value = float(agreed.sum() / possible.sum())
    if len(possible) < 2:
        return Estimate(value, None, 0, None)
    leaves = (agreed.sum() - agreed) / (possible.sum() - possible)
    return estimate(of_leaves(value, leaves))


def votes(raters: Mapping[str, Coded]) -> tuple[csr_matrix, IntArray]:
    """(notes, codes) how many raters gave each code, and (notes,) how many coded each note."""
    everybody = list(raters.values())
    if not everybody:
        return csr_matrix((0, 0), dtype=np.int64), np.zeros(0, dtype=np.int64)
    given = everybody[0].matrix
    for each in everybody[1:]:
        given = given + each.matrix
    judged = np.asarray(np.sum([each.done for each in everybody], axis=0), dtype=np.int64)
    return given.tocsr(), judged


def _corrected(agreed: FloatArray, prevalence: FloatArray) -> FloatArray:
    """AC1 from the agreement and the prevalence."""
    chance = 2 * prevalence * (1 - prevalence)
    return (agreed - chance) / (1 - chance)
