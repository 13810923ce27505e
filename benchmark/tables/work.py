"""What the coders' work took: a table a coder, and by interface a table and a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np

from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.tables.clocks import ARM_NAMES, PROGRAMS, SHORT, clock_notes
from benchmark.tables.svg import Mark, spread

TYPICAL_NOTES_AN_HOUR = 2.5
"""Charts that a typical inpatient coder codes in an hour, as the paper says."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Notes, and what they took by one clock."""

    notes: int
    clock: str
    """active_seconds or lead_time; "" where nothing was measured."""
    minutes: list[float]
    """Of each note that the clock measured."""

    @property
    def measured(self) -> int:
        return len(self.minutes)

    @property
    def hours(self) -> float:
        return sum(self.minutes) / 60

    @property
    def median_minutes(self) -> float | None:
        if not self.minutes:
            return None
        return median(self.minutes)

    @property
    def five(self) -> list[float]:
        """Least, quarter, median, three quarters and most of the minutes; empty without any."""
        if not self.minutes:
            return []
        return [float(value) for value in np.quantile(self.minutes, [0, 0.25, 0.5, 0.75, 1])]

    @property
    def lower_quarter_minutes(self) -> float | None:
        if not self.minutes:
            return None
        return self.five[1]

    @property
    def upper_quarter_minutes(self) -> float | None:
        if not self.minutes:
            return None
        return self.five[3]

    @property
    def notes_an_hour(self) -> float | None:
        if not self.hours:
            return None
        return self.measured / self.hours


@dataclass(frozen=True, kw_only=True)
class InterfaceWork(Measured):
    """What a coder's notes with one interface took."""

    interface: str
    """list, search or page."""


@dataclass(frozen=True, kw_only=True)
class CoderFacts(Measured):
    """A person who codes in a study: who, and what the work took."""

    rater_id: int
    name: str
    label: str
    """The name as tables have it: it says where a coder is simulated."""
    certification: str
    years_experience: int | None
    simulated: bool
    days: int
    interfaces: Sequence[InterfaceWork] = ()
    """The same by interface, each by its own clock."""
    order: Sequence[str] = ()
    """Ids of the notes, in the order in which their newest codings were given."""


FACTS = (
    Column("certification", "Coder", "certification"),
    Column("years", "Coder", "years"),
    Column("notes", "Work", "notes"),
    Column("days", "Work", "days"),
    Column("hours", "Work", "hours"),
    Column("an hour", "Notes", "notes_an_hour"),
    Column("median", "Minutes a note", "median_minutes"),
)
CLOCK = Column("clock", "Work", "clock")
"""Only where not all is by Label Studio's clock, which measured all there was before."""


def facts_table(facts: Sequence[CoderFacts]) -> Table | None:
    """Who the coders are and what the work took. None without coders."""
    if not facts:
        return None
    clocks = {each.clock for each in facts}
    columns: tuple[Column, ...] = FACTS
    if "active_seconds" in clocks:
        columns = (*FACTS, CLOCK)
    notes = clock_notes("Hours", clocks)
    for each in facts:
        if each.measured not in (0, each.notes):
            notes.append(f"Hours of {each.label}: {each.measured} of {each.notes} notes.")
    if any(each.simulated for each in facts):
        notes.append("Simulated coders are programs: their times say nothing about people.")
    rows = [_facts_row(each, columns) for each in facts]
    return Table("The coders and their work", "Coder", columns, tuple(rows), tuple(notes))


def _facts_row(coder: CoderFacts, columns: Sequence[Column]) -> Row:
    values = {
        "certification": coder.certification,
        "notes": str(coder.notes),
        "days": str(coder.days),
        "clock": SHORT.get(coder.clock, ""),
    }
    if coder.years_experience is not None:
        values["years"] = str(coder.years_experience)
    if coder.minutes:
        values["hours"] = f"{coder.hours:.1f}"
    values["notes_an_hour"] = _one_decimal(coder.notes_an_hour)
    values["median_minutes"] = _one_decimal(coder.median_minutes)
    exact = tuple(values.get(column.key, "") for column in columns)
    return Row("rater", coder.label, tuple(value or "-" for value in exact), exact)


def _one_decimal(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}"


TIMES = (
    Column("interface", "Work", "interface"),
    Column("notes", "Work", "notes"),
    Column("quarter", "Minutes a note", "quarter_minutes"),
    Column("median", "Minutes a note", "median_minutes"),
    Column("three quarters", "Minutes a note", "three_quarters_minutes"),
    Column("an hour", "Notes", "notes_an_hour"),
    Column("clock", "Measured by", "clock"),
)


def times_table(facts: Sequence[CoderFacts]) -> Table | None:
    """What notes took, by coder and interface, with a typical coder of the paper beside.

    Simulated coders have a row without minutes. None where nobody has coded.
    """
    rows = []
    clocks = set()
    notes = []
    for coder in facts:
        for work in coder.interfaces:
            shown = work
            if coder.simulated:
                shown = InterfaceWork(
                    interface=work.interface, notes=work.notes, clock="", minutes=[]
                )
            elif work.measured < work.notes:
                where = _row_name(coder, work)
                notes.append(f"{where}: {work.measured} of {work.notes} notes were measured.")
            clocks.add(shown.clock)
            rows.append(_times_row(coder, shown))
    if not rows:
        return None
    if any(coder.simulated for coder in facts):
        notes.append(PROGRAMS)
    if clocks - {""}:
        rows.append(_typical_row())
        notes.append("The paper's figure is for whole charts, which are more than one note.")
    title = "Minutes a note, by coder and interface"
    return Table(title, "Coder", TIMES, tuple(rows), (*clock_notes("Minutes", clocks), *notes))


def _row_name(coder: CoderFacts, work: InterfaceWork) -> str:
    return f"{coder.label} with {ARM_NAMES[work.interface]}"


def _times_row(coder: CoderFacts, work: InterfaceWork) -> Row:
    figures = [
        work.lower_quarter_minutes,
        work.median_minutes,
        work.upper_quarter_minutes,
        work.notes_an_hour,
    ]
    clock = SHORT.get(work.clock, "")
    cells = [work.interface, str(work.notes)]
    exact = [work.interface, str(work.notes)]
    for figure in figures:
        cells.append(_one_decimal(figure) or "-")
        exact.append("" if figure is None else f"{figure:.15g}")
    return Row("rater", _row_name(coder, work), (*cells, clock or "-"), (*exact, clock))


def _typical_row() -> Row:
    """The paper's coder, of whom the notes an hour are known alone."""
    exact = []
    for column in TIMES:
        exact.append(f"{TYPICAL_NOTES_AN_HOUR}" if column.key == "notes_an_hour" else "")
    cells = tuple(value or "-" for value in exact)
    return Row("paper", "A typical inpatient coder", cells, tuple(exact))


def times_chart(facts: Sequence[CoderFacts]) -> str:
    """The same as a chart, the paper's pace a line in it; empty where no person was measured."""
    rows: list[tuple[str, float, Sequence[float]]] = []
    for coder in facts:
        for work in coder.interfaces:
            name = f"{coder.label}, {work.interface}"
            if coder.simulated:
                rows.append((name, 0, ()))
            elif work.minutes:
                if work.clock == "lead_time":
                    name += " (with pauses)"
                rows.append((name, mean(work.minutes), work.five))
    if not any(five for _, _, five in rows):
        return ""
    typical = Mark(60 / TYPICAL_NOTES_AN_HOUR, f"paper: {TYPICAL_NOTES_AN_HOUR} charts an hour")
    return spread(rows, name="time", title="Minutes a note by coder and interface", mark=typical)
