"""The charts of a benchmark."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.metrics.sets.tally import Tally
from benchmark.scoring.document import Document
from benchmark.tables.codes_a_note import codes_a_note, quarters
from benchmark.tables.svg import bars, plane, spread


def _bars(document: Document, tally: Tally | None) -> str:
    rows = []
    for name, rater in document.raters.items():
        percent = {
            "jaccard": 100 * rater.micro.jaccard,
            "precision": 100 * rater.micro.precision,
            "recall": 100 * rater.micro.recall,
        }
        rows.append((name, percent))
    return bars(rows)


def _plane(document: Document, tally: Tally | None) -> str:
    points = []
    for name, rater in document.raters.items():
        points.append((name, rater.micro.precision, rater.micro.recall))
    return plane(points)


def _spread(document: Document, tally: Tally | None) -> str:
    if tally is None:
        return ""
    rows = []
    for name, codes in codes_a_note(document, tally).items():
        rows.append((name, float(codes.mean()), quarters(codes)))
    return spread(rows)


CHARTS: dict[str, Callable[[Document, Tally | None], str]] = {
    "bars": _bars,
    "precision_recall": _plane,
    "codes_a_note": _spread,
}
"""Name in addresses -> the chart of a stored benchmark, "" where it cannot be drawn."""
