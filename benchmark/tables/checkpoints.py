"""Checkpoints by the figures of their own development notes, laid out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.metrics.tables.columns import row_of
from benchmark.metrics.tables.rendering import Column, Table

DEVELOPMENT = (
    Column("kind", "Checkpoint", "kind"),
    Column("sha256", "Checkpoint", "sha256"),
    Column("n", "Development notes", "notes"),
    Column("P", "micro, at .5", "micro_precision"),
    Column("R", "micro, at .5", "micro_recall"),
    Column("F1", "micro, at .5", "micro_f1"),
    Column("at", "best threshold", "threshold_tuned"),
    Column("F1", "micro, there", "micro_f1_tuned"),
    Column("8", "P@k", "p@8"),
    Column("micro", "AUC", "auc_micro"),
    Column("settings", "Differ from published", "deviations"),
)


@dataclass(frozen=True)
class Described:
    """What a table has of a checkpoint."""

    name: str
    kind: str
    digest: str
    development: Mapping[str, Any]
    notes: int | None
    deviations: int


def checkpoints_table(known: Sequence[Described]) -> Table | None:
    """A row for each checkpoint. None without any."""
    if not known:
        return None
    rows = []
    for each in known:
        values: dict[str, float | str | None] = {}
        for column in DEVELOPMENT:
            values[column.key] = each.development.get(column.key)
        values |= {
            "kind": each.kind or "elsewhere",
            "sha256": each.digest[:7],
            "notes": each.notes,
            "deviations": str(each.deviations),
        }
        rows.append(row_of("rater", each.name, DEVELOPMENT, values))
    notes = (
        "Figures of each model's own development notes, in per cent; those of different models are "
        "of different notes where they were trained on different data. - is not known: a model "
        "that learns nothing has none, nor has one whose checkpoint is elsewhere.",
    )
    return Table("Checkpoints", "Model", DEVELOPMENT, tuple(rows), notes)
