"""Figures by weight, by the reference's ranks and by parts of the notes, laid out."""

from __future__ import annotations

from benchmark.metrics.sets.ranks import BANDS
from benchmark.metrics.tables.rendering import Column, Table
from benchmark.scoring.document import Document
from benchmark.scoring.weighted import WeightedFigures
from benchmark.tables.estimates import (
    WITH_INTERVAL,
    Cell,
    estimate_cell,
    interval_cell,
    number_cell,
    row_of_cells,
    share_cell,
    with_interval,
)

FIGURES = (
    with_interval("Jaccard", "micro", "micro_jaccard"),
    with_interval("Precision", "micro", "micro_precision"),
    with_interval("Recall", "micro", "micro_recall"),
    with_interval("F1", "micro", "micro_f1"),
)
TIERS = (
    Column("same", "Highest tier of a note", "tier_same"),
    Column("higher", "Highest tier of a note", "tier_higher"),
    Column("lower", "Highest tier of a note", "tier_lower"),
)


def weighted_table(document: Document) -> Table | None:
    """Figures with a weight for each code. None without weights."""
    found = document.weighted
    if found is None:
        return None
    rows = []
    for name, rater in found.raters.items():
        cells: list[Cell] = []
        for column in FIGURES:
            figure = column.key.removeprefix("micro_")
            cells.append(estimate_cell(rater.micro[figure] if rater.micro else None))
        for way in ("same", "higher", "lower"):
            share = getattr(rater.tiers, way, None)
            cells.append(share_cell(share.notes / share.of if share else None))
        rows.append(row_of_cells(name, cells))
    title = "With a weight for each code, per cent"
    return Table(title, "Rater", (*FIGURES, *TIERS), tuple(rows), _weighted_notes(found))


def _weighted_notes(found: WeightedFigures) -> tuple[str, ...]:
    notes = []
    if found.afterwards:
        notes.append("Weights set afterwards: after answers could be seen.")
    elif found.set_at:
        notes.append(f"Weights set on {found.set_at[:10]}, before any answer.")
    if found.sha256:
        notes.append(f"File of weights: sha256 {found.sha256[:12]}.")
    if found.unweighted:
        notes.append(f"{found.unweighted:,} codes given have no weight, and count for nothing.")
    if any(rater.tiers for rater in found.raters.values()):
        notes.append(
            "Tiers: a rater's highest of a note beside the reference's (higher is over-coded). "
            "Without a grouper and its lists of exclusions this is no change of DRG."
        )
    return tuple(notes)


RANKS = tuple(
    Column(name, "Recall by rank", f"rank_{name}".replace(" ", ""), WITH_INTERVAL) for name in BANDS
)


def ranks_table(document: Document) -> Table | None:
    """Recall of the reference's diagnoses by rank. None without ranks."""
    if not document.ranks:
        return None
    rows = []
    codes = ""
    for name, bands in document.ranks.items():
        cells: list[Cell] = []
        for band in bands:
            value, exact = share_cell(band.recall)
            limits, parts = interval_cell(band.interval)
            if band.interval:
                value = f"{value} ({limits})"
            cells.append((value, (*exact, *parts)))
        rows.append(row_of_cells(name, cells))
        codes = ", ".join(f"{band.ranks}: {band.codes:,}" for band in bands)
    notes = (
        "Rank 1 is the principal diagnosis. Raters give no ranks, so precision cannot be told "
        f"apart. Codes of each rank: {codes}.",
    )
    return Table("Recall of diagnoses by rank, per cent", "Rater", RANKS, tuple(rows), notes)


PARTS = (Column("", "Notes", "notes"), *FIGURES)


def parts_table(document: Document) -> Table | None:
    """Each rater on parts of the notes. None where no part is known."""
    rows = []
    for groups in document.subgroups.values():
        for group in groups:
            for name, figures in group.raters.items():
                cells = [number_cell(group.notes)]
                for column in FIGURES:
                    cells.append(estimate_cell(figures[column.key.removeprefix("micro_")]))
                rows.append(row_of_cells(f"{group.name}: {name}", cells))
    if not rows:
        return None
    notes = (
        "95% jackknife intervals over the notes of a part, not corrected for how many parts are "
        "looked at: differences between many come up by chance.",
    )
    return Table(
        "Parts of the notes, per cent", "Part of the notes, rater", PARTS, tuple(rows), notes
    )
