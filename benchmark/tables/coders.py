"""The coders of a study: each apart, by arm, and what the work took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmark.metrics.certainty.paired import DRAWS
from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.metrics.tables.table1 import (
    TABLE1,
    row_of,
    values_of,
)
from benchmark.scoring.arms import PEOPLE


@dataclass(frozen=True)
class CoderFacts:
    """A person who codes in a study: who, and what the work took. `minutes` are those of each note, where known."""

    rater_id: int
    name: str
    label: str
    """The name as tables have it: it says where a coder is simulated."""
    certification: str
    years_experience: int | None
    simulated: bool
    notes: int
    days: int
    minutes: list[float]

    @property
    def hours(self) -> float:
        return sum(self.minutes) / 60

    @property
    def median_minutes(self) -> float | None:
        return median(self.minutes) if self.minutes else None


def coders_table(result: Mapping[str, Any]) -> Table | None:
    """Each coder on the notes that the coder coded, and below it each model on the same notes. None without coders."""
    if not result.get("coders"):
        return None
    rows = []
    for coder, stored in result["coders"].items():
        compared = Comparison.from_json(stored)
        for name, figures in compared.raters.items():
            label = coder if name == coder else f"{name} on the notes of {coder}"
            rows.append(row_of("rater", label, TABLE1, values_of(figures, compared)))
    notes = ("Shared notes count for each coder who coded them. Compare coders by the model rows below them: "
             "they coded different notes, and a model's figures say how hard each share is.",)  # fmt: skip
    return Table("Each coder apart, per cent", "Rater", TABLE1, tuple(rows), notes)


ARMS = (*TABLE1[:6], *TABLE1[6:7], Column("a note", "Minutes, median", "minutes"), TABLE1[7])
ARM_NAMES = {"list": "the whole list", "search": "a search box"}


def arms_table(result: Mapping[str, Any]) -> Table | None:
    """What coders did with each interface, models on the same notes below. None for a study of one arm."""
    if not result.get("arms"):
        return None
    rows = []
    for arm, stored in result["arms"]["rows"].items():
        compared, label = Comparison.from_json(stored), ARM_NAMES[arm]
        for name, figures in compared.raters.items():
            people = name == PEOPLE
            values = values_of(figures, compared)
            minutes = stored["median_minutes"] if people else None
            row = row_of("rater", f"{name} with {label}" if people else f"{name} on the same notes", TABLE1, values)
            shown, exact = ("-", "") if minutes is None else (f"{minutes:.1f}", f"{minutes:.15g}")
            cells = (*row.cells[:7], shown, row.cells[7])
            rows.append(Row("rater", row.name, cells, (*row.exact[:7], exact, row.exact[7])))
    first, second = (ARM_NAMES[arm] for arm in result["arms"]["rows"])
    notes = (
        f"A note with {second} - a note with {first}, on average: {_between(result['arms']['differences'])}.",
        f"p: {DRAWS:,} draws that deal each coder's notes out to the arms anew, as the lot did. Models saw no arm: "
        "their rows say whether one arm's notes were easier.",
    )
    return Table("Arms: which page did the coders work with, per cent", "Rater", ARMS, tuple(rows), notes)


def _between(differences: Mapping[str, Mapping[str, float] | None]) -> str:
    words = {"jaccard": ("Jaccard", 100, " points"), "codes": ("codes", 1, ""), "minutes": ("minutes", 1, "")}
    return "; ".join(
        f"{name} {times * test['value']:+.1f}{unit} (p {p_words(test['p'])})" if test else f"{name} unknown"
        for key, (name, times, unit) in words.items()
        for test in (differences[key],)
    )


FACTS = (
    Column("certification", "Coder", "certification"), Column("years", "Coder", "years"),
    Column("notes", "Work", "notes"), Column("days", "Work", "days"), Column("hours", "Work", "hours"),
    Column("an hour", "Notes", "notes_an_hour"), Column("median", "Minutes a note", "median_minutes"),
)  # fmt: skip


def facts_table(facts: Sequence[CoderFacts]) -> Table | None:
    """Who the coders are and what the work took. None without coders."""
    rows = []
    for each in facts:
        hours, minutes = each.hours, each.median_minutes
        values = [
            each.certification or "-",
            "-" if each.years_experience is None else str(each.years_experience),
            str(each.notes), str(each.days), f"{hours:.1f}" if each.minutes else "-",
            f"{len(each.minutes) / hours:.1f}" if hours else "-",
            "-" if minutes is None else f"{minutes:.1f}",
        ]  # fmt: skip
        rows.append(Row("rater", each.label, tuple(values), tuple("" if x == "-" else x for x in values)))
    notes = ["Hours: Label Studio's clock from opening a note to submitting it, pauses included."]
    if any(each.simulated for each in facts):
        notes.append("Simulated coders are programs: their times say nothing about people.")
    return Table("The coders and their work", "Coder", FACTS, tuple(rows), tuple(notes)) if rows else None
