"""From a coder's first note to the last: figures and minutes over the order of coding. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import numpy as np

from benchmark.metrics.certainty.trend import Trend, trend
from benchmark.metrics.codings import IntArray
from benchmark.scoring.sides import Sides
from benchmark.tables.coder.figures import FEW, note_f1

STRETCHES = 10
FEWEST_A_STRETCH = 5
BARS = 20
"""Of the histogram; the last has all that took longer."""
WIDTHS = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Minutes that a bar may be wide."""


@dataclass(frozen=True)
class Sent:
    """A note that a coder has sent."""

    note: str
    """Its external id."""
    first: datetime
    """When it was sent first."""
    minutes: float | None
    """Of its newest answer, by the coder's clock; None where that did not measure it."""


@dataclass(frozen=True)
class Stretch:
    """Notes that were coded one after the other."""

    first: int
    """The place of its first note among all, from 1."""
    last: int
    begun: datetime
    ended: datetime
    f1: float
    """Micro."""
    beside: float | None
    """The F1 of the rater beside on these notes; None where it coded none of them."""
    minutes: float | None
    """The middle one of those that were measured."""


@dataclass(frozen=True)
class Change:
    """How something went from the first third of the notes to the last."""

    first: float
    last: float
    notes: int
    """In each third."""
    of: int
    """All notes that it is about."""
    trend: Trend | None
    """None where all values are equal."""

    @property
    def shown(self) -> bool:
        return self.trend is not None and self.trend.shown


@dataclass(frozen=True)
class Course:
    """A coder's notes in the order of coding."""

    notes: int
    stretches: list[Stretch]
    """Empty under 20 notes."""
    f1: Change | None
    """Micro F1 of the first and the last third; the test is of each note's own F1. None under 20
    notes."""
    minutes: Change | None
    """Medians; None where fewer than 20 notes were measured."""
    clock: str
    """active_seconds or lead_time; "" where nothing was measured."""
    measured: list[float]
    """Minutes of each note that the clock measured, in order."""

    @property
    def median_minutes(self) -> float | None:
        if not self.measured:
            return None
        return median(self.measured)

    @property
    def hours(self) -> float:
        return sum(self.measured) / 60


@dataclass(frozen=True)
class Bar:
    """Notes that took between two times, in minutes."""

    low: float
    high: float | None
    """None for the last, which has all longer ones."""
    notes: int


def course(
    sides: Sides, name: str, beside: str, rows: IntArray, sent: Sequence[Sent], clock: str
) -> Course:
    """`sent` in order of coding; notes that are not among the rows are passed over."""
    row_of = {sides.axes.notes[row]: int(row) for row in rows}
    ours = [each for each in sent if each.note in row_of]
    ordered = np.array([row_of[each.note] for each in ours], dtype=np.int64)
    measured = [each.minutes for each in ours if each.minutes is not None]
    return Course(
        notes=len(ours),
        stretches=_stretches(sides, name, beside, ordered, ours),
        f1=_f1_change(sides, name, ordered),
        minutes=_minutes_change(measured),
        clock=clock,
        measured=measured,
    )


def histogram(minutes: Sequence[float]) -> list[Bar]:
    """Bars of a round width that show 95 of 100 notes; the last has the rest.

    >>> [(bar.low, bar.high, bar.notes) for bar in histogram([0.2, 0.7, 0.9])]
    [(0.0, 0.5, 1), (0.5, 1.0, 2)]
    """
    if not minutes:
        return []
    reach = float(np.quantile(minutes, 0.95))
    width = WIDTHS[-1]
    for each in reversed(WIDTHS):
        if each * (BARS - 1) >= reach:
            width = each
    count = min(BARS, int(max(minutes) // width) + 1)
    place = np.minimum((np.asarray(minutes) // width).astype(int), count - 1)
    notes = np.bincount(place, minlength=count)
    bars = []
    for number in range(count):
        high: float | None = (number + 1) * width
        if number == count - 1 and max(minutes) >= (number + 1) * width:
            high = None
        bars.append(Bar(number * width, high, int(notes[number])))
    return bars


def _stretches(
    sides: Sides, name: str, beside: str, ordered: IntArray, ours: Sequence[Sent]
) -> list[Stretch]:
    """Ten of them, fewer where one would have under five notes."""
    if len(ours) < FEW:
        return []
    found = []
    start = 0
    for part in np.array_split(ordered, min(STRETCHES, len(ours) // FEWEST_A_STRETCH)):
        notes = ours[start : start + len(part)]
        measured = [each.minutes for each in notes if each.minutes is not None]
        found.append(
            Stretch(
                first=start + 1,
                last=start + len(part),
                begun=notes[0].first,
                ended=notes[-1].first,
                f1=_micro_f1(sides, name, part),
                beside=_f1_beside(sides, beside, part),
                minutes=median(measured) if measured else None,
            )
        )
        start += len(part)
    return found


def _f1_beside(sides: Sides, beside: str, rows: IntArray) -> float | None:
    if not beside:
        return None
    rows = rows[sides.raters[beside].done[rows]]
    if not len(rows):
        return None
    return _micro_f1(sides, beside, rows)


def _micro_f1(sides: Sides, name: str, rows: IntArray) -> float:
    tp, p, t = sides.per_note(name, rows).pooled()
    if not p + t:
        return 0.0
    return 2 * tp / (p + t)


def _f1_change(sides: Sides, name: str, ordered: IntArray) -> Change | None:
    if len(ordered) < FEW:
        return None
    third = len(ordered) // 3
    return Change(
        first=_micro_f1(sides, name, ordered[:third]),
        last=_micro_f1(sides, name, ordered[-third:]),
        notes=third,
        of=len(ordered),
        trend=trend(note_f1(sides.per_note(name, ordered))),
    )


def _minutes_change(measured: Sequence[float]) -> Change | None:
    if len(measured) < FEW:
        return None
    third = len(measured) // 3
    return Change(
        first=median(measured[:third]),
        last=median(measured[-third:]),
        notes=third,
        of=len(measured),
        trend=trend(measured),
    )
