"""One rater against the reference, a line a code, group of codes or note: sorted, picked, laid out. Pure."""

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
        return self.agreed / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.agreed / self.reference if self.reference else 0.0

    @property
    def jaccard(self) -> float:
        together = self.reference + self.given - self.agreed
        return self.agreed / together if together else 1.0

    @property
    def percent(self) -> dict[str, str]:
        """The shares as cells; - where there is nothing to have a share of."""
        return {
            "precision": f"{100 * self.precision:.1f}" if self.given else "-",
            "recall": f"{100 * self.recall:.1f}" if self.reference else "-",
            "jaccard": f"{100 * self.jaccard:.1f}",
        }


FIGURES = ("reference", "given", "agreed", "missed", "added", "precision", "recall", "jaccard")
LINES = tuple(Column(name.capitalize(), "", name) for name in FIGURES)


def by_code(tally: Tally, rater: str, by: str) -> list[Line]:
    """A line a code or group of codes (`by`, one of groups.GROUPINGS)."""
    found = [
        (group, *group.counts[rater].pooled()) for group in grouped(tally, grouping(by, tally))
    ]
    return [Line(group.name, group.codes, t, p, tp) for group, tp, p, t in found]


def by_note(tally: Tally, rater: str) -> list[Line]:
    """A line a note."""
    counts: Counts = tally.by_note[rater]
    rows = zip(tally.notes, counts.t.tolist(), counts.p.tolist(), counts.tp.tolist(), strict=True)
    return [Line(note, 1, t, p, tp) for note, t, p, tp in rows]


def ordered(lines: Sequence[Line], sort: str) -> list[Line]:
    """By a figure's name, smallest first, or with a minus before it largest first; ties by name."""
    figure, sign = sort.lstrip("-"), -1 if sort.startswith("-") else 1
    if figure == "name":
        return sorted(lines, key=lambda line: place(line.name), reverse=sign < 0)
    return sorted(lines, key=lambda line: (sign * getattr(line, figure), line.name))


def lines_table(title: str, corner: str, lines: Sequence[Line]) -> Table:
    """Lines as a table to download."""
    rows = []
    for line in lines:
        values = [getattr(line, name) for name in FIGURES]
        cells = tuple(f"{x:,}" if isinstance(x, int) else f"{100 * x:.1f}" for x in values)
        rows.append(Row("rater", line.name, cells, tuple(f"{x:.15g}" for x in values)))
    return Table(title, corner, LINES, tuple(rows))


def shown(counts: Counts, show: str) -> NDArray[np.bool_]:
    """Which notes (N,) are listed under `show`, one of missed, added, agreed, reference and given, by their counts of
    the codes asked after.

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
    (0, "in no note"), (1, "in 1 note"), (5, "in 2 to 5 notes"), (20, "in 6 to 20 notes"), (100, "in 21 to 100 notes"),
    (math.inf, "in over 100 notes"),
)  # fmt: skip
GROUPINGS = (*GROUPS, "frequency")
"""What lines may be by: a group that the code itself tells, or how many of the notes have it in the reference."""


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
    return next((str(place) for place, (_, each) in enumerate(BANDS) if each == name), name)
