"""Table 1 and the table of all figures, laid out from plain results; `render` prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.metrics.sets.compare import Comparison, RaterFigures
from benchmark.metrics.tables.paper import PaperRow
from benchmark.metrics.tables.rendering import (
    Column,
    Row,
    Table,
    render,
)

__all__ = ["ALL_FIGURES", "TABLE1", "Column", "Row", "Table", "all_figures", "render", "row_of", "table1", "values_of"]

TABLE1 = (
    Column("macro", "Jaccard", "macro_jaccard"),
    Column("micro", "Jaccard", "micro_jaccard"),
    Column("macro", "Precision", "macro_precision"),
    Column("micro", "Precision", "micro_precision"),
    Column("macro", "Recall", "macro_recall"),
    Column("micro", "Recall", "micro_recall"),
    Column("a note", "Codes", "codes_per_note"),
    Column("n", "Notes", "notes"),
)
ALL_FIGURES = (
    *TABLE1[:6],
    Column("micro", "F1", "micro_f1"),
    Column("CAML", "Macro-F1", "macro_f1_caml"),
    Column("mean all", "Macro-F1", "macro_f1_mean_all"),
    Column("mean present", "Macro-F1", "macro_f1_mean_present"),
    *TABLE1[6:7],
    Column("outside", "Codes", "outside"),
    *TABLE1[7:],
)
ABSENT = "-"
COUNTS = ("notes", "outside", "codes", "reference")
"""Columns that are not shares, so not in per cent."""


def table1(
    comparison: Comparison,
    *,
    paper_rows: Sequence[PaperRow] = (),
    title: str = "Table 1. Raters against the reference, per cent",
    footnotes: Sequence[str] = (),
    against: str = "reference",
) -> Table:
    """The paper's layout, with codes a note and n. `footnotes` come before those that the result itself calls for;
    `against` names what the raters are scored against."""
    return _comparison_table(comparison, TABLE1, paper_rows, title, footnotes, against)


def all_figures(
    comparison: Comparison, *, title: str = "Raters against the reference, per cent", footnotes: Sequence[str] = ()
) -> Table:
    """Every figure of the comparison: Table 1 and the F1s, with codes outside the label space."""
    return _comparison_table(comparison, ALL_FIGURES, (), title, footnotes)


def _comparison_table(
    comparison: Comparison,
    columns: tuple[Column, ...],
    paper: Sequence[PaperRow],
    title: str,
    footnotes: Sequence[str],
    against: str = "reference",
) -> Table:
    raters = comparison.raters.items()
    rows = [row_of("rater", name, columns, values_of(figures, comparison)) for name, figures in raters]
    rows += [_paper_row(row, columns) for row in paper]
    space = comparison.label_space
    common = (
        ("reference_codes_per_note", f"{comparison.reference_codes_per_note:.15g}"),
        ("label_space", space.name),
        ("label_space_size", str(space.size)),
        ("label_space_sha256", space.sha256),
    )
    notes = (*footnotes, *_comparison_notes(comparison, against), *_paper_notes(paper))
    return Table(title, "Rater", columns, tuple(rows), notes, common)


def values_of(figures: RaterFigures, comparison: Comparison) -> dict[str, float]:
    """A rater's figures by the keys of the columns."""
    averages = {"micro": figures.micro, "macro": figures.macro}
    shares = {f"{average}_{name}": x for average, row in averages.items() for name, x in vars(row).items()}
    counts = {"codes_per_note": figures.codes_per_note, "outside": figures.outside, "notes": comparison.notes}
    return {**shares, **counts}


def row_of(
    kind: str, name: str, columns: Sequence[Column], values: Mapping[str, float | None], best: tuple[bool, ...] = ()
) -> Row:
    """A row of fractions and counts by the columns' keys; one that is missing shows as -."""
    cells = tuple(_cell(column.key, values.get(column.key)) for column in columns)
    exact = tuple("" if (x := values.get(column.key)) is None else f"{x:.15g}" for column in columns)
    return Row("paper" if kind == "paper" else "rater", name, cells, exact, best)


def _paper_row(paper: PaperRow, columns: Sequence[Column]) -> Row:
    shares = {key: percent / 100 for key, percent in paper.percent.items()}
    row = row_of("paper", paper.name, columns, {**shares, "codes_per_note": paper.codes_per_note, "notes": paper.notes})
    implied = [
        column.key == "codes_per_note" and cell != ABSENT for column, cell in zip(columns, row.cells, strict=True)
    ]
    cells = tuple(f"~{cell}" if mark else cell for cell, mark in zip(row.cells, implied, strict=True))
    return Row(row.kind, row.name, cells, row.exact)


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return ABSENT
    if key.startswith("codes_per_note"):
        return f"{value:.1f}"
    if key.startswith("threshold"):
        return f"{value:.3f}"
    return f"{value:,}" if key in COUNTS else f"{100 * value:.1f}"


def _comparison_notes(comparison: Comparison, against: str) -> list[str]:
    space = comparison.label_space
    notes = [
        f"n = {comparison.notes:,} notes. Label space: {space.name}, {space.size:,} codes, sha256 {space.sha256[:12]}.",
        f"Macro: mean over the label space. The {against} has {comparison.reference_codes_per_note:.1f} codes a note.",
    ]
    dropped = [f"{name} {figures.outside:,}" for name, figures in comparison.raters.items() if figures.outside]
    if dropped:
        words = "which flatters the precision of who gave many"
        notes.append(
            f"Codes given outside the label space, dropped, {words}: {', '.join(dropped)}. They are not among "
            "the codes a note."
        )
    return notes


def _paper_notes(paper: Sequence[PaperRow]) -> list[str]:
    if not paper:
        return []
    return [
        f"(paper): Kim and Ganapathi 2021, {paper[0].notes:,} notes of MIMIC-III. Its codes a note (~) are implied by "
        f"its recall and precision at {paper[0].reference_codes_per_note:.1f} reference codes a note."
    ]
