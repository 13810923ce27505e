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
    """Rater -> codes of each note (N,); first what they are scored against, the reference or the panel."""
    first = next(iter(tally.by_note.values()))
    found = {document.against.capitalize(): first.t}
    for name, counts in tally.by_note.items():
        found[name] = counts.p + tally.dropped[name]
    return found


def quarters(values: IntArray) -> list[float]:
    """Least, quarter, median, three quarters, most."""
    return [float(x) for x in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])]


def spread_table(document: Document, tally: Tally) -> Table:
    """How many codes each rater gives, and in how many notes fewer or more than the reference."""
    given = codes_a_note(document, tally)
    against = next(iter(given))
    rows = []
    for name, counts in given.items():
        apart = counts - given[against]
        shares = (
            []
            if name == against
            else [100 * float(x.mean()) for x in (apart < 0, apart == 0, apart > 0)]
        )
        figures = [float(counts.mean()), *quarters(counts), *shares]
        cells = [
            f"{figures[0]:.1f}",
            *(f"{x:g}" for x in figures[1:6]),
            *(f"{x:.1f}" for x in shares),
        ]
        pad = ("-",) * (len(SPREAD) - len(cells))
        blank = ("",) * len(pad)
        rows.append(Row("rater", name, (*cells, *pad), (*(f"{x:.15g}" for x in figures), *blank)))
    notes = (
        "All codes as they were given, those outside the label space too, which Table 1 does not count. Fewer, as "
        f"many, more: than the {against.lower()} gave to the note.",
    )
    return Table(
        "All codes a note: who codes too little, who too much", "Rater", SPREAD, tuple(rows), notes
    )
