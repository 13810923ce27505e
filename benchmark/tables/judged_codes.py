"""Codes apart, laid out: frequent ones, and those in which raters differ."""

from __future__ import annotations

from benchmark.metrics.tables.certainty import p_words
from benchmark.metrics.tables.rendering import Column, Table
from benchmark.scoring.document import Document
from benchmark.scoring.frequent_codes import FrequentCodes
from benchmark.tables.estimates import (
    estimate_cell,
    number_cell,
    row_of_cells,
    with_interval,
)

MOST_OF_PAIR = 10
"""Codes shown of a pair; the document has more."""
FREQUENT = (
    with_interval("Jaccard", "macro, frequent codes", "jaccard"),
    with_interval("Precision", "macro, frequent codes", "precision"),
    with_interval("Recall", "macro, frequent codes", "recall"),
    with_interval("F1, mean", "macro, frequent codes", "f1_mean_all"),
)


def frequent_table(document: Document) -> Table | None:
    """Macro figures over frequent codes. None where no code is frequent."""
    found = document.frequent
    if found is None:
        return None
    rows = []
    for name, figures in found.raters.items():
        cells = [estimate_cell(figures[column.key]) for column in FREQUENT]
        rows.append(row_of_cells(name, cells))
    notes = (
        f"{_chosen_words(found)} Jackknife intervals over notes, the codes held fixed. Macro "
        "figures over all codes are mostly about codes that these notes have once or never.",
    )
    title = f"Macro figures over {found.codes} frequent codes, per cent"
    return Table(title, "Rater", FREQUENT, tuple(rows), notes)


def _chosen_words(found: FrequentCodes) -> str:
    if found.chosen_by == "outside":
        return (
            f"Codes that these notes should have {found.least} times or more, by counts of other "
            "notes."
        )
    return (
        f"Cross-fit: codes that one half of the notes has {found.least // 2} times or more, scored "
        "in the other half, both ways."
    )


DIFFERING = (
    Column("", "Raters", "raters"),
    Column("the first alone", "Right", "first"),
    Column("the second alone", "Right", "second"),
    Column("p", "", "p"),
    Column("q", "", "q"),
)


def differing_table(document: Document) -> Table | None:
    """The codes in which one of two raters is right more often. None without a pair."""
    if not document.differing:
        return None
    rows = []
    tested = []
    for pair in document.differing:
        raters = f"{pair.first} - {pair.second}"
        tested.append(f"{raters} {pair.right.clear} of {pair.right.tested}")
        for each in pair.right.codes[:MOST_OF_PAIR]:
            cells = [(raters, (raters,)), number_cell(each.first), number_cell(each.second)]
            cells += [(p_words(value), (f"{value:.15g}",)) for value in (each.p, each.q)]
            rows.append(row_of_cells(each.code, cells))
    notes = (
        "Notes where only one of the two is right about the code; exact McNemar test. q: the false "
        "discovery rate over the codes tested of a pair (Benjamini and Hochberg 1995); q up to .05 "
        f"is listed, at most {MOST_OF_PAIR} codes a pair. Codes that the two gave differently to "
        f"fewer than 6 notes cannot be told. Clear of tested: {'; '.join(tested)}.",
    )
    return Table("Codes in which raters differ", "Code", DIFFERING, tuple(rows), notes)
