"""Krippendorff's alpha over sets of codes, with an interval over notes.

Similarities of sets are summed once into S, notes by notes; alpha of any weights of the notes
follows from S and the numbers of raters r:

    observed = sum_j w_j (r_j - S_jj / (r_j - 1)) / sum_j w_j r_j
    expected = 1 - [w'Sw - sum w^2 S_jj + sum w S_jj]
                   / [(sum w r)^2 - sum w^2 r^2 + sum w r (r - 1)]
    alpha    = 1 - observed / expected

Pairs of a set with itself are left out of S, and copies of one note are no pairs either: hence the
terms in w^2, without which a bootstrap is too narrow on few notes. Krippendorff, Content Analysis
(2004), chapter 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import Estimate, around, of_leaves
from benchmark.metrics.codings import Coded, FloatArray, IntArray
from benchmark.metrics.sets.agreement import (
    Distance,
    coded_twice,
    pair_similarities,
    sets_of,
)

BLOCK = 1_000
"""Sets compared with as many at once, to bound memory."""
LEAST_NOTES = 10
"""Shared notes, for an interval."""
TINY = 1e-12
"""An expected disagreement that is smaller is one of rounding."""
UNDEFINED = 0.05
"""At most this share of resamples may be undefined, for an interval."""


@dataclass(frozen=True)
class Similarities:
    """What alpha is made of, of the notes that two or more raters coded."""

    between: FloatArray
    """S (notes, notes): summed similarity of the sets of two notes."""
    raters: IntArray
    """r (notes,)."""


def alpha_with_interval(
    raters: Mapping[str, Coded], distance: Distance = "jaccard", level: float = 0.95
) -> Estimate | None:
    """`agreement.krippendorff_alpha` with a delete-one-note jackknife interval, t(n - 1).

    None where alpha is undefined: no note coded twice, or the same set everywhere. No interval
    below ten shared notes, or where alpha without one note is undefined. Alpha can be below 0.

    >>> from benchmark.metrics.codings import encode_raters
    >>> both = {"n1": ["a"], "n2": ["b"]}
    >>> alpha_with_interval(encode_raters({"Ada": both, "Ben": both}))
    Estimate(value=1.0, se=None, df=0, interval=None)
    """
    sums = similarities(raters, distance)
    if sums is None:
        return None
    value = alpha_of(sums)
    if value is None:
        return None
    without = leaves(sums)
    if len(without) < LEAST_NOTES or np.isnan(without).any():
        return Estimate(value, None, 0, None)
    found = of_leaves(value, without)
    return around(value, found.variance**0.5, len(without) - 1, level, lowest=-1.0)


def similarities(
    raters: Mapping[str, Coded], distance: Distance = "jaccard"
) -> Similarities | None:
    """S and r; None where no note was coded twice."""
    everybody = list(raters.values())
    shared = coded_twice(everybody)
    if not shared:
        return None
    sets, sizes = sets_of(everybody, shared)
    notes = len(shared)
    note = np.repeat(np.arange(notes), sizes)
    lengths = np.asarray(sets.sum(axis=1), dtype=np.int64).ravel()
    between = np.zeros((notes, notes))
    for start in range(0, len(note), BLOCK):
        # Of two blocks one pair is summed, and its mirror image added.
        rows = slice(start, start + BLOCK)
        for first in range(start, len(note), BLOCK):
            columns = slice(first, first + BLOCK)
            summed = _between(sets, lengths, note, rows, columns, notes, distance)
            between += summed
            if first > start:
                between += summed.T
    empty = np.bincount(note, weights=lengths == 0, minlength=notes)
    between += np.outer(empty, empty)  # two empty sets are the same, and share no code
    between[np.arange(notes), np.arange(notes)] -= sizes
    return Similarities(between, np.asarray(sizes, dtype=np.int64))


def _between(
    sets: csr_matrix,
    lengths: IntArray,
    note: IntArray,
    rows: slice,
    columns: slice,
    notes: int,
    distance: Distance,
) -> FloatArray:
    """(notes, notes): similarities of some sets and some others, summed by their notes."""
    row, column, values = pair_similarities(
        sets[rows], sets[columns], lengths[rows], lengths[columns], distance
    )
    cell = note[rows][row] * notes + note[columns][column]
    summed = np.bincount(cell, weights=values, minlength=notes * notes)
    return np.asarray(summed.reshape(notes, notes), np.float64)


def alpha_of(sums: Similarities, weights: FloatArray | IntArray | None = None) -> float | None:
    """Alpha of notes with weights (notes,), each once by default; None where undefined.

    Weights of a resample say how often each note was drawn.
    """
    if weights is None:
        weights = np.ones(len(sums.raters))
    found = float(_alphas(sums, np.asarray(weights, np.float64)[np.newaxis])[0])
    if np.isnan(found):
        return None
    return found


def bootstrap_interval(
    sums: Similarities, weights: IntArray, level: float = 0.95
) -> Interval | None:
    """A percentile interval from resamples `weights` (replicates, notes) of `note_weights`.

    Beside the jackknife. None where more than 5% of the resamples are undefined.
    """
    found = _alphas(sums, weights.astype(np.float64))
    defined = found[~np.isnan(found)]
    if len(defined) < (1 - UNDEFINED) * len(found):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def leaves(sums: Similarities) -> FloatArray:
    """(notes,) alpha without each note; nan where undefined.

    With weights of 0 and 1 the terms in w^2 cancel.
    """
    r = sums.raters
    total = r.sum() - r
    own = np.diag(sums.between)
    disagreement = r - own / (r - 1)
    observed = (disagreement.sum() - disagreement) / np.maximum(total, 1)
    similar = sums.between.sum() - 2 * sums.between.sum(axis=1) + own
    return _alpha(observed, similar, (total * (total - 1)).astype(np.float64))


def _alphas(sums: Similarities, weights: FloatArray) -> FloatArray:
    """(rows of weights,) alpha of each; nan where undefined."""
    r = sums.raters.astype(np.float64)
    own = np.diag(sums.between)
    total = weights @ r
    observed = weights @ (r - own / (r - 1)) / np.maximum(total, 1)
    similar = ((weights @ sums.between) * weights).sum(axis=1)
    similar += weights @ own - weights**2 @ own
    pairs = total**2 - weights**2 @ r**2 + weights @ (r * (r - 1))
    return _alpha(observed, similar, pairs)


def _alpha(observed: FloatArray, similar: FloatArray, pairs: FloatArray) -> FloatArray:
    """1 - observed / expected; nan where there is no pair, or nothing to disagree about."""
    expected = np.zeros(len(observed))
    np.divide(pairs - similar, pairs, out=expected, where=pairs > 0)
    found = np.full(len(observed), np.nan)
    np.divide(observed, expected, out=found, where=expected > TINY)
    return 1 - found
