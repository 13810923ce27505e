"""The tables that stand below Table 1 on the results page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from annotation.models import Study
from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.table2 import BY, labels, parts_table, table2, training_table
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import AgreementDocument, Document
from benchmark.scoring.presets import Preset
from benchmark.selectors.benchmarks import newest_evaluation
from benchmark.selectors.work import coder_facts
from benchmark.tables.agreement import AGREEMENT
from benchmark.tables.details import DETAILS
from benchmark.tables.summary import definitions_table
from benchmark.tables.work import facts_table, times_chart, times_table

D = TypeVar("D")


def definitions(newest: Mapping[str, BenchmarkRun], presets: Sequence[Preset]) -> Table | None:
    """The raters' figures by each preset that the study was scored by; it names the other presets.

    `newest` is the newest run of each preset, by the preset's name.
    """
    scored = {}
    unscored = []
    for preset in presets:
        if preset.name in newest:
            scored[preset.title] = newest[preset.name].result
        else:
            unscored.append(preset.title)
    return definitions_table(scored, unscored)


def details(document: Document) -> dict[str, Table]:
    """The tables below Table 1 that this benchmark has, by name."""
    return _filled(DETAILS, document)


def agreement_tables(found: AgreementDocument | None) -> dict[str, Table]:
    """The raters compared with each other, in a study that has no reference: tables by name.

    Empty until two raters have coded the same note.
    """
    if found is None or not any(pair.notes for pair in found.pairs):
        return {}
    return _filled(AGREEMENT, found)


def _filled(by_name: Mapping[str, Callable[[D], Table | None]], document: D) -> dict[str, Table]:
    """The tables that the document has something for, by name."""
    tables = {}
    for name, lay_out in by_name.items():
        table = lay_out(document)
        if table:
            tables[name] = table
    return tables


def work_context(study: Study) -> dict[str, object]:
    """The coders and what their work took, for a page."""
    facts = coder_facts(study)
    return {
        "facts": facts_table(facts),
        "times": times_table(facts),
        "times_chart": times_chart(facts),
    }


def table2_context(beside: BenchmarkRun | None = None) -> dict[str, object]:
    """The newest Table 2 and the tables below it, for a page; empty where there is none.

    `beside` is the benchmark on the same page: a system that has the name of one of its raters is
    shown with its checkpoint, to tell the two apart.
    """
    evaluation = newest_evaluation()
    if evaluation is None:
        return {}
    result = evaluation.result
    raters: Collection[str] = beside.result.raters if beside else ()
    below = [parts_table(result, by) for by in BY]
    below.append(training_table(result))
    return {
        "evaluation": evaluation,
        "table2": with_checkpoints(table2(result), result, raters),
        "details2": [with_checkpoints(table, result, raters) for table in below],
        "result2": result,
    }


def with_checkpoints(table: Table, document: Mapping[str, Any], raters: Collection[str]) -> Table:
    """A table of systems, with the checkpoint beside each name that a rater of Table 1 has too."""
    digests = dict(zip(labels(document["checkpoints"]), document["checkpoints"], strict=True))
    rows = []
    for row in table.rows:
        part, _, name = row.name.rpartition(": ")
        if row.kind == "rater" and name in raters and name in digests:
            named = f"{name}, checkpoint {digests[name]['sha256'][:7]}"
            if part:
                named = f"{part}: {named}"
            row = replace(row, name=named)
        rows.append(row)
    return replace(table, rows=tuple(rows))
