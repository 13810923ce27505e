"""Figures over scores of which some are not told: exact, or none with the reason.

A file may list the highest k codes of each note, or those above a floor. The scores that it leaves
out are NaN here. All that is known of them is that each is below the lowest listed one of its note,
and not above the floor where one is said. A figure is given only where it is the same whatever they
are; what is not told is never taken as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmark.metrics.codings import IntArray
from benchmark.metrics.probabilities.all_figures import set_figures
from benchmark.metrics.probabilities.auc import auc_macro, auc_micro, pr_macro, pr_micro
from benchmark.metrics.probabilities.ranking import (
    mean_average_precision,
    precision_at,
    r_precision,
    recall_at,
    true_ranks,
)

Floats = NDArray[np.float32]
AREAS = {
    "auc_macro": auc_macro,
    "auc_micro": auc_micro,
    "pr_macro": pr_macro,
    "pr_micro": pr_micro,
}
KS = (5, 8, 15)


@dataclass(frozen=True)
class ToldFigures:
    """Figures of scores that are told in part."""

    values: Mapping[str, float | None]
    """By name; None where the scores that are told do not settle it."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why, by the name of each figure that is None."""
    between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The least and the most that a figure which is None can be, where that is known."""


def told_figures(
    scores: Floats,
    reference: csr_matrix,
    *,
    missed: IntArray,
    floors: Floats,
    ks: Sequence[int] = KS,
) -> ToldFigures:
    """auc_*, pr_*, p@k, r@k, map and r_precision as far as the scores settle them.

    `scores` (N, L) with NaN where a score is not told; `floors` (N,): no score of the note that is
    not told is above it, 1 where nothing is said; `missed` (N,): true codes outside the L.

    >>> scores = np.array([[0.9, 0.2, np.nan, np.nan]], np.float32)
    >>> truth = csr_matrix([[1, 0, 1, 0]])
    >>> nothing = np.zeros(1, np.int64)
    >>> ones = np.ones(1, np.float32)
    >>> found = told_figures(scores, truth, missed=nothing, floors=ones, ks=(2, 3))
    >>> found.values["p@2"], found.values["p@3"], found.values["auc_micro"]
    (0.5, None, None)
    >>> found.between["auc_micro"]
    (0.5, 0.75)
    """
    words = told_words(scores)
    found = _ranked(scores, reference, missed, ks, words)
    reasons = dict(found.reasons)
    between = {}
    lowest, highest = _extremes(scores, reference, floors)
    for name, area in AREAS.items():
        between[name] = (area(lowest, reference), area(highest, reference))
        reasons[name] = f"needs the score of every code; {words}"
    if found.values["map"] is None:
        best = mean_average_precision(true_ranks(highest, reference, missed))
        worst = mean_average_precision(true_ranks(lowest, reference, missed))
        between["map"] = (worst, best)
    values: dict[str, float | None] = dict.fromkeys(AREAS)
    return ToldFigures({**values, **found.values}, reasons, between)


def told_set_figures(
    scores: Floats, reference: csr_matrix, *, threshold: float, missed: int, floors: Floats
) -> ToldFigures:
    """`set_figures` at a threshold; all None where a score that is not told may be above it.

    >>> scores = np.array([[0.9, 0.2, np.nan]], np.float32)
    >>> told = {"missed": 0, "floors": np.ones(1, np.float32)}
    >>> truth = csr_matrix([[1, 0, 1]])
    >>> told_set_figures(scores, truth, threshold=0.5, **told).values["micro_recall"]
    0.5
    >>> told_set_figures(scores, truth, threshold=0.1, **told).values["micro_recall"] is None
    True
    """
    found = set_figures(scores, reference, threshold=threshold, missed=missed)
    if above_is_told(scores, threshold, floors):
        return ToldFigures(found)
    ceilings = _ceilings(scores, floors)
    notes = int((ceilings > np.float32(threshold)).sum())
    words = (
        f"codes that are not listed may be above the threshold {threshold:.3f} "
        f"in {notes:,} of {len(scores):,} notes"
    )
    return ToldFigures(dict.fromkeys(found), dict.fromkeys(found, words))


def above_is_told(scores: Floats, threshold: float, floors: Floats) -> bool:
    """Whether every score above the threshold is among those that are told."""
    ceilings = _ceilings(scores, floors)
    return bool((ceilings <= np.float32(threshold)).all())


def _ranked(
    scores: Floats,
    reference: csr_matrix,
    missed: IntArray,
    ks: Sequence[int],
    words: str,
) -> ToldFigures:
    """The figures that follow from ranks: listed codes stand above all that are not listed."""
    untold = np.isnan(scores)
    counts = scores.shape[1] - untold.sum(axis=1)
    listed = reference.multiply(~untold).tocsr().astype(reference.dtype)
    listed.eliminate_zeros()
    unlisted = np.asarray((reference - listed).sum(axis=1)).ravel().astype(np.int64)
    # A true code that is not listed is like one outside the label list: not among the top k.
    below_all = np.where(untold, np.float32(-1), scores)
    ranks = true_ranks(below_all, listed, missed + unlisted)
    least = int(counts.min(initial=scores.shape[1]))
    values: dict[str, float | None] = {}
    reasons = {}
    for k in ks:
        known = least >= min(k, scores.shape[1])
        for name, figure in ((f"p@{k}", precision_at), (f"r@{k}", recall_at)):
            values[name] = figure(k, ranks) if known else None
            if not known:
                reasons[name] = f"needs the highest {k} codes of every note; {words}"
    values["map"] = mean_average_precision(ranks)
    if unlisted.any():
        values["map"] = None
        pairs = int(unlisted.sum())
        reasons["map"] = f"needs the rank of every true code, and {pairs:,} are not listed"
    values["r_precision"] = r_precision(ranks)
    # A note listed whole needs no more; of another its first R must be listed.
    short = (counts < np.minimum(ranks.true, scores.shape[1])).sum()
    if short:
        values["r_precision"] = None
        reasons["r_precision"] = (
            f"{short:,} notes have more true codes than are listed for them; {words}"
        )
    return ToldFigures(values, reasons)


def _extremes(scores: Floats, reference: csr_matrix, floors: Floats) -> tuple[Floats, Floats]:
    """The scores with those not told as bad, and as good, for the model as they can be.

    For bounds alone: in neither is a score that is not told zero, and neither is shown.
    """
    untold = np.isnan(scores)
    ceilings = np.broadcast_to(_ceilings(scores, floors)[:, None], scores.shape)
    true = reference.toarray().astype(bool)
    bottom = np.float32(-1)
    lowest = np.where(untold, np.where(true, bottom, ceilings), scores)
    highest = np.where(untold, np.where(true, ceilings, bottom), scores)
    return lowest, highest


def _ceilings(scores: Floats, floors: Floats) -> Floats:
    """(N,) the highest that a score which is not told can be; -1 where all are told."""
    untold = np.isnan(scores)
    lowest = np.where(untold, np.float32(np.inf), scores).min(axis=1, initial=np.inf)
    below: Floats = np.nextafter(lowest.astype(np.float32), np.float32(-1))
    ceilings = np.minimum(below, floors.astype(np.float32))
    return np.where(untold.any(axis=1), ceilings, np.float32(-1)).astype(np.float32)


def told_words(scores: Floats) -> str:
    """How much is told, of the codes of the label space.

    >>> told_words(np.array([[0.1, np.nan, np.nan], [0.1, 0.2, np.nan]], np.float32))
    '1 to 2 of the 3 codes are listed for a note, 1 for none'
    """
    untold = np.isnan(scores)
    codes = scores.shape[1]
    counts = codes - untold.sum(axis=1)
    never = int(untold.all(axis=0).sum())
    least = int(counts.min(initial=codes))
    most = int(counts.max(initial=0))
    if least == codes - never:
        return (
            f"its file never lists {never:,} of the {codes:,} codes; "
            "import it with --every-code if the model knows no others"
        )
    many = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    words = f"{many} of the {codes:,} codes are listed for a note"
    if never:
        words += f", {never:,} for none"
    return words
