"""Micro and macro Jaccard, precision, recall and F1 from counts.

Fractions; 0 where a denominator is 0. Macro-F1 is published under three definitions that differ by
a factor of two, so none of them is called macro-F1 here.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.metrics.codings import FloatArray
from benchmark.metrics.sets.counts import Counts, ratio


@dataclass(frozen=True)
class Micro:
    """From counts pooled over notes and codes: a frequent code weighs more."""

    jaccard: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Macro:
    """Means over the codes of the label space: a rare code weighs as much as a frequent one."""

    jaccard: float
    precision: float
    recall: float
    f1_caml: float
    """Harmonic mean of macro precision and macro recall, as CAML's evaluation prints it (Mullenbach
    et al. 2018)."""
    f1_mean_all: float
    """Mean of each code's F1 over the label space."""
    f1_mean_present: float
    """Mean of each code's F1 over the codes that occur in the reference (Edin et al. 2023)."""


@dataclass(frozen=True)
class NoteMeans:
    """Means over notes of each note's own figure."""

    jaccard: float
    precision: float
    recall: float
    exact_match: float
    """Share of the notes that were coded exactly right."""


def micro(counts: Counts, missed: float = 0) -> Micro:
    """Micro figures; `missed`: reference codes outside the label space, which can only be missed.

    The counts may be weighted.

    >>> import numpy as np
    >>> micro(Counts(tp=np.array([2, 1]), p=np.array([2, 2]), t=np.array([3, 2])), missed=1)
    Micro(jaccard=0.42857142857142855, precision=0.75, recall=0.5, f1=0.6)
    """
    tp, p, inside = counts.pooled()
    t = inside + missed
    return Micro(_share(tp, p + t - tp), _share(tp, p), _share(tp, t), _share(2 * tp, p + t))


def macro(counts: Counts, size: int | None = None) -> Macro:
    """Macro figures over every code in `counts`; a code neither given nor true counts as 0.

    With `size`, over as many codes as that: `counts` then leaves out some that were neither given
    nor true.

    >>> import numpy as np
    >>> macro(Counts(tp=np.array([1, 0]), p=np.array([1, 0]), t=np.array([2, 0])))
    ... # doctest: +NORMALIZE_WHITESPACE
    Macro(jaccard=0.25, precision=0.5, recall=0.25, f1_caml=0.3333333333333333,
          f1_mean_all=0.3333333333333333, f1_mean_present=0.6666666666666666)
    """
    tp, p, t = counts.tp, counts.p, counts.t
    if size is None:
        size = len(t)
    precision = _mean_over(size, ratio(tp, p))
    recall = _mean_over(size, ratio(tp, t))
    f1 = ratio(2 * tp, p + t)
    return Macro(
        jaccard=_mean_over(size, ratio(tp, p + t - tp)),
        precision=precision,
        recall=recall,
        f1_caml=_share(2 * precision * recall, precision + recall),
        f1_mean_all=_mean_over(size, f1),
        f1_mean_present=_mean(f1[t > 0]),
    )


def note_jaccard(counts: Counts) -> FloatArray:
    """The Jaccard of each note, from `per_note` counts. Two empty sets are the same set: 1."""
    together = counts.p + counts.t - counts.tp
    return ratio(counts.tp + (together == 0), together + (together == 0))


def note_means(counts: Counts) -> NoteMeans:
    """Means over notes, from `per_note` counts.

    Precision of a note without given codes is 0, and so is recall of one without true codes.
    """
    exact = (counts.tp == counts.p) & (counts.tp == counts.t)
    return NoteMeans(
        jaccard=_mean(note_jaccard(counts)),
        precision=_mean(ratio(counts.tp, counts.p)),
        recall=_mean(ratio(counts.tp, counts.t)),
        exact_match=_mean(exact.astype(float)),
    )


def _share(numerator: float, denominator: float) -> float:
    if not denominator:
        return 0.0
    return numerator / denominator


def _mean_over(size: int, values: FloatArray) -> float:
    """Mean of `size` values: those given, and zeros for the rest."""
    return _share(float(values.sum()), size)


def _mean(values: FloatArray) -> float:
    if not values.size:
        return 0.0
    return float(values.mean())
