"""A coder's figures, the models' on the same notes, other coders' on their own. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.metrics.certainty.influence import Estimate, estimate, influence
from benchmark.metrics.codings import Coded, IntArray
from benchmark.metrics.sets.agreement import krippendorff_alpha, pairwise
from benchmark.metrics.sets.counts import Counts
from benchmark.scoring.sides import Side, Sides

FEW = 20
"""Notes below which nothing is said of what they show."""
MOST_FOR_ALPHA = 300
"""Shared notes: alpha compares every two sets of codes, and a page must not wait for it."""


@dataclass(frozen=True)
class Figures:
    """A rater on some notes. Shares are micro, with 95% intervals, fractions."""

    name: str
    kind: str
    notes: int
    f1: Estimate
    recall: Estimate
    precision: Estimate
    codes_a_note: float
    reference_a_note: float
    found_a_note: float
    beside: Estimate | None = None
    """F1 of the rater beside the coder on these same notes: how hard they are."""
    minutes: float | None = None
    """A note's, the middle one; None where nobody measured it, or it was not looked up."""

    @property
    def few(self) -> bool:
        return self.notes < FEW


@dataclass(frozen=True)
class Shared:
    """The coder and another on the notes that both coded."""

    name: str
    notes: int
    jaccard: float
    """Mean over notes; two empty sets agree."""
    alpha: float | None
    """Krippendorff's, by Jaccard. None where undefined, or where the shared notes are many."""
    many: bool
    """Whether there were too many for alpha."""

    @property
    def few(self) -> bool:
        return self.notes < FEW


def figures_on(sides: Sides, name: str, rows: IntArray) -> Figures | None:
    """A rater's figures on those of these notes that it coded; None without any."""
    side = sides.raters[name]
    rows = rows[side.done[rows]]
    if not len(rows):
        return None
    counts = sides.per_note(name, rows)
    return Figures(
        name=name,
        kind=side.kind,
        notes=len(rows),
        f1=estimate(influence(counts, "f1")),
        recall=estimate(influence(counts, "recall")),
        precision=estimate(influence(counts, "precision")),
        codes_a_note=_mean(counts.p),
        reference_a_note=_mean(counts.t),
        found_a_note=_mean(counts.tp),
    )


def on_the_same_notes(sides: Sides, rows: IntArray, names: Sequence[str]) -> list[Figures]:
    """Other raters on the coder's notes, in their order; those who coded none are left out."""
    found = []
    for name in names:
        figures = figures_on(sides, name, rows)
        if figures:
            found.append(figures)
    return found


def on_their_own_notes(sides: Sides, names: Sequence[str], beside: str) -> list[Figures]:
    """Each coder on that coder's own notes, and the rater beside on those same notes.

    Coders have different notes, of which some are harder: the last says how hard they are.
    """
    found = []
    for name in names:
        own = np.flatnonzero(sides.raters[name].done)
        figures = figures_on(sides, name, own)
        if figures is None:
            continue
        if beside and beside != name:
            there = figures_on(sides, beside, own)
            if there:
                figures = replace(figures, beside=there.f1)
        found.append(figures)
    return found


def shared_notes(sides: Sides, name: str, others: Sequence[str], rows: IntArray) -> list[Shared]:
    """The coder's agreement with each other coder; without those who share no note."""
    mine = sides.raters[name]
    found = []
    for other in others:
        theirs = sides.raters[other]
        both = rows[theirs.done[rows]]
        if not len(both):
            continue
        two = {name: _coded(mine, both), other: _coded(theirs, both)}
        many = len(both) > MOST_FOR_ALPHA
        alpha = None
        if not many:
            alpha = krippendorff_alpha(two)
        agreed = pairwise(two)[0]
        found.append(Shared(other, len(both), agreed.jaccard, alpha, many))
    return found


def note_f1(counts: Counts) -> list[float]:
    """F1 of each note; 1 where neither side gave a code.

    >>> note_f1(Counts(np.array([1, 0]), np.array([2, 0]), np.array([2, 0])))
    [0.5, 1.0]
    """
    shares = np.ones(len(counts.tp))
    np.divide(2 * counts.tp, counts.p + counts.t, out=shares, where=(counts.p + counts.t) > 0)
    return [float(share) for share in shares]


def _coded(side: Side, rows: IntArray) -> Coded:
    """A rater on these notes alone, which it coded."""
    return Coded(side.given[rows], np.ones(len(rows), dtype=np.bool_))


def _mean(of_note: IntArray) -> float:
    return float(of_note.mean())
