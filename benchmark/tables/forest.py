"""Raters in two charts: micro Jaccard with its interval, and precision by recall. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.metrics.certainty.bootstrap import Interval
from benchmark.metrics.certainty.influence import estimate, influence
from benchmark.metrics.sets.averages import Micro, micro
from benchmark.metrics.sets.counts import Counts
from benchmark.scoring.coder_sample import MARGIN_FIGURE
from benchmark.scoring.document import Document
from benchmark.tables.answer import bare
from benchmark.tables.dot_labels import DotLabel, placed


@dataclass(frozen=True)
class Coder:
    """A coder who is no row of Table 1, on the notes that the coder coded."""

    figures: Micro
    interval: Interval | None
    notes: int


@dataclass(frozen=True)
class ForestRow:
    """A rater: a figure as a share, and where its marks are drawn, such as "62.6%"."""

    name: str
    kind: str
    figures: Micro
    interval: Interval | None
    like_these: Interval | None = None
    """For coders like these: the human coders alone have it."""
    notes: int | None = None
    """On how many notes, where it is not Table 1's."""

    @property
    def at(self) -> str:
        return across(self.figures.jaccard)

    @property
    def ends(self) -> tuple[str, str] | None:
        return _ends(self.interval)

    @property
    def like_these_ends(self) -> tuple[str, str] | None:
        return _ends(self.like_these)

    @property
    def value(self) -> str:
        return in_percent(self.figures.jaccard)

    @property
    def words(self) -> str:
        return _words(self.interval)

    @property
    def like_these_words(self) -> str:
        return _words(self.like_these)

    @property
    def shares(self) -> tuple[str, str, str]:
        """Precision, recall and F1 in per cent."""
        figures = self.figures
        return in_percent(figures.precision), in_percent(figures.recall), in_percent(figures.f1)


@dataclass(frozen=True)
class Dot:
    """A rater in the plane of precision and recall."""

    name: str
    x: str
    """Recall, across."""
    y: str
    """Precision, from the top."""
    label: DotLabel | None
    """None where there is no room for its name."""


@dataclass(frozen=True)
class Contour:
    """The line on which F1 is the same."""

    f1: int
    """In per cent."""
    path: str
    """In a box of 100 by 100, from its upper left corner."""
    end: str
    """Where it leaves the plane at the right, from the top."""


def coder_of(counts: Counts) -> Coder:
    """A coder from the counts of each of their notes."""
    interval = estimate(influence(counts)).interval
    return Coder(micro(counts), interval, len(counts.tp))


def forest_rows(document: Document, coders: Mapping[str, Coder]) -> list[ForestRow]:
    """Table 1's raters in its order, then each coder."""
    rows = []
    for name, rater in document.raters.items():
        kind = document.kinds.get(name, "")
        like_these = None
        if kind == "people" and document.sample and MARGIN_FIGURE in document.sample.pooled:
            like_these = document.sample.pooled[MARGIN_FIGURE].interval
        interval = rater.intervals.micro.get("jaccard")
        rows.append(ForestRow(name, kind, rater.micro, interval, like_these))
    for name, coder in coders.items():
        if coder.notes:
            row = ForestRow(name, "coder", coder.figures, coder.interval, notes=coder.notes)
            rows.append(row)
    return rows


def dots(rows: Sequence[ForestRow], first: Sequence[str]) -> list[Dot]:
    """The plane's dots, with their names where they do not lie on each other.

    Those `first` get their place first.
    """
    points = {row.name: (row.figures.recall, 1 - row.figures.precision) for row in rows}
    order = [name for name in first if name in points]
    order += [name for name in points if name not in order]
    labels = placed({name: (bare(name), *points[name]) for name in order})
    found = []
    for name, (x, y) in points.items():
        found.append(Dot(name, across(x), across(y), labels.get(name)))
    return found


def contours() -> list[Contour]:
    """Lines of equal F1, 1/P = 2/F - 1/R."""
    found = []
    for f1 in (20, 40, 60, 80):
        share = f1 / 100
        least = share / (2 - share)
        places = []
        for step in range(41):
            recall = least + (1 - least) * step / 40
            precision = 1 / (2 / share - 1 / recall)
            places.append(f"{100 * recall:.1f} {100 * (1 - precision):.1f}")
        found.append(Contour(f1, "M" + " L".join(places), across(1 - least)))
    return found


def across(share: float) -> str:
    """A share as a place in a chart, within it.

    >>> across(0.626), across(-0.2), across(1.5)
    ('62.6%', '0.0%', '100.0%')
    """
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"


def in_percent(share: float) -> str:
    """A share as tables print it."""
    return f"{100 * share:.1f}"


def _ends(interval: Interval | None) -> tuple[str, str] | None:
    if interval is None:
        return None
    return across(interval.low), across(interval.high)


def _words(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"{in_percent(interval.low)} to {in_percent(interval.high)}"
