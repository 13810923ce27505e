"""Table 1 and the table of all figures, laid out from a comparison; `render` prints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.columns import ABSENT, columns, row_of, values_of
from benchmark.metrics.tables.paper import PaperRow
from benchmark.metrics.tables.rendering import Column, Row, Table

TABLE1 = columns(
    "macro_jaccard",
    "micro_jaccard",
    "macro_precision",
    "micro_precision",
    "macro_recall",
    "micro_recall",
    "codes_per_note",
    "notes",
)
ALL_FIGURES = columns(
    "macro_jaccard",
    "micro_jaccard",
    "macro_precision",
    "micro_precision",
    "macro_recall",
    "micro_recall",
    "micro_f1",
    "macro_f1_caml",
    "macro_f1_mean_all",
    "macro_f1_mean_present",
    "codes_per_note",
    "outside",
    "notes",
)


def table1(
    comparison: Comparison,
    *,
    paper_rows: Sequence[PaperRow] = (),
    title: str = "Table 1. Raters against the reference, per cent",
    footnotes: Sequence[str] = (),
    against: str = "reference",
) -> Table:
    """The paper's layout, with codes a note and n.

    `footnotes` come before those that the result itself calls for; `against` names what the raters
    are scored against.
    """
    return _comparison_table(comparison, TABLE1, paper_rows, title, footnotes, against)


def all_figures(
    comparison: Comparison,
    *,
    title: str = "Raters against the reference, per cent",
    footnotes: Sequence[str] = (),
) -> Table:
    """Every figure of the comparison: Table 1 and the F1s, with codes outside the label space."""
    return _comparison_table(comparison, ALL_FIGURES, (), title, footnotes)


def _comparison_table(
    comparison: Comparison,
    among: tuple[Column, ...],
    paper: Sequence[PaperRow],
    title: str,
    footnotes: Sequence[str],
    against: str = "reference",
) -> Table:
    """Rows of raters, then the paper's, with the footnotes that they call for."""
    rows = []
    for name, figures in comparison.raters.items():
        rows.append(row_of("rater", name, among, values_of(figures, comparison)))
    for published in paper:
        rows.append(_paper_row(published, among))
    space = comparison.label_space
    common = (
        ("reference_codes_per_note", f"{comparison.reference.codes_per_note:.15g}"),
        ("label_space", space.name),
        ("label_space_size", str(space.size)),
        ("label_space_sha256", space.sha256),
    )
    notes = (*footnotes, *_comparison_notes(comparison, against), *_paper_notes(paper))
    return Table(title, "Rater", among, tuple(rows), notes, common)


def _paper_row(paper: PaperRow, among: Sequence[Column]) -> Row:
    """A row of the paper; what is implied and not printed there is marked ~."""
    shares = {key: percent / 100 for key, percent in paper.percent.items()}
    values = {**shares, "codes_per_note": paper.codes_per_note, "notes": paper.notes}
    row = row_of("paper", paper.name, among, values)
    cells = []
    for column, cell in zip(among, row.cells, strict=True):
        if column.key == "codes_per_note" and cell != ABSENT:
            cells.append(f"~{cell}")  # implied by the paper's figures, not printed in it
        else:
            cells.append(cell)
    return replace(row, cells=tuple(cells))


def _comparison_notes(comparison: Comparison, against: str) -> list[str]:
    """What the figures are over, and what was dropped."""
    space = comparison.label_space
    codes = comparison.reference.codes_per_note
    notes = [
        f"n = {comparison.notes:,} notes. Label space: {space.name}, {space.size:,} codes, "
        f"sha256 {space.sha256[:12]}.",
        f"Macro: mean over the label space. The {against} has {codes:.1f} codes a note.",
    ]
    dropped = []
    for name, figures in comparison.raters.items():
        if figures.outside:
            dropped.append(f"{name} {figures.outside:,}")
    if dropped:
        notes.append(
            "Codes given outside the label space, dropped, which flatters the precision of who "
            f"gave many: {', '.join(dropped)}. They are not among the codes a note."
        )
    return notes


def _paper_notes(paper: Sequence[PaperRow]) -> list[str]:
    """What the paper's rows are, where there are any."""
    if not paper:
        return []
    return [
        f"(paper): Kim and Ganapathi 2021, {paper[0].notes:,} notes of MIMIC-III. "
        "Its codes a note (~) are implied by its recall and precision at "
        f"{paper[0].reference_codes_per_note:.1f} reference codes a note."
    ]
