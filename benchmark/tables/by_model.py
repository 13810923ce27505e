"""Figures that only some raters have: those of a model's probabilities, and partial credit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.metrics.tables.rendering import Column, Table
from benchmark.metrics.tables.table1 import (
    row_of,
)
from benchmark.scoring.partial_credit import WAYS

RANKING = (
    Column("macro", "AUC", "auc_macro"), Column("micro", "AUC", "auc_micro"),
    Column("macro", "AUC-PR", "pr_macro"), Column("micro", "AUC-PR", "pr_micro"),
    *(Column(str(k), "P@k", f"p@{k}") for k in (5, 8, 15)), *(Column(str(k), "R@k", f"r@{k}") for k in (5, 8, 15)),
    Column("", "MAP", "map"), Column("", "R-precision", "r_precision"),
    Column("at", "dev's threshold", "threshold_dev"), Column("P", "micro", "micro_precision_dev"),
    Column("R", "micro", "micro_recall_dev"), Column("F1", "micro", "micro_f1_dev"),
)  # fmt: skip


def ranking_table(result: Mapping[str, Any]) -> Table | None:
    """Models by their probabilities of all codes, on the study's notes. None without such a model."""
    if not result.get("ranking"):
        return None
    rows = [row_of("rater", name, RANKING, values) for name, values in result["ranking"].items()]
    space = result["label_space"]
    notes = (
        f"Label space: {space['name']}, {space['size']:,} codes; those that a model does not know have probability 0. "
        "Dev's threshold: the one of the best micro-F1 on the model's own development notes, never on these.",
    )
    return Table("Models by their probabilities, per cent", "Model", RANKING, tuple(rows), notes)


PARTIAL = tuple(
    Column(name, group, f"{way}_{figure}")
    for way, group in WAYS.items()
    for name, figure in (("P", "precision"), ("R", "recall"), ("F1", "f1"))
)


def partial_table(result: Mapping[str, Any]) -> Table | None:
    """Partial credit: micro figures where a neighbour of the right code is not all wrong. None for older runs."""
    if not result.get("partial"):
        return None
    flat = {
        name: {f"{way}_{figure}": value for way, values in ways.items() for figure, value in values.items()}
        for name, ways in result["partial"].items()
    }
    rows = [row_of("rater", name, PARTIAL, values) for name, values in flat.items()]
    notes = (
        "All codes as they were given. Category: the three characters before the dot (two for procedures), chapter: "
        "ICD-9-CM's; codes of one group count once, or, counted (CoPHE), as often as they are given. With ancestors: "
        "each code with its category and chapter added.",
    )
    return Table("Partial credit, micro, per cent", "Rater", PARTIAL, tuple(rows), notes)
