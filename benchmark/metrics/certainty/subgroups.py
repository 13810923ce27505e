"""Figures of parts of the notes: by their length, or by a group that a file gives each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.certainty.influence import Estimate, Figure, estimate, influence
from benchmark.metrics.codings import IntArray
from benchmark.metrics.sets.counts import Counts

FIGURES: tuple[Figure, ...] = ("jaccard", "precision", "recall", "f1")
NO_GROUP = "(no group)"


@dataclass(frozen=True)
class Subgroup:
    """A rater's micro figures on some of the notes."""

    name: str
    notes: int
    figures: Mapping[str, Estimate]
    """By FIGURES, with jackknife intervals over the subgroup's notes."""


def by_subgroup(counts: Counts, groups: Sequence[str]) -> list[Subgroup]:
    """A rater's figures in each group of notes, in the order in which the groups first come.

    `counts`: `per_note` counts of the rater; `groups` (notes,): the name of each note's group.
    Differences between many groups will come up by chance; the intervals are not corrected for it.

    >>> counts = Counts(np.array([1, 1, 0]), np.array([1, 2, 1]), np.array([2, 1, 1]))
    >>> short, long = by_subgroup(counts, ["short", "short", "long"])
    >>> short.notes, short.figures["jaccard"].value, long.figures["jaccard"].value
    (2, 0.5, 0.0)
    """
    found = []
    of_note = np.array(groups, dtype=object)
    for name in dict.fromkeys(groups):
        done = of_note == name
        figures: dict[str, Estimate] = {}
        for figure in FIGURES:
            figures[figure] = estimate(influence(counts, figure, done))
        found.append(Subgroup(name, int(done.sum()), figures))
    return found


def groups_of(notes: Sequence[str], group: Mapping[str, str]) -> list[str]:
    """The group of each note, from note id -> group; NO_GROUP for a note that has none.

    >>> groups_of(["n1", "n2"], {"n1": "ward"})
    ['ward', '(no group)']
    """
    return [group.get(note, NO_GROUP) for note in notes]


def length_groups(words: IntArray, parts: int = 4) -> list[str]:
    """Notes in parts of like size by their length: the name of each note's group.

    `words` (notes,): how many words each note has. Notes of one length stay together, so that there
    may be fewer parts.

    >>> length_groups(np.array([10, 20, 1000, 2000]), parts=2)
    ['10 to 20 words', '10 to 20 words', '1,000 to 2,000 words', '1,000 to 2,000 words']
    """
    if not len(words):
        return []
    ends = np.quantile(words, np.arange(1, parts) / parts)
    place = np.searchsorted(np.unique(ends), words, side="left")
    names = {}
    for each in np.unique(place):
        inside = words[place == each]
        names[each] = f"{inside.min():,} to {inside.max():,} words"
        if inside.min() == inside.max():
            names[each] = f"{inside.min():,} words"
    return [names[each] for each in place]
