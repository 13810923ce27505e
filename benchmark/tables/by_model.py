"""Tables that not every benchmark has: models by their probabilities, and partial credit."""

from __future__ import annotations

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
)


def ranking_table(document: Document) -> Table | None:
    """Models by their probabilities of all codes, on the study's notes.

    None without such a model.
    """
    if not document.ranking:
        return None
    rows = [row_of("rater", name, RANKING, values) for name, values in document.ranking.items()]
    space = document.label_space
    notes = (
        f"Label space: {space.name}, {space.size:,} codes. A code that a model does not know has "
        "probability 0. Dev's threshold: the one of the best micro-F1 on the model's own "
        "development notes, never on this study's.",
    )
    return Table("Models by their probabilities, per cent", "Model", RANKING, tuple(rows), notes)


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
            for figure, value in vars(getattr(credit, way)).items():
                values[f"{way}_{figure}"] = value
        rows.append(row_of("rater", name, PARTIAL, values))
    notes = (
        "All codes that were given, not only those of the label space. Category: what stands "
        "before the dot; chapter: ICD-9-CM's. Several codes of one group count once; in the "
        "columns named counted (CoPHE) each of them counts. With ancestors: each code with its "
        "category and chapter added.",
    )
    return Table("Partial credit, micro, per cent", "Rater", PARTIAL, tuple(rows), notes)
