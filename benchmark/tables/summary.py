"""What a benchmark says in short: the headline, raters by each preset, the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.metrics.certainty.paired import Pair
from benchmark.metrics.tables.certainty import LEAST_NOTES, better_first, p_statement
from benchmark.metrics.tables.columns import columns, row_of, values_of
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.scoring.document import Document


def headline(document: Document) -> str:
    """The human coders and the best of the other raters, in a sentence with its uncertainty.

    The better of the two comes first. Of few notes it says that they are too few. Otherwise ""
    where there is no such pair, or no ratio to give: none was computed, or its interval reaches 0.
    """
    pair = _people_and_best(document)
    if pair is None:
        return ""
    pair = better_first(pair)
    shares = []
    for name in (pair.first, pair.second):
        shares.append(f"{name} {100 * document.raters[name].micro.jaccard:.1f}")
    both = f"Micro Jaccard, per cent: {' and '.join(shares)}"
    if document.notes < LEAST_NOTES:
        notes = f"{document.notes} notes"
        if document.notes == 1:
            notes = "1 note"
        return f"{both}, on {notes}: too few notes to say who is better."
    times = pair.times
    if times is None or not times.low:
        return ""
    p = p_statement(pair.tests["micro_jaccard"].p_holm)
    return (
        f"{both}. The first is {times.value:.2f} times the second "
        f"(95% interval {times.low:.2f} to {times.high:.2f}); "
        f"{p} (Holm-corrected)."
    )


def _people_and_best(document: Document) -> Pair | None:
    """The human coders and the best of those that are neither people nor the reference."""
    people = None
    others = []
    for name in document.raters:
        kind = document.kinds.get(name)
        if kind == "people":  # one rater: the human coders together
            people = people or name
        elif kind != "reference":
            others.append(name)
    if people is None or not others:
        return None
    best = max(others, key=lambda name: document.raters[name].micro.jaccard)
    for pair in document.differences:
        if {pair.first, pair.second} == {people, best}:
            return pair
    return None


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
