"""Tables that not every benchmark has: models by their probabilities, and partial credit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmark.metrics.tables.columns import row_of
from benchmark.metrics.tables.rendering import Column, Table
from benchmark.scoring.document import Document
from benchmark.scoring.partial_credit import WAYS

RANKING = (
    Column("macro", "AUC", "auc_macro"),
    Column("micro", "AUC", "auc_micro"),
    Column("macro", "AUC-PR", "pr_macro"),
    Column("micro", "AUC-PR", "pr_micro"),
    Column("5", "P@k", "p@5"),
    Column("8", "P@k", "p@8"),
    Column("15", "P@k", "p@15"),
    Column("5", "R@k", "r@5"),
    Column("8", "R@k", "r@8"),
    Column("15", "R@k", "r@15"),
    Column("", "MAP", "map"),
    Column("", "R-precision", "r_precision"),
    Column("at", "dev's threshold", "threshold_dev"),
    Column("P", "micro", "micro_precision_dev"),
    Column("R", "micro", "micro_recall_dev"),
    Column("F1", "micro", "micro_f1_dev"),
    Column("5", "P@k over ties", "p@5_ties"),
    Column("8", "P@k over ties", "p@8_ties"),
    Column("15", "P@k over ties", "p@15_ties"),
)


def ranking_table(document: Document) -> Table | None:
    """Models by their probabilities of all codes, on the study's notes.

    None without such a model.
    """
    if not document.ranking:
        return None
    rows = [row_of("rater", name, RANKING, values) for name, values in document.ranking.items()]
    space = document.label_space
    notes: tuple[str, ...] = (
        f"Label space: {space.name}, {space.size:,} codes. A code that a model does not know has "
        "probability 0. Dev's threshold: the one of the best micro-F1 on the model's own "
        "development notes, never on this study's. P@k orders equal probabilities by the list of "
        "codes; over ties is what to expect over all their orders.",
    )
    notes += tuple(_not_told_notes(document))
    return Table("Models by their probabilities, per cent", "Model", RANKING, tuple(rows), notes)


def _not_told_notes(document: Document) -> Iterator[str]:
    """Why an imported model's row has "-": a sentence a reason, and what is known all the same."""
    for name, missing in document.not_told.items():
        by_reason: dict[str, list[Column]] = {}
        for column in RANKING:
            if column.key in missing.reasons:
                by_reason.setdefault(missing.reasons[column.key], []).append(column)
        for reason, columns in by_reason.items():
            named = ", ".join(_named(column) for column in columns)
            yield f"{name}, - for {named}: {reason}.{_between_words(columns, missing.between)}"


def _between_words(columns: Sequence[Column], between: Mapping[str, tuple[float, float]]) -> str:
    """The bounds of these figures, where there are any."""
    words = []
    for column in columns:
        if column.key in between:
            low, high = between[column.key]
            bounds = dict.fromkeys((f"{100 * low:.1f}", f"{100 * high:.1f}"))
            words.append(f"{_named(column)} {' to '.join(bounds)}")
    if not words:
        return ""
    return f" What is told leaves: {', '.join(words)}."


def _named(column: Column) -> str:
    """A column in a sentence: "AUC macro", "P@8", "MAP"."""
    if column.group in ("P@k", "R@k"):
        return f"{column.group[:2]}{column.name}"
    if column.group == "P@k over ties":
        return f"P@{column.name} over ties"
    if column.key == "threshold_dev":
        return "dev's threshold and what follows it"
    return " ".join(word for word in (column.name, column.group) if word)


def _partial_columns() -> tuple[Column, ...]:
    found = []
    for way, group in WAYS.items():
        for name, figure in (("P", "precision"), ("R", "recall"), ("F1", "f1")):
            found.append(Column(name, group, f"{way}_{figure}"))
    return tuple(found)


PARTIAL = _partial_columns()


def partial_table(document: Document) -> Table | None:
    """Partial credit: micro figures where a code near the right one earns a part.

    None for older runs.
    """
    if not document.partial:
        return None
    rows = []
    for name, credit in document.partial.items():
        values = {}
        for way in WAYS:
            found = getattr(credit, way)
            if found is None:  # the benchmark was made before this way was
                continue
            for figure, value in vars(found).items():
                values[f"{way}_{figure}"] = value
        rows.append(row_of("rater", name, PARTIAL, values))
    notes = (
        "All codes that were given, not only those of the label space. Category: what stands "
        "before the dot; chapter: ICD-9-CM's. Several codes of one group count once; in the "
        "columns named counted (CoPHE) each of them counts. With ancestors: each code with its "
        "category and chapter added. All layers: CoPHE's counts of codes, categories and chapters, "
        "added up.",
    )
    return Table("Partial credit, micro, per cent", "Rater", PARTIAL, tuple(rows), notes)
