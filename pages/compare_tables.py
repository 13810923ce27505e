"""The tables that stand below Table 1 on the compare page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.table2 import (
    BY,
    labels,
    parts_table,
    table2,
    training_table,
)
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import AgreementDocument, Document
from benchmark.scoring.presets import Preset
from benchmark.selectors.benchmarks import (
    newest_evaluation,
)
from benchmark.tables.agreement import AGREEMENT
from benchmark.tables.details import DETAILS
from benchmark.tables.summary import definitions_table

D = TypeVar("D")


def definitions(newest: Mapping[str, BenchmarkRun], presets: Sequence[Preset]) -> Table | None:
    """Raters by each of the presets that the study has been scored by; the others are named below."""
    scored, unscored = {}, []
    for preset in presets:
        if preset.name in newest:
            scored[preset.title] = newest[preset.name].result
        else:
            unscored.append(preset.title)
    return definitions_table(scored, unscored)


def details(document: Document) -> dict[str, Table]:
    """The tables below Table 1 that this benchmark has."""
    return _those_there(DETAILS, document)


def agreement_tables(found: AgreementDocument | None) -> dict[str, Table]:
    """Raters against each other, where there is nothing to score them against. Empty before two have coded a note."""
    if found is None or not any(pair.notes for pair in found.pairs):
        return {}
    return _those_there(AGREEMENT, found)


def _those_there(
    by_name: Mapping[str, Callable[[D], Table | None]], document: D
) -> dict[str, Table]:
    tables = {}
    for name, lay_out in by_name.items():
        table = lay_out(document)
        if table:
            tables[name] = table
    return tables


def table2_context(beside: BenchmarkRun | None = None) -> dict[str, object]:
    """The newest Table 2 and its parts; empty without one. A system of the name of a rater that stands beside it says
    which checkpoint it is."""
    evaluation = newest_evaluation()
    if evaluation is None:
        return {}
    result = evaluation.result
    tables = [table2(result), *(parts_table(result, by) for by in BY), training_table(result)]
    first, *details = [
        told_apart(table, result, beside.result.raters if beside else ()) for table in tables
    ]
    return {
        "evaluation": evaluation,
        "table2": first,
        "details2": details,
        "result2": result,
    }


def told_apart(table: Table, document: Mapping[str, Any], raters: Collection[str]) -> Table:
    """A table of systems with the checkpoint beside each name that a rater of Table 1 has too."""
    digests = dict(zip(labels(document["checkpoints"]), document["checkpoints"], strict=True))
    rows = []
    for row in table.rows:
        part, _, name = row.name.rpartition(": ")
        if row.kind == "rater" and name in raters and name in digests:
            named = f"{name}, checkpoint {digests[name]['sha256'][:7]}"
            row = replace(row, name=f"{part}: {named}" if part else named)
        rows.append(row)
    return replace(table, rows=tuple(rows))
