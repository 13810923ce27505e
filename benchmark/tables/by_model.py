"""Figures that only some raters have: those of a model's probabilities, and partial credit."""

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
        f"Label space: {space.name}, {space.size:,} codes; those that a model does not know have "
        "probability 0. Dev's threshold: the one of the best micro-F1 on the model's own "
        "development notes, never on these.",
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
    """Partial credit: micro figures where a neighbour of the right code is not all wrong.

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
        "All codes as they were given. Category: what stands before the dot, chapter: "
        "ICD-9-CM's; codes of one group count once, or, counted (CoPHE), as often as they are "
        "given. With ancestors: each code with its category and chapter added.",
    )
    return Table("Partial credit, micro, per cent", "Rater", PARTIAL, tuple(rows), notes)
