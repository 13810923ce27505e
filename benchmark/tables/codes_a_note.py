"""How many codes each rater gives a note."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.codings import IntArray
from benchmark.metrics.sets.tally import Tally
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.document import Document

ALL_GIVEN = "All codes a note"
"""As they were given; Table 1 counts those of the label space alone."""
NOTES = "Notes, per cent"
SPREAD = (
    Column("mean", ALL_GIVEN, "mean"),
    Column("least", ALL_GIVEN, "least"),
    Column("quarter", ALL_GIVEN, "quarter"),
    Column("median", ALL_GIVEN, "median"),
    Column("three quarters", ALL_GIVEN, "three_quarters"),
    Column("most", ALL_GIVEN, "most"),
    Column("fewer", NOTES, "fewer"),
    Column("as many", NOTES, "same"),
    Column("more", NOTES, "more"),
)


def codes_a_note(document: Document, tally: Tally) -> dict[str, IntArray]:
    """Rater -> codes of each note (N,); first what they are scored against, reference or panel."""
    first = next(iter(tally.by_note.values()))
    found = {document.against.capitalize(): first.t}
    for name, counts in tally.by_note.items():
        found[name] = counts.p + tally.dropped[name]
    return found


def quarters(values: IntArray) -> list[float]:
    """Least, quarter, median, three quarters, most."""
    return [float(value) for value in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])]


def spread_table(document: Document, tally: Tally) -> Table:
    """How many codes each rater gives, and in how many notes fewer or more than the reference."""
    given = codes_a_note(document, tally)
    against = next(iter(given))
    rows = []
    for name, counts in given.items():
        apart = None
        if name != against:
            apart = counts - given[against]
        rows.append(_spread_row(name, counts, apart))
    notes = (
        "All codes as they were given, those outside the label space too, which Table 1 does not "
        f"count. Fewer, as many, more: than the {against.lower()} gave to the note.",
    )
    title = "All codes a note: who codes too little, who too much"
    return Table(title, "Rater", SPREAD, tuple(rows), notes)


def _spread_row(name: str, counts: IntArray, apart: IntArray | None) -> Row:
    """A row: `counts` (N,) are a rater's codes of each note, `apart` (N,) how many more than the
    reference gave."""
    mean = float(counts.mean())
    five = quarters(counts)
    cells = [f"{mean:.1f}", *(f"{value:g}" for value in five)]
    exact = [f"{value:.15g}" for value in (mean, *five)]
    if apart is None:
        cells += ["-", "-", "-"]
        exact += ["", "", ""]
    else:
        for notes in (apart < 0, apart == 0, apart > 0):
            percent = 100 * float(notes.mean())
            cells.append(f"{percent:.1f}")
            exact.append(f"{percent:.15g}")
    return Row("rater", name, tuple(cells), tuple(exact))
