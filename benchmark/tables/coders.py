"""The coders of a study: each apart, by arm, and what the work took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmark.metrics.certainty.arms import ArmsTest
from benchmark.metrics.certainty.paired import DRAWS
from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.columns import columns, row_of, values_of
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.metrics.tables.table1 import TABLE1
from benchmark.scoring.arms import PEOPLE
from benchmark.scoring.document import Document


@dataclass(frozen=True)
class CoderFacts:
    """A person who codes in a study: who, and what the work took."""

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
    """Of each note, where known."""

    @property
    def hours(self) -> float:
        return sum(self.minutes) / 60

    @property
    def median_minutes(self) -> float | None:
        if not self.minutes:
            return None
        return median(self.minutes)


def coders_table(document: Document) -> Table | None:
    """Each coder on the notes that the coder coded, and below it each model on the same notes.

    None without coders.
    """
    rows = []
    for coder, compared in document.coders.items():
        for name, figures in compared.raters.items():
            label = coder
            if name != coder:
                label = f"{name} on the notes of {coder}"
            rows.append(row_of("rater", label, TABLE1, values_of(figures, compared)))
    if not rows:
        return None
    notes = (
        "Shared notes count for each coder who coded them. Compare coders by the model rows below "
        "them: they coded different notes, and a model's figures say how hard each share is.",
    )
    return Table("Each coder apart, per cent", "Rater", TABLE1, tuple(rows), notes)


ARMS = columns(
    "macro_jaccard",
    "micro_jaccard",
    "macro_precision",
    "micro_precision",
    "macro_recall",
    "micro_recall",
    "codes_per_note",
    "minutes",
    "notes",
)
ARM_NAMES = {"list": "the whole list", "search": "a search box", "page": "our own page"}


def arms_table(document: Document) -> Table | None:
    """What coders did with each interface, models on the same notes below.

    None for a study of one arm.
    """
    if document.arms is None:
        return None
    rows = []
    for arm, compared in document.arms.rows.items():
        for name, figures in compared.raters.items():
            values = values_of(figures, compared)
            label = f"{name} on the same notes"
            if name == PEOPLE:
                label = f"{name} with {ARM_NAMES[arm]}"
                values["minutes"] = compared.median_minutes
            rows.append(row_of("rater", label, ARMS, values))
    first, second = (ARM_NAMES[arm] for arm in document.arms.rows)
    differences = _difference_words(document.arms.differences)
    notes = (
        f"A note with {second} - a note with {first}, on average: {differences}.",
        f"p: {DRAWS:,} draws that deal each coder's notes out to the arms anew, as the lot did. "
        "Models saw no arm: their rows say whether one arm's notes were easier.",
    )
    title = "Arms: which page did the coders work with, per cent"
    return Table(title, "Rater", ARMS, tuple(rows), notes)


def _difference_words(differences: Mapping[str, ArmsTest | None]) -> str:
    words = []
    for key, name, times, unit in (
        ("jaccard", "Jaccard", 100, " points"),
        ("codes", "codes", 1, ""),
        ("minutes", "minutes", 1, ""),
    ):
        test = differences[key]
        if test is None:
            words.append(f"{name} unknown")
        else:
            words.append(f"{name} {times * test.value:+.1f}{unit} (p {p_words(test.p)})")
    return "; ".join(words)


FACTS = (
    Column("certification", "Coder", "certification"),
    Column("years", "Coder", "years"),
    Column("notes", "Work", "notes"),
    Column("days", "Work", "days"),
    Column("hours", "Work", "hours"),
    Column("an hour", "Notes", "notes_an_hour"),
    Column("median", "Minutes a note", "median_minutes"),
)


def facts_table(facts: Sequence[CoderFacts]) -> Table | None:
    """Who the coders are and what the work took. None without coders."""
    if not facts:
        return None
    notes = ["Hours: Label Studio's clock from opening a note to submitting it, pauses included."]
    if any(each.simulated for each in facts):
        notes.append("Simulated coders are programs: their times say nothing about people.")
    rows = [_facts_row(each) for each in facts]
    return Table("The coders and their work", "Coder", FACTS, tuple(rows), tuple(notes))


def _facts_row(coder: CoderFacts) -> Row:
    values = {
        "certification": coder.certification,
        "notes": str(coder.notes),
        "days": str(coder.days),
    }
    if coder.years_experience is not None:
        values["years"] = str(coder.years_experience)
    if coder.minutes:
        values["hours"] = f"{coder.hours:.1f}"
    if coder.hours:
        values["notes_an_hour"] = f"{len(coder.minutes) / coder.hours:.1f}"
    if coder.median_minutes is not None:
        values["median_minutes"] = f"{coder.median_minutes:.1f}"
    exact = tuple(values.get(column.key, "") for column in FACTS)
    return Row("rater", coder.label, tuple(value or "-" for value in exact), exact)
