"""What a benchmark says in short: raters by each preset, the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.metrics.tables.certainty import LEAST_NOTES
from benchmark.metrics.tables.columns import columns, row_of, values_of
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.document import Document


def definitions_table(documents: Mapping[str, Document], unscored: Sequence[str]) -> Table | None:
    """Jaccard of each rater by each definition (title -> document), and by category and chapter
    instead of codes, of the first of them.

    The highest of a column is marked. None for a single definition.
    """
    if len(documents) < 2:
        return None
    table_columns: list[Column] = []
    figures: list[dict[str, float]] = []
    enough: list[bool] = []
    for title, document in documents.items():
        for average in ("macro", "micro"):
            key = f"{title}_{average}".replace(" ", "_")
            table_columns.append(Column(average, f"{title}, n = {document.notes}", key))
            enough.append(document.notes >= LEAST_NOTES)
            figures.append(
                {name: getattr(rater, average).jaccard for name, rater in document.raters.items()}
            )
    first = next(iter(documents.values()))
    if first.partial:
        for way in ("category", "chapter"):
            table_columns.append(Column(way, "micro, of the groups of codes", f"{way}_micro"))
            enough.append(first.notes >= LEAST_NOTES)
            figures.append(
                {name: getattr(credit, way).jaccard for name, credit in first.partial.items()}
            )
    names: dict[str, None] = {}
    for of_raters in figures:
        names.update(dict.fromkeys(of_raters))
    notes = [
        f"* marks the highest of a column; a column of fewer than {LEAST_NOTES} notes gets none. "
        "If every * is in one row, the definition does not decide who is best. Category and "
        "chapter: any code of the right group is right."
    ]
    if unscored:
        notes.append(f"Not scored yet: {', '.join(unscored)}.")
    title = "Would another definition change the story? Jaccard, per cent"
    rows = [_definitions_row(name, figures, enough) for name in names]
    return Table(title, "Rater", tuple(table_columns), tuple(rows), tuple(notes))


def _definitions_row(
    name: str, figures: Sequence[Mapping[str, float]], enough: Sequence[bool]
) -> Row:
    """A rater's figure in each column; `enough` says which columns have notes enough to mark."""
    cells = []
    exact = []
    best = []
    for of_raters, many in zip(figures, enough, strict=True):
        value = of_raters.get(name)
        if value is None:
            cells.append("-")
            exact.append("")
            best.append(False)
        else:
            cells.append(f"{100 * value:.1f}")
            exact.append(f"{value:.15g}")
            best.append(many and value == max(of_raters.values()))
    return Row("rater", name, tuple(cells), tuple(exact), tuple(best))


LEADER_COLUMNS = columns(
    "kind",
    "micro_jaccard",
    "micro_precision",
    "micro_recall",
    "micro_f1",
    "macro_jaccard",
    "macro_precision",
    "macro_recall",
    "codes_per_note",
    "notes",
)


def leader_table(document: Document, title: str) -> Table:
    """The raters of a benchmark, people and models alike, in the order of `leaders`."""
    rows = []
    for name in leaders(document):
        values = values_of(document.raters[name], document)
        values["kind"] = document.kinds.get(name, "-")
        rows.append(row_of("rater", name, LEADER_COLUMNS, values))
    space = document.label_space
    notes = (
        f"Ordered by micro-F1. Label space: {space.name}, {space.size:,} codes, "
        f"sha256 {space.sha256[:12]}.",
    )
    return Table(title, "Rater", LEADER_COLUMNS, tuple(rows), notes)


def leaders(document: Document) -> list[str]:
    """The document's raters by micro-F1, the highest first; those of an equal figure by name."""
    return sorted(document.raters, key=lambda name: (-document.raters[name].micro.f1, name))
