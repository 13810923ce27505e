"""One rater against the reference, a line a code, group of codes or note.

Counted, sorted and laid out. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.sets.tally import Tally, grouped
from benchmark.metrics.tables.rendering import Column, Row, Table
from icd.groups import GROUPS


@dataclass(frozen=True)
class Line:
    """A code, a group of codes or a note: the reference's codes, a rater's, and those in common."""

    name: str
    codes: int
    reference: int
    given: int
    agreed: int

    @property
    def missed(self) -> int:
        return self.reference - self.agreed

    @property
    def added(self) -> int:
        return self.given - self.agreed

    @property
    def precision(self) -> float:
        if not self.given:
            return 0.0
        return self.agreed / self.given

    @property
    def recall(self) -> float:
        if not self.reference:
            return 0.0
        return self.agreed / self.reference

    @property
    def jaccard(self) -> float:
        together = self.reference + self.given - self.agreed
        if not together:
            return 1.0
        return self.agreed / together

    @property
    def percent(self) -> dict[str, str]:
        """The shares as cells; - where there is nothing to have a share of."""
        cells = {"precision": "-", "recall": "-", "jaccard": f"{100 * self.jaccard:.1f}"}
        if self.given:
            cells["precision"] = f"{100 * self.precision:.1f}"
        if self.reference:
            cells["recall"] = f"{100 * self.recall:.1f}"
        return cells


FIGURES = ("reference", "given", "agreed", "missed", "added", "precision", "recall", "jaccard")
LINES = tuple(Column(name.capitalize(), "", name) for name in FIGURES)


def by_code(tally: Tally, rater: str, by: str) -> list[Line]:
    """A line for each code or group of codes; `by` is one of GROUPINGS."""
    found = []
    for group in grouped(tally, grouping(by, tally)):
        agreed, given, true = group.counts[rater].pooled()
        found.append(Line(group.name, group.codes, true, given, agreed))
    return found


def by_note(tally: Tally, rater: str) -> list[Line]:
    """A line for each note."""
    counts: Counts = tally.by_note[rater]
    rows = zip(tally.notes, counts.t.tolist(), counts.p.tolist(), counts.tp.tolist(), strict=True)
    return [Line(note, 1, true, given, agreed) for note, true, given, agreed in rows]


def ordered(lines: Sequence[Line], sort: str) -> list[Line]:
    """By a figure's name, smallest first, or with a minus before it largest first; ties by name."""
    largest_first = sort.startswith("-")
    figure = sort.lstrip("-")
    if figure == "name":
        return sorted(lines, key=lambda line: place(line.name), reverse=largest_first)
    sign = 1
    if largest_first:
        sign = -1
    return sorted(lines, key=lambda line: (sign * getattr(line, figure), line.name))


def lines_table(title: str, corner: str, lines: Sequence[Line]) -> Table:
    """Lines as a table to download."""
    rows = []
    for line in lines:
        cells = []
        exact = []
        for name in FIGURES:
            value = getattr(line, name)
            exact.append(f"{value:.15g}")
            if isinstance(value, int):
                cells.append(f"{value:,}")
            else:
                cells.append(f"{100 * value:.1f}")
        rows.append(Row("rater", line.name, tuple(cells), tuple(exact)))
    return Table(title, corner, LINES, tuple(rows))


def shown(counts: Counts, show: str) -> NDArray[np.bool_]:
    """Which notes (N,) are listed under `show`: missed, added, agreed, reference or given.

    `counts`: each note's counts of the codes asked after.

    >>> counts = Counts(tp=np.array([0, 1]), p=np.array([1, 1]), t=np.array([1, 1]))
    >>> shown(counts, "missed").tolist(), shown(counts, "agreed").tolist()
    ([True, False], [False, True])
    """
    lists = {
        "missed": counts.t > counts.tp,
        "added": counts.p > counts.tp,
        "agreed": counts.tp > 0,
        "reference": counts.t > 0,
        "given": counts.p > 0,
    }
    return lists[show]


BANDS = (
    (0, "in no note"),
    (1, "in 1 note"),
    (5, "in 2 to 5 notes"),
    (20, "in 6 to 20 notes"),
    (100, "in 21 to 100 notes"),
    (math.inf, "in over 100 notes"),
)
"""(most notes, name) of each band of frequency."""
GROUPINGS = (*GROUPS, "frequency")
"""What lines may be by: a group that the code itself tells, or how many of the notes have it in
the reference."""


def grouping(by: str, tally: Tally) -> Callable[[str], str]:
    """Code -> its group; `by` is one of GROUPINGS."""
    if by != "frequency":
        return GROUPS[by]
    true = next(iter(tally.by_code.values())).t.tolist()
    bands = {code: band(notes) for code, notes in zip(tally.codes, true, strict=True)}
    return lambda code: bands.get(code, band(0))


def band(notes: int) -> str:
    """How frequent a code is that so many notes have in the reference.

    >>> band(0), band(3), band(101)
    ('in no note', 'in 2 to 5 notes', 'in over 100 notes')
    """
    return next(name for most, name in BANDS if notes <= most)


def place(name: str) -> str:
    """What a group's name sorts by: bands by how frequent, others as they are.

    >>> sorted(["in over 100 notes", "in 21 to 100 notes", "in 6 to 20 notes"], key=place)
    ['in 6 to 20 notes', 'in 21 to 100 notes', 'in over 100 notes']
    """
    for place, (_, each) in enumerate(BANDS):
        if each == name:
            return str(place)
    return name
