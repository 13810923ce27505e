"""What if the reference is wrong, laid out."""

from __future__ import annotations

from benchmark.metrics.tables.rendering import Column, Table
from benchmark.scoring.document import Document
from benchmark.tables.estimates import number_cell, row_of_cells, share_cell

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
