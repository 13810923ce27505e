"""What if the reference is wrong, laid out."""

from __future__ import annotations

from benchmark.metrics.tables.rendering import Column, Table
from benchmark.scoring.document import Document
from benchmark.tables.estimates import number_cell, row_of_cells, share_cell

BOUNDS = (
    Column("of true codes found", "At most", "sensitivity"),
    Column("of codes given true", "At most", "precision"),
)


def bounds_table(document: Document) -> Table | None:
    """Upper bounds if nobody holds the truth. None where no note has three answers."""
    found = document.upper_bounds
    if found is None:
        return None
    rows = []
    for name, bound in found.raters.items():
        cells = [share_cell(bound.sensitivity), share_cell(bound.precision)]
        rows.append(row_of_cells(name, cells))
    notes = [
        f"The model of Dawid and Skene (1979) on {found.notes:,} notes with three answers or more, "
        "the reference's among them. Upper bounds, never a reference: raters who miss the same "
        "hard codes look better than they are, by 9 to 15 points."
    ]
    if not found.believable:
        notes.append("Not to be believed here: a rater invents codes as often as it finds them.")
    title = "If nobody held the truth: upper bounds, per cent"
    return Table(title, "Rater", BOUNDS, tuple(rows), tuple(notes))


RATES = (0.02, 0.05, 0.1, 0.2)
FLIPS = (
    Column("", "Codes wrong", "codes"),
    Column("of the reference, per cent", "Codes wrong", "share"),
    Column("it should lack", "Codes wrong", "dropped"),
    Column("it should have", "Codes wrong", "added"),
    Column("2%", "Flips by errors by lot", "flips_2"),
    Column("5%", "Flips by errors by lot", "flips_5"),
    Column("10%", "Flips by errors by lot", "flips_10"),
    Column("20%", "Flips by errors by lot", "flips_20"),
)


def flips_table(document: Document) -> Table | None:
    """How wrong the reference would have to be for another order. None without a pair."""
    rows = []
    for found in document.flips:
        codes = found.dropped + found.added
        share = None
        if found.reference_codes:
            share = codes / found.reference_codes
        cells = [number_cell(codes), share_cell(share)]
        cells += [number_cell(found.dropped), number_cell(found.added)]
        at = {each.rate: each.share for each in found.by_lot}
        cells += [share_cell(at.get(rate)) for rate in RATES]
        rows.append(row_of_cells(f"{found.first} - {found.second}", cells))
    if not rows:
        return None
    notes = (
        "The fewest single codes of the reference that would have to be wrong, all in the second's "
        "favour, for it to be level with the first in micro F1 and Jaccard. Beside it, in per cent "
        "of 1,000 draws, how often it would be if each code were dropped with the chance above "
        "and as many came.",
    )
    title = "How wrong must the reference be for another order?"
    return Table(title, "Raters", FLIPS, tuple(rows), notes)
