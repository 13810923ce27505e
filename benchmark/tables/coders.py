"""The coders of a study: each apart, and by arm."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.metrics.certainty.arms import ArmsTest
from benchmark.metrics.certainty.paired import DRAWS
from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.columns import columns, row_of, values_of
from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.table1 import TABLE1
from benchmark.scoring.arms import PEOPLE
from benchmark.scoring.document import Document
from benchmark.tables.clocks import ARM_NAMES, CLOCKS, PROGRAMS, SHORT


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
    notes: tuple[str, ...] = (
        f"A note with {second} - a note with {first}, on average: {differences}.",
        f"p: {DRAWS:,} draws that deal each coder's notes out to the arms anew, as the lot did. "
        "Models saw no arm: their rows say whether one arm's notes were easier.",
    )
    common: tuple[tuple[str, str], ...] = ()
    if document.arms.clock:
        notes = (*notes, f"Minutes: {CLOCKS[document.arms.clock]}.")
        common = (("clock", SHORT[document.arms.clock]),)
    if document.arms.simulated:
        notes = (*notes, PROGRAMS)
    title = "Arms: which page did the coders work with, per cent"
    return Table(title, "Rater", ARMS, tuple(rows), notes, common)


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
