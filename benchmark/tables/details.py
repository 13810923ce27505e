"""Every table of a benchmark that stands below Table 1, by its name in addresses and in bundles."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.metrics.tables.certainty import differences_table, intervals_table
from benchmark.metrics.tables.rendering import Table
from benchmark.scoring.document import Document
from benchmark.tables.agreement import AGREEMENT
from benchmark.tables.by_model import partial_table, ranking_table
from benchmark.tables.coder_sample import margin_table, sample_table
from benchmark.tables.coders import arms_table, coders_table
from benchmark.tables.judged_codes import differing_table, frequent_table
from benchmark.tables.parts import parts_table, ranks_table, weighted_table
from benchmark.tables.probabilities import abstention_table, calibration_table
from benchmark.tables.reference_errors import flips_table


def _intervals(document: Document) -> Table:
    intervals = {name: rater.intervals for name, rater in document.raters.items()}
    return intervals_table(intervals, document.macro_method)


def _differences(document: Document) -> Table | None:
    if not document.differences:
        return None
    return differences_table(document.differences, document.notes)


DETAILS: dict[str, Callable[[Document], Table | None]] = {
    "intervals": _intervals,
    "differences": _differences,
    "coders": coders_table,
    "arms": arms_table,
    **AGREEMENT,
    "partial": partial_table,
    "ranking": ranking_table,
    "sample": sample_table,
    "margin": margin_table,
    "frequent": frequent_table,
    "calibration": calibration_table,
    "abstention": abstention_table,
    "flips": flips_table,
    "differing": differing_table,
    "weighted": weighted_table,
    "ranks": ranks_table,
    "parts": parts_table,
}
"""None where a benchmark has nothing of it."""
